//! Mail that Cloudflare's Email Routing hands over as it was sent.

use super::MOST_AT_ONCE;
use super::take::{MailAccount, Parts, take};
use crate::sql::{ACCOUNT_BY_EMAIL, ACCOUNTS_BY_REPLY_DOMAIN};
use channels_email::{Mail, ReplyAccount, mail_of_mime, without_tag};
use common::context::Context;
use common::db::{Row, Value};
use common::http::Error;
use common::json::Fields;
use common::json::raw::texts;
use common::signatures::sha256_hex;
use receivers::parked;

/// What a sender is told whose mail nobody here gets.
const UNKNOWN: &str = "There is no such mailbox here.";

/// Takes in a mail by its envelope (`from` and `to`, each on a line) and its bytes. Why it is turned
/// away, where it is; empty where it is taken, or kept to be taken in later.
///
/// # Errors
/// 503 where nothing could take it; the sender's server then comes again.
pub async fn mail_receive(cx: &Context<'_>, envelope: &str, raw: &[u8]) -> Result<String, Error> {
    match take_in(cx, envelope, raw).await {
        Err(error) if error.status() == 503 => {
            let body = [envelope.as_bytes(), b"\n", raw].concat();
            parked::park(cx, "mime/any", &body).await?;
            Ok(String::new())
        }
        taken => taken,
    }
}

/// Takes in what is parked, a part of it each minute.
///
/// # Errors
/// 503 while the database or KV is away.
pub async fn mails_resume(cx: &Context<'_>) -> Result<(), Error> {
    parked::replay(cx, "mime", MOST_AT_ONCE, async |_, body| {
        let reason = resume(cx, body).await?;
        // Nobody here has the address: what its sender would have been told had we known.
        if !reason.is_empty() {
            let note = format!("a parked mail was dropped: {reason}");
            cx.note.replace(Some(note));
        }
        Ok(())
    })
    .await
}

async fn resume(cx: &Context<'_>, body: &[u8]) -> Result<String, Error> {
    let mut lines = body.splitn(3, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (from, to, raw) = (line(), line(), line());
    let envelope = [from, b"\n", to].concat();
    take_in(cx, &String::from_utf8_lossy(&envelope), raw).await
}

async fn take_in(cx: &Context<'_>, envelope: &str, raw: &[u8]) -> Result<String, Error> {
    let (from, to) = envelope.split_once('\n').unwrap_or_default();
    let Some(account) = account_of(cx, to).await? else {
        return Ok(UNKNOWN.to_owned());
    };
    let (mut mail, files) = mail_of_mime(raw).unwrap_or_else(|| {
        let nothing = Mail {
            is_incomplete: true,
            ..Mail::default()
        };
        (nothing, Vec::new())
    });
    mail.provider_id = format!("sha256:{}", sha256_hex(raw));
    mail.envelope_from = Some(from.to_owned());
    mail.envelope_to = vec![to.to_ascii_lowercase()];
    mail.received_at = Some(cx.now);
    let business = cx.of_business(&account.business_id);
    let of_us = MailAccount {
        channel_id: &account.channel_id,
        address: &account.address,
        reply_domain: account.reply_domain.as_deref(),
    };
    let taken = take(&business, &of_us, mail, Parts::Raw(files, raw)).await;
    cx.wake_also(business.wakes.take());
    if let Some(note) = business.note.take() {
        cx.note.replace(Some(note));
    }
    taken.map(|_| String::new())
}

/// An account as the envelope finds it.
struct Found {
    business_id: String,
    channel_id: String,
    address: String,
    reply_domain: Option<String>,
}

/// The account of an address: that which has it, with or without its tag, or the one that signed it
/// below a domain of its own. Only accounts whose mail Cloudflare routes: the others would get it
/// twice.
async fn account_of(cx: &Context<'_>, to: &str) -> Result<Option<Found>, Error> {
    let to = to.trim().to_ascii_lowercase();
    let Some((_, domain)) = to.rsplit_once('@') else {
        return Ok(None);
    };
    let (bare, tag) = without_tag(&to);
    let mut statements = vec![
        ACCOUNT_BY_EMAIL.bind(vec![to.as_str().into()]),
        ACCOUNTS_BY_REPLY_DOMAIN.bind(vec![domain.into()]),
    ];
    if tag.is_some() {
        statements.insert(1, ACCOUNT_BY_EMAIL.bind(vec![bare.into()]));
    }
    let mut results = cx.db.batch(statements).await?;
    let by_domain = results.pop().unwrap_or_default();
    if let Some(found) = results.into_iter().flatten().find_map(found) {
        return Ok(Some(found));
    }
    for account in by_domain.into_iter().filter_map(found) {
        let signed = ReplyAccount {
            business_id: &account.business_id,
            channel_id: &account.channel_id,
            address: &account.address,
            reply_domain: account.reply_domain.as_deref(),
        };
        if signed.customer_of(&cx.outside, &to)?.is_some() {
            return Ok(Some(account));
        }
    }
    Ok(None)
}

fn found(row: Row) -> Option<Found> {
    let mut columns = row.into_iter().map(Value::into_text);
    let mut next = || columns.next().flatten();
    let (business_id, channel_id, address) = (next()?, next()?, next()?);
    let settings: Fields<String> = texts(&next()?)?;
    let is_routed = settings
        .get("provider")
        .is_some_and(|by| by == "cloudflare");
    is_routed.then(|| Found {
        business_id,
        channel_id,
        address,
        reply_domain: settings.get("reply_domain").cloned(),
    })
}
