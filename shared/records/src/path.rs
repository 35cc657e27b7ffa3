//! Places within a record, and the patterns by which settings name them.

/// A step from a value to a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step<'n> {
    /// To a field.
    Name(&'n str),
    /// To an item of a list.
    Index(usize),
}

/// A path of a setting: names with dots between them, `*` for any name or item. `orders.total`, `orders[*].total`,
/// `orders.*.total` and `$.orders[].total` mean the same: an item needs no step of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    parts: Vec<String>,
}

/// How a path relates to a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Match {
    /// Not at all.
    No,
    /// It is the place named.
    Exact,
    /// It is within the place named.
    Within,
}

impl Pattern {
    /// Reads a pattern; `None` of one without a part.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts = parts(text);
        (!parts.is_empty()).then_some(Self { parts })
    }

    /// Reads each pattern that has a part.
    pub(crate) fn all(texts: &[String]) -> Vec<Self> {
        texts.iter().filter_map(|text| Self::parse(text)).collect()
    }

    /// How a path relates to the pattern, in one pass over both. A name with dots in it counts as several.
    pub(crate) fn matches(&self, path: &[Step<'_>]) -> Match {
        let mut left = self.parts.iter().peekable();
        for step in path {
            match step {
                Step::Index(index) => match left.peek() {
                    None => return Match::Within,
                    Some(part) if is_item(part, *index) => {
                        left.next();
                    }
                    Some(_) => {}
                },
                Step::Name(name) => {
                    for piece in name.split('.') {
                        match left.next() {
                            None => return Match::Within,
                            Some(part) if part == "*" || part.eq_ignore_ascii_case(piece) => {}
                            Some(_) => return Match::No,
                        }
                    }
                }
            }
        }
        match left.all(|part| part == "*") {
            true => Match::Exact,
            false => Match::No,
        }
    }

    /// Whether a path is the place named or within it.
    pub(crate) fn covers(&self, path: &[Step<'_>]) -> bool {
        self.matches(path) != Match::No
    }
}

fn is_item(part: &str, index: usize) -> bool {
    part == "*" || part.parse() == Ok(index)
}

/// Whether any pattern covers a path.
pub(crate) fn any(patterns: &[Pattern], path: &[Step<'_>]) -> bool {
    patterns.iter().any(|pattern| pattern.covers(path))
}

/// The steps that a setting writes: dots and brackets taken away, `[]` and `[*]` as `*`.
pub(crate) fn parts(text: &str) -> Vec<String> {
    let text = text.trim();
    let text = text.strip_prefix('$').unwrap_or(text);
    let spaced = text.replace("[]", ".*").replace('[', ".");
    let pieces = spaced.split('.').map(|piece| {
        piece
            .trim_end_matches(']')
            .trim_matches(|c: char| c == '\'' || c == '"' || c.is_whitespace())
    });
    pieces
        .filter(|piece| !piece.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_a_place_whether_items_are_written_or_not() {
        let path = [
            Step::Name("orders"),
            Step::Index(3),
            Step::Name("total.gross"),
        ];
        for exact in [
            "orders.total.gross",
            "orders[*].total.gross",
            "orders.*.total.gross",
            "$.orders[].Total.gross",
            "orders[3].total.gross",
        ] {
            assert_eq!(
                Pattern::parse(exact).unwrap().matches(&path),
                Match::Exact,
                "{exact}"
            );
        }
        for within in ["orders", "orders.total", "orders[3]", "*"] {
            assert_eq!(
                Pattern::parse(within).unwrap().matches(&path),
                Match::Within,
                "{within}"
            );
        }
        for no in ["order", "orders.3.total.net", "orders.total.gross.x"] {
            assert_eq!(
                Pattern::parse(no).unwrap().matches(&path),
                Match::No,
                "{no}"
            );
        }
        assert!(
            ["", "$", " ", "[]x"].map(Pattern::parse)[..3]
                .iter()
                .all(Option::is_none)
        );
    }
}
