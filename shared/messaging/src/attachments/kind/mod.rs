//! What a file is: its content decides, not what it is called or said to be.

mod container;
mod names;
mod sniff;
mod text;

pub use names::{extension_for, is_dangerous_name};

use common::http::{Error, Kind};
use names::{by_extension, is_dangerous_type, is_text_extension};
use sniff::{Content, sniff};

/// What is stored of a file that must not be taken for what it is.
pub const OPAQUE: &str = "application/octet-stream";

/// The type of a file that a business uploads, by the allow-list (contract.md, Attachments).
///
/// # Errors
/// 415 for what is not on it. An empty file has no content to go by: its name decides.
pub fn upload_type(filename: &str, bytes: &[u8]) -> Result<&'static str, Error> {
    let found = match sniff(bytes) {
        Content::Empty => by_extension(filename),
        Content::Allowed(media_type) => Some(media_type),
        Content::Text if is_dangerous_name(filename) => None,
        Content::Text => Some(text_type(filename)),
        Content::Other(_) | Content::Dangerous => None,
    };
    found.ok_or_else(|| {
        let message = "Files of this type are not taken. Images (jpeg, png, gif, webp), audio, \
                       video, pdf, office documents, text, csv and vcard are.";
        Error::new(Kind::UnsupportedMediaType, message)
    })
}

/// The type of a file that a customer sent, whatever it is; what could run is opaque.
#[must_use]
pub fn inbound_type(filename: &str, declared: Option<&str>, bytes: &[u8]) -> String {
    let declared = declared.and_then(essence);
    let is_disguised =
        is_dangerous_name(filename) || declared.as_deref().is_some_and(is_dangerous_type);
    match sniff(bytes) {
        Content::Allowed(media_type) => media_type.to_owned(),
        Content::Other(Some(media_type)) if !is_disguised => media_type.to_owned(),
        Content::Text if !is_disguised => text_type(filename).to_owned(),
        Content::Other(None) | Content::Empty if !is_disguised => {
            declared.unwrap_or_else(|| OPAQUE.to_owned())
        }
        _ => OPAQUE.to_owned(),
    }
}

fn text_type(filename: &str) -> &'static str {
    by_extension(filename)
        .filter(|_| is_text_extension(filename))
        .unwrap_or("text/plain")
}

/// A type without its parameters, in lower case; `None` for what is none.
fn essence(text: &str) -> Option<String> {
    let text = text.split(';').next().unwrap_or_default().trim();
    let is_token = |part: &str| {
        let fits = (1..=64).contains(&part.len());
        fits && part
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
    };
    let (kind, subtype) = text.split_once('/')?;
    (is_token(kind) && is_token(subtype)).then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests;
