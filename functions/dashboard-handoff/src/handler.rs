use common::Context;
use common::http::{Error, Request, Response, Result};
use messaging::conversations::handoff::{HandoffChange, handoff_get, handoff_put};

/// When conversations are handed to people by themselves, at `/api/dashboard/handoff` (session). It needs
/// no CRM.
///
/// 1. `PUT`: reads the change: 422 for a field that is unknown or wrong.
/// 2. `PUT`: changes what the request names; null clears. `GET`: reads what is set, else the defaults.
/// 3. Answers 200 with `{handoff: {enabled, triggers, message, updated_at}}`.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let settings = match request.route.operation {
        "handoff_get" => handoff_get(cx).await?,
        "handoff_put" => {
            // 1.
            let change = HandoffChange::parse(request.text()?)?;

            // 2.
            handoff_put(cx, &change).await?
        }
        other => return Err(Error::internal(format!("no operation {other}"))),
    };

    // 3.
    Ok(Response::json_text(200, settings.answer()))
}
