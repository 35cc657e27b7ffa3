//! What a business sets of an OpenAI-compatible server: where it is, its model, its key.

use common::http::{Error, Result};

/// In the place of a key that is set.
pub const HIDDEN: &str = "***";
/// Longest name of a model, in characters.
pub const MAX_MODEL: usize = 200;
/// Longest key, in bytes.
pub const MAX_KEY: usize = 1_000;

/// The base of a server's URL, also where the path of an operation was given with it.
///
/// # Errors
/// 422 for one with a query or a fragment.
pub fn base_url(given: &str, path: &str) -> Result<String> {
    if given.contains(['?', '#']) {
        let message = "`base_url` must have no query and no fragment.";
        return Err(Error::invalid("base_url", "no_query", message));
    }
    let base = given.trim().trim_end_matches('/');
    let base = base.strip_suffix(path).unwrap_or(base);
    Ok(base.trim_end_matches('/').to_owned())
}

/// The name of a model.
///
/// # Errors
/// 422 for none, a long one, and one of several lines.
pub fn model(given: &str) -> Result<String> {
    let model = given.trim();
    let is_one = !model.is_empty()
        && model.chars().count() <= MAX_MODEL
        && !model.chars().any(char::is_control);
    let invalid = || {
        let message = "`model` must have 1 to 200 characters, on one line.";
        Error::invalid("model", "1_to_200_characters", message)
    };
    is_one.then(|| model.to_owned()).ok_or_else(invalid)
}

/// A key, which goes into a header and is one word there: `None` where the one that is set stays.
///
/// # Errors
/// 422 for what is no such word.
pub fn api_key(key: Option<Option<String>>) -> Result<Option<Option<String>>> {
    let is_one = |key: &str| {
        (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    match key {
        Some(Some(key)) if key == HIDDEN => Ok(None),
        Some(Some(key)) if !is_one(&key) => {
            let message = "`api_key` must have 1 to 1000 visible ASCII characters, or be null.";
            Err(Error::invalid("api_key", "visible_ascii", message))
        }
        other => Ok(other),
    }
}

/// The refusal of another server than before without its key: a key goes to the server that it was given for.
#[must_use]
pub fn key_of_another_server() -> Error {
    let message =
        "This is another server than before: give its `api_key`, or null where it needs none.";
    Error::invalid("api_key", "required_for_another_server", message)
}
