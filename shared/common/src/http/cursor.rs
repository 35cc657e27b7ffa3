use super::Error;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A place in a list as `next_cursor` tells it. Its text is ours; callers give it back as it is.
#[must_use]
pub fn encode_cursor(place: &str) -> String {
    URL_SAFE_NO_PAD.encode(place)
}

/// The place that a `cursor` tells, as `read` finds it in the text.
///
/// # Errors
/// 422 for what is no cursor of ours.
pub fn decode_cursor<T>(cursor: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.as_deref().and_then(read).ok_or_else(|| {
        let message = "`cursor` must be a `next_cursor` of an earlier page.";
        Error::invalid("query.cursor", "next_cursor", message)
    })
}
