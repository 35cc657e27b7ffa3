use common::Context;
use common::http::Result;
use common::receivers::email;

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
    email::mails_resume(cx).await
}
