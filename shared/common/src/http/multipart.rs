//! `multipart/form-data` (RFC 7578), as browsers, Node and curl write it.

use super::{Error, Kind};
use crate::signatures::sha256_hex;

/// Longest boundary, in characters (RFC 2046 §5.1.1).
const MAX_BOUNDARY_CHARS: usize = 70;
/// Most parts of a form.
const MAX_PARTS: usize = 16;
/// Most of a part that is not its content.
const MAX_HEADER_BYTES: usize = 8 * 1024;

/// A part of a form.
#[derive(Debug, PartialEq, Eq)]
pub struct Part<'b> {
    /// The field.
    pub name: String,
    /// What the file is called; `None` for a field that is no file.
    pub filename: Option<String>,
    /// The content.
    pub content: &'b [u8],
}

/// Takes a form apart; nothing is copied.
///
/// # Errors
/// 400 for a body that is no form, breaks off, or has more than 16 parts.
pub fn parts_of<'b>(content_type: &str, body: &'b [u8]) -> Result<Vec<Part<'b>>, Error> {
    let boundary = boundary_of(content_type).ok_or_else(|| {
        malformed("The content type has no `boundary`. Let the HTTP client write it.")
    })?;
    let delimiter = format!("\r\n--{boundary}");
    let delimiter = delimiter.as_bytes();
    // The first delimiter has no line before it; what precedes it is for nobody (RFC 2046 §5.1.1).
    let opening = delimiter.strip_prefix(b"\r\n").unwrap_or(delimiter);
    let mut rest = match body.strip_prefix(opening) {
        Some(rest) => rest,
        None => cut(body, delimiter).ok_or_else(broken)?.1,
    };
    let mut parts = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        let line_end = rest.iter().position(|b| !matches!(b, b' ' | b'\t'));
        let after_padding = rest.get(line_end.unwrap_or_default()..);
        rest = after_padding
            .and_then(|rest| rest.strip_prefix(b"\r\n"))
            .ok_or_else(broken)?;
        if parts.len() == MAX_PARTS {
            return Err(malformed("The form has too many parts."));
        }
        let (part, after) = cut(rest, delimiter).ok_or_else(broken)?;
        parts.push(part_of(part)?);
        rest = after;
    }
}

/// How [`digest`] is handed to whoever takes forms.
pub type FormDigest = fn(content_type: &str, body: &[u8]) -> Option<Vec<u8>>;

/// What a form holds, whatever its boundary and the order of its parts' headers: the field, the filename
/// and the content of each part, as digests. `None` for what is no form.
#[must_use]
pub fn digest(content_type: &str, body: &[u8]) -> Option<Vec<u8>> {
    let mut digest = String::new();
    for part in parts_of(content_type, body).ok()? {
        let filename = part.filename.map(|name| sha256_hex(name.as_bytes()));
        digest.push_str(&sha256_hex(part.name.as_bytes()));
        digest.push_str(filename.as_deref().unwrap_or("-"));
        digest.push_str(&sha256_hex(part.content));
    }
    Some(digest.into_bytes())
}

fn part_of(part: &[u8]) -> Result<Part<'_>, Error> {
    let start = part.get(..MAX_HEADER_BYTES).unwrap_or(part);
    let end = start.windows(4).position(|w| w == b"\r\n\r\n");
    let end = end.ok_or_else(|| malformed("A part of the form has no end of its headers."))?;
    let headers = String::from_utf8_lossy(part.get(..end).unwrap_or_default());
    let is_disposition = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default().trim();
        name.eq_ignore_ascii_case("content-disposition")
    };
    let line = headers.split("\r\n").find(is_disposition);
    let (_, disposition) = line
        .and_then(|line| line.split_once(':'))
        .unwrap_or_default();
    let name = parameter(disposition, "name")
        .ok_or_else(|| malformed("A part of the form does not say which field it is."))?;
    Ok(Part {
        name: unescaped(&name),
        filename: parameter(disposition, "filename").map(|name| unescaped(&name)),
        content: part.get(end + 4..).unwrap_or_default(),
    })
}

fn boundary_of(content_type: &str) -> Option<String> {
    let boundary = parameter(content_type, "boundary")?;
    let is_boundary = |b: u8| b.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&b);
    let valid = (1..=MAX_BOUNDARY_CHARS).contains(&boundary.len())
        && boundary.bytes().all(is_boundary)
        && !boundary.ends_with(' ');
    valid.then_some(boundary)
}

/// A parameter of a header's value: a token or a quoted text. In one, a backslash escapes a quote or
/// a backslash, as curl writes it; before anything else it is a backslash.
fn parameter(header: &str, name_wanted: &str) -> Option<String> {
    let (_, mut rest) = header.split_once(';')?;
    loop {
        let (name, after) = rest.split_once('=')?;
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted_text(quoted)?,
            None => {
                let end = after.find(';').unwrap_or(after.len());
                let (value, next) = after.split_at_checked(end)?;
                (value.trim().to_owned(), next)
            }
        };
        let name = name.trim_matches(|c: char| c.is_whitespace() || c == ';');
        if name.eq_ignore_ascii_case(name_wanted) {
            return Some(value);
        }
        rest = next;
    }
}

