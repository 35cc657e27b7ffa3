//! Sending: a message is stored before the provider is asked, so that a crash can lose the answer
//! but never the message, and nothing is sent twice. Each message of the provider's is a row; a
//! request with several media makes several, sent one after the other.

mod adapters;
mod answer;
mod attempt;
mod check;
mod deliver;
mod due;
mod email;
mod media;
mod outcome;
mod parts;
mod read;
mod repeated;
mod request;
mod say;
pub mod sql;
mod text;
mod window;
mod write;

pub use answer::{SendResponse, SentAttachment, SentError, SentMessage};
pub use deliver::{DELIVERER, delivery_run};
pub use due::send_due;
pub use request::SendRequest;
pub use say::{SENDER, Said, Saying, say, saying_run};
pub use window::Window;

use common::context::Context;
use common::db::{Rows, Value};
use common::http::{Error, Kind};
use common::time::{SECOND, Timestamp};

/// Most attachments of one request.
pub const MAX_ATTACHMENTS: usize = 10;
/// How long an answer of the provider is waited for before a message counts as uncertain; a medium
/// that is uploaded first takes as long again at most.
const PATIENCE_MICROS: i64 = 60 * SECOND;
/// See [`PATIENCE_MICROS`].
const UPLOAD_MICROS: i64 = 30 * SECOND;
/// How often a request reads and writes anew when others come between.
const ATTEMPTS: usize = 3;

/// Sends a message to a customer: stores it, asks the provider, records what came of it.
///
/// # Errors
/// 404 for a customer, conversation, account, message or attachment that the business does not
/// have; 409 for an external id of two customers; 422 for what cannot be sent, `outside_window`
/// where only a template can be, `provider_rejected` where the provider will not have it; 503 when
/// the database or the stored bytes are away.
pub async fn message_send(cx: &Context<'_>, request: SendRequest) -> Result<SendResponse, Error> {
    draft_send(cx, request::checked(cx, request)?).await
}

/// As [`message_send`], of what was checked.
async fn draft_send(cx: &Context<'_>, draft: request::Draft) -> Result<SendResponse, Error> {
    for _ in 0..ATTEMPTS {
        let found = match read::read(cx, &draft).await? {
            read::Read::Repeated(ids) => {
                let standing = repeated::standing(cx, &ids).await?;
                if !cx.caller.may_see(&standing.message.customer_id) {
                    return Err(request::missing("conversation_id"));
                }
                return Ok(standing);
            }
            read::Read::Found(found) => found,
        };
        let planned = parts::planned(cx, &draft, &found)?;
        let planned = media::copied(cx, planned).await?;
        match write::write(cx, &draft, &found, &planned).await? {
            write::Write::Stored(stored) => {
                let standings = deliver::deliver(cx, &found, &planned).await?;
                return answer::answer(cx, &found, planned, &stored, standings);
            }
            // Someone took the conversation, the attachment or the key in between: look again.
            write::Write::Overtaken => {}
        }
    }
    Err(Error::unavailable("a send was overtaken again and again"))
}

/// The time now, or the request's where the clock is behind it: sending takes its time.
fn later(cx: &Context<'_>) -> Timestamp {
    cx.now.max((cx.clock)())
}

/// A column that has to be text.
fn text_of(row: &[Value], n: usize) -> Result<String, Error> {
    optional(row, n).ok_or_else(|| Error::internal("a column that should be text is not"))
}

fn optional(row: &[Value], n: usize) -> Option<String> {
    row.get(n).and_then(Value::as_text).map(str::to_owned)
}

fn integer(row: &[Value], n: usize) -> Option<i64> {
    row.get(n).and_then(Value::as_integer)
}

/// The results of a batch, one after the other.
fn next_rows(results: &mut impl Iterator<Item = Rows>) -> Result<Rows, Error> {
    results
        .next()
        .ok_or_else(|| Error::internal("a batch gave fewer results than its statements"))
}

fn not_found(what: &'static str, path: &'static str) -> Error {
    Error::new(Kind::NotFound, what).with_detail(path, "known")
}
