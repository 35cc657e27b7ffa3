//! What changes of contacts and conversations wake. A webhook says what is so when it is sent, and the next may come
//! before it: the job reads the record anew.

use common::context::Context;
use common::http::Error;
use common::ports::Queue;
use crm::{NewJob, jobs_again};
use source_chatwoot::sync::CONNECTOR;
use source_chatwoot::webhook::{ContactEvent, Conversation};
use source_chatwoot::{Account, place_of, streams_of};

/// Has a contact read.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn contact_in(
    cx: &Context<'_>,
    account: &Account<'_>,
    event: &ContactEvent,
) -> Result<(), Error> {
    let id = &event.contact.id;
    add(cx, account, "contact_in", id, (Some(id), None)).await
}

/// Has a conversation read.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn conversation_in(
    cx: &Context<'_>,
    account: &Account<'_>,
    conversation: &Conversation,
) -> Result<(), Error> {
    of_thread(cx, account, "conversation_in", conversation).await
}

/// Has the messages of a conversation read.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn messages_in(
    cx: &Context<'_>,
    account: &Account<'_>,
    conversation: &Conversation,
) -> Result<(), Error> {
    of_thread(cx, account, "messages_in", conversation).await
}

async fn of_thread(
    cx: &Context<'_>,
    account: &Account<'_>,
    kind: &'static str,
    conversation: &Conversation,
) -> Result<(), Error> {
    let (thread, contact) = (&conversation.thread, conversation.contact_id.as_deref());
    add(cx, account, kind, thread, (contact, Some(thread))).await
}

async fn add(
    cx: &Context<'_>,
    account: &Account<'_>,
    kind: &'static str,
    id: &str,
    (contact, thread): (Option<&str>, Option<&str>),
) -> Result<(), Error> {
    let stream = streams_of(cx, account, &[(contact, thread)]).await?.pop();
    let job = NewJob {
        kind,
        subject: place_of(account.channel_id, id),
        stream: stream.ok_or_else(|| Error::internal("a contact has no stream"))?,
        ordered_at: cx.now.micros(),
        ..NewJob::default()
    };
    cx.db.batch(jobs_again(cx, CONNECTOR, &[job])?).await?;
    cx.wake(Queue::Sources, cx.business_id());
    Ok(())
}
