//! Checks of single fields of a body that is read field by field, and how a refusal names them.

use super::{Error, json_error};
use crate::json::raw::{Object, checked_object, text};

/// A request's body.
///
/// # Errors
/// 400 for invalid JSON, 422 for another type than an object.
pub fn body_of(body: &str) -> Result<Object<'_>, Error> {
    let object = checked_object(body).map_err(|error| json_error(&error))?;
    object.ok_or_else(|| Error::invalid("body", "object", "The body must be an object."))
}

/// `true` or `false`.
///
/// # Errors
/// 422 that names the path.
pub fn switch(path: &str, value: &str) -> Result<String, Error> {
    match value {
        "true" | "false" => Ok(value.to_owned()),
        _ => Err(wrong(path, "boolean", "must be true or false")),
    }
}

/// A text without space around it, of so many characters at most.
///
/// # Errors
/// 422 that names the path.
pub fn words(path: &str, value: &str, max: usize) -> Result<String, Error> {
    let words = text(value).map(|words| words.trim().to_owned());
    let fits = |words: &String| !words.is_empty() && words.chars().count() <= max;
    words.filter(fits).ok_or_else(|| {
        let message = format!("must be a text of 1 to {max} characters");
        wrong(path, &format!("1_to_{max}_characters"), &message)
    })
}

/// 422: what a path is, or must be.
#[must_use]
pub fn wrong(path: &str, rule: &str, sentence: &str) -> Error {
    let message = format!("`{path}` {sentence}.");
    Error::invalid(path.to_owned(), rule.to_owned(), message)
}

/// 422: there is nothing of that name.
#[must_use]
pub fn unknown(path: &str) -> Error {
    let shown: String = path.chars().take(64).collect();
    let message = format!("There is no field `{shown}` here.");
    Error::invalid(shown, "unknown", message)
}
