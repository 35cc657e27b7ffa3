//! Where in a resource something stands: `attributes.emails[0].email`.

use super::resource::Resource;
use common::json::raw;

/// Longest path, in segments and in bytes.
const MAX_SEGMENTS: usize = 10;
const MAX_BYTES: usize = 200;
/// Highest place in a list.
const MAX_INDEX: usize = 99;
/// Names that lead out of the data where a path is followed in JavaScript.
const TRICKS: [&str; 3] = ["__proto__", "prototype", "constructor"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    Name(String),
    Index(usize),
}

/// A path that begins at `attributes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path(Vec<Segment>);

impl Path {
    /// Reads a path: names of letters, digits and `_`, places in lists behind them, at most ten
    /// segments; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let segments = segments_of(text)?;
        let begins = matches!(segments.first(), Some(Segment::Name(name)) if name == "attributes");
        (begins && segments.len() > 1).then_some(Self(segments))
    }

    /// The JSON there; `None` if it is missing or null.
    #[must_use]
    pub fn read<'r>(&self, resource: &'r Resource) -> Option<&'r str> {
        follow(&resource.attributes, self.behind_attributes())
    }

    pub(super) fn behind_attributes(&self) -> &[Segment] {
        self.0.get(1..).unwrap_or_default()
    }
}

/// What stands in some JSON at a path that is written as [`Path`]s are, but begins there.
pub(super) fn at<'j>(json: &'j str, path: &str) -> Option<&'j str> {
    follow(json, &segments_of(path)?)
}

fn follow<'j>(json: &'j str, segments: &[Segment]) -> Option<&'j str> {
    let mut here = json;
    for segment in segments {
        here = match segment {
            Segment::Name(name) => raw::part(here).get(name)?,
            Segment::Index(n) => raw::items(here).get(*n)?,
        };
    }
    (here != "null").then_some(here)
}

fn segments_of(text: &str) -> Option<Vec<Segment>> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let mut segments = Vec::new();
    for part in text.split('.') {
        let (name, places) = part.split_at(part.find('[').unwrap_or(part.len()));
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        if name.is_empty() || !name.bytes().all(plain) || TRICKS.contains(&name) {
            return None;
        }
        segments.push(Segment::Name(name.to_owned()));
        let mut rest = places;
        while !rest.is_empty() {
            let (index, behind) = rest.strip_prefix('[')?.split_once(']')?;
            let is_plain = !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit());
            let index = index.parse().ok().filter(|n| is_plain && *n <= MAX_INDEX)?;
            segments.push(Segment::Index(index));
            rest = behind;
        }
    }
    (segments.len() <= MAX_SEGMENTS).then_some(segments)
}
