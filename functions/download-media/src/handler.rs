use crate::download::attachment_download;
use common::Context;
use common::http::{Request, Response, Result};

/// `GET /api/download-media?id=&expires=&signature=`: no key, the link is the right.
///
/// 1. Checks the signature, in constant time, then the time: 403 `invalid_link`, `expired_link`.
/// 2. Finds the file: 404 where it is gone, or not there yet.
/// 3. 304 for `if-none-match` with its etag; 416 for a `range` outside.
/// 4. 200 with the bytes, or 206 with the range of them; to be saved, not shown. 503 where they
///    cannot be read just now.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    attachment_download(cx, &request.query).await
}