fn quoted_text(quoted: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut rest = quoted.chars();
    loop {
        match rest.next()? {
            '"' => return Some((text, rest.as_str())),
            '\\' if rest.as_str().starts_with(['"', '\\']) => text.extend(rest.next()),
            c => text.push(c),
        }
    }
}

/// Browsers write these three characters of a name so, and no others (HTML, multipart/form-data).
fn unescaped(name: &str) -> String {
    name.replace("%22", "\"")
        .replace("%0D", "\r")
        .replace("%0A", "\n")
}

/// The text before and after the first delimiter.
fn cut<'b>(bytes: &'b [u8], delimiter: &[u8]) -> Option<(&'b [u8], &'b [u8])> {
    let first = *delimiter.first()?;
    let mut at = 0;
    loop {
        at += bytes.get(at..)?.iter().position(|b| *b == first)?;
        if let Some(behind) = bytes.get(at..)?.strip_prefix(delimiter) {
            return Some((bytes.get(..at)?, behind));
        }
        at += 1;
    }
}

#[track_caller]
fn malformed(message: &'static str) -> Error {
    Error::new(Kind::MalformedRequest, message)
}

#[track_caller]
fn broken() -> Error {
    malformed("The form breaks off, or its boundary is not the one that its content type says.")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=----WebKitFormBoundaryX";

    fn form(parts: &[(&str, &str)]) -> Vec<u8> {
        let part = |(disposition, content): &(&str, &str)| {
            let header = format!("Content-Disposition: form-data; {disposition}");
            format!("------WebKitFormBoundaryX\r\n{header}\r\nX: y\r\n\r\n{content}\r\n")
        };
        let parts: String = parts.iter().map(part).collect();
        format!("{parts}------WebKitFormBoundaryX--\r\n").into_bytes()
    }

    fn filename(disposition: &str) -> String {
        let body = form(&[(disposition, "x")]);
        let part = parts_of(TYPE, &body).unwrap().remove(0);
        part.filename.unwrap()
    }

    #[test]
    fn a_form_is_taken_apart_byte_by_byte() {
        let body = form(&[
            ("name=\"note\"", "hello"),
            (
                "name=\"file\"; filename=\"a.txt\"",
                "\r\n--\r\n------Web\r\n\0",
            ),
            ("filename=\"\"; name=file", ""),
        ]);
        let parts = parts_of(TYPE, &body).unwrap();
        let seen: Vec<_> = parts
            .iter()
            .map(|p| (p.name.as_str(), p.filename.as_deref(), p.content))
            .collect();
        let expected: [(&str, Option<&str>, &[u8]); 3] = [
            ("note", None, b"hello"),
            ("file", Some("a.txt"), b"\r\n--\r\n------Web\r\n\0"),
            ("file", Some(""), b""),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn names_come_as_browsers_curl_and_others_write_them() {
        let cases = [
            ("name=f; filename=\"ü €.pdf\"", "ü €.pdf"),
            ("name=f; filename=\"a%22b%0D%0A.pdf\"", "a\"b\r\n.pdf"),
            ("name=f; filename=\"a\\\"b;.pdf\"", "a\"b;.pdf"),
            ("name=f; filename=\"C:\\dir\\a.pdf\"", "C:\\dir\\a.pdf"),
            ("filename=a.pdf ; name=f", "a.pdf"),
            (
                "name=f; filename*=UTF-8''b.pdf; filename=\"a.pdf\"",
                "a.pdf",
            ),
        ];
        for (disposition, expected) in cases {
            assert_eq!(filename(disposition), expected, "{disposition}");
        }
    }

    #[test]
    fn a_preamble_an_epilogue_and_a_quoted_boundary_are_taken() {
        let body =
            b"hi\r\n--a b \t\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n--a b--bye";
        let parts = parts_of("multipart/form-data; charset=utf-8; boundary=\"a b\"", body);
        assert_eq!(parts.unwrap()[0].content, b"1");
    }

    #[test]
    fn what_is_no_form_is_refused_wherever_it_is_cut() {
        let whole = form(&[("name=\"file\"; filename=\"a.txt\"", "hello")]);
        for cut in 0..whole.len() - 4 {
            assert!(parts_of(TYPE, &whole[..cut]).is_err(), "{cut}");
        }
        let long = format!("multipart/form-data; boundary={}", "b".repeat(71));
        for content_type in [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=\"",
            "multipart/form-data; boundary=other",
            "multipart/form-data; boundary=\"a\u{e9}\"",
            &long,
        ] {
            assert!(parts_of(content_type, &whole).is_err(), "{content_type}");
        }
        assert!(parts_of(TYPE, &form(&[("filename=\"a\"", "x")])).is_err());
        assert!(parts_of(TYPE, &form(&[("name=x", ""); 17])).is_err());
        assert_eq!(parts_of(TYPE, &form(&[])).unwrap(), []);
    }
}
