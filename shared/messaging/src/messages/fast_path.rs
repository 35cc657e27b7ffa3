//! The fast path of a message from a known sender: three statements instead of fifteen, which SQLite
//! would compile each time. The cached customer and conversation are only a guess. The statements check
//! it; if it no longer holds, they do nothing and the full batch follows.

use super::receive::Received;
use super::sql::{FAST_PATH_CONVERSATION, FAST_PATH_EVENT, FAST_PATH_MESSAGE};
use channels::InboundMessage;
use common::context::Context;
use common::db::{Columns, Row, Value};
use common::erasing::forgotten_id;
use common::events::wake_listeners;
use common::http::Error;
use common::ids::{ConversationId, CustomerId, MessageId};
use common::time::Timestamp;
use common::ttl_cache::TtlCache;
use std::cell::RefCell;

/// Most senders that an isolate remembers.
const MAX_SENDERS: usize = 4096;

thread_local! {
    /// By sender, customer and conversation. The statements check both, so the entries do not expire.
    static KNOWN: RefCell<TtlCache<(CustomerId, ConversationId)>> =
        RefCell::new(TtlCache::new(MAX_SENDERS, i64::MAX));
}

/// The message, if it may take the fast path: it is the only one, and has neither files nor a thread of the
/// provider's.
pub(super) fn candidate<'a>(received: &Received<'a>) -> Option<&'a InboundMessage> {
    match received.messages {
        [message]
            if received.statuses.is_empty()
                && message.media.is_empty()
                && !message.is_echo
                && message.thread.is_none()
                && message.sender.customer_id.is_none() =>
        {
            Some(message)
        }
        _ => None,
    }
}

/// Ingests a message on the fast path, and has it handed out; `false` if the cached guess does not hold, and then
/// nothing was written.
pub(super) async fn take(
    cx: &Context<'_>,
    received: &Received<'_>,
    message: &InboundMessage,
) -> Result<bool, Error> {
    let known = KNOWN.with_borrow(|all| all.get(&key(received, message), cx.now));
    let (Some((customer_id, conversation_id)), Some(name)) = (known, message.sender.names.first())
    else {
        return Ok(false);
    };
    let id = MessageId::new(&cx.ids);
    let business = || Value::from(cx.business_id());
    let now = || Value::from(cx.now.micros());
    let sent_at = || Value::from(message.sent_at.map(Timestamp::micros));
    let statements = vec![
        FAST_PATH_MESSAGE.bind(vec![
            business(),
            now(),
            received.channel_id.into(),
            (&conversation_id).into(),
            customer_id.into(),
            name.kind.as_str().into(),
            name.value.as_str().into(),
            (&id).into(),
            message.kind.as_str().into(),
            super::ingest::content_of(message).into(),
            super::ingest::detail_of(message).into(),
            message.provider_id.as_str().into(),
            message.reply_to.as_deref().into(),
            sent_at(),
            forgotten_id(&message.provider_id).into(),
        ]),
        FAST_PATH_CONVERSATION.bind(vec![
            business(),
            now(),
            conversation_id.into(),
            (&id).into(),
            sent_at(),
            i64::from(message.kind.opens_window()).into(),
            message.sender.contact.as_deref().into(),
        ]),
        FAST_PATH_EVENT.bind(vec![business(), now(), (&id).into(), cx.ids.next().into()]),
    ];
    let results = cx.db.batch(statements).await?;
    let events = results.last().filter(|rows| !rows.is_empty());
    if let Some(rows) = events {
        wake_listeners(cx, rows)?;
    }
    Ok(events.is_some())
}

/// Caches the customer and the conversation of a message from the row that the full batch returned.
/// There is no row for a known message.
///
/// # Errors
/// 500 for another row than that.
pub(super) fn remember(
    cx: &Context<'_>,
    received: &Received<'_>,
    message: &InboundMessage,
    row: Option<&Row>,
) -> Result<(), Error> {
    let Some(row) = row else {
        return Ok(());
    };
    let mut columns = Columns::of(row);
    let whose = (columns.id("customer_id")?, columns.id("conversation_id")?);
    KNOWN.with_borrow_mut(|all| all.insert(key(received, message), whose, cx.now));
    Ok(())
}

/// The cache key: everything that the full batch would store about a sender, so that a sender with new
/// details is not found.
fn key(received: &Received<'_>, message: &InboundMessage) -> String {
    let mut key = received.channel_id.to_string();
    for name in &message.sender.names {
        key.push(' ');
        key.push_str(&name.value);
    }
    key.push(' ');
    key.push_str(message.sender.name.as_deref().unwrap_or_default());
    key
}
