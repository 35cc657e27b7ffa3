//! Fetches the bytes of an attachment from its provider: the account's token asks for the address, the
//! address gives the bytes.

use crate::account::Account;
use crate::claim::Claimed;
use crate::fetch_error::MediaError;
use crate::remote::Remote;
use crate::resend;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use channels_meta::graph::{Graph, GraphError, bearer};
use common::context::Context;
use common::in_flight;
use common::json::raw::{integer, object, text};
use common::ports::{OutboundRequest, OutboundResponse};
use common::signatures::{equal, sha256_hex};
use messaging::attachments::{MAX_MEDIA_BYTES, blob_key, bytes_put, inbound_type};

/// How long the provider may take to name an address.
const LOOKUP_TIMEOUT_MS: u32 = 10_000;
/// How long it may take to give the bytes.
const BYTES_TIMEOUT_MS: u32 = 20_000;
/// What is counted for a file whose size the provider does not tell: the most that most of them take.
const USUAL_BYTES: usize = 5 * 1024 * 1024;
/// Most redirects that are followed.
const MAX_REDIRECTS: usize = 2;

/// What is known of bytes that are stored.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) media_type: String,
    pub(crate) size: usize,
    pub(crate) sha256: String,
}

/// What Graph says of a media id (channels.md §2.9).
#[derive(Debug, Default)]
pub(crate) struct Media {
    pub(crate) url: String,
    pub(crate) mime_type: Option<String>,
    pub(crate) sha256: Option<String>,
    pub(crate) size: Option<u64>,
}

impl Media {
    fn parse(body: &[u8]) -> Option<Self> {
        let body_fields = object(std::str::from_utf8(body).ok()?)?;
        let value_of = |name: &str| body_fields.get(name).copied().and_then(text);
        let size = body_fields.get("file_size").copied().and_then(integer);
        Some(Self {
            url: value_of("url")?,
            mime_type: value_of("mime_type"),
            sha256: value_of("sha256"),
            size: size.and_then(|size| size.parse().ok()),
        })
    }
}

/// Fetches one attachment and stores its bytes. An expired URL is requested again, once.
pub(crate) async fn fetch(
    cx: &Context<'_>,
    account: &Account,
    claimed: &Claimed,
) -> Result<Ready, MediaError> {
    let source = &claimed.source;
    let given = source.url.clone().map(|url| Media {
        url,
        ..Media::default()
    });
    let mut media = match (given, &source.media_id) {
        (Some(media), _) => media,
        (None, Some(id)) => look_up(cx, account, id).await?,
        (None, None) => return Err(MediaError::permanent("The provider gave no address.")),
    };
    let size = media.size.and_then(|size| usize::try_from(size).ok());
    let held = in_flight::hold(size.unwrap_or(USUAL_BYTES), cx.time_now());
    let _held = held.map_err(|_| MediaError::transient("Too many large files came at once."))?;
    // Meta's link that came with the message is signed, and may refuse who shows a token beside.
    let is_signed = source.media_id.is_none();
    let mut answer = get(cx, account, &media.url, is_signed).await?;
    if let (404 | 410, Some(id)) = (answer.status, &source.media_id) {
        media = look_up(cx, account, id).await?;
        answer = get(cx, account, &media.url, is_signed).await?;
    }
    let bytes = whole(answer)?;
    let expected = source.sha256.as_deref().or(media.sha256.as_deref());
    let sha256 = checked_digest(&bytes, expected)?;
    let declared = media.mime_type.as_deref().or(source.mime_type.as_deref());
    let key = blob_key(cx.business_id(), claimed.id.as_str());
    let stored = bytes_put(cx, &key, &bytes).await;
    stored.map_err(|_| MediaError::transient("The bytes could not be stored."))?;
    Ok(Ready {
        media_type: inbound_type(&claimed.filename, declared, &bytes),
        size: bytes.len(),
        sha256,
    })
}

/// The bytes of an answer that has all of them.
fn whole(answer: OutboundResponse) -> Result<Vec<u8>, MediaError> {
    match answer.status {
        200 if answer.is_cut => Err(too_large()),
        200 => Ok(answer.body),
        401 | 403 => Err(MediaError::transient(
            "The provider refused the account's token.",
        )),
        status => {
            let reason = format!("The provider answered with status {status}.");
            Err(MediaError::transient(reason))
        }
    }
}

/// The SHA-256 of bytes, which must be what the provider announced.
fn checked_digest(bytes: &[u8], expected: Option<&str>) -> Result<String, MediaError> {
    let sha256 = sha256_hex(bytes);
    let expected = expected.and_then(hex_of);
    if expected.is_some_and(|expected| !equal(&expected, &sha256)) {
        let reason = "The bytes are not those that the provider announced (SHA-256).";
        return Err(MediaError::transient(reason));
    }
    Ok(sha256)
}

