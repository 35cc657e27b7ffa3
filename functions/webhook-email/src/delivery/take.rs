use crate::sql::{EMAIL_KNOWN, EMAIL_THREAD};
use channels::{ChannelKind, InboundMedia, ReceivingAccount};
use channels_email::{Mail, MailFile, ReplyAccount, Thread, inbound_message, is_own, postmark_id};
use common::context::Context;
use common::db::Value;
use common::http::Error;
use common::ids::derived_id;
use messaging::attachments::{blob_key, clean_filename, inbound_store};
use messaging::messages::{Received, receive};

/// Largest mail that is kept as it came, in bytes.
const MAX_RAW_BYTES: usize = 5 * 1024 * 1024;
/// Most of a mail's recipients that are looked at.
const MAX_RECIPIENTS: usize = 50;
/// Most ids of a thread that are looked for, the newest ones.
const MAX_REFERENCES: usize = 20;

/// The account that a mail came to.
pub(super) struct MailAccount<'a> {
    pub(super) channel_id: &'a str,
    pub(super) address: &'a str,
    pub(super) reply_domain: Option<&'a str>,
}

impl<'a> MailAccount<'a> {
    pub(super) fn of(account: &'a ReceivingAccount) -> Self {
        Self {
            channel_id: &account.channel_id,
            address: &account.address,
            reply_domain: account.settings.get("reply_domain").map(String::as_str),
        }
    }
}

/// What a mail carries.
pub(super) enum Parts<'a> {
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
pub(super) async fn take(
    cx: &Context<'_>,
    account: &MailAccount<'_>,
    mut mail: Mail,
    parts: Parts<'_>,
) -> Result<bool, Error> {
    if is_own(&mail, account.address) {
        let note = "a mail from the account's own address was left out";
        cx.note.replace(Some(note.to_owned()));
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
    let named = [account.channel_id, provider_id.as_str()];
    let media = match parts {
        Parts::Named(media) => media.into_iter().map(cleaned).collect(),
        Parts::Held(files) => stored(cx, named, &mut mail, files).await?,
        Parts::Raw(files, raw) => {
            if raw.len() <= MAX_RAW_BYTES {
                let id = derived_id(&[account.channel_id, &provider_id, "raw"]);
                let key = blob_key(cx.business_id(), &id);
                cx.outside.blobs.put(&key, raw, None).await?;
                mail.raw_id = Some(id);
            }
            stored(cx, named, &mut mail, files).await?
        }
    };
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

fn cleaned(mut media: InboundMedia) -> InboundMedia {
    media.filename = clean_filename(&media.filename, &media.mime_type);
    media
}

/// Stores what came along. What is too large for that is left out, and the mail says so.
async fn stored(
    cx: &Context<'_>,
    message: [&str; 2],
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

/// Whose a mail is, and what it answers: by the signed address it was sent to, else by the ids of its
/// thread (channels.md §7.2). `None` where `known_as` is given and names a mail that is there.
async fn thread_of(
    cx: &Context<'_>,
    account: &MailAccount<'_>,
    mail: &Mail,
    known_as: Option<&str>,
) -> Result<Option<Thread>, Error> {
    let signed = ReplyAccount {
        business_id: cx.business_id(),
        channel_id: account.channel_id,
        address: account.address,
        reply_domain: account.reply_domain,
    };
    let mut customer_id = None;
    for recipient in mail.recipients().take(MAX_RECIPIENTS) {
        if customer_id.is_none() {
            customer_id = signed.customer_of(&cx.outside, recipient)?;
        }
    }
    let ids = references(mail);
    let (business, channel) = (
        Value::from(cx.business_id()),
        Value::from(account.channel_id),
    );
    let of = |last: Value| vec![business.clone(), channel.clone(), last];
    let mut statements = Vec::new();
    if let Some(known_as) = known_as {
        statements.push(EMAIL_KNOWN.bind(of(known_as.into())));
    }
    if !ids.is_empty() {
        let ids = serde_json::to_string(&ids).map_err(Error::internal)?;
        statements.push(EMAIL_THREAD.bind(of(ids.into())));
    }
    if statements.is_empty() {
        return Ok(Some(Thread {
            customer_id,
            answered: None,
        }));
    }
    let mut results = cx.db.batch(statements).await?.into_iter();
    if known_as.is_some() && results.next().is_some_and(|rows| !rows.is_empty()) {
        return Ok(None);
    }
    let row = results.next().and_then(|rows| rows.into_iter().next());
    let mut texts = row.into_iter().flatten().map(Value::into_text);
    let (of_thread, answered) = (texts.next().flatten(), texts.next().flatten());
    let is_theirs = customer_id.is_none() || customer_id == of_thread;
    Ok(Some(Thread {
        customer_id: customer_id.or(of_thread),
        answered: answered.filter(|_| is_theirs),
    }))
}

/// The ids to look for, what is answered first. A mail that is passed on answers none: whoever passes
/// it on begins anew.
fn references(mail: &Mail) -> Vec<String> {
    if mail.is_forward() {
        return Vec::new();
    }
    let mut ids = Vec::new();
    for id in mail.references().into_iter().rev().take(MAX_REFERENCES) {
        let ours = postmark_id(&id).map(str::to_owned);
        ids.push(id);
        ids.extend(ours);
    }
    ids
}
