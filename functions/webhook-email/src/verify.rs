//! Whether a delivery is from the account's provider.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use channels::ReceivingAccount;
use channels_email::MailSender;
use common::context::Context;
use common::http::{Error, Kind};
use common::signatures::{StandardWebhook, equal, sha256_hex};

/// Largest delivery of Resend's, in bytes: it has no mail in it.
const MAX_RESEND_BYTES: usize = 1024 * 1024;

/// Whether what came is of the account's provider.
///
/// # Errors
/// 401 where it is not, never 403, after which Postmark would not come again; 413 for more than the
/// provider sends.
pub(crate) fn verify(
    cx: &Context<'_>,
    provider: &MailSender,
    account: &ReceivingAccount,
    body: &[u8],
) -> Result<(), Error> {
    let secret = account.credentials.webhook_secret.as_deref();
    let secret = secret.filter(|secret| !secret.is_empty());
    let is_signed = match (provider, secret) {
        (_, None) => false,
        (MailSender::Resend, Some(_)) if body.len() > MAX_RESEND_BYTES => {
            let message = "Deliveries of Resend have no more than 1 MiB.";
            return Err(Error::new(Kind::BodyTooLarge, message));
        }
        (MailSender::Resend, Some(secret)) => is_signed(cx, secret, body),
        (MailSender::Postmark, Some(secret)) => has_password(cx, secret),
    };
    if is_signed {
        return Ok(());
    }
    let message = match provider {
        MailSender::Resend => "The signature of `svix-signature` is not that of this body.",
        MailSender::Postmark => "The URL's password is not that of the account.",
    };
    Err(Error::new(Kind::InvalidSignature, message))
}

fn is_signed(cx: &Context<'_>, secret: &str, body: &[u8]) -> bool {
    let header = |name: &str| {
        let named = |prefix: &str| (cx.header)(&format!("{prefix}-{name}"));
        named("svix").or_else(|| named("webhook"))
    };
    let (Some(id), Some(timestamp), Some(signatures)) =
        (header("id"), header("timestamp"), header("signature"))
    else {
        return false;
    };
    let delivery = StandardWebhook {
        id: &id,
        timestamp: &timestamp,
        signatures: &signatures,
    };
    delivery.is_signed_by(secret, body, cx.now)
}

/// Basic auth of the webhook's URL: the password alone, whatever the user is called, or both with
/// their colon.
fn has_password(cx: &Context<'_>, secret: &str) -> bool {
    let given = (cx.header)("authorization").unwrap_or_default();
    let (scheme, encoded) = given.split_once(' ').unwrap_or_default();
    let decoded = STANDARD.decode(encoded.trim()).unwrap_or_default();
    let Ok(pair) = String::from_utf8(decoded) else {
        return false;
    };
    let password = pair.split_once(':').map_or("", |(_, password)| password);
    // Digests, so that not even the lengths show.
    let expected = sha256_hex(secret.as_bytes());
    let is_it = |given: &str| equal(&sha256_hex(given.as_bytes()), &expected);
    let (is_password, is_pair) = (is_it(password), is_it(&pair));
    scheme.eq_ignore_ascii_case("basic") && (is_password || is_pair)
}
