use crate::envelope::{Accounts, EnvelopeAccount, envelope_account, known_account, mail_of};
use crate::intake::{Parts, take};
use crate::posts::take_in;
use crate::verify::{max_bytes, verify, verify_head};
use channels::{
    AccountKind, ReceivingAccount, parked_account_find, receiving_account_check,
    receiving_account_find,
};
use channels_email::MailSender;
use common::Context;
use common::http::{Error, Kind, Request, Response, Result};
use receivers::large::{HeldBody, body_read};
use receivers::{Receipt, parked};

/// Largest mail that is read, in bytes: what Email Routing takes (channels.md §6.2).
const MAX_MAIL_BYTES: usize = 25 * 1024 * 1024;
/// Most parked deliveries, and mails, that one run of the cron tries.
const MAX_RESUMED: usize = 20;
/// What mails are parked as, before the account's id.
const MIME: &str = "mime/";
/// In its place where the account could not be asked for.
const ANY: &str = "any";
/// What a sender is told whose mail nobody here gets.
const UNKNOWN: &str = "There is no such mailbox here.";
/// What a sender is told whose mail is larger than we take.
const TOO_LARGE: &str = "The message is larger than 25 MiB.";

/// `POST /webhook-email/{id}` (Resend or Postmark, for the account `id`)
///
/// 1. Finds the account and its provider: 404, and 429 for a sender who names too many that nobody has.
/// 2. Verifies the provider, as far as that goes before the body is read, and then by it. Resend:
///    `svix-signature` over the bytes as they came, not older than five minutes. Postmark: the password of
///    the URL. 401; 413 for more than the provider sends. What the cached account refuses is checked once
///    more with the account as it is now.
/// 3. A mail becomes a message of its customer's, once; of Resend it is fetched first. News of a mail
///    of ours moves its status. 200 with counts; 400 for what is no JSON.
/// 4. With the database or Resend's API away, parks the delivery for later: 200. 503 where not even
///    that succeeds, so that the provider sends it again; also while another large mail is taken in.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    // 1.
    let id = request.id.as_deref().unwrap_or_default();
    let account = receiving_account_find(cx, AccountKind::Email, id).await?;
    let account = account.ok_or_else(missing)?;

    // 2.
    let check = |account: &ReceivingAccount| {
        let provider = MailSender::of(&account.settings).ok_or_else(missing)?;
        verify_head(cx, &provider, account)?;
        Ok(max_bytes(&provider))
    };
    let checked = receiving_account_check(cx, account, check).await?;
    let (account, max_bytes) = checked.ok_or_else(missing)?;
    let body = body_read(cx, "", max_bytes).await?;
    let check = |account: &ReceivingAccount| {
        let provider = MailSender::of(&account.settings).ok_or_else(missing)?;
        verify(cx, &provider, account, &body)?;
        Ok(provider)
    };
    let checked = receiving_account_check(cx, account, check).await?;
    let (account, provider) = checked.ok_or_else(missing)?;

    // 3.
    let receipt = match take_in(cx, &account, &provider, &body).await {
        // 4.
        Err(error) if error.is_unavailable() => {
            let of = format!("email/{}", account.channel_id);
            parked::park(cx, &of, &body).await?;
            let note = format!("parked: {}", error.message());
            cx.note(note);
            Receipt {
                kept: true,
                ..Receipt::default()
            }
        }
        taken => taken?,
    };
    Ok(Response::json(200, &receipt))
}

fn missing() -> Error {
    Error::new(Kind::NotFound, "There is no such account of email.")
}

