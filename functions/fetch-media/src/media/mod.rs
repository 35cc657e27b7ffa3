//! Media that customers sent, fetched from the provider behind their message's back: the account's
//! token asks for the address, the address gives the bytes.

mod bytes;
mod email;
mod remote;
mod source;

use crate::sql::{
    MEDIA_ACCOUNTS, MEDIA_CLAIM, MEDIA_EVENT, MEDIA_GONE, MEDIA_RELEASE, MEDIA_SETTLE,
};
use bytes::{Ready, delete, fetch};
use channels::{ChannelKind, Credentials};
use channels_twilio::api::Api;
use common::context::Context;
use common::db::{Rows, Value};
use common::events::MESSAGE_UPDATED;
use common::http::Error;
use common::json::raw::{object, texts as json_texts};
use common::outside::Queue;
use common::time::SECOND;
use messaging::attachments::{blob_key, media_message};
use serde::Serialize;
use source::{Claimed, claimed_of};

/// How long a fetch is left alone before another takes it over.
const LEASE_MICROS: i64 = 60 * SECOND;
/// By how much the clocks of two Workers may differ, so that a message of the queue never comes too
/// early.
const SLACK_MICROS: i64 = SECOND;
/// After how many seconds to try again, one for each try that failed. A provider keeps media for
/// days (channels.md §2.9).
const RETRY_SECONDS: [u32; 6] = [5, 30, 120, 600, 3600, 21_600];
/// After how many tries it is given up even where none came to an end.
const MAX_TRIES: i64 = 12;

/// What wakes the fetching, on the queue.
struct Message {
    business_id: String,
    message_id: String,
}

/// What an account is reached by.
pub(super) struct Account {
    id: String,
    address: String,
    token: String,
    /// Of an account of email: what speaks for it at Resend.
    api_key: Option<String>,
    is_email: bool,
    is_opened: bool,
    /// Of an account at Twilio.
    twilio: Option<Api>,
    /// Whether what was stored is to be deleted at Twilio.
    deletes_media: bool,
}

/// Why a fetch did not succeed; the reason is shown to people and has no secret in it.
#[derive(Debug)]
pub(super) struct Trouble {
    reason: String,
    is_final: bool,
}

impl Trouble {
    /// It may succeed later.
    fn passing(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            is_final: false,
        }
    }

    /// It never will.
    fn lasting(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            is_final: true,
        }
    }
}

/// How an attachment stands after a fetch: a row of [`MEDIA_SETTLE`].
#[derive(Serialize)]
struct Settled<'c>(
    &'c str,
    i64,
    &'static str,
    Option<String>,
    Option<usize>,
    Option<String>,
    Option<String>,
    Option<i64>,
);

impl Message {
    fn read(json: &str) -> Option<Self> {
        let fields = object(json)?;
        Some(Self {
            business_id: fields.text("business_id")?,
            message_id: fields.text("message_id")?,
        })
    }
}

/// Fetches what is due of a message's attachments, and says so once it is there: the event that the
/// message was received goes out at once if it still waits, else one that the message changed.
///
/// # Errors
/// 500 for a message of the queue that is none, 503 when the database is away. What was claimed then
/// is due again after a minute, which fan-out's cron finds.
pub async fn media_fetch(cx: &Context<'_>, message: &str) -> Result<(), Error> {
    let told = Message::read(message)
        .ok_or_else(|| Error::internal("a message of the queue is unreadable"))?;
    let cx_of = cx.of_business(&told.business_id);
    let params = || -> Vec<Value> {
        vec![
            told.business_id.as_str().into(),
            told.message_id.as_str().into(),
        ]
    };
    let mut claim = params();
    claim.push(cx.now.plus(SLACK_MICROS).micros().into());
    claim.push(cx.now.plus(LEASE_MICROS).micros().into());
    let mut results = cx
        .db
        .batch(vec![MEDIA_CLAIM.bind(claim), MEDIA_ACCOUNTS.bind(params())])
        .await?
        .into_iter();
    let claimed = claimed_of(results.next().unwrap_or_default())?;
    if claimed.is_empty() {
        return Ok(());
    }
    let accounts = accounts_of(&cx_of, results.next().unwrap_or_default());
    let mut fetched = Vec::new();
    for one in &claimed {
        let account = accounts.iter().find(|a| a.id == one.source.channel_id);
        fetched.push(match account {
            _ if one.tries > MAX_TRIES => Err(Trouble::lasting("It was tried too often.")),
            Some(account) if account.is_opened => fetch(&cx_of, account, one).await,
            Some(_) => Err(Trouble::passing("The account's secrets cannot be opened.")),
            None => Err(Trouble::lasting("The account is no longer connected.")),
        });
    }
    let stored: Vec<bool> = fetched.iter().map(Result::is_ok).collect();
    settle(&cx_of, &told, &claimed, fetched).await?;
    cx.wake_also(cx_of.wakes.take());
    for (one, _) in claimed.iter().zip(stored).filter(|(_, stored)| *stored) {
        let account = accounts.iter().find(|a| a.id == one.source.channel_id);
        if let Some(account) = account.filter(|account| account.deletes_media) {
            delete(&cx_of, account, one).await;
        }
    }
    if let Some(note) = cx_of.note.take() {
        cx.note.replace(Some(note));
    }
    Ok(())
}

