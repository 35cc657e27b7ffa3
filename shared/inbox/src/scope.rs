//! What the caller may see. Who is bound to one customer is bound in every statement: what is
//! another's is not there.

use common::context::Context;
use common::db::Value;
use common::http::{Error, Kind};
use common::ids::ConversationId;

/// The outbox event of changes that only the inbox shows. It is delivered to no endpoint.
pub const CHANGED: &str = "inbox.changed";

/// A conversation's id as a caller gives it.
///
/// # Errors
/// 404 for what is no id.
pub fn conversation_id(given: &str) -> Result<ConversationId, Error> {
    ConversationId::parse(given).ok_or_else(no_conversation)
}

/// 404 for a conversation that is not there for the caller.
#[must_use]
pub fn no_conversation() -> Error {
    Error::new(Kind::NotFound, "There is no such conversation.")
}

/// The customer to whom the caller is bound, or null.
#[must_use]
pub fn bound(cx: &Context<'_>) -> Value {
    cx.caller.customer_id.as_ref().into()
}
