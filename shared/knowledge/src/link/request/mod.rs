//! A link as requests give it, checked field by field.

mod apply;
mod given;
mod preview;

pub use apply::{SECRET, checked_url};
pub use given::{Given, LinkPatch, LinkRequest};
pub use preview::{MAX_CONTENT, PreviewFile, PreviewRequest};

use crate::link::LinkChannel;
use common::http::input::{Expected, Input, texts};
use common::http::{Error, Result};
use common::json::raw;
use serde::de::DeserializeOwned;

/// Longest page id, in characters.
const MAX_PAGE_ID: usize = 200;

/// A text of this many characters at most, without control characters, trimmed.
///
/// # Errors
/// 422 that names the field.
pub fn short_text(path: &'static str, text: &str, most: usize) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid(
            path,
            "required",
            format!("`{path}` must not be empty."),
        ));
    }
    if text.chars().count() > most {
        let message = format!("`{path}` has more than {most} characters.");
        return Err(Error::invalid(path, format!("at_most_{most}"), message));
    }
    if text.chars().any(char::is_control) {
        let message = format!("`{path}` has a control character.");
        return Err(Error::invalid(path, "no_control_characters", message));
    }
    Ok(text.to_owned())
}

/// The page of a request.
///
/// # Errors
/// 422 without one.
pub fn page_id(input: &Input<'_>) -> Result<String> {
    let page_id = input.required("page_id", Expected::TEXT, raw::text)?;
    short_text("page_id", &page_id, MAX_PAGE_ID)
}

/// The channels of a request, each once; `None` where none are given.
///
/// # Errors
/// 422 for one that there is not, and for an empty list.
pub fn channels(input: &Input<'_>) -> Result<Option<Vec<LinkChannel>>> {
    let Some(names) = input.optional("channels", Expected::TEXTS, texts)? else {
        return Ok(None);
    };
    let mut channels = Vec::new();
    for name in &names {
        let Some(channel) = LinkChannel::parse(name) else {
            let known = LinkChannel::ALL.map(LinkChannel::as_str).join("`, `");
            let message = format!("There is no channel of that name; there are `{known}`.");
            return Err(Error::invalid("channels", "known", message));
        };
        if !channels.contains(&channel) {
            channels.push(channel);
        }
    }
    if channels.is_empty() {
        return Err(Error::invalid(
            "channels",
            "required",
            "`channels` must name a channel.",
        ));
    }
    Ok(Some(channels))
}

/// A field of a shape of its own; null is what it is without being set. What is wrong with it is told in serde's
/// words, which repeat no value.
pub(crate) fn shaped<T: DeserializeOwned + Default>(
    input: &Input<'_>,
    path: &'static str,
) -> Result<Option<T>> {
    let raw = input.optional(path, Expected::TEXT, |json| Some(json.to_owned()))?;
    let Some(json) = raw else {
        return Ok(None);
    };
    if json == "null" {
        return Ok(Some(T::default()));
    }
    let read = serde_json::from_str(&json);
    read.map(Some).map_err(|error: serde_json::Error| {
        let shown = match error.classify() {
            serde_json::error::Category::Data => error.to_string(),
            _ => "it is not as expected".to_owned(),
        };
        let shown = shown.split(" at line ").next().unwrap_or_default();
        Error::invalid(path, "shape", format!("`{path}`: {shown}."))
    })
}
