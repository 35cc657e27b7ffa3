//! Mail: by the webhooks of Resend and Postmark, each account at an address of its own, and by
//! Cloudflare's Email Routing.

mod fetched;
mod routing;
mod take;
mod verify;

pub use routing::{mail_receive, mails_resume};

use crate::sql::EMAIL_ID_LEARN;
use channels::{ChannelKind, ReceivingAccount, StatusUpdate, receiving_account_find};
use channels_email::{MailSender, PostmarkEvent, ResendEvent};
use common::context::Context;
use common::http::{Error, Kind};
use common::json::written::quoted;
use messaging::messages::{Received, receive_with};
use receivers::Receipt;
use receivers::parked;
use take::{MailAccount, Parts, take};
use verify::verify;

/// Most kept deliveries that one run of the cron tries.
const MOST_AT_ONCE: usize = 20;

/// Takes in what the provider of an account posts: a mail, or news of one of ours.
///
/// # Errors
/// 404 for no such account, or one whose provider posts nothing; 401 for a signature, or a password,
/// that is not the account's; 400 for what is no JSON; 413 for more than its provider sends; 503
/// where nothing could take it.
pub async fn delivery_receive(
    cx: &Context<'_>,
    channel_id: &str,
    body: &[u8],
) -> Result<Receipt, Error> {
    let account = account_of(cx, channel_id).await?;
    verify(cx, &account.1, &account.0, body)?;
    match take_in(cx, &account, body).await {
        Err(error) if error.status() == 503 => {
            let of = format!("email/{}", account.0.channel_id);
            parked::park(cx, &of, body).await?;
            let note = format!("parked: {}", error.message());
            cx.note.replace(Some(note));
            Ok(Receipt {
                kept: true,
                ..Receipt::default()
            })
        }
        taken => taken,
    }
}

/// Takes in what is parked, a part of it each minute.
///
/// # Errors
/// 503 while the database or KV is away.
pub async fn deliveries_resume(cx: &Context<'_>) -> Result<(), Error> {
    parked::replay(cx, "email", MOST_AT_ONCE, async |of, body| {
        let channel_id = of.strip_prefix("email/").unwrap_or_default();
        let account = account_of(cx, channel_id).await?;
        take_in(cx, &account, body).await.map(|_| ())
    })
    .await
}

/// An account and who posts for it.
async fn account_of(
    cx: &Context<'_>,
    channel_id: &str,
) -> Result<(ReceivingAccount, MailSender), Error> {
    let missing = || Error::new(Kind::NotFound, "There is no such account of email.");
    let found = receiving_account_find(cx, ChannelKind::Email, channel_id).await?;
    let account = found.ok_or_else(missing)?;
    let provider = MailSender::of(&account.settings).ok_or_else(missing)?;
    Ok((account, provider))
}

async fn take_in(
    cx: &Context<'_>,
    (account, provider): &(ReceivingAccount, MailSender),
    body: &[u8],
) -> Result<Receipt, Error> {
    let malformed = || Error::new(Kind::MalformedJson, "The body is not valid JSON.");
    let of_us = MailAccount::of(account);
    let business = cx.of_business(&account.business_id);
    let taken = match provider {
        MailSender::Resend => match ResendEvent::parse(body).ok_or_else(malformed)? {
            ResendEvent::Received { email_id, at } => {
                let (mail, media) = fetched::mail(cx, account, &email_id, at, body).await?;
                take(&business, &of_us, mail, Parts::Named(media)).await?
            }
            ResendEvent::Status { update, message_id } => {
                heard(&business, account, update, message_id).await?
            }
            ResendEvent::Other => false,
        },
        MailSender::Postmark => match PostmarkEvent::parse(body).ok_or_else(malformed)? {
            PostmarkEvent::Received(mail, files) => {
                take(&business, &of_us, *mail, Parts::Held(files)).await?
            }
            PostmarkEvent::Status(update) => heard(&business, account, update, None).await?,
            PostmarkEvent::Other => false,
        },
    };
    cx.wake_also(business.wakes.take());
    if let Some(note) = business.note.take() {
        cx.note.replace(Some(note));
    }
    Ok(Receipt {
        received: usize::from(taken),
        ignored: usize::from(!taken),
        kept: false,
    })
}

/// News of a mail of ours, and by which id answers will name it.
async fn heard(
    cx: &Context<'_>,
    account: &ReceivingAccount,
    update: StatusUpdate,
    message_id: Option<String>,
) -> Result<bool, Error> {
    let learnt = message_id.map(|message_id| {
        let (message_id, provider_id) = (quoted(&message_id), quoted(&update.provider_id));
        EMAIL_ID_LEARN.bind(vec![
            cx.business_id().into(),
            account.channel_id.as_str().into(),
            format!("[[{message_id},{provider_id}]]").into(),
            cx.now.micros().into(),
        ])
    });
    let received = Received {
        channel_id: &account.channel_id,
        channel: ChannelKind::Email,
        messages: &[],
        statuses: &[update],
    };
    receive_with(cx, received, learnt.into_iter().collect()).await?;
    Ok(true)
}
