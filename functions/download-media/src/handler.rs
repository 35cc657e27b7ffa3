use crate::cache::CacheHeaders;
use crate::file::{File, file_find};
use crate::range::{RangeRequest, range_of};
use common::Context;
use common::http::{Error, Kind, Request, Response, Result};
use common::ids::AttachmentId;
use messaging::attachments::link::checked_expiry;
use messaging::attachments::{bytes_range, content_disposition};
use std::ops::Range;

/// `GET /api/download-media?id=&expires=&signature=`: needs no key, the link is the right. A CRM can
/// pass it on.
///
/// 1. Checks the signature, in constant time, then the time: 403 `invalid_link`, `expired_link`.
/// 2. Finds the file: 404 where it is gone, failed, or not there yet.
/// 3. Compares with what the caller has: 304 for `if-none-match` with its etag; 416 for a `range`
///    outside.
/// 4. Reads those parts of it that the range is in: 503 where the store does not give them, or where the
///    isolate has too many bytes already.
/// 5. Answers 200 with the bytes, or 206 with the range of them, to be saved rather than shown.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    // 1.
    let part = |name: &str| request.query.get(name).unwrap_or_default();
    let (expires, signature) = (part("expires"), part("signature"));
    // As it came, since that is what was signed.
    let id = AttachmentId::unchecked(part("id"));
    let until = checked_expiry(&cx.ports, &id, expires, signature, cx.now)?;

    // 2.
    let file = file_find(cx, &id).await?;
    let cache = CacheHeaders::new(&file, until, cx.now);

    // 3.
    let header = |name: &str| (cx.header)(name);
    if header("if-none-match").is_some_and(|known| cache.any_matches(&known)) {
        return Ok(cache.apply(Response::empty(304)));
    }
    let range = requested_range(cx, &cache, file.size)?;

    // 4.
    let wanted = range.clone().unwrap_or(0..file.size);
    let read = bytes_range(cx, &file.key, file.size, wanted).await?;
    // KV may take a minute to have everywhere what was put somewhere.
    let missing = || Error::unavailable("the bytes of an attachment are missing");
    let (bytes, _held) = read.ok_or_else(missing)?;

    // 5.
    Ok(cache.apply(content(file, bytes, range)))
}

/// The bytes that `range` names; `None` for all of them.
fn requested_range(
    cx: &Context<'_>,
    cache: &CacheHeaders,
    size: usize,
) -> Result<Option<Range<usize>>> {
    let header = |name: &str| (cx.header)(name);
    // A range of another version would be put together with what is not its own (RFC 9110 §13.1.5).
    let is_same = header("if-range").is_none_or(|known| cache.is_same(&known));
    let range = header("range").filter(|_| is_same);
    match range_of(range.as_deref(), size) {
        RangeRequest::Whole => Ok(None),
        RangeRequest::Part(range) => Ok(Some(range)),
        RangeRequest::Unsatisfiable => {
            let message = format!("The file has {size} bytes, none of them in this range.");
            Err(Error::new(Kind::RangeNotSatisfiable, message)
                .with_header("content-range", format!("bytes */{size}")))
        }
    }
}

/// The bytes, which are all of the file, or a range of it.
fn content(file: File, bytes: Vec<u8>, range: Option<Range<usize>>) -> Response {
    let response = match range {
        None => Response::content(200, file.media_type, bytes),
        Some(range) => {
            let shown = format!("bytes {}-{}/{}", range.start, range.end - 1, file.size);
            Response::content(206, file.media_type, bytes).with_header("content-range", shown)
        }
    };
    // Always downloaded, never displayed; if displayed anyway, sandboxed.
    response
        .with_header("content-disposition", content_disposition(&file.filename))
        .with_header("content-security-policy", "default-src 'none'; sandbox")
}
