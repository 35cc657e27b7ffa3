use super::adapters::adapter;
use super::answer::SendState;
use super::media::key_of;
use super::outcome::{Subject, record};
use super::read::Account;
use crate::sending::later;
use channels::outbound::{
    Adapter, Media, MediaRef, MediaSource, MediaTransfer, Outbound, Outgoing, SendOutcome,
    SendingAccount,
};
use channels::outcomes::refused;
use channels::{Capabilities, Credentials};
use common::context::Context;
use common::ids::MessageId;
use common::in_flight::{Held, hold};
use common::json::raw::texts;
use common::time::Timestamp;
use messaging::attachments::{MAX_MEDIA_BYTES, bytes_get, download_url};
pub use messaging::messages::send::window::Window;

/// How soon bytes are looked for again that are not there: stored elsewhere, they take a while to be
/// everywhere.
const BYTES_SECONDS: u32 = 5;

/// One attempt at a message that this request has claimed.
pub(super) struct Attempt<'a> {
    pub(super) message_id: &'a MessageId,
    pub(super) outbound: &'a Outbound,
    pub(super) account: &'a Account,
    /// Tries before this one.
    pub(super) tries: i64,
    /// When the customer last wrote.
    pub(super) last_inbound: Option<i64>,
    pub(super) stored_at: Timestamp,
}

/// Asks the provider, and records what came of it.
pub(super) async fn attempt(cx: &Context<'_>, attempt: &Attempt<'_>) -> SendState {
    let began = later(cx);
    let (outcome, segments) = match sent(cx, attempt).await {
        Ok(sent) => sent,
        Err(outcome) => (outcome, None),
    };
    let subject = Subject {
        message_id: attempt.message_id,
        channel_id: &attempt.account.id,
        kind: Some(attempt.account.kind),
        began,
        tries: attempt.tries,
        stored_at: attempt.stored_at,
        segments,
    };
    record(cx, &subject, outcome).await
}

/// What came of it, and how many segments the provider counted. `Err` is an outcome too, of what
/// ended before the message was on its way.
async fn sent(
    cx: &Context<'_>,
    attempt: &Attempt<'_>,
) -> Result<(SendOutcome, Option<u32>), SendOutcome> {
    let kind = attempt.account.kind;
    let adapter = adapter(kind).ok_or_else(|| SendOutcome::Refused {
        code: "unsendable".into(),
        message: "Nothing can be sent by accounts of this kind.".into(),
        is_of_account: false,
    })?;
    let account = attempt.account.opened(cx)?;
    let media = attempt.outbound.content.media();
    let _held = held(cx, adapter, media)?;
    let mut media_refs = Vec::new();
    for media in media {
        media_refs.push(pass(cx, adapter, &account, media).await?);
    }
    let takes = Capabilities::of(kind);
    let window = Window::at(cx.now, takes, &account.settings, attempt.last_inbound);
    let outgoing = Outgoing {
        message_id: attempt.message_id,
        outbound: attempt.outbound,
        media_refs: &media_refs,
        is_late: window != Window::Open,
    };
    let request = adapter.shape(&cx.ports, &account, &outgoing);
    let answered = cx.ports.http.fetch(request).await;
    let outcome = adapter.classify(&account, &answered);
    Ok((outcome, adapter.segments(&answered)))
}

impl Account {
    /// With its secrets.
    pub(super) fn opened(&self, cx: &Context<'_>) -> Result<SendingAccount, SendOutcome> {
        let credentials = self.credentials.as_deref().and_then(|sealed| {
            Credentials::open(&cx.ports, cx.business_id(), &self.id, sealed).ok()
        });
        let credentials = credentials.ok_or_else(|| {
            let message = "The channel account's credentials are missing or cannot be opened.";
            refused("channel_credentials", message, false)
        })?;
        Ok(SendingAccount {
            channel_id: self.id.clone(),
            address: self.address.clone(),
            settings: texts(&self.settings).unwrap_or_default(),
            credentials,
        })
    }
}

/// Counts the bytes of all media that go through this isolate, at once: two messages that each had some of
/// theirs could wait for each other.
fn held(
    cx: &Context<'_>,
    adapter: &dyn Adapter,
    media: &[Media],
) -> Result<Option<Held>, SendOutcome> {
    if adapter.media_transfer() == MediaTransfer::Linked {
        return Ok(None);
    }
    let sizes = media.iter().filter_map(|media| match &media.source {
        MediaSource::Link(_) => None,
        MediaSource::Stored { size, .. } => Some(size.unwrap_or(MAX_MEDIA_BYTES)),
    });
    let bytes: usize = sizes.sum();
    let held = (bytes > 0).then(|| hold(bytes, cx.time_now())).transpose();
    held.map_err(|_| unavailable())
}

/// Gets a medium to the provider, in its way.
async fn pass(
    cx: &Context<'_>,
    adapter: &dyn Adapter,
    account: &SendingAccount,
    media: &Media,
) -> Result<MediaRef, SendOutcome> {
    let (attachment_id, mime_type, size) = match &media.source {
        MediaSource::Link(url) => return Ok(MediaRef::Link(url.clone())),
        MediaSource::Stored {
            attachment_id,
            mime_type,
            size,
        } => (attachment_id, mime_type, *size),
    };
    if adapter.media_transfer() == MediaTransfer::Linked {
        let link = download_url(&cx.ports, attachment_id, cx.now);
        return link.map(MediaRef::Link).map_err(|_| unavailable());
    }
    let bytes = bytes_get(cx, &key_of(cx, attachment_id), size).await;
    let Ok(Some(bytes)) = bytes else {
        return Err(unavailable());
    };
    let upload = adapter.upload(&cx.ports, account, media, mime_type, &bytes);
    let Some(request) = upload else {
        return Ok(MediaRef::Bytes(bytes));
    };
    drop(bytes);
    let answered = cx.ports.http.fetch(request).await;
    adapter.uploaded(&answered).map(MediaRef::Id)
}

fn unavailable() -> SendOutcome {
    SendOutcome::Again {
        after_seconds: BYTES_SECONDS,
        max_tries: None,
        code: "attachment_unavailable".into(),
        message: "The attachment's bytes cannot be read just now.".into(),
    }
}
