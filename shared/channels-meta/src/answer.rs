use channels::outbound::FetchResult;
use common::json::raw::{integer, text};

/// The JSON of an answer that says that it went well.
pub(super) fn succeeded(answered: &FetchResult) -> Option<&str> {
    let response = answered.as_ref().ok()?;
    let body = std::str::from_utf8(&response.body).ok()?;
    (200..300).contains(&response.status).then_some(body)
}

/// An id that came as text or as a number (channels.md §8).
pub(super) fn id_of(value: &str) -> Option<String> {
    let id = text(value).or_else(|| integer(value).map(str::to_owned));
    id.filter(|id| !id.is_empty())
}
