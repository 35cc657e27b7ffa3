//! XML as it carries data: elements, attributes, text, CDATA. Nothing that a document defines is expanded: one with
//! definitions of its own (an internal DTD) is refused.

use super::xml_list;
use super::{Found, RawRecord, Walk};
use crate::text::{decoded, visible};
use crate::{MAX_DEPTH, MAX_RECORD_BYTES, Node, Trouble};
use std::collections::BTreeMap;

/// A piece of a document.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Token<'t> {
    /// The start of an element: its name, its attributes as they stand there, and whether it ends at once.
    Start(&'t str, &'t str, bool),
    /// The end of an element.
    End(&'t str),
    /// Text with its references.
    Text(&'t str),
    /// Text that has none.
    Raw(&'t str),
    /// A comment, a declaration.
    Nothing,
}

/// The piece at a byte, and the byte behind it; `None` at the end.
pub(crate) fn token(text: &str, at: usize) -> Result<Option<(Token<'_>, usize)>, Trouble> {
    let rest = text.get(at..).unwrap_or_default();
    let wrong = |message: &str| Trouble::at("bad_xml", message, text, at);
    let until = |start: usize, end: &str, what: &str| {
        let inner = rest.get(start..).unwrap_or_default();
        let length = inner.find(end).ok_or_else(|| wrong(what))?;
        let inner = inner.get(..length).unwrap_or_default();
        Ok::<_, Trouble>((inner, at + start + length + end.len()))
    };
    if rest.is_empty() {
        return Ok(None);
    }
    if !rest.starts_with('<') {
        let length = rest.find('<').unwrap_or(rest.len());
        let piece = rest.get(..length).unwrap_or_default();
        return Ok(Some((Token::Text(piece), at + length)));
    }
    if rest.starts_with("<!--") {
        let (_, end) = until(4, "-->", "a comment does not end")?;
        return Ok(Some((Token::Nothing, end)));
    }
    if rest.starts_with("<![CDATA[") {
        let (inner, end) = until(9, "]]>", "a CDATA section does not end")?;
        return Ok(Some((Token::Raw(inner), end)));
    }
    if rest.starts_with("<?") {
        let (_, end) = until(2, "?>", "a declaration does not end")?;
        return Ok(Some((Token::Nothing, end)));
    }
    if rest.starts_with("<!") {
        let (inner, end) = until(2, ">", "a declaration does not end")?;
        if inner.contains('[') {
            return Err(wrong(
                "the XML has definitions of its own (a DTD), which are not read",
            ));
        }
        return Ok(Some((Token::Nothing, end)));
    }
    if rest.starts_with("</") {
        let (inner, end) = until(2, ">", "an end tag does not end")?;
        return Ok(Some((Token::End(inner.trim()), end)));
    }
    let length = end_of_tag(rest).ok_or_else(|| wrong("a tag does not end"))?;
    let inner = rest.get(1..length - 1).unwrap_or_default();
    let (inner, is_empty) = match inner.strip_suffix('/') {
        Some(inner) => (inner, true),
        None => (inner, false),
    };
    let (name, attributes) = match inner.find(char::is_whitespace) {
        Some(space) => inner.split_at(space),
        None => (inner, ""),
    };
    match name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        true => Ok(Some((
            Token::Start(name, attributes, is_empty),
            at + length,
        ))),
        false => Err(wrong("a tag has no name")),
    }
}

/// How long the tag at the start of a text is.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// A name without the prefix of its namespace.
pub(crate) fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// The attributes of a tag, without those that say how the document is made.
fn attributes(text: &str) -> Vec<(String, Node)> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some((name, behind)) = rest.split_once('=') {
        let behind = behind.trim_start();
        let Some(quote) = behind.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            break;
        };
        let Some((value, after)) = behind.get(1..).and_then(|inner| inner.split_once(quote)) else {
            break;
        };
        let name = name.trim();
        if !name.starts_with("xmlns") && !name.starts_with("xsi:") && !name.starts_with("xml:") {
            let value = Node::Text(visible(decoded(value)));
            found.push((visible(local(name).to_owned()), value));
        }
        rest = after.trim_start();
    }
    found
}

/// What an element holds, from behind its start tag on, and the byte behind its end.
fn element(
    text: &str,
    name: &str,
    given: &str,
    at: usize,
    depth: usize,
) -> Result<(Node, usize), Trouble> {
    if depth >= MAX_DEPTH {
        return Err(too_deep(text, at));
    }
    let mut parts = Parts::default();
    for (name, value) in attributes(given) {
        parts.push(name, value);
    }
    let mut words = String::new();
    let mut at = at;
    loop {
        let Some((token, end)) = token(text, at)? else {
            return Err(Trouble::at("bad_xml", "an element does not end", text, at));
        };
        at = end;
        match token {
            Token::Start(inner, given, true) => {
                let mut own = Parts::default();
                for (name, value) in attributes(given) {
                    own.push(name, value);
                }
                parts.push(visible(local(inner).to_owned()), own.node(""));
            }
            Token::Start(inner, given, false) => {
                let (node, end) = element(text, inner, given, at, depth + 1)?;
                parts.push(visible(local(inner).to_owned()), node);
                at = end;
            }
            Token::End(ended) if ended == name => {
                return Ok((parts.node(&words), at));
            }
            Token::End(_) => return Err(wrong_end(text, at)),
            Token::Text(piece) => words.push_str(&decoded(piece)),
            Token::Raw(piece) => words.push_str(piece),
            Token::Nothing => {}
        }
    }
}

