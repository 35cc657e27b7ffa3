//! What changes of contacts and conversations wake. A webhook says what is so when it is sent, and the next may come
//! before it: the job reads the record anew.

use common::context::Context;
use common::db::Columns;
use common::http::Error;
use common::ports::Queue;
use crm::{NewJob, jobs_again};
use source_chatwoot::Account;
use source_chatwoot::sql::CUSTOMER_OF_CONTACT;
use source_chatwoot::webhook::{ContactEvent, Conversation};

/// The connector whose jobs they are.
const CONNECTOR: &str = "chatwoot";

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
    let channel = account.channel_id.as_str();
    let whose = vec![
        cx.business_id().into(),
        channel.into(),
        contact.into(),
        thread.into(),
        account.system().into(),
    ];
    let rows = cx.db.rows(CUSTOMER_OF_CONTACT.bind(whose)).await?;
    let customer = match rows.first() {
        Some(row) => Columns::of(row).text_or_null("customer_id")?,
        None => None,
    };
    let remote = || ["remote:", channel, "/", contact.unwrap_or(id)].concat();
    let job = NewJob {
        kind,
        subject: [channel, "/", id].concat(),
        stream: customer.unwrap_or_else(remote),
        detail: None,
        priority: 0,
        ordered_at: cx.now.micros(),
    };
    cx.db.batch(jobs_again(cx, CONNECTOR, &[job])?).await?;
    cx.wake(Queue::Sources, cx.business_id());
    Ok(())
}
