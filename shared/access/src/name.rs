//! What keys, businesses and accounts are called.

use common::http::Error;

/// Longest name of a key or a business, in characters.
pub const MAX_NAME_CHARS: usize = 200;

/// A name as people give one: trimmed, 1 to 200 characters.
///
/// # Errors
/// 422 for another length.
pub fn checked_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARS {
        let message = format!("`name` must have 1 to {MAX_NAME_CHARS} characters.");
        return Err(Error::invalid("name", "1_to_200_characters", message));
    }
    Ok(name.to_owned())
}
