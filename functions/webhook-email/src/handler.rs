use crate::envelope::{envelope_account, mail_of};
use crate::intake::{Parts, take};
use crate::posts::take_in;
use crate::verify::verify;
use channels::{ChannelKind, ReceivingAccount, receiving_account_check, receiving_account_find};
use channels_email::MailSender;
use common::Context;
use common::http::{Error, Kind, Request, Response, Result};
use receivers::{Receipt, parked};

/// Most parked deliveries, and mails, that one run of the cron tries.
const MAX_RESUMED: usize = 20;
/// What a sender is told whose mail nobody here gets.
const UNKNOWN: &str = "There is no such mailbox here.";

/// `POST /webhook-email/{id}` (Resend or Postmark, for the account `id`)
///
/// 1. Finds the account and its provider: 404.
/// 2. Verifies the provider. Resend: `svix-signature` over the bytes as they came, not older than five
///    minutes. Postmark: the password of the URL. 401; 413 for more than the provider sends. What the
///    cached account refuses is checked once more with the account as it is now.
/// 3. A mail becomes a message of its customer's, once; of Resend it is fetched first. News of a mail
///    of ours moves its status. 200 with counts; 400 for what is no JSON.
/// 4. With the database or Resend's API away, parks the delivery for later: 200. 503 where not even
///    that succeeds, so that the provider sends it again.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    // 1.
    let id = request.id.as_deref().unwrap_or_default();
    let (account, _) = account_of(cx, id).await?;

    // 2.
    let check = |account: &ReceivingAccount| {
        let provider = MailSender::of(&account.settings).ok_or_else(missing)?;
        verify(cx, &provider, account, &request.body)?;
        Ok(provider)
    };
    let checked = receiving_account_check(cx, account, check).await?;
    let (account, provider) = checked.ok_or_else(missing)?;

    // 3.
    let receipt = match take_in(cx, &account, &provider, &request.body).await {
        // 4.
        Err(error) if error.is_unavailable() => {
            let of = format!("email/{}", account.channel_id);
            parked::park(cx, &of, &request.body).await?;
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

/// An account and who posts for it.
async fn account_of(cx: &Context<'_>, channel_id: &str) -> Result<(ReceivingAccount, MailSender)> {
    let found = receiving_account_find(cx, ChannelKind::Email, channel_id).await?;
    let account = found.ok_or_else(missing)?;
    let provider = MailSender::of(&account.settings).ok_or_else(missing)?;
    Ok((account, provider))
}

fn missing() -> Error {
    Error::new(Kind::NotFound, "There is no such account of email.")
}

/// A mail that Cloudflare's Email Routing hands over: its envelope (`from` and `to`, each on a line)
/// and its bytes. Answers why the mail is turned away, or an empty text.
///
/// 1. Finds the account of `to`, with or without a tag, or by the signature of a reply address. Where
///    there is none, says why the mail is turned away, which its sender is told.
/// 2. Reads the mail.
/// 3. Takes it in as a message of its customer's, once; keeps it as it came up to 5 MiB, stores its
///    files.
/// 4. With the database away, parks it for later. Fails where not even that succeeds, so that the
///    sender's server comes again.
pub async fn receive(cx: &Context<'_>, envelope: &str, raw: &[u8]) -> Result<String> {
    match mail_take_in(cx, envelope, raw).await {
        // 4.
        Err(error) if error.is_unavailable() => {
            let body = [envelope.as_bytes(), b"\n", raw].concat();
            parked::park(cx, "mime/any", &body).await?;
            Ok(String::new())
        }
        taken => taken,
    }
}

/// The steps 1 to 3 of [`receive`].
async fn mail_take_in(cx: &Context<'_>, envelope: &str, raw: &[u8]) -> Result<String> {
    // 1.
    let (from, to) = envelope.split_once('\n').unwrap_or_default();
    let Some(account) = envelope_account(cx, to).await? else {
        return Ok(UNKNOWN.to_owned());
    };

    // 2.
    let (mail, files) = mail_of(cx, from, to, raw);

    // 3.
    let business = cx.of_business(&account.business_id);
    let parts = Parts::Raw(files, raw);
    let taken = take(&business, &account.mail_account(), mail, parts).await;
    taken.map(|_| String::new())
}

/// Takes in what is still parked, a part of it each minute. 503 while the database or the parked bytes
/// are away.
///
/// 1. Deliveries of Resend and Postmark.
/// 2. Mails of Email Routing. One whose address nobody here has is dropped, as it would have been
///    turned away had we known.
pub async fn resume_all(cx: &Context<'_>, _: &str) -> Result<()> {
    // 1.
    parked::replay(cx, "email", MAX_RESUMED, async |of, body| {
        let channel_id = of.strip_prefix("email/").unwrap_or_default();
        let (account, provider) = account_of(cx, channel_id).await?;
        take_in(cx, &account, &provider, body).await.map(|_| ())
    })
    .await?;

    // 2.
    parked::replay(cx, "mime", MAX_RESUMED, async |_, body| {
        let refusal = mail_take_in_again(cx, body).await?;
        if !refusal.is_empty() {
            let note = format!("a parked mail was dropped: {refusal}");
            cx.note(note);
        }
        Ok(())
    })
    .await
}

/// Takes in a parked mail: its envelope on two lines, and its bytes.
async fn mail_take_in_again(cx: &Context<'_>, body: &[u8]) -> Result<String> {
    let mut lines = body.splitn(3, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (from, to, raw) = (line(), line(), line());
    let envelope = [from, b"\n", to].concat();
    mail_take_in(cx, &String::from_utf8_lossy(&envelope), raw).await
}
