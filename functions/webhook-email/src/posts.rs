//! Webhooks of email providers: a mail, or a status of an outbound mail.

use crate::intake::{MailAccount, Parts, take};
use crate::resend::mail_fetch;
use crate::sql::EMAIL_ID_LEARN;
use channels::{ChannelKind, ReceivingAccount, StatusUpdate};
use channels_email::{MailSender, PostmarkEvent, ResendEvent};
use common::context::Context;
use common::http::{Error, Kind};
use common::json::writer::quoted;
use messaging::messages::{Received, receive_with};
use receivers::Receipt;

/// Ingests a webhook of an account, after verification.
///
/// # Errors
/// 400 for invalid JSON; 503 when the database or Resend's API is away.
pub(crate) async fn take_in(
    cx: &Context<'_>,
    account: &ReceivingAccount,
    provider: &MailSender,
    body: &[u8],
) -> Result<Receipt, Error> {
    let business = cx.of_business(&account.business_id);
    let taken = match provider {
        MailSender::Resend => of_resend(&business, account, body).await?,
        MailSender::Postmark => of_postmark(&business, account, body).await?,
    };
    Ok(Receipt {
        received: usize::from(taken),
        ignored: usize::from(!taken),
        kept: false,
    })
}

/// Whether anything was ingested. Resend announces a mail, which is fetched here.
async fn of_resend(
    cx: &Context<'_>,
    account: &ReceivingAccount,
    body: &[u8],
) -> Result<bool, Error> {
    match ResendEvent::parse(body).ok_or_else(malformed)? {
        ResendEvent::Received { email_id, at } => {
            let (mail, media) = mail_fetch(cx, account, &email_id, at, body).await?;
            let account = MailAccount::of(account, "resend");
            take(cx, &account, mail, Parts::Named(media)).await
        }
        ResendEvent::Status { update, message_id } => {
            status_update(cx, account, update, message_id).await
        }
        ResendEvent::Other => Ok(false),
    }
}

/// Whether anything was ingested. Postmark sends a mail with its files.
async fn of_postmark(
    cx: &Context<'_>,
    account: &ReceivingAccount,
    body: &[u8],
) -> Result<bool, Error> {
    match PostmarkEvent::parse(body).ok_or_else(malformed)? {
        PostmarkEvent::Received(mail, files) => {
            let account = MailAccount::of(account, "postmark");
            take(cx, &account, *mail, Parts::Held(files)).await
        }
        PostmarkEvent::Status(update) => status_update(cx, account, update, None).await,
        PostmarkEvent::Other => Ok(false),
    }
}

#[track_caller]
fn malformed() -> Error {
    Error::new(Kind::MalformedJson, "The body is not valid JSON.")
}

/// Moves the status of a mail of ours, and learns the id by which answers will name it.
async fn status_update(
    cx: &Context<'_>,
    account: &ReceivingAccount,
    update: StatusUpdate,
    message_id: Option<String>,
) -> Result<bool, Error> {
    let learnt = message_id.map(|message_id| {
        let (message_id, provider_id) = (quoted(&message_id), quoted(&update.provider_id));
        EMAIL_ID_LEARN.bind(vec![
            cx.business_id().into(),
            (&account.channel_id).into(),
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
