use crate::http::Error;
use crate::outside::Outside;
use crate::signatures::hmac_sha256_hex;
use crate::time::{SECOND, Timestamp};

/// How long a link works: 7 days (contract.md, Attachments).
const LINK_SECONDS: i64 = 7 * 86_400;

/// A link to an attachment's bytes that needs no header, and expires.
///
/// # Errors
/// 500 where the deployment lacks its origin or its key.
pub fn download_url(outside: &Outside<'_>, id: &str, now: Timestamp) -> Result<String, Error> {
    let expires = now.micros().div_euclid(SECOND) + LINK_SECONDS;
    let key = outside.key_for("download link")?;
    let signature = hmac_sha256_hex(&key, format!("{id}.{expires}").as_bytes());
    let origin = outside.public_origin()?;
    Ok(format!(
        "{origin}/api/download-media?id={id}&expires={expires}&signature={signature}"
    ))
}
