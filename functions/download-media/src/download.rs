use super::range::{Asked, asked};
use crate::sql::ATTACHMENT_FIND;
use common::context::Context;
use common::db::Value;
use common::http::{Error, Kind, Query, Response};
use common::time::SECOND;
use messaging::attachments::link::checked_expiry;
use messaging::attachments::{blob_key, content_disposition};

/// How long a browser may keep a file without asking again, in seconds; its link may end sooner.
const MAX_AGE_SECONDS: i64 = 3600;

/// What is known of a file that can be downloaded.
struct Found {
    key: String,
    filename: String,
    media_type: String,
    size: usize,
    sha256: String,
}

/// Gives the file that a signed link names, or the part of it that `range` asks for. The link is all
/// that is needed, so that a CRM can pass it on.
///
/// # Errors
/// 403 `invalid_link`, 403 `expired_link`; 404 where the file is gone, failed, or not there yet; 416
/// for a range outside; 503 where KV does not give the bytes.
pub async fn attachment_download(cx: &Context<'_>, query: &Query) -> Result<Response, Error> {
    let part = |name: &str| query.get(name).unwrap_or_default();
    let (id, expires, signature) = (part("id"), part("expires"), part("signature"));
    let until = checked_expiry(&cx.outside, id, expires, signature, cx.now)?;
    let found = find(cx, id).await?;
    let etag = format!("\"{}\"", found.sha256);
    let seconds = (until.micros() - cx.now.micros()).div_euclid(SECOND);
    let max_age = format!("private, max-age={}", seconds.min(MAX_AGE_SECONDS));
    let with_headers = |response: Response| {
        response
            .with_header("etag", etag.clone())
            .with_header("cache-control", max_age.clone())
            .with_header("accept-ranges", "bytes")
    };
    let header = |name: &str| (cx.header)(name);
    if header("if-none-match").is_some_and(|known| matches_etag(&known, &etag)) {
        return Ok(with_headers(Response::empty(304)));
    }
    // A range of another version would be put together with what is not its own (RFC 9110 §13.1.5).
    let is_same = header("if-range").is_none_or(|known| known.trim() == etag);
    let range = header("range").filter(|_| is_same);
    let size = found.size;
    let range = match asked(range.as_deref(), size) {
        Asked::Whole => None,
        Asked::Part(range) => Some(range),
        Asked::Nothing => {
            let message = format!("The file has {size} bytes, none of them in this range.");
            return Err(Error::new(Kind::RangeNotSatisfiable, message)
                .with_header("content-range", format!("bytes */{size}")));
        }
    };
    let bytes = cx.outside.blobs.get(&found.key).await?;
    let bytes = bytes.filter(|bytes| bytes.len() == size).ok_or_else(|| {
        // KV may take a minute to have everywhere what was put somewhere.
        Error::unavailable("KV does not have the bytes of an attachment")
    })?;
    let response = match range {
        None => Response::content(200, found.media_type, bytes),
        Some(range) => {
            let shown = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            let part = bytes.get(range).unwrap_or_default();
            Response::content(206, found.media_type, part).with_header("content-range", shown)
        }
    };
    // Saved and never shown; and were it shown, with no rights of ours.
    Ok(with_headers(response)
        .with_header("content-disposition", content_disposition(&found.filename))
        .with_header("content-security-policy", "default-src 'none'; sandbox"))
}

async fn find(cx: &Context<'_>, id: &str) -> Result<Found, Error> {
    let rows = cx.db.rows(ATTACHMENT_FIND.bind(vec![id.into()])).await?;
    let row = rows.first().map(Vec::as_slice);
    let Some([business, filename, media_type, size, sha256]) = row else {
        let message = "The file is not there: it is still being fetched, or it is gone.";
        return Err(Error::new(Kind::NotFound, message));
    };
    let text = |value: &Value| value.as_text().map(str::to_owned);
    let found = || {
        Some(Found {
            key: blob_key(business.as_text()?, id),
            filename: text(filename)?,
            media_type: text(media_type)?,
            size: usize::try_from(size.as_integer()?).ok()?,
            sha256: text(sha256)?,
        })
    };
    found().ok_or_else(|| Error::internal("an attachment's row is unreadable"))
}

/// Whether a list of entity tags names ours; weak ones do too (RFC 9110 §13.1.2).
fn matches_etag(known: &str, etag: &str) -> bool {
    known.split(',').any(|one| {
        let one = one.trim();
        one == "*" || one.strip_prefix("W/").unwrap_or(one) == etag
    })
}
