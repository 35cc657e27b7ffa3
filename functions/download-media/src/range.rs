//! The header `range`.

use std::ops::Range;

/// What of a file a request is for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RangeRequest {
    /// All of it: no range, one that cannot be read, or several at once, which may be ignored (RFC
    /// 9110 §14.2).
    Whole,
    /// These bytes.
    Part(Range<usize>),
    /// Bytes beyond its end.
    Unsatisfiable,
}

/// Reads a `range` header for a file of this size.
pub(crate) fn range_of(header: Option<&str>, size: usize) -> RangeRequest {
    let spec = header.and_then(|header| header.trim().strip_prefix("bytes="));
    let Some((first, last)) = spec.and_then(|spec| spec.trim().split_once('-')) else {
        return RangeRequest::Whole;
    };
    let range = match (number(first), number(last)) {
        (Some(None), Some(Some(suffix))) => size.saturating_sub(suffix)..size,
        (Some(Some(first)), Some(None)) => first..size,
        (Some(Some(first)), Some(Some(last))) if first <= last => {
            first..last.saturating_add(1).min(size)
        }
        _ => return RangeRequest::Whole,
    };
    if range.is_empty() {
        RangeRequest::Unsatisfiable
    } else {
        RangeRequest::Part(range)
    }
}

/// `None` for what is not a number, `Some(None)` for an empty text. A number that is too large becomes
/// the maximum.
fn number(text: &str) -> Option<Option<usize>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(None);
    }
    let is_number = text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| Some(text.parse().unwrap_or(usize::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_the_rfc_says() {
        let cases = [
            (None, RangeRequest::Whole),
            (Some("bytes=0-0"), RangeRequest::Part(0..1)),
            (Some("bytes=2-4"), RangeRequest::Part(2..5)),
            (Some("bytes=2-"), RangeRequest::Part(2..10)),
            (
                Some("bytes=2-99999999999999999999999"),
                RangeRequest::Part(2..10),
            ),
            (Some("bytes=-3"), RangeRequest::Part(7..10)),
            (Some("bytes=-99"), RangeRequest::Part(0..10)),
            (Some("bytes=10-"), RangeRequest::Unsatisfiable),
            (
                Some("bytes=99999999999999999999999-"),
                RangeRequest::Unsatisfiable,
            ),
            (Some("bytes=-0"), RangeRequest::Unsatisfiable),
            (Some("bytes=4-2"), RangeRequest::Whole),
            (Some("bytes=-"), RangeRequest::Whole),
            (Some("bytes=a-b"), RangeRequest::Whole),
            (Some("bytes=0-1,3-4"), RangeRequest::Whole),
            (Some("lines=0-1"), RangeRequest::Whole),
            (Some("bytes=+1-2"), RangeRequest::Whole),
        ];
        for (header, expected) in cases {
            assert_eq!(range_of(header, 10), expected, "{header:?}");
        }
        assert_eq!(range_of(Some("bytes=0-"), 0), RangeRequest::Unsatisfiable);
    }
}
