//! The short way of a message whose sender wrote before: three statements instead of fifteen, which
//! SQLite compiles anew each time. What is remembered of the sender is only a guess; the statements
//! check it, and where it does not hold nothing happens and the long way is taken.

use super::receive::Received;
use super::sql::{QUICK_CONVERSATION, QUICK_EVENT, QUICK_MESSAGE};
use channels::InboundMessage;
use common::context::Context;
use common::db::Value;
use common::http::Error;
use common::remembered::Remembered;
use common::time::Timestamp;
use std::cell::RefCell;

/// Most senders that an isolate remembers.
const MOST_SENDERS: usize = 4096;

thread_local! {
    /// By sender, customer and conversation. The statements check both, so that they need no end.
    static KNOWN: RefCell<Remembered<(String, String)>> =
        RefCell::new(Remembered::new(MOST_SENDERS, i64::MAX));
}

/// The one message of what came, where it may take the short way: alone, and without media.
pub(super) fn candidate<'a>(received: &Received<'a>) -> Option<&'a InboundMessage> {
    match received.messages {
        [message]
            if received.statuses.is_empty()
                && message.media.is_empty()
                && !message.is_echo
                && message.sender.customer_id.is_none() =>
        {
            Some(message)
        }
        _ => None,
    }
}

/// Takes a message in the short way; `false` where that cannot be, and nothing happened.
pub(super) async fn take(
    cx: &Context<'_>,
    received: &Received<'_>,
    message: &InboundMessage,
) -> Result<bool, Error> {
    let known = KNOWN.with_borrow(|all| all.recall(&key(received, message), cx.now));
    let (Some((customer_id, conversation_id)), Some(name)) = (known, message.sender.names.first())
    else {
        return Ok(false);
    };
    let id = cx.ids.next();
    let business = || Value::from(cx.business_id());
    let now = || Value::from(cx.now.micros());
    let sent_at = || Value::from(message.sent_at.map(Timestamp::micros));
    let statements = vec![
        QUICK_MESSAGE.bind(vec![
            business(),
            now(),
            received.channel_id.into(),
            conversation_id.as_str().into(),
            customer_id.into(),
            name.kind.as_str().into(),
            name.value.as_str().into(),
            id.as_str().into(),
            message.kind.as_str().into(),
            super::ingest::content_of(message).into(),
            super::ingest::detail_of(message).into(),
            message.provider_id.as_str().into(),
            message.reply_to.as_deref().into(),
            sent_at(),
        ]),
        QUICK_CONVERSATION.bind(vec![
            business(),
            now(),
            conversation_id.into(),
            id.as_str().into(),
            sent_at(),
            i64::from(message.kind.opens_window()).into(),
            message.sender.contact.as_deref().into(),
        ]),
        QUICK_EVENT.bind(vec![
            business(),
            now(),
            id.as_str().into(),
            cx.ids.next().into(),
        ]),
    ];
    let results = cx.db.batch(statements).await?;
    Ok(results.first().is_some_and(|rows| !rows.is_empty()))
}

/// Remembers whose a message was, of the row that the long way gave; without one it was known.
pub(super) fn remember(
    cx: &Context<'_>,
    received: &Received<'_>,
    message: &InboundMessage,
    row: Option<Vec<Value>>,
) {
    let mut texts = row.into_iter().flatten().map(Value::into_text);
    let (Some(Some(customer_id)), Some(Some(conversation_id))) = (texts.next(), texts.next())
    else {
        return;
    };
    let whose = (customer_id, conversation_id);
    KNOWN.with_borrow_mut(|all| all.remember(key(received, message), whose, cx.now));
}

/// Everything that the long way would learn of a sender, so that a sender who tells something new
/// is not known.
fn key(received: &Received<'_>, message: &InboundMessage) -> String {
    let mut key = received.channel_id.to_owned();
    for name in &message.sender.names {
        key.push(' ');
        key.push_str(&name.value);
    }
    key.push(' ');
    key.push_str(message.sender.name.as_deref().unwrap_or_default());
    key
}
