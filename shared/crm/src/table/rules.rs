//! Checks of single values, and how a refusal names them.

pub use common::http::rules::{body_of, switch, unknown, words, wrong};

use super::{Field, Kind};
use common::http::Error;
use common::json::raw::{integer, text};
use common::json::writer::quoted;

/// Reads a value, under its path, and gives it as it is to be stored, in JSON.
pub type Check = fn(&str, &str) -> Result<String, Error>;

/// Longest id of a CRM's, in bytes.
const MAX_ID: usize = 128;
/// Longest secret, in bytes.
const MAX_SECRET: usize = 4096;

impl Field {
    /// Reads a value, and gives it as it is to be stored, in JSON; of a secret the text itself.
    pub(super) fn check(&self, value: &str) -> Result<String, Error> {
        match self.kind {
            Kind::Id => id(self.path, value),
            Kind::Switch => switch(self.path, value),
            Kind::Number(min, max) => number(self.path, value, min, max),
            Kind::Words(max) => words(self.path, value, max).map(|words| quoted(&words)),
            Kind::Choice(choices) => choice(self.path, value, choices),
            Kind::Custom(custom) => (custom.check)(self.path, value),
            Kind::Secret(_) => secret(self.path, value),
            Kind::Forwarded(_) => Ok(value.to_owned()),
        }
    }
}

fn number(path: &str, value: &str, min: i64, max: i64) -> Result<String, Error> {
    let number = integer(value).and_then(|digits| digits.parse().ok());
    if let Some(number) = number.filter(|number| (min..=max).contains(number)) {
        return Ok(number.to_string());
    }
    let rule = format!("{min}_to_{max}");
    let sentence = format!("must be a whole number from {min} to {max}");
    Err(wrong(path, &rule, &sentence))
}

fn choice(path: &str, value: &str, choices: &[&str]) -> Result<String, Error> {
    let word = text(value).unwrap_or_default();
    if choices.contains(&word.as_str()) {
        return Ok(quoted(&word));
    }
    let sentence = match choices {
        [first @ .., last] => ["must be ", &first.join(", "), " or ", last].concat(),
        [] => "cannot be set".to_owned(),
    };
    Err(wrong(path, &choices.join("_"), &sentence))
}

/// An id of the CRM's.
///
/// # Errors
/// 422 that names the path.
pub fn id(path: &str, value: &str) -> Result<String, Error> {
    let id = text(value).map(|id| id.trim().to_owned());
    let is_id = |id: &String| {
        (1..=MAX_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic() && b != b'/')
    };
    let id = id.filter(is_id);
    id.map(|id| quoted(&id))
        .ok_or_else(|| wrong(path, "id", "must be an id of at most 128 characters"))
}

/// A secret as it can stand in a header.
fn secret(path: &str, value: &str) -> Result<String, Error> {
    let secret = text(value).map(|secret| secret.trim().to_owned());
    let fits = |secret: &String| {
        (1..=MAX_SECRET).contains(&secret.len()) && secret.bytes().all(|b| b.is_ascii_graphic())
    };
    let sentence = "must be a text of 1 to 4096 characters without spaces";
    secret
        .filter(fits)
        .ok_or_else(|| wrong(path, "secret", sentence))
}
