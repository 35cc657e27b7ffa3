//! The addresses of mails' files, which Resend names.

use crate::account::Account;
use crate::bytes::Media;
use crate::fetch_error::MediaError;
use channels_email::{resend_authorization, resend_base};
use common::context::Context;
use common::json::raw::object;
use common::json::tolerant::text;
use common::ports::OutboundRequest;

/// How long Resend may take to name an address.
const TIMEOUT_MS: u32 = 10_000;
/// Largest answer that is read, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// Asks Resend for the address of a mail's file, by `<mail>/<file>`. The key goes to its API alone:
/// the address is signed, and may be anybody's.
pub(crate) async fn look_up(
    cx: &Context<'_>,
    account: &Account,
    id: &str,
) -> Result<Media, MediaError> {
    let (mail, file) = ids_of(id)
        .ok_or_else(|| MediaError::permanent("The provider gave no id that can be asked for."))?;
    let question = OutboundRequest {
        method: "GET",
        url: format!(
            "{}/emails/receiving/{mail}/attachments/{file}",
            resend_base(&cx.ports)
        ),
        headers: vec![(
            "authorization",
            resend_authorization(account.api_key.as_deref()),
        )],
        body: None,
        timeout_ms: TIMEOUT_MS,
        max_bytes: MAX_BYTES,
        ..OutboundRequest::default()
    };
    let answer = cx.ports.http.fetch(question).await;
    let answer = answer.map_err(|_| MediaError::transient("The provider did not answer."))?;
    match answer.status {
        200 => {}
        401 | 403 => return Err(MediaError::transient("Resend refused the account's key.")),
        status => {
            let reason = format!("The provider answered with status {status}.");
            return Err(MediaError::transient(reason));
        }
    }
    let media = media_of(&answer.body);
    media.ok_or_else(|| MediaError::transient("The provider gave an answer that cannot be read."))
}

/// The ids of a mail and of its file.
fn ids_of(id: &str) -> Option<(&str, &str)> {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let is_id = |id: &str| !id.is_empty() && id.bytes().all(is_part);
    let ids = id.split_once('/');
    ids.filter(|(mail, file)| is_id(mail) && is_id(file))
}

/// What Resend says of a file.
fn media_of(body: &[u8]) -> Option<Media> {
    let said = std::str::from_utf8(body).ok().and_then(object)?;
    Some(Media {
        url: text(&said, "download_url")?,
        mime_type: text(&said, "content_type"),
        size: text(&said, "size").and_then(|size| size.parse().ok()),
        ..Media::default()
    })
}
