//! About whom and what is asked, by a query or by a body.

use common::http::input::{Expected, Input, number};
use common::http::{Error, Query, Result};
use common::ids::{ConversationId, CustomerId};
use common::json::raw;
use knowledge::context::{
    ContextRequest, DEFAULT_CHARACTERS, MAX_CHARACTERS, MIN_CHARACTERS, Subject,
};
use knowledge::link::LinkChannel;
use knowledge::search::MAX_QUESTION;

/// What a bot asks for.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct ContextBody {
    /// The customer; this or `conversation_id`.
    #[cfg_attr(feature = "schema", schemars(default, with = "CustomerId"))]
    pub customer: Option<String>,
    /// The conversation; this or `customer`.
    #[cfg_attr(feature = "schema", schemars(default, with = "ConversationId"))]
    pub conversation_id: Option<String>,
    /// For answers on this channel; that of the conversation where absent.
    #[cfg_attr(feature = "schema", schemars(default, with = "LinkChannel"))]
    pub channel: Option<String>,
    /// What is asked, at most 1000 characters; the customer's last message where absent.
    #[cfg_attr(feature = "schema", schemars(default, with = "String", length(max = MAX_QUESTION)))]
    pub query: Option<String>,
    /// How long the text may be, in characters: 500 to 50000, 8000 by default.
    #[cfg_attr(feature = "schema", schemars(default, with = "u32", range(min = MIN_CHARACTERS, max = MAX_CHARACTERS)))]
    pub max_characters: Option<i64>,
}

/// Reads a body.
///
/// # Errors
/// 400 for invalid JSON, 422 for JSON of another shape.
pub fn of_body(body: &str) -> Result<ContextRequest> {
    let known = [
        "customer",
        "conversation_id",
        "channel",
        "query",
        "max_characters",
    ];
    let input = Input::read(body, &known)?;
    let text = |name: &'static str| input.optional(name, Expected::TEXT, raw::text);
    let body = ContextBody {
        customer: text("customer")?,
        conversation_id: text("conversation_id")?,
        channel: text("channel")?,
        query: text("query")?,
        max_characters: input.optional("max_characters", Expected::INTEGER, number)?,
    };
    checked("", body)
}

/// Reads a query.
///
/// # Errors
/// 422 for one that asks for nobody, or for two at once.
pub fn of_query(query: &Query) -> Result<ContextRequest> {
    let text = |name: &str| query.get(name).map(str::to_owned);
    let max = query.number(
        "max_characters",
        MIN_CHARACTERS,
        MAX_CHARACTERS,
        DEFAULT_CHARACTERS,
    )?;
    let body = ContextBody {
        customer: text("customer"),
        conversation_id: text("conversation_id"),
        channel: text("channel"),
        query: text("query"),
        max_characters: Some(max.into()),
    };
    checked("query.", body)
}

fn checked(below: &'static str, body: ContextBody) -> Result<ContextRequest> {
    let invalid = |name: &str, rule: &'static str, message: &str| {
        Error::invalid([below, name].concat(), rule, message.to_owned())
    };
    let subject = match (&body.customer, &body.conversation_id) {
        (Some(id), None) => {
            let id = CustomerId::parse(id);
            Subject::Customer(
                id.ok_or_else(|| invalid("customer", "id", "`customer` must be an id."))?,
            )
        }
        (None, Some(id)) => {
            let message = "`conversation_id` must be an id.";
            let id = ConversationId::parse(id);
            Subject::Conversation(id.ok_or_else(|| invalid("conversation_id", "id", message))?)
        }
        _ => {
            let message = "Give a `customer` or a `conversation_id`, and not both.";
            return Err(invalid("customer", "one_of", message));
        }
    };
    let channel = body.channel.map(|name| {
        let names = LinkChannel::ALL.map(LinkChannel::as_str).join("`, `");
        let message = format!("`channel` must be one of `{names}`.");
        LinkChannel::parse(&name).ok_or_else(|| invalid("channel", "known", &message))
    });
    let query = body.query.filter(|query| !query.trim().is_empty());
    if query
        .as_ref()
        .is_some_and(|query| query.chars().count() > MAX_QUESTION)
    {
        let message = format!("`query` has more than {MAX_QUESTION} characters.");
        return Err(invalid("query", "at_most_1000", &message));
    }
    let max = body
        .max_characters
        .unwrap_or_else(|| DEFAULT_CHARACTERS.into());
    let in_range = |max: &u32| (MIN_CHARACTERS..=MAX_CHARACTERS).contains(max);
    let message = "`max_characters` must be from 500 to 50000.";
    let max = u32::try_from(max).ok().filter(in_range);
    Ok(ContextRequest {
        subject,
        channel: channel.transpose()?,
        query,
        max_characters: max.ok_or_else(|| invalid("max_characters", "500_to_50000", message))?,
    })
}
