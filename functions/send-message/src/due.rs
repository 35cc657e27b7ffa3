//! Messages that were left to be sent later.

use super::answer::SendState;
use super::attempt::{Attempt, attempt};
use super::check::{check, is_checked, wake_for_check};
use super::outcome::{Subject, record};
use super::read::Account;
use super::repeated::expire;
use crate::sql::{SEND_CLAIM, SEND_LOAD};
pub use messaging::messages::send::window::Window;

use crate::sending::{PATIENCE_MICROS, UPLOAD_MICROS, later};
use channels::opt_outs::OPTED_OUT;
use channels::outbound::{Content, Outbound, SendOutcome};
use channels::{AccountKind, Capabilities};
use common::context::Context;
use common::db::{Columns, Row, Value, next_rows};
use common::http::{Error, Kind};
use common::ids::{ChannelId, MessageId};
use common::json::raw::{object, texts};
use common::ports::Queue;
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
    go_on(&business, MessageId::unchecked(message_id)).await
}

async fn go_on(cx: &Context<'_>, message_id: MessageId) -> Result<(), Error> {
    let Some(mut step) = one(cx, &message_id, cx.now).await? else {
        return Ok(());
    };
    while let Some(next) = step.next.take().filter(|_| !step.state.is_queued()) {
        match one(cx, &next, hope(cx)).await? {
            Some(done) => step = done,
            None => break,
        }
    }
    Ok(())
}

/// Sends the next message of a request that is being answered. Should that fail, it stays queued.
pub(super) async fn send_next(cx: &Context<'_>, message_id: &MessageId) -> SendState {
    match one(cx, message_id, hope(cx)).await {
        Ok(Some(step)) => step.state,
        Ok(None) => SendState::queued(),
        Err(error) => {
            let note = format!("a message stays queued: {}", error.code());
            cx.note(note);
            SendState::queued()
        }
    }
}

/// Until when a message that is taken now should have been sent; the parts of a request are due by
/// then too, and wait for nothing but their turn.
fn hope(cx: &Context<'_>) -> Timestamp {
    later(cx).plus(PATIENCE_MICROS + UPLOAD_MICROS)
}

struct Step {
    state: SendState,
    /// The next message of the same request that waits.
    next: Option<MessageId>,
}

/// Takes one message that is due by `as_of` and sends it, or declares it uncertain. `None` where it
/// is not due, or another is at it.
async fn one(
    cx: &Context<'_>,
    message_id: &MessageId,
    as_of: Timestamp,
) -> Result<Option<Step>, Error> {
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
    let loaded = Loaded::of_row(row)?;
    let next = loaded.next.clone();
    if let Some(row) = expired.first() {
        cx.wake(Queue::Events, cx.business_id());
        if is_checked(row)? {
            wake_for_check(cx, message_id, 0);
        }
        let state = SendState::uncertain(super::repeated::LOST.into());
        return Ok(Some(Step { state, next }));
    }
    if claimed.is_empty() {
        if loaded.state == "checking" {
            check(cx, message_id, &loaded).await?;
        }
        return Ok(None);
    }
    let state = send(cx, message_id, &loaded).await;
    Ok(Some(Step { state, next }))
}

/// What sending a message depends on.
pub(super) struct Loaded {
    /// What to send, as it was stored.
    request: String,
    tries: i64,
    pub(super) stored_at: Timestamp,
    pub(super) channel_id: ChannelId,
    /// The account's.
    kind: AccountKind,
    address: String,
    credentials: Option<String>,
    settings: String,
    is_active: bool,
    /// When the customer last wrote to the account.
    last_inbound: Option<i64>,
    /// Whether an earlier part of the request was not sent.
    has_failed: bool,
    is_erased: bool,
    /// The next message of the request.
    next: Option<MessageId>,
    has_opted_out: bool,
    /// How sending stands.
    state: String,
    pub(super) tried_at: Timestamp,
}

impl Loaded {
    /// Reads SEND_LOAD.
    fn of_row(row: &Row) -> Result<Self, Error> {
        let mut columns = Columns::of(row);
        let request = columns.text("request")?;
        let tries = columns.integer("tries")?;
        let stored_at = columns.time("created_at")?;
        let channel_id = columns.id("channel_id")?;
        let kind = columns.parsed("kind", AccountKind::parse)?;
        let address = columns.text("address")?;
        let credentials = columns.text_or_null("credentials")?;
        // That of an account that was removed is null.
        let is_active = columns.str_or_null("status")? == Some("active");
        let last_inbound = columns.integer_or_null("last_inbound_at")?;
        let has_failed = columns.flag("has_failed")?;
        let is_erased = columns.integer_or_null("is_erased")? == Some(1);
        let next = columns.id_or_null("next")?;
        Ok(Self {
            request,
            tries,
            stored_at,
            channel_id,
            kind,
            address,
            credentials,
            settings: columns.text("settings")?,
            is_active,
            last_inbound,
            has_failed,
            is_erased,
            next,
            has_opted_out: columns.flag("has_opted_out")?,
            state: columns.text("state")?,
            tried_at: columns.time("tried_at")?,
        })
    }

    /// What to send, and the account that sends it; `None` where what was stored is unreadable.
    pub(super) fn stored(&self) -> Option<(Outbound, Account)> {
        let outbound = Outbound::from_stored(&self.request)?;
        let account = Account {
            id: self.channel_id.clone(),
            kind: self.kind,
            address: self.address.clone(),
            settings: self.settings.clone(),
            credentials: self.credentials.clone(),
        };
        Some((outbound, account))
    }
}

async fn send(cx: &Context<'_>, message_id: &MessageId, loaded: &Loaded) -> SendState {
    let (tries, stored_at) = (loaded.tries, loaded.stored_at);
    match sendable(cx, loaded) {
        Ok((outbound, account)) => {
            let try_it = Attempt {
                message_id,
                outbound: &outbound,
                account: &account,
                tries,
                last_inbound: loaded.last_inbound,
                stored_at,
            };
            attempt(cx, &try_it).await
        }
        Err((code, message)) => {
            let subject = Subject {
                message_id,
                channel_id: &loaded.channel_id,
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
            record(cx, &subject, outcome).await
        }
    }
}

/// What to send and by which account, unless something has come between since it was stored.
fn sendable(
    cx: &Context<'_>,
    loaded: &Loaded,
) -> Result<(Outbound, Account), (&'static str, &'static str)> {
    if loaded.has_failed {
        return Err(("not_sent", "An earlier part of the message was not sent."));
    }
    if loaded.is_erased {
        return Err(("customer_erased", "The customer was erased."));
    }
    if !loaded.is_active {
        let message = "The channel account was disabled or removed.";
        return Err(("channel_disabled", message));
    }
    if loaded.has_opted_out {
        return Err((OPTED_OUT, "The customer has opted out in the meantime."));
    }
    let (outbound, account) = loaded.stored().ok_or((
        "unsendable",
        "What was stored of the message is unreadable.",
    ))?;
    let is_free = !matches!(outbound.content, Content::Template(_));
    let window = Window::at(
        cx.now,
        Capabilities::of(account.kind),
        &texts(&account.settings).unwrap_or_default(),
        loaded.last_inbound,
    );
    if is_free && window == Window::Closed {
        let message = "The customer's last message is too long ago by now. Send a template.";
        return Err(("outside_window", message));
    }
    Ok((outbound, account))
}
