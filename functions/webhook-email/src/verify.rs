//! Whether a delivery is from the account's provider.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use channels::ReceivingAccount;
use channels_email::MailSender;
use common::context::Context;
use common::http::ledger::MAIL_BYTES;
use common::http::{Error, Kind};
use common::signatures::{StandardWebhook, equal, sha256_hex};

/// Largest delivery of Resend's, in bytes: it has no mail in it.
const MAX_RESEND_BYTES: usize = 1024 * 1024;

/// Most bytes that a provider sends at once.
pub(crate) const fn max_bytes(provider: &MailSender) -> usize {
    match provider {
        MailSender::Resend => MAX_RESEND_BYTES,
        MailSender::Postmark => MAIL_BYTES,
    }
}

/// Whether what comes can be of the account's provider, by its headers alone.
///
/// # Errors
/// 401 where it cannot, never 403, after which Postmark would not come again.
pub(crate) fn verify_head(
    cx: &Context<'_>,
    provider: &MailSender,
    account: &ReceivingAccount,
) -> Result<(), Error> {
    let is_possible = match (provider, secret_of(account)) {
        (_, None) => false,
        (MailSender::Resend, Some(_)) => {
            SvixHeaders::of(cx).is_some_and(|headers| headers.delivery().is_recent(cx.now))
        }
        (MailSender::Postmark, Some(secret)) => has_password(cx, secret),
    };
    is_possible.then_some(()).ok_or_else(|| refused(provider))
}

/// Whether what came is of the account's provider.
///
/// # Errors
/// 401 where it is not.
pub(crate) fn verify(
    cx: &Context<'_>,
    provider: &MailSender,
    account: &ReceivingAccount,
    body: &[u8],
) -> Result<(), Error> {
    let is_signed = match (provider, secret_of(account)) {
        (_, None) => false,
        (MailSender::Resend, Some(secret)) => SvixHeaders::of(cx)
            .is_some_and(|headers| headers.delivery().is_signed_by(secret, body, cx.now)),
        (MailSender::Postmark, Some(secret)) => has_password(cx, secret),
    };
    is_signed.then_some(()).ok_or_else(|| refused(provider))
}

fn secret_of(account: &ReceivingAccount) -> Option<&str> {
    let secret = account.credentials.webhook_secret.as_deref();
    secret.filter(|secret| !secret.is_empty())
}

fn refused(provider: &MailSender) -> Error {
    let message = match provider {
        MailSender::Resend => "The signature of `svix-signature` is not that of this body.",
        MailSender::Postmark => "The URL's password is not that of the account.",
    };
    Error::new(Kind::InvalidSignature, message)
}

/// The headers of a signature by Standard Webhooks.
struct SvixHeaders {
    id: String,
    timestamp: String,
    signatures: String,
}

impl SvixHeaders {
    fn of(cx: &Context<'_>) -> Option<Self> {
        let header = |name: &str| {
            let named = |prefix: &str| (cx.header)(&format!("{prefix}-{name}"));
            named("svix").or_else(|| named("webhook"))
        };
        Some(Self {
            id: header("id")?,
            timestamp: header("timestamp")?,
            signatures: header("signature")?,
        })
    }

    fn delivery(&self) -> StandardWebhook<'_> {
        StandardWebhook {
            id: &self.id,
            timestamp: &self.timestamp,
            signatures: &self.signatures,
        }
    }
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
