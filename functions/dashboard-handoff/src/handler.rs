use common::Context;
use common::http::{Error, Request, Response, Result};
use messaging::conversations::handoff::{HandoffChange, handoff_get, handoff_put};

/// When conversations are handed to people by themselves, at `/api/dashboard/handoff` (session). It needs
/// no CRM.
///
/// - `GET`: 200 with `{handoff: {enabled, triggers, message, updated_at}}`.
/// - `PUT`: changes what the request names; null clears. 200 as above; 422 for a field that is unknown
///   or wrong.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let settings = match request.route.operation {
        "handoff_get" => handoff_get(cx).await?,
        "handoff_put" => handoff_put(cx, &HandoffChange::parse(request.text()?)?).await?,
        other => return Err(Error::internal(format!("no operation {other}"))),
    };
    Ok(Response::json_text(200, settings.answer()))
}
