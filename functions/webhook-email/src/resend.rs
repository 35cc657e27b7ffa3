//! Mails that Resend announces and its API gives.

use channels::{InboundMedia, ReceivingAccount};
use channels_email::{Mail, mail_of_resend, resend_authorization, resend_base};
use common::context::Context;
use common::http::Error;
use common::ports::{OutboundRequest, OutboundResponse};
use common::time::{DAY, SECOND, Timestamp};

/// How long Resend may take to give a mail.
const TIMEOUT_MS: u32 = 10_000;
/// Largest mail that is asked for, in bytes, without its files; they come one by one.
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// For how long a mail is asked for that Resend says it does not have. It may not have it everywhere
/// yet.
const MISSING_MICROS: i64 = 3600 * SECOND;

/// The mail that a webhook announced, as Resend's API gives it. Where that fails for a day, what the
/// announcement says of it: who wrote, when, and what about.
///
/// # Errors
/// 503 where it is to be asked for again, 500 where neither says anything.
pub(crate) async fn mail_fetch(
    cx: &Context<'_>,
    account: &ReceivingAccount,
    email_id: &str,
    announced_at: Option<Timestamp>,
    announcement: &[u8],
) -> Result<(Mail, Vec<InboundMedia>), Error> {
    let question = question(cx, account, email_id);
    let trouble = match cx.ports.http.fetch(question).await {
        Ok(answer) => match read(email_id, &answer) {
            Some(mail) => return Ok(mail),
            None => Some(answer.status),
        },
        Err(_) => None,
    };
    let age = announced_at.map_or(DAY, |at| cx.now.micros() - at.micros());
    let patience = match trouble {
        Some(404 | 410) => MISSING_MICROS,
        // Larger than anybody reads, however often it is asked for.
        Some(200) => 0,
        _ => DAY,
    };
    if age < patience {
        let reason = match trouble {
            Some(status) => format!("Resend answered {status} for a mail."),
            None => "Resend did not answer for a mail.".to_owned(),
        };
        return Err(Error::unavailable(reason));
    }
    let announced = mail_of_resend(email_id, announcement);
    announced.ok_or_else(|| Error::internal("an announcement of a mail is unreadable"))
}

fn question(cx: &Context<'_>, account: &ReceivingAccount, email_id: &str) -> OutboundRequest {
    let base = resend_base(&cx.ports);
    let authorization = resend_authorization(account.credentials.api_key.as_deref());
    OutboundRequest {
        method: "GET",
        url: format!("{base}/emails/receiving/{email_id}?html_format=cid"),
        headers: vec![("authorization", authorization)],
        body: None,
        timeout_ms: TIMEOUT_MS,
        max_bytes: MAX_BYTES,
        ..OutboundRequest::default()
    }
}

fn read(email_id: &str, answer: &OutboundResponse) -> Option<(Mail, Vec<InboundMedia>)> {
    if answer.status != 200 || answer.is_cut {
        return None;
    }
    mail_of_resend(email_id, &answer.body)
}
