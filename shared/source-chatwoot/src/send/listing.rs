//! What became of a message whose answer was lost: Chatwoot has no key by which a repetition is known, so
//! that the last twenty messages of the conversation are searched for it.

use super::text_of;
use crate::api::answer;
use crate::reading::{attributes, is_true, mark_of, moment};
use channels::outbound::{FetchResult, Outbound};
use channels::{MessageStatus, StatusUpdate};
use common::ids::MessageId;
use common::json::raw::object;
use common::json::tolerant::{Object, objects, text};
use common::time::{SECOND, Timestamp};

/// How far Chatwoot's clock may be behind. It reports whole seconds.
const BEHIND_MICROS: i64 = 60 * SECOND;
/// How long after it was asked Chatwoot may have made the message: its answer is waited for 30 s.
const AHEAD_MICROS: i64 = 150 * SECOND;

/// Those of the list that can be the message, the oldest first: what is marked with an id of ours, which
/// says whose it is. Where nothing is, the server may drop the marks; then it is what says the same and
/// was made at the time. `None` for no list.
pub(super) fn candidates(
    outbound: &Outbound,
    tried_at: Timestamp,
    answered: &FetchResult,
) -> Option<Vec<StatusUpdate>> {
    let page = object(answer(answered).ok()?)?;
    page.get("payload").filter(|list| list.starts_with('['))?;
    let messages: Vec<_> = objects(&page, "payload")
        .into_iter()
        .filter(is_sent)
        .map(|message| {
            let mark = mark_of(&attributes(&message, "content_attributes"));
            (message, mark)
        })
        .collect();
    let keeps_marks = messages.iter().any(|(_, mark)| mark.is_some());
    let found = messages.iter().filter_map(|(message, mark)| {
        let id = mark.as_deref().and_then(MessageId::parse);
        let can_be = match keeps_marks {
            true => id.is_some(),
            false => is_alike(message, outbound, tried_at),
        };
        update(message, id).filter(|_| can_be)
    });
    Some(found.collect())
}

/// Whether somebody sent it to the contact.
fn is_sent(message: &Object<'_>) -> bool {
    let kind = text(message, "message_type");
    matches!(kind.as_deref(), Some("1" | "outgoing")) && !is_true(message, "private")
}

fn is_alike(message: &Object<'_>, outbound: &Outbound, tried_at: Timestamp) -> bool {
    let said = text(message, "content").unwrap_or_default();
    let files = objects(message, "attachments").len();
    let waited = moment(message, "created_at").map(|at| at.micros() - tried_at.micros());
    plain(&said) == plain(text_of(&outbound.content))
        && files == outbound.content.media().len()
        && waited.is_some_and(|waited| (-BEHIND_MICROS..=AHEAD_MICROS).contains(&waited))
}

fn update(message: &Object<'_>, message_id: Option<MessageId>) -> Option<StatusUpdate> {
    let status = match text(message, "status").as_deref() {
        Some("delivered") => MessageStatus::Delivered,
        Some("read") => MessageStatus::Read,
        Some("failed") => MessageStatus::Failed,
        _ => MessageStatus::Sent,
    };
    let error = (status == MessageStatus::Failed).then(|| {
        let said = "The channel did not take the message.";
        ("failed".to_owned(), said.to_owned())
    });
    Some(StatusUpdate {
        provider_id: text(message, "id")?,
        status,
        at: moment(message, "created_at"),
        error,
        message_id,
        recipient: None,
    })
}

/// A text as the two sides have it alike: without blanks around it, and with one kind of line's end.
fn plain(text: &str) -> String {
    text.trim().replace("\r\n", "\n")
}