pub(crate) fn too_deep(text: &str, at: usize) -> Trouble {
    Trouble::at("too_deep", "nested more than 64 levels deep", text, at)
}

pub(crate) fn wrong_end(text: &str, at: usize) -> Trouble {
    Trouble::at("bad_xml", "an end tag has no start tag", text, at)
}

/// The parts of an element by their names; what comes again makes a list.
#[derive(Default)]
struct Parts {
    fields: Vec<(String, Vec<Node>)>,
    places: BTreeMap<String, usize>,
}

impl Parts {
    fn push(&mut self, name: String, node: Node) {
        let next = self.fields.len();
        let place = *self.places.entry(name.clone()).or_insert(next);
        match self.fields.get_mut(place) {
            Some((_, nodes)) => nodes.push(node),
            None => self.fields.push((name, vec![node])),
        }
    }

    fn node(mut self, words: &str) -> Node {
        let words = visible(words.trim().to_owned());
        if self.fields.is_empty() {
            return match words.is_empty() {
                true => Node::Null,
                false => Node::Text(words),
            };
        }
        if !words.is_empty() {
            self.push("text".to_owned(), Node::Text(words));
        }
        let fields = self.fields.into_iter().map(|(name, mut nodes)| {
            let node = match nodes.len() {
                1 => nodes.pop().unwrap_or(Node::Null),
                _ => Node::List(nodes),
            };
            (name, node)
        });
        Node::Object(fields.collect())
    }
}

/// The records of a document: the elements at a path.
pub(crate) struct Elements {
    path: Vec<String>,
}

impl Elements {
    /// Finds the records, and checks the document; `None` where there are none.
    pub(crate) fn find(
        text: &str,
        records_at: Option<&str>,
    ) -> Result<Option<(Self, usize)>, Trouble> {
        let outline = xml_list::Outline::of(text)?;
        let path = match records_at.filter(|path| !path.trim().is_empty()) {
            Some(path) => Some(outline.named(path)?),
            None => outline.chosen(),
        };
        Ok(path.map(|path| (Self { path }, 0)))
    }

    /// Reads what [`Walk::place`] wrote.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        let path: Vec<_> = text.split('/').map(str::to_owned).collect();
        (!text.is_empty()).then_some(Self { path })
    }

    /// How far an element goes, from behind its start tag on.
    fn end(text: &str, at: usize) -> Result<usize, Trouble> {
        let (mut depth, mut at) = (1, at);
        while depth > 0 {
            let Some((token, end)) = token(text, at)? else {
                return Err(Trouble::at("bad_xml", "an element does not end", text, at));
            };
            at = end;
            match token {
                Token::Start(_, _, false) => depth += 1,
                Token::End(_) => depth -= 1,
                _ => {}
            }
        }
        Ok(at)
    }
}

impl Walk for Elements {
    fn step(&self, text: &str, at: usize, ordinal: usize) -> Result<Found, Trouble> {
        let (record, around) = self.path.split_last().unzip();
        let record = record.map_or("", String::as_str);
        // Behind a record stands what is around the records; at the start nothing does.
        let mut open: Vec<&str> = match at {
            0 => Vec::new(),
            _ => around
                .unwrap_or_default()
                .iter()
                .map(String::as_str)
                .collect(),
        };
        let mut at = at;
        while let Some((token, end)) = token(text, at)? {
            let start = at;
            at = end;
            match token {
                Token::Start(name, given, is_empty) => {
                    let is_record = local(name) == record
                        && open.len() + 1 == self.path.len()
                        && open.iter().zip(&self.path).all(|(open, path)| open == path);
                    if is_record {
                        let end = if is_empty { at } else { Self::end(text, at)? };
                        if end - start > MAX_RECORD_BYTES {
                            return Ok(Found::TooLong(end));
                        }
                        let value = match is_empty {
                            true => {
                                let fields = attributes(given);
                                Node::Object(crate::node::without_doubles(fields))
                            }
                            false => element(text, name, given, at, open.len())?.0,
                        };
                        let record = RawRecord {
                            path: format!("{record}[{ordinal}]"),
                            key: None,
                            value,
                        };
                        return Ok(Found::Record(record, end));
                    }
                    if !is_empty {
                        open.push(local(name));
                    }
                }
                Token::End(_) => {
                    open.pop();
                }
                Token::Text(_) | Token::Raw(_) | Token::Nothing => {}
            }
        }
        Ok(Found::End)
    }

    fn place(&self) -> String {
        self.path.join("/")
    }
}