/// A mail that Cloudflare's Email Routing hands over: its envelope is `from` and `to`, each on a line.
/// Answers why the mail is turned away, or an empty text.
///
/// 1. Finds the account of `to`, with or without a tag, or by the signature of a reply address. Where
///    there is none, says why the mail is turned away, which its sender is told.
/// 2. Reads the mail.
/// 3. Takes it in as a message of its customer's, once; keeps it as it came up to 5 MiB, stores its
///    files.
/// 4. With the database away, parks it for later, for the account if it was found. Fails where not even
///    that succeeds, so that the sender's server comes again.
pub async fn receive(cx: &Context<'_>, envelope: &str) -> Result<String> {
    // 1.
    let (_, to) = envelope.split_once('\n').unwrap_or_default();
    let found = envelope_account(cx, to, Accounts::Active).await;
    if let Ok(None) = found {
        return Ok(UNKNOWN.to_owned());
    }

    // 2.
    let read = body_read(cx, &format!("{envelope}\n"), MAX_MAIL_BYTES).await;
    let body = match read {
        Err(error) if error.kind() == Kind::BodyTooLarge => return Ok(TOO_LARGE.to_owned()),
        read => read?,
    };

    // 3.
    let (of, taken) = match found {
        Ok(Some(account)) => {
            let taken = mail_take_in(cx, &account, envelope, &body).await;
            (account.channel_id.to_string(), taken)
        }
        Ok(None) => (ANY.to_owned(), Ok(())),
        Err(error) => (ANY.to_owned(), Err(error)),
    };
    match taken {
        // 4.
        Err(error) if error.is_unavailable() => park(cx, &of, &body).await?,
        taken => taken?,
    }
    Ok(String::new())
}

/// Parks a mail behind its envelope, for an account or for [`ANY`].
async fn park(cx: &Context<'_>, of: &str, body: &HeldBody) -> Result<()> {
    let of = [MIME, of].concat();
    parked::park(cx, &of, body.whole()).await.map(|_| ())
}

async fn mail_take_in(
    cx: &Context<'_>,
    account: &EnvelopeAccount,
    envelope: &str,
    raw: &[u8],
) -> Result<()> {
    let (from, to) = envelope.split_once('\n').unwrap_or_default();
    let (mail, files) = mail_of(cx, from, to, raw);
    let business = cx.of_business(&account.business_id);
    let parts = Parts::Raw(files, raw);
    take(&business, &account.mail_account(), mail, parts).await?;
    Ok(())
}

/// Takes in what is still parked, a part of it each minute. 503 while the database or the parked bytes
/// are away.
///
/// 1. Deliveries of Resend and Postmark. Their account may be disabled by now, as that of a mail may.
/// 2. Mails of Email Routing. One whose account was known goes to that one, whoever has its address now:
///    404 where it is gone. Of the others, one whose address nobody here has is dropped, as it would have
///    been turned away had we known.
pub async fn resume_all(cx: &Context<'_>, _: &str) -> Result<()> {
    // 1.
    parked::replay(cx, "email", MAX_RESUMED, async |of, body| {
        let channel_id = of.strip_prefix("email/").unwrap_or_default();
        let account = parked_account_find(cx, AccountKind::Email, channel_id).await?;
        let account = account.ok_or_else(missing)?;
        let provider = MailSender::of(&account.settings).ok_or_else(missing)?;
        take_in(cx, &account, &provider, body).await.map(|_| ())
    })
    .await?;

    // 2.
    parked::replay(cx, "mime", MAX_RESUMED, async |of, body| {
        let of = of.strip_prefix(MIME).unwrap_or_default();
        let is_taken = mail_take_in_again(cx, of, body).await?;
        if !is_taken {
            cx.note("a parked mail was dropped: nobody here has its address");
        }
        Ok(())
    })
    .await?;
    Ok(())
}

/// Takes in a mail that was parked for an account or for [`ANY`]: its envelope on two lines, and its bytes.
/// `false` where nobody has its address.
async fn mail_take_in_again(cx: &Context<'_>, of: &str, body: &[u8]) -> Result<bool> {
    let mut lines = body.splitn(3, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (from, to, raw) = (line(), line(), line());
    let envelope = [from, b"\n", to].concat();
    let envelope = String::from_utf8_lossy(&envelope);
    let (_, to) = envelope.split_once('\n').unwrap_or_default();
    let account = match of {
        ANY => envelope_account(cx, to, Accounts::All).await?,
        id => Some(known_account(cx, id).await?.ok_or_else(missing)?),
    };
    let Some(account) = account else {
        return Ok(false);
    };
    mail_take_in(cx, &account, &envelope, raw).await?;
    Ok(true)
}