/// Writes down what came of the fetches, with the event in the same transaction.
async fn settle(
    cx: &Context<'_>,
    told: &Message,
    claimed: &[Claimed],
    fetched: Vec<Result<Ready, Trouble>>,
) -> Result<(), Error> {
    let rows = claimed.iter().zip(fetched);
    let rows: Vec<_> = rows.map(|(one, came)| settled(cx, one, came)).collect();
    let has_arrived = rows.iter().any(|row| row.2 == "ready");
    let ids: Vec<_> = claimed.iter().map(|one| one.id.as_str()).collect();
    let json = |text: serde_json::Result<String>| text.map_err(Error::internal);
    let (business, message): (Value, Value) = (
        told.business_id.as_str().into(),
        told.message_id.as_str().into(),
    );
    let now: Value = cx.now.micros().into();
    let arrived: Value = i64::from(has_arrived).into();
    let results = cx
        .db
        .batch(vec![
            MEDIA_SETTLE.bind(vec![
                business.clone(),
                message.clone(),
                json(serde_json::to_string(&rows))?.into(),
            ]),
            MEDIA_EVENT.bind(vec![
                business.clone(),
                message.clone(),
                cx.ids.next().into(),
                MESSAGE_UPDATED.as_str().into(),
                now.clone(),
                arrived.clone(),
            ]),
            MEDIA_RELEASE.bind(vec![business.clone(), message, now, arrived]),
            MEDIA_GONE.bind(vec![business, json(serde_json::to_string(&ids))?.into()]),
        ])
        .await?;
    for id in results
        .last()
        .into_iter()
        .flatten()
        .filter_map(|row| row.first())
    {
        let key = blob_key(&told.business_id, id.as_text().unwrap_or_default());
        cx.outside.blobs.delete(&key).await?;
    }
    if rows.iter().any(|row| row.2 != "pending") {
        cx.wake(Queue::Events, told.business_id.as_str());
    }
    if let Some(due_at) = rows.iter().filter_map(|row| row.7).min() {
        let delay = (due_at - cx.now.micros()).div_euclid(SECOND);
        let again = media_message(&told.business_id, &told.message_id);
        cx.wake_after(
            Queue::Media,
            again,
            u32::try_from(delay).unwrap_or_default(),
        );
    }
    Ok(())
}

fn settled<'c>(cx: &Context<'_>, one: &'c Claimed, came: Result<Ready, Trouble>) -> Settled<'c> {
    let (id, tries) = (one.id.as_str(), one.tries);
    let trouble = match came {
        Ok(ready) => {
            let media_type = Some(ready.media_type);
            let (size, sha256) = (Some(ready.size), Some(ready.sha256));
            return Settled(id, tries, "ready", media_type, size, sha256, None, None);
        }
        Err(trouble) => trouble,
    };
    let tried = usize::try_from(tries - 1).unwrap_or_default();
    let delay = RETRY_SECONDS.get(tried).filter(|_| !trouble.is_final);
    let due_at = delay.map(|seconds| cx.now.plus(i64::from(*seconds) * SECOND).micros());
    let state = if due_at.is_some() {
        "pending"
    } else {
        "failed"
    };
    let reason = Some(trouble.reason);
    Settled(id, tries, state, None, None, None, reason, due_at)
}

fn accounts_of(cx: &Context<'_>, rows: Rows) -> Vec<Account> {
    let mut accounts = Vec::new();
    for row in rows {
        let mut texts = row.iter().map(|value| value.as_text().unwrap_or_default());
        let mut next = || texts.next().unwrap_or_default();
        let (id, address, sealed, kind, settings) = (next(), next(), next(), next(), next());
        let opened = Credentials::open(&cx.outside, cx.business_id(), id, sealed);
        let is_opened = opened.is_ok();
        let credentials = opened.unwrap_or_default();
        let settings = json_texts(settings).unwrap_or_default();
        let is_of_twilio = kind == ChannelKind::Sms.as_str();
        accounts.push(Account {
            id: id.to_owned(),
            address: address.to_owned(),
            is_opened,
            twilio: is_of_twilio.then(|| Api::of(&cx.outside, &settings, &credentials)),
            deletes_media: is_of_twilio
                && settings.get("delete_media").is_some_and(|on| on == "true"),
            token: credentials.access_token.unwrap_or_default(),
            api_key: credentials.api_key,
            is_email: kind == ChannelKind::Email.as_str(),
        });
    }
    accounts
}
