//! Messages that were left to be sent later.

use super::answer::Standing;
use super::attempt::{Attempt, attempt};
use super::check::{check, is_checked, wake_for_check};
use super::outcome::{Subject, record};
use super::read::Account;
use super::repeated::expire;
use crate::sql::{SEND_CLAIM, SEND_LOAD};
pub use messaging::messages::send::window::Window;

use crate::sending::{
    PATIENCE_MICROS, UPLOAD_MICROS, integer, later, next_rows, optional, text_of,
};
use channels::opt_outs::OPTED_OUT;
use channels::outbound::{Content, Outbound, SendOutcome};
use channels::{Capabilities, ChannelKind};
use common::context::Context;
use common::db::{Row, Value};
use common::http::{Error, Kind};
use common::json::raw::{object, texts};
use common::outside::Queue;
use common::time::Timestamp;

/// Does what is due of a message that the queue names, and of those that waited for it.
///
/// # Errors
/// 400 for a queue's message of another shape; 503 when the database is away.
pub async fn send_due(cx: &Context<'_>, message: &str) -> Result<(), Error> {
    let unreadable = || Error::new(Kind::MalformedJson, "The queue's message is unreadable.");
    let wake = object(message).ok_or_else(unreadable)?;
    let business_id = wake.text("business_id").ok_or_else(unreadable)?;
    let message_id = wake.text("message_id").ok_or_else(unreadable)?;
    let business = cx.of_business(&business_id);
    go_on(&business, message_id).await
}

async fn go_on(cx: &Context<'_>, message_id: String) -> Result<(), Error> {
    let Some(mut step) = one(cx, &message_id, cx.now).await? else {
        return Ok(());
    };
    while let Some(next) = step.next.take().filter(|_| !step.standing.is_queued()) {
        match one(cx, &next, hope(cx)).await? {
            Some(done) => step = done,
            None => break,
        }
    }
    Ok(())
}

/// Sends the next message of a request that is being answered. Should that fail, it stays queued.
pub(super) async fn send_next(cx: &Context<'_>, message_id: &str) -> Standing {
    match one(cx, message_id, hope(cx)).await {
        Ok(Some(step)) => step.standing,
        Ok(None) => Standing::queued(),
        Err(error) => {
            let note = format!("a message stays queued: {}", error.code());
            cx.note(note);
            Standing::queued()
        }
    }
}

/// Until when a message that is taken now should have been sent; the parts of a request are due by
/// then too, and wait for nothing but their turn.
fn hope(cx: &Context<'_>) -> Timestamp {
    later(cx).plus(PATIENCE_MICROS + UPLOAD_MICROS)
}

struct Step {
    standing: Standing,
    /// The next message of the same request that waits.
    next: Option<String>,
}

/// Takes one message that is due by `as_of` and sends it, or declares it uncertain. `None` where it
/// is not due, or another is at it.
async fn one(cx: &Context<'_>, message_id: &str, as_of: Timestamp) -> Result<Option<Step>, Error> {
    let named = || vec![Value::from(cx.business_id()), message_id.into()];
    let mut statements = expire(cx, message_id);
    let mut claim = named();
    claim.extend([
        as_of.micros().into(),
        hope(cx).micros().into(),
        later(cx).micros().into(),
    ]);
    statements.extend([SEND_CLAIM.bind(claim), SEND_LOAD.bind(named())]);
    let mut results = cx.db.batch(statements).await?.into_iter().skip(2);
    let (expired, claimed, loaded) = (
        next_rows(&mut results)?,
        next_rows(&mut results)?,
        next_rows(&mut results)?,
    );
    let Some(row) = loaded.first() else {
        return Ok(None);
    };
    let next = optional(row, NEXT);
    if let Some(row) = expired.first() {
        cx.wake(Queue::Events, cx.business_id());
        if is_checked(row) {
            wake_for_check(cx, message_id, 0);
        }
        let standing = Standing::uncertain(super::repeated::LOST.into());
        return Ok(Some(Step { standing, next }));
    }
    if claimed.is_empty() {
        if optional(row, STATE).as_deref() == Some("checking") {
            check(cx, message_id, row).await?;
        }
        return Ok(None);
    }
    let standing = send(cx, message_id, row).await?;
    Ok(Some(Step { standing, next }))
}

/// The column of SEND_LOAD that names the next message.
const NEXT: usize = 11;
/// The column that says when the customer last wrote.
const LAST_INBOUND: usize = 8;
/// The column that says whether the recipient has opted out.
const OPT_OUT: usize = 13;
/// The column that says how sending stands.
const STATE: usize = 14;

async fn send(cx: &Context<'_>, message_id: &str, row: &Row) -> Result<Standing, Error> {
    let channel_id = text_of(row, 3)?;
    let tries = integer(row, 1).unwrap_or_default();
    let stored_at = Timestamp::from_micros(integer(row, 2).unwrap_or_default());
    match sendable(cx, &channel_id, row) {
        Ok((outbound, account)) => {
            let try_it = Attempt {
                message_id,
                outbound: &outbound,
                account: &account,
                tries,
                last_inbound: integer(row, LAST_INBOUND),
                stored_at,
            };
            Ok(attempt(cx, &try_it).await)
        }
        Err((code, message)) => {
            let subject = Subject {
                message_id,
                channel_id: &channel_id,
                kind: None,
                began: cx.now,
                tries,
                stored_at,
                segments: None,
            };
            let outcome = SendOutcome::Refused {
                code: code.into(),
                message: message.into(),
                is_of_account: false,
            };
            Ok(record(cx, &subject, outcome).await)
        }
    }
}

/// What to send and by which account, unless something has come between since it was stored.
fn sendable(
    cx: &Context<'_>,
    channel_id: &str,
    row: &Row,
) -> Result<(Outbound, Account), (&'static str, &'static str)> {
    let is_true = |n: usize| integer(row, n) == Some(1);
    if is_true(9) {
        return Err(("not_sent", "An earlier part of the message was not sent."));
    }
    if is_true(10) {
        return Err(("customer_erased", "The customer was erased."));
    }
    if optional(row, 7).as_deref() != Some("active") {
        let message = "The channel account was disabled or removed.";
        return Err(("channel_disabled", message));
    }
    if is_true(OPT_OUT) {
        return Err((OPTED_OUT, "The customer has opted out in the meantime."));
    }
    let stored = stored(channel_id, row);
    let (outbound, account) = stored.ok_or((
        "unsendable",
        "What was stored of the message is unreadable.",
    ))?;
    let is_free = !matches!(outbound.content, Content::Template(_));
    let window = Window::at(
        cx.now,
        Capabilities::of(account.kind),
        &texts(&account.settings).unwrap_or_default(),
        integer(row, LAST_INBOUND),
    );
    if is_free && window == Window::Closed {
        let message = "The customer's last message is too long ago by now. Send a template.";
        return Err(("outside_window", message));
    }
    Ok((outbound, account))
}

/// What was stored of a message, and the account that sends it.
pub(super) fn stored(channel_id: &str, row: &Row) -> Option<(Outbound, Account)> {
    let outbound = Outbound::from_stored(&optional(row, 0)?)?;
    let account = Account {
        id: channel_id.to_owned(),
        kind: ChannelKind::parse(&optional(row, 4)?)?,
        address: optional(row, 5)?,
        settings: optional(row, 12)?,
        credentials: optional(row, 6),
    };
    Some((outbound, account))
}
