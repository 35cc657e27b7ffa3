use super::answer::Standing;
use super::media::key_of;
use super::outcome::{Subject, record};
use super::read::Account;
use crate::channels::outbound::{Content, MediaSource, Outbound, SendOutcome};
use crate::context::Context;
use crate::time::Timestamp;

/// How soon bytes are looked for again that are not there: stored elsewhere, they take a while to be
/// everywhere.
const BYTES_SECONDS: u32 = 5;

/// One try at one message, which is ours to send.
pub(super) struct Attempt<'a> {
    pub(super) message_id: &'a str,
    pub(super) outbound: &'a Outbound,
    pub(super) account: &'a Account,
    /// Tries before this one.
    pub(super) tries: i64,
    pub(super) stored_at: Timestamp,
}

/// Asks the provider, and records what came of it.
pub(super) async fn attempt(cx: &Context<'_>, attempt: &Attempt<'_>) -> Standing {
    let outcome = match sent(cx, attempt).await {
        Ok(outcome) | Err(outcome) => outcome,
    };
    let subject = Subject {
        message_id: attempt.message_id,
        channel_id: &attempt.account.id,
        tries: attempt.tries,
        stored_at: attempt.stored_at,
    };
    record(cx, &subject, outcome).await
}

/// `Err` is an outcome too, of what ended before the message was on its way.
async fn sent(cx: &Context<'_>, attempt: &Attempt<'_>) -> Result<SendOutcome, SendOutcome> {
    let account = attempt.account;
    let media_id = uploaded(cx, attempt).await?;
    let request = account.adapter.shape(
        &cx.outside,
        &account.token(),
        attempt.message_id,
        attempt.outbound,
        media_id.as_deref(),
    );
    let answered = cx.outside.http.fetch(request).await;
    Ok(account.adapter.classify(&answered))
}

/// Leaves the medium's bytes with the provider, where we have them.
async fn uploaded(cx: &Context<'_>, attempt: &Attempt<'_>) -> Result<Option<String>, SendOutcome> {
    let Content::Media(media) = &attempt.outbound.content else {
        return Ok(None);
    };
    let MediaSource::Stored {
        attachment_id,
        mime_type,
    } = &media.source
    else {
        return Ok(None);
    };
    let bytes = cx.outside.blobs.get(&key_of(cx, attachment_id)).await;
    let Ok(Some(bytes)) = bytes else {
        return Err(SendOutcome::Again {
            after_seconds: BYTES_SECONDS,
            most_tries: None,
            code: "attachment_unavailable".into(),
            message: "The attachment's bytes cannot be read just now.".into(),
        });
    };
    let account = attempt.account;
    let request = account
        .adapter
        .upload(&cx.outside, &account.token(), media, mime_type, &bytes);
    drop(bytes);
    let answered = cx.outside.http.fetch(request).await;
    account.adapter.uploaded(&answered).map(Some)
}