async fn look_up(cx: &Context<'_>, account: &Account, id: &str) -> Result<Media, MediaError> {
    if account.is_email {
        let media = resend::look_up(cx, account, id).await?;
        let is_large = media.size.is_some_and(|size| size > MAX_MEDIA_BYTES as u64);
        return if is_large {
            Err(too_large())
        } else {
            Ok(media)
        };
    }
    let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    if id.is_empty() || !id.bytes().all(is_part) {
        return Err(MediaError::permanent(
            "The provider gave no id that can be asked for.",
        ));
    }
    let path = format!("{id}?phone_number_id={}", account.address);
    let question = Graph::of(&cx.ports).get(&path, &account.token, LOOKUP_TIMEOUT_MS);
    let answer = cx.ports.http.fetch(question).await;
    let answer = answer.map_err(|_| MediaError::transient("The provider did not answer."))?;
    if answer.status != 200 {
        return Err(refused(&answer));
    }
    let media = Media::parse(&answer.body)
        .ok_or_else(|| MediaError::transient("The provider gave an answer that cannot be read."))?;
    if media.size.is_some_and(|size| size > MAX_MEDIA_BYTES as u64) {
        return Err(too_large());
    }
    Ok(media)
}

/// Why Graph named no address. Its own sentences stay with it: they may quote what was sent.
fn refused(answer: &OutboundResponse) -> MediaError {
    let error = GraphError::parse(&answer.body).unwrap_or_default();
    if error.is_dead_token() || answer.status == 401 {
        return MediaError::transient("The account's access token is dead.");
    }
    MediaError::transient(format!(
        "The provider answered with status {} (code {}).",
        answer.status, error.code
    ))
}

/// Deletes at Twilio what is stored here now. What that fails for only stays there.
pub(crate) async fn delete(cx: &Context<'_>, account: &Account, claimed: &Claimed) {
    let (Some(api), Some(url)) = (&account.twilio, &claimed.source.url) else {
        return;
    };
    if Remote::parse(url).is_none_or(|remote| !remote.is_of(&api.base)) {
        return;
    }
    let command = OutboundRequest {
        method: "DELETE",
        url: url.clone(),
        headers: vec![api.authorization()],
        timeout_ms: LOOKUP_TIMEOUT_MS,
        ..OutboundRequest::default()
    };
    let answered = cx.ports.http.fetch(command).await;
    if answered.is_ok_and(|answer| matches!(answer.status, 200..=299 | 404)) {
        return;
    }
    let note = "a file that is stored was not deleted at the provider";
    cx.note(note);
}

/// The authorization header of a fetch. Twilio's is sent to its API only, never to a redirect target
/// (channels.md §5.4); Meta's only to Meta's servers, wherever redirects lead.
fn authorization(
    cx: &Context<'_>,
    account: &Account,
    remote: &Remote,
    is_signed: bool,
) -> Option<(&'static str, String)> {
    match &account.twilio {
        Some(api) => remote.is_of(&api.base).then(|| api.authorization()),
        None if is_signed => None,
        None => {
            let may_see = remote.may_see_token(&cx.ports, &Graph::of(&cx.ports));
            (may_see && !account.token.is_empty()).then(|| bearer(&account.token))
        }
    }
}

/// Asks an address, and those that it leads to.
async fn get(
    cx: &Context<'_>,
    account: &Account,
    url: &str,
    is_signed: bool,
) -> Result<OutboundResponse, MediaError> {
    let base = match &account.twilio {
        Some(api) => api.base.clone(),
        None => Graph::of(&cx.ports).base,
    };
    let mut remote = Remote::parse(url);
    for _ in 0..=MAX_REDIRECTS {
        let allowed = remote.filter(|remote| remote.may_fetch(&cx.ports, &base));
        let reason = "The provider gave an address from which nothing is fetched.";
        let allowed = allowed.ok_or_else(|| MediaError::permanent(reason))?;
        let authorization = authorization(cx, account, &allowed, is_signed);
        let question = OutboundRequest {
            method: "GET",
            url: allowed.url.clone(),
            headers: authorization.into_iter().collect(),
            body: None,
            timeout_ms: BYTES_TIMEOUT_MS,
            max_bytes: MAX_MEDIA_BYTES,
            ..OutboundRequest::default()
        };
        let answer = cx.ports.http.fetch(question).await;
        let answer =
            answer.map_err(|_| MediaError::transient("The provider did not give the bytes."))?;
        let (301..=303 | 307 | 308, Some(location)) = (answer.status, answer.header("location"))
        else {
            return Ok(answer);
        };
        remote = allowed.redirected(location);
    }
    Err(MediaError::transient("The provider redirects without end."))
}

/// A digest in hexadecimal: webhooks have it in base64, answers of Graph as it is.
fn hex_of(digest: &str) -> Option<String> {
    if digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Some(digest.to_ascii_lowercase());
    }
    let bytes = STANDARD.decode(digest).ok()?;
    (bytes.len() == 32).then(|| hex::encode(bytes))
}

fn too_large() -> MediaError {
    MediaError::permanent(format!("The file is larger than {MAX_MEDIA_BYTES} bytes."))
}
