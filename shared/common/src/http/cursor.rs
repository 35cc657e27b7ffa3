use super::Error;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A position in a list, as in `next_cursor`. The text is opaque to callers.
#[must_use]
pub fn encode_cursor(place: &str) -> String {
    URL_SAFE_NO_PAD.encode(place)
}

/// Decodes a `cursor`; `read` parses its text.
///
/// # Errors
/// 422 for an invalid cursor.
pub fn decode_cursor<T>(cursor: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.as_deref().and_then(read).ok_or_else(|| {
        let message = "`cursor` must be a `next_cursor` of an earlier page.";
        Error::invalid("query.cursor", "next_cursor", message)
    })
}
