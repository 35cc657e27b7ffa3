//! What SQLite leaves out of the JSON that it builds, to be filled in here: it prints a time several times as slowly. A
//! control character marks the place; SQLite's JSON functions escape those in texts from outside, so that none of
//! them can hold a mark.

use crate::http::Error;
use crate::time::Timestamp;

/// Stands before the microseconds of a time ([`time_mark!`](crate::time_mark)).
pub const TIME: u8 = 0x1e;

/// Writes what stands behind a mark, of the text from there on, and gives how many of its bytes that took up.
pub type Fill<'a> = &'a mut dyn FnMut(&str, &mut String) -> Result<usize, Error>;

/// Prints the times that SQLite marked.
///
/// # Errors
/// 500 for a mark without a time.
pub fn with_times(json: String) -> Result<String, Error> {
    filled(json, TIME, &mut |_, _| Err(unknown()))
}

/// As [`with_times`]; what is marked by `other` is written by `fill`.
///
/// # Errors
/// As there, and those of `fill`.
pub fn filled(json: String, other: u8, fill: Fill<'_>) -> Result<String, Error> {
    let mut rest = json.as_str();
    let Some(mut place) = next(rest, other) else {
        return Ok(json);
    };
    let mut text = String::with_capacity(json.len() + json.len() / 4);
    loop {
        let (before, marked) = rest.split_at_checked(place).ok_or_else(unknown)?;
        text.push_str(before);
        let is_time = marked.as_bytes().first() == Some(&TIME);
        let marked = marked.get(1..).ok_or_else(unknown)?;
        let taken = match is_time {
            true => time(marked, &mut text)?,
            false => fill(marked, &mut text)?,
        };
        rest = marked.get(taken..).ok_or_else(unknown)?;
        match next(rest, other) {
            Some(found) => place = found,
            None => break,
        }
    }
    text.push_str(rest);
    Ok(text)
}

fn next(text: &str, other: u8) -> Option<usize> {
    memchr::memchr2(TIME, other, text.as_bytes())
}

fn time(marked: &str, text: &mut String) -> Result<usize, Error> {
    let bytes = marked.as_bytes();
    let (sign, bytes) = match bytes.strip_prefix(b"-") {
        Some(positive) => (-1, positive),
        None => (1, bytes),
    };
    let (micros, digits) = leading_number(bytes);
    if digits == 0 || bytes.get(digits) != Some(&b'"') {
        return Err(unknown());
    }
    let printed = Timestamp::from_micros(sign * micros).printed();
    text.push_str(printed.as_str());
    Ok(marked.len() - bytes.len() + digits)
}

/// The number that a text begins with, and how many digits it has, at most eighteen: more is no time. `str::parse` looks at
/// each of so many digits for an overflow, by a multiplication of 128 bits.
fn leading_number(text: &[u8]) -> (i64, usize) {
    const MAX_DIGITS: usize = 18;
    let digits = text
        .iter()
        .take(MAX_DIGITS)
        .take_while(|b| b.is_ascii_digit());
    digits.fold((0, 0), |(number, count), digit| {
        (number * 10 + i64::from(digit - b'0'), count + 1)
    })
}

fn unknown() -> Error {
    Error::internal("a mark in JSON that stands for nothing")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_printed_where_they_are_marked() {
        let json = "{\"a\":\"\u{1e}1763706000000120\",\"b\":null,\"c\":\"\u{1e}-1\"}";
        let printed =
            r#"{"a":"2025-11-21T06:20:00.000120Z","b":null,"c":"1969-12-31T23:59:59.999999Z"}"#;
        assert_eq!(with_times(json.to_owned()).unwrap(), printed);
        assert_eq!(with_times("[]".to_owned()).unwrap(), "[]");
    }

    #[test]
    fn another_mark_is_filled_by_whoever_knows_it() {
        let json = "[\"\u{1f}abc\",\"\u{1e}7\"]".to_owned();
        let filled = filled(json, 0x1f, &mut |marked, text| {
            text.push_str(&marked[..3].to_uppercase());
            Ok(3)
        });
        assert_eq!(filled.unwrap(), "[\"ABC\",\"1970-01-01T00:00:00.000007Z\"]");
    }

    #[test]
    fn a_mark_that_stands_for_nothing_is_an_error() {
        let long = format!("\"\u{1e}{}\"", "1".repeat(19));
        for json in [
            "\"\u{1e}\"",
            "\"\u{1e}x\"",
            "\"\u{1e}7x\"",
            "\u{1e}7",
            "\u{1e}",
            &long,
        ] {
            assert_eq!(with_times(json.to_owned()).unwrap_err().status(), 500);
        }
    }
}
