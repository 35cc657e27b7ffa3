//! Messages of version 3 of PostgreSQL's protocol (docs/reference/databases.md §1).

use std::fmt::Write;

/// The longest message that is taken, in bytes: a row is at most 256 KiB, what describes 1,600 columns some 150 KiB.
pub const MAX_MESSAGE: usize = 1024 * 1024;

/// What asks whether there is TLS; the answer is one byte, `S` or `N`.
pub const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
/// What ends a session.
pub const TERMINATE: [u8; 5] = [b'X', 0, 0, 0, 4];

/// A message with its type and length around what it holds.
#[must_use]
pub fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(body.len() + 5);
    message.push(kind);
    message.extend(length_of(body));
    message.extend(body);
    message
}

/// The first message of a session, which has no type.
#[must_use]
pub fn startup(parameters: &[(&str, &str)]) -> Vec<u8> {
    let mut body = 196_608_u32.to_be_bytes().to_vec();
    for (name, value) in parameters {
        text(&mut body, name);
        text(&mut body, value);
    }
    body.push(0);
    [&length_of(&body)[..], &body].concat()
}

/// A text that is run as it is.
#[must_use]
pub fn query(sql: &str) -> Vec<u8> {
    let mut body = Vec::new();
    text(&mut body, sql);
    message(b'Q', &body)
}

/// Has a statement described without running it.
#[must_use]
pub fn describe(sql: &str) -> Vec<u8> {
    let mut messages = parse(sql);
    messages.extend(message(b'D', b"S\0"));
    messages.extend(message(b'S', b""));
    messages
}

/// Runs a single statement with these values, all of which and whose rows are texts.
#[must_use]
pub fn execute(sql: &str, values: &[&str]) -> Vec<u8> {
    let count = |n: usize| u16::try_from(n).unwrap_or(u16::MAX).to_be_bytes();
    let mut bind = b"\0\0\0\0".to_vec();
    bind.extend(count(values.len()));
    for value in values {
        let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
        bind.extend(length.to_be_bytes());
        bind.extend(value.as_bytes());
    }
    bind.extend(count(0));
    let mut messages = parse(sql);
    messages.extend(message(b'B', &bind));
    messages.extend(message(b'E', b"\0\0\0\0\0"));
    messages.extend(message(b'S', b""));
    messages
}

fn parse(sql: &str) -> Vec<u8> {
    let mut body = vec![0];
    text(&mut body, sql);
    body.extend([0, 0]);
    message(b'P', &body)
}

fn text(to: &mut Vec<u8>, text: &str) {
    // A zero would end it early.
    to.extend(text.bytes().filter(|byte| *byte != 0));
    to.push(0);
}

/// The length that stands before a body, itself included.
fn length_of(body: &[u8]) -> [u8; 4] {
    u32::try_from(body.len() + 4)
        .unwrap_or(u32::MAX)
        .to_be_bytes()
}

/// The type and the length of the body that a message's first five bytes tell; `None` for what is none, or too long.
#[must_use]
pub fn header(bytes: [u8; 5]) -> Option<(u8, usize)> {
    let [kind, length @ ..] = bytes;
    let length = usize::try_from(u32::from_be_bytes(length)).ok()?;
    let length = length.checked_sub(4)?;
    (length <= MAX_MESSAGE && kind.is_ascii_graphic()).then_some((kind, length))
}

/// Reads a body from its beginning.
pub struct Body<'b>(pub &'b [u8]);

impl<'b> Body<'b> {
    /// So many bytes.
    pub fn bytes(&mut self, count: usize) -> Option<&'b [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    /// A number of two bytes.
    pub fn short(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.bytes(2)?.try_into().ok()?))
    }

    /// A number of four bytes.
    pub fn int(&mut self) -> Option<i32> {
        Some(i32::from_be_bytes(self.bytes(4)?.try_into().ok()?))
    }

    /// A text that ends with a zero.
    pub fn text(&mut self) -> Option<&'b str> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let text = self.bytes(end)?;
        self.bytes(1)?;
        str::from_utf8(text).ok()
    }

    /// A value of a row; `Some(None)` for NULL.
    pub fn value(&mut self) -> Option<Option<&'b str>> {
        match usize::try_from(self.int()?) {
            Err(_) => Some(None),
            Ok(length) => str::from_utf8(self.bytes(length)?).ok().map(Some),
        }
    }
}

/// The names of the columns that a description has.
#[must_use]
pub fn columns(body: &[u8]) -> Option<Vec<&str>> {
    let mut body = Body(body);
    let count = body.short()?;
    (0..count)
        .map(|_| {
            let name = body.text()?;
            // Table, column, type, size, modifier, format.
            body.bytes(18)?;
            Some(name)
        })
        .collect()
}

/// The code of an error and what is said of it, with the hint that may stand beside.
#[must_use]
pub fn error(body: &[u8]) -> (String, String) {
    let (mut code, mut said, mut hint) = (String::new(), String::new(), None);
    let mut rest = body;
    while let Some((kind, behind)) = rest.split_first().filter(|(kind, _)| **kind != 0) {
        let end = behind.iter().position(|byte| *byte == 0);
        let end = end.unwrap_or(behind.len());
        let (value, after) = behind.split_at_checked(end).unwrap_or_default();
        let value = String::from_utf8_lossy(value);
        match kind {
            b'C' => code = value.into_owned(),
            b'M' => said = value.into_owned(),
            b'H' => hint = Some(value.into_owned()),
            _ => {}
        }
        rest = after.get(1..).unwrap_or_default();
    }
    if let Some(hint) = hint {
        // Writing to a text never fails.
        let _written = write!(said, " ({hint})");
    }
    (code, said)
}
