//! The reply, as a model writes it.

use crate::check::{fault_of, named};
use crate::claim::Claim;
use crate::reason::Reason;
use crate::sql::FOREIGN_GET;
use common::Context;
use common::http::{Error, Kind, Result};
use knowledge::context::{ContextRequest, CustomerContext, Subject, context};
use replies::prompt::{self, AUTO_REPLY};
use replies::{Draft, Patience, Replies, ask};

/// How well a passage has to fit what the customer asks, if they have no records of their own: scores go up to 1, and
/// up to 2 where an id, an address or a number of the question is in the record.
pub const MIN_SCORE: f32 = 0.3;
/// How much of what is known goes to the model, in characters.
const MAX_KNOWN: u32 = 12_000;

/// What a model wrote.
#[derive(Debug)]
pub(crate) enum Written {
    /// A text that may be sent.
    Reply(String),
    /// Nothing that may be.
    Not(Reason),
    /// Nothing, since it did not answer.
    Failed(Error),
    /// Nothing, since there is no such customer any more.
    Gone,
}

/// Has a model write the reply, from what may be known when this customer is answered.
///
/// # Errors
/// 503 where a database is away.
pub(crate) async fn write(cx: &Context<'_>, claim: &Claim, replies: &Replies) -> Result<Written> {
    let request = ContextRequest {
        subject: Subject::Conversation(claim.conversation_id.clone()),
        channel: None,
        query: None,
        max_characters: MAX_KNOWN,
    };
    let known = match context(cx, &request).await {
        Ok(known) => known,
        Err(error) if error.kind() == Kind::NotFound => return Ok(Written::Gone),
        Err(error) => return Err(error),
    };
    if is_thin(&known) {
        return Ok(Written::Not(Reason::NoSources));
    }
    let body = prompt::request(&AUTO_REPLY, &replies.settings, &known)?;
    let draft = match ask(cx, replies, body, Patience::AsksOnce).await {
        Ok(answered) => match Draft::of(&answered) {
            Ok(draft) => draft,
            Err(error) => return Ok(Written::Failed(error)),
        },
        // Without its key it cannot be asked, however often.
        Err(error) => return Ok(Written::Failed(error)),
    };
    let key = replies.key(cx)?;
    if let Some(reason) = fault_of(&draft, &known, &replies.settings, key.as_deref()) {
        return Ok(Written::Not(reason));
    }
    if is_foreign(cx, &draft.text, &known).await? {
        return Ok(Written::Not(Reason::ForeignIdentity));
    }
    Ok(Written::Reply(draft.text))
}

/// Whether there is nothing by which the message could be answered.
fn is_thin(known: &CustomerContext) -> bool {
    let fits = |score: Option<f32>| score.is_some_and(|score| score >= MIN_SCORE);
    let mut passages = known.passages.iter();
    known.records.is_empty() && !passages.any(|passage| passage.is_own || fits(passage.score))
}

/// Whether a text names another customer by an address or a number.
async fn is_foreign(cx: &Context<'_>, text: &str, known: &CustomerContext) -> Result<bool> {
    let named = named(text);
    if named.is_empty() {
        return Ok(false);
    }
    let named = serde_json::to_string(&named).map_err(Error::internal)?;
    let foreign = FOREIGN_GET.bind(vec![
        cx.business_id().into(),
        (&known.customer.id).into(),
        named.into(),
    ]);
    Ok(!cx.db.rows(foreign).await?.is_empty())
}
