use super::hmac_sha256;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

/// What every secret of an endpoint begins with, as Standard Webhooks wants it.
pub const WEBHOOK_SECRET_PREFIX: &str = "whsec_";

/// `X-Webhook-Signature`: HMAC-SHA256 of `timestamp.body` in lower-case hexadecimal, keyed by the
/// whole text of the secret (contract.md, Outgoing webhooks).
#[must_use]
pub fn webhook_signature(secret: &str, timestamp: i64, body: &str) -> String {
    let signed = format!("{timestamp}.{body}");
    hex::encode(hmac_sha256(secret.as_bytes(), signed.as_bytes()))
}

/// One signature of `webhook-signature`: `v1,` and HMAC-SHA256 of `id.timestamp.body` in base64,
/// keyed by the bytes that the secret encodes (Standard Webhooks, "Signature scheme").
#[must_use]
pub fn standard_webhook_signature(secret: &str, id: &str, timestamp: i64, body: &str) -> String {
    // Secrets are base64; no library accepts a text that is not.
    let timestamp = timestamp.to_string();
    let signature = standard_mac(secret, id, &timestamp, body.as_bytes()).unwrap_or_default();
    format!("v1,{signature}")
}

/// HMAC-SHA256 of `id.timestamp.body` in base64; `None` for a secret that encodes no key.
pub(super) fn standard_mac(secret: &str, id: &str, timestamp: &str, body: &[u8]) -> Option<String> {
    let encoded = secret
        .strip_prefix(WEBHOOK_SECRET_PREFIX)
        .unwrap_or(secret)
        .trim_end_matches('=');
    let key = STANDARD_NO_PAD.decode(encoded).ok();
    let key = key.filter(|key| !key.is_empty())?;
    let mut signed = format!("{id}.{timestamp}.").into_bytes();
    signed.extend_from_slice(body);
    Some(STANDARD.encode(hmac_sha256(&key, &signed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const BODY: &str = r#"{"test": 2432232314}"#;

    #[test]
    fn the_standard_signature_is_that_of_the_published_vector() {
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        assert_eq!(
            standard_webhook_signature(SECRET, id, 1_614_265_330, BODY),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn the_hexadecimal_signature_is_keyed_by_the_whole_secret() {
        // node: createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
        assert_eq!(
            webhook_signature(SECRET, 1_614_265_330, BODY),
            "2e37df5d4a028c51a7f3133d64ae1e300d2c2c900f1b1d49d4369ad2530f8964"
        );
    }
}
