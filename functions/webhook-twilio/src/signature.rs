//! Whether a delivery is from Twilio, for the account that it names.

use channels::ReceivingAccount;
use common::context::Context;
use common::form;
use common::http::{Error, Kind, Request};
use common::json::raw::{integer, object, text};
use common::json::tolerant::checked;
use common::signatures::equal;
use common::signatures::twilio::{Algorithm, SharedKey, body_hash_holds, is_signed};

fn refused() -> Error {
    let message = "The signature of `x-twilio-signature` is not that of this request.";
    Error::new(Kind::InvalidSignature, message)
}

/// The signature that came along, not yet checked.
///
/// # Errors
/// 401 where there is none, or nothing that any of Twilio's algorithms makes (channels.md §5.1).
pub(crate) fn expect_signed(cx: &Context<'_>) -> Result<String, Error> {
    let signature = (cx.header)("x-twilio-signature").filter(|given| has_form(given));
    signature.ok_or_else(refused)
}

/// Whether this is the Base64 of an HMAC by SHA-1 or SHA-256, of 20 bytes or of 32.
fn has_form(signature: &str) -> bool {
    let digits = signature.trim_end_matches('=');
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    matches!((digits.len(), signature.len()), (27, 28) | (43, 44)) && digits.bytes().all(is_digit)
}

/// The parameters of a delivery, once its signature is checked.
///
/// # Errors
/// 401 for a signature that is not the account's; 400 for what is no JSON where it should be.
pub(crate) fn verified(
    cx: &Context<'_>,
    account: &ReceivingAccount,
    request: &Request,
) -> Result<Vec<(String, String)>, Error> {
    let signature = expect_signed(cx)?;
    let (secret, algorithm) = signer(cx, account).ok_or_else(refused)?;
    let urls = urls(cx, &request.target);
    let is_signed = |params: &[_]| is_signed(secret, algorithm, &signature, &urls, params);
    // What is no form is signed by the hash that the address carries.
    if let Some(hash) = request.query.get("bodySHA256") {
        if !is_signed(&[]) || !body_hash_holds(hash, &request.body) {
            return Err(refused());
        }
        return json_params(&request.body);
    }
    let params = form::pairs(&String::from_utf8_lossy(&request.body));
    match is_signed(&params) {
        true => Ok(params),
        false => Err(refused()),
    }
}

/// What signs: the auth token, unless the request names a shared key that the account has.
fn signer<'a>(cx: &Context<'_>, account: &'a ReceivingAccount) -> Option<(&'a str, Algorithm)> {
    let credentials = &account.credentials;
    match (cx.header)("x-twilio-webhooks-signature-settings") {
        None => Some((credentials.auth_token.as_deref()?, Algorithm::HmacSha1)),
        Some(header) => {
            let key = SharedKey::parse(&header)?;
            let known = account.settings.get("webhook_key_id")?;
            let secret = credentials.webhook_secret.as_deref()?;
            equal(&key.id, known).then_some((secret, key.algorithm))
        }
    }
}

/// The addresses that Twilio may have been given: the deployment's, and the one requested, by the
/// name that a proxy before us was called by and the one that we were.
fn urls(cx: &Context<'_>, target: &str) -> Vec<String> {
    let mut urls = Vec::new();
    if let Ok(origin) = cx.ports.public_origin() {
        urls.push(format!("{origin}{target}"));
    }
    for name in ["x-forwarded-host", "host"] {
        if let Some(host) = (cx.header)(name) {
            let host = host.split(',').next().unwrap_or_default().trim();
            // By which of them we were called no header tells for sure.
            urls.push(format!("https://{host}{target}"));
            urls.push(format!("http://{host}{target}"));
        }
    }
    urls
}

/// The texts and numbers of a body in JSON.
fn json_params(body: &[u8]) -> Result<Vec<(String, String)>, Error> {
    let malformed = || Error::new(Kind::MalformedJson, "The body is not a JSON object.");
    let json = checked(body).ok_or_else(malformed)?;
    let fields = object(&json).ok_or_else(malformed)?;
    let read = |(name, value): (&str, &&str)| {
        let value = text(value).or_else(|| integer(value).map(str::to_owned));
        Some((name.to_owned(), value?))
    };
    Ok(fields.iter().filter_map(read).collect())
}
