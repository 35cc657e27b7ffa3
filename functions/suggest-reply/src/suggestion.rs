//! What is asked for, and what is answered.

use common::http::input::{Expected, Input};
use common::http::{Error, Result};
use common::ids::ConversationId;
use common::json::raw;
use knowledge::context::CustomerContext;
use replies::Draft;
use serde::Serialize;

/// How much of a record a source shows, in characters.
pub const MAX_SOURCE: usize = 300;

/// Asks for a draft.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct SuggestRequest {
    /// The conversation whose last message is to be answered.
    pub conversation_id: ConversationId,
}

impl SuggestRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for JSON of another shape.
    pub fn read(body: &str) -> Result<Self> {
        let input = Input::read(body, &["conversation_id"])?;
        let id = input.required("conversation_id", Expected::TEXT, raw::text)?;
        let invalid =
            || Error::invalid("conversation_id", "id", "`conversation_id` must be an id.");
        Ok(Self {
            conversation_id: ConversationId::parse(&id).ok_or_else(invalid)?,
        })
    }
}

/// A draft. It is not sent.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Suggestion {
    /// The text, which a model wrote: show it as plain text, to somebody who checks it.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = replies::MAX_DRAFT)))]
    pub draft: String,
    /// The records that the model was given: the customer's own, then what fits the question.
    pub sources: Vec<Source>,
    /// The model.
    pub model: String,
    /// Whether the text breaks off: at 4000 characters, or where the model reached `max_tokens`.
    pub truncated: bool,
}

/// A record that the model was given.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Source {
    /// The CRM link that it is from.
    pub link_id: String,
    /// Its name.
    pub link_name: String,
    /// What names the record within the link.
    pub record_key: String,
    /// Where the record stood.
    pub path: String,
    /// The beginning of its fields, a line each.
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_SOURCE)))]
    pub text: String,
    /// When it was fetched.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub fetched_at: String,
}

impl Suggestion {
    pub(crate) fn of(draft: Draft, sources: Vec<Source>, model: String) -> Self {
        Self {
            draft: draft.text,
            sources,
            model,
            truncated: draft.is_cut,
        }
    }
}

/// The records of what the model was given.
pub(crate) fn sources_of(known: CustomerContext) -> Vec<Source> {
    let given = known.records.into_iter().chain(known.passages);
    let source = given.map(|record| Source {
        link_id: record.link_id,
        link_name: record.link_name,
        record_key: record.record_key,
        path: record.path,
        text: record.text.chars().take(MAX_SOURCE).collect(),
        fetched_at: record.fetched_at,
    });
    source.collect()
}
