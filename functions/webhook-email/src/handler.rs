use crate::delivery as email;
use common::Context;
use common::http::{Request, Response, Result};

/// `POST /webhook-email/{id}` (Resend or Postmark, for the account `id`)
///
/// 1. Finds the account and its provider: 404.
/// 2. Resend: checks `svix-signature` over the bytes as they came, not older than five minutes.
///    Postmark: checks the password of the URL. 401.
/// 3. A mail becomes a message of its customer's, once; of Resend it is fetched first. News of a mail
///    of ours moves its status. 200 with counts; 400 for what is no JSON.
/// 4. With the database or Resend's API away, keeps the delivery for later: 200. 503 where not even
///    that succeeds, so that the provider sends it again.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let id = request.id.as_deref().unwrap_or_default();
    let receipt = email::delivery_receive(cx, id, &request.body).await?;
    Ok(Response::json(200, &receipt))
}

/// A mail that Cloudflare's Email Routing hands over: its envelope (`from` and `to`, each on a line)
/// and its bytes.
///
/// 1. Finds the account of `to`, with or without a tag, or by the signature of a reply address. Where
///    there is none, says why the mail is turned away, which its sender is told.
/// 2. Reads the mail, keeps it as it came up to 5 MiB, stores its files.
/// 3. Takes it in as a message of its customer's, once.
/// 4. With the database away, keeps it for later. Fails where not even that succeeds, so that the
///    sender's server comes again.
pub async fn receive(cx: &Context<'_>, envelope: &str, raw: &[u8]) -> Result<String> {
    email::mail_receive(cx, envelope, raw).await
}

/// Takes in what is still kept, each minute.
pub async fn resume_all(cx: &Context<'_>, _: &str) -> Result<()> {
    email::deliveries_resume(cx).await?;
    email::mails_resume(cx).await
}
