//! Takes a mail in as a message.

use crate::thread::thread_of;
use channels::{ChannelKind, InboundMedia, ReceivingAccount};
use channels_email::{Mail, MailFile, Verifier, inbound_message, is_own};
use common::context::Context;
use common::http::Error;
use common::ids::{ChannelId, derived_id};
use messaging::attachments::{blob_key, clean_filename, inbound_store};
use messaging::messages::{Received, receive};

/// Largest mail that is kept as it came, in bytes.
const MAX_RAW_BYTES: usize = 5 * 1024 * 1024;

/// The account that a mail came to.
pub(crate) struct MailAccount<'a> {
    pub(crate) channel_id: &'a ChannelId,
    pub(crate) address: &'a str,
    pub(crate) reply_domain: Option<&'a str>,
    /// Who says whether a sender is who they say.
    pub(crate) verifier: Verifier,
}

impl<'a> MailAccount<'a> {
    pub(crate) fn of(account: &'a ReceivingAccount, provider: &str) -> Self {
        Self {
            channel_id: &account.channel_id,
            address: &account.address,
            reply_domain: account.settings.get("reply_domain").map(String::as_str),
            verifier: Verifier::of(provider, &account.settings),
        }
    }
}

/// What a mail carries.
pub(crate) enum Parts<'a> {
    /// It stays with the provider until it is fetched.
    Named(Vec<InboundMedia>),
    /// It came along.
    Held(Vec<MailFile>),
    /// It came along, and so did the whole mail as it was sent.
    Raw(Vec<MailFile>, &'a [u8]),
}

/// Takes a mail in for the context's business. `false` where it is left out, since it comes from the
/// account itself.
///
/// # Errors
/// 503 when the database or the stored bytes are away. It can then come again.
pub(crate) async fn take(
    cx: &Context<'_>,
    account: &MailAccount<'_>,
    mut mail: Mail,
    parts: Parts<'_>,
) -> Result<bool, Error> {
    mail.sender_verified = account.verifier.verdict(&mail);
    if is_own(&mail, account.address) {
        let note = "a mail from the account's own address was left out";
        cx.note(note);
        return Ok(false);
    }
    let provider_id = mail
        .message_id()
        .unwrap_or_else(|| mail.provider_id.clone());
    let is_stored = !matches!(parts, Parts::Named(_));
    let known_as = is_stored.then_some(provider_id.as_str());
    // A mail that is there already must not put bytes in the place of those that belong to it.
    let Some(thread) = thread_of(cx, account, &mail, known_as).await? else {
        return Ok(true);
    };
    let named = (account.channel_id, provider_id.as_str());
    let media = media_of(cx, named, &mut mail, parts).await?;
    let message = inbound_message(&mail, account.address, thread, media);
    let received = Received {
        channel_id: account.channel_id,
        channel: ChannelKind::Email,
        messages: &[message],
        statuses: &[],
    };
    receive(cx, received).await?;
    Ok(true)
}

/// The media of a mail, once what came along is stored.
async fn media_of(
    cx: &Context<'_>,
    message: (&ChannelId, &str),
    mail: &mut Mail,
    parts: Parts<'_>,
) -> Result<Vec<InboundMedia>, Error> {
    match parts {
        Parts::Named(media) => Ok(media.into_iter().map(cleaned).collect()),
        Parts::Held(files) => stored(cx, message, mail, files).await,
        Parts::Raw(files, raw) => {
            mail.raw_id = raw_store(cx, message, raw).await?;
            stored(cx, message, mail, files).await
        }
    }
}

/// Stores a mail as it was sent, unless it is too large for that. Gives its id.
async fn raw_store(
    cx: &Context<'_>,
    (channel_id, provider_id): (&ChannelId, &str),
    raw: &[u8],
) -> Result<Option<String>, Error> {
    if raw.len() > MAX_RAW_BYTES {
        return Ok(None);
    }
    let id = derived_id(&[channel_id.as_str(), provider_id, "raw"]);
    let key = blob_key(cx.business_id(), &id);
    cx.ports.blobs.put(&key, raw, None).await?;
    Ok(Some(id))
}

fn cleaned(mut media: InboundMedia) -> InboundMedia {
    media.filename = clean_filename(&media.filename, &media.mime_type);
    media
}

/// Stores what came along. What is too large for that is left out, and the mail says so.
async fn stored(
    cx: &Context<'_>,
    message: (&ChannelId, &str),
    mail: &mut Mail,
    files: Vec<MailFile>,
) -> Result<Vec<InboundMedia>, Error> {
    let mut media = Vec::with_capacity(files.len());
    let mut content_ids = Vec::new();
    for (n, file) in files.into_iter().enumerate() {
        let (name, mime_type) = (file.filename.as_deref(), file.mime_type.as_deref());
        let one = inbound_store(cx, message, n, name, mime_type, &file.bytes).await?;
        let Some(one) = one else {
            mail.is_incomplete = true;
            continue;
        };
        let cids = mail.content_ids.iter().filter(|(_, of)| *of == n);
        content_ids.extend(cids.map(|(cid, _)| (cid.clone(), media.len())));
        media.push(one);
    }
    mail.content_ids = content_ids;
    Ok(media)
}
