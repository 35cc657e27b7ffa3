//! JSON, read strictly (RFC 8259) and in order. One reader both reads and skips, so that both refuse the same.

use crate::node::without_doubles;
use crate::text::visible;
use crate::{MAX_DEPTH, Node, Trouble};

/// A reader of values from a byte of a text on.
pub(crate) struct Parser<'t> {
    pub(crate) text: &'t str,
    /// The next byte.
    pub(crate) at: usize,
}

impl<'t> Parser<'t> {
    pub(crate) const fn new(text: &'t str, at: usize) -> Self {
        Self { text, at }
    }

    pub(crate) fn wrong(&self, message: &str) -> Trouble {
        Trouble::at("bad_json", message, self.text, self.at)
    }

    /// The next byte that is no white space, which stays.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                byte => return Some(*byte),
            }
        }
        None
    }

    /// Takes a byte if it is the next.
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Goes behind a value and says nothing of it.
    pub(crate) fn skip(&mut self, depth: usize) -> Result<(), Trouble> {
        self.value(depth, false).map(|_| ())
    }

    /// The next value, `depth` levels down; without its parts if it is not kept.
    pub(crate) fn value(&mut self, depth: usize, is_kept: bool) -> Result<Node, Trouble> {
        let first = self.peek();
        if depth >= MAX_DEPTH && matches!(first, Some(b'{' | b'[')) {
            return Err(Trouble::at(
                "too_deep",
                "nested more than 64 levels deep",
                self.text,
                self.at,
            ));
        }
        match first {
            Some(b'{') => self.object(depth, is_kept),
            Some(b'[') => self.list(depth, is_kept),
            Some(b'"') => self.string(is_kept).map(Node::Text),
            Some(b'-' | b'0'..=b'9') => self.number(is_kept),
            Some(b't') => self.word("true", Node::Bool(true)),
            Some(b'f') => self.word("false", Node::Bool(false)),
            Some(b'n') => self.word("null", Node::Null),
            Some(_) => Err(self.wrong("no JSON value begins so")),
            None => Err(self.wrong("the JSON ends too early")),
        }
    }

    fn object(&mut self, depth: usize, is_kept: bool) -> Result<Node, Trouble> {
        self.at += 1;
        let mut fields = Vec::new();
        if self.take(b'}') {
            return Ok(Node::Object(fields));
        }
        loop {
            let name = self.name(is_kept)?;
            let value = self.value(depth + 1, is_kept)?;
            if is_kept {
                fields.push((name, value));
            }
            if !self.goes_on(b'}')? {
                return Ok(Node::Object(without_doubles(fields)));
            }
        }
    }

    /// The name of a field, and its colon.
    pub(crate) fn name(&mut self, is_kept: bool) -> Result<String, Trouble> {
        if self.peek() != Some(b'"') {
            return Err(self.wrong("a field's name is missing"));
        }
        let name = self.string(is_kept)?;
        match self.take(b':') {
            true => Ok(name),
            false => Err(self.wrong("a colon is missing")),
        }
    }

    /// Takes the comma or the bracket behind a part; whether there is another part.
    pub(crate) fn goes_on(&mut self, close: u8) -> Result<bool, Trouble> {
        if self.take(b',') {
            return Ok(true);
        }
        match self.take(close) {
            true => Ok(false),
            false => Err(self.wrong(match self.at >= self.text.len() {
                true => "the JSON ends too early",
                false => "a comma is missing",
            })),
        }
    }

    fn list(&mut self, depth: usize, is_kept: bool) -> Result<Node, Trouble> {
        self.at += 1;
        let mut items = Vec::new();
        if self.take(b']') {
            return Ok(Node::List(items));
        }
        loop {
            let value = self.value(depth + 1, is_kept)?;
            if is_kept {
                items.push(value);
            }
            if !self.goes_on(b']')? {
                return Ok(Node::List(items));
            }
        }
    }

    fn word(&mut self, word: &str, node: Node) -> Result<Node, Trouble> {
        let is_it = self
            .text
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(word));
        if !is_it {
            return Err(self.wrong("no JSON value begins so"));
        }
        self.at += word.len();
        Ok(node)
    }

    fn number(&mut self, is_kept: bool) -> Result<Node, Trouble> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let digits = |mut at: usize| {
            let from = at;
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            (at > from).then_some(at)
        };
        let whole = start + usize::from(bytes.get(start) == Some(&b'-'));
        let mut end = match bytes.get(whole) {
            Some(b'0') => Some(whole + 1),
            _ => digits(whole),
        };
        if let Some(at) = end.filter(|at| bytes.get(*at) == Some(&b'.')) {
            end = digits(at + 1);
        }
        if let Some(at) = end.filter(|at| matches!(bytes.get(*at), Some(b'e' | b'E'))) {
            end = digits(at + 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-'))));
        }
        let Some(end) = end.filter(|at| !bytes.get(*at).is_some_and(u8::is_ascii_digit)) else {
            return Err(self.wrong("a number is not written as JSON has it"));
        };
        self.at = end;
        Ok(match is_kept {
            true => Node::Number(self.text.get(start..end).unwrap_or_default().to_owned()),
            false => Node::Null,
        })
    }

    fn string(&mut self, is_kept: bool) -> Result<String, Trouble> {
        let bytes = self.text.as_bytes();
        let mut out = String::new();
        self.at += 1;
        let mut plain = self.at;
        loop {
            let byte = *bytes
                .get(self.at)
                .ok_or_else(|| self.wrong("a text does not end"))?;
            if byte != b'"' && byte != b'\\' {
                self.at += 1;
                continue;
            }
            if is_kept {
                out.push_str(self.text.get(plain..self.at).unwrap_or_default());
            }
            self.at += 1;
            if byte == b'"' {
                return Ok(visible(out));
            }
            let c = self.escape()?;
            if is_kept {
                out.push(c);
            }
            plain = self.at;
        }
    }

    /// What stands behind a backslash. Half a surrogate pair, which a text cut within an emoji leaves, is replaced.
    fn escape(&mut self) -> Result<char, Trouble> {
        let byte = self.text.as_bytes().get(self.at).copied();
        self.at += 1;
        Ok(match byte {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'u') => {
                let first = self
                    .unit()
                    .ok_or_else(|| self.wrong("a text has a wrong escape"))?;
                self.at += 4;
                match first {
                    0xd800..=0xdbff => self.pair(first),
                    unit => char::from_u32(u32::from(unit)),
                }
                .unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return Err(self.wrong("a text has a wrong escape")),
        })
    }

    fn pair(&mut self, first: u16) -> Option<char> {
        let behind = self.text.get(self.at..)?.strip_prefix("\\u")?;
        let second = unit_of(behind)?;
        let c = char::decode_utf16([first, second]).next()?.ok()?;
        self.at += 6;
        Some(c)
    }

    fn unit(&self) -> Option<u16> {
        unit_of(self.text.get(self.at..)?)
    }
}

fn unit_of(text: &str) -> Option<u16> {
    let digits = text.get(..4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u16::from_str_radix(digits, 16).ok())?
}
