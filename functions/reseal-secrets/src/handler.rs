use crate::reseal::{ResealRequest, reseal};
use common::Context;
use common::http::{Request, Response, Result};

/// `POST /api/dashboard/secrets/reseal` (platform token)
///
/// 1. Reads where the last slice ended: 400, 422.
/// 2. Seals the next slice under the first master key of the ring, and answers 200 with where it ended and how much is
///    left.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    // 1.
    let wanted = ResealRequest::read(request.text()?)?;

    // 2.
    Ok(Response::json(200, &reseal(cx, wanted).await?))
}
