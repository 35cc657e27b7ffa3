use common::Context;
use common::http::{Error, Request, Response, Result};
use webhooks::{EndpointPatch, EndpointRequest, RotationRequest};

/// The settings of webhooks, below `/api/dashboard`, with a session. Creating answers 201, deleting
/// 204, the rest 200. An id of another business is 404.
///
/// - `GET webhooks`: the endpoints, never their secrets.
/// - `POST webhooks`: makes an endpoint, whose secret is shown this once; 422 for a bad name,
///   unknown events, and `unsafe_url`; 403 where the quota is used up.
/// - `GET webhooks/{id}`: one endpoint, never its secret.
/// - `PATCH webhooks/{id}`: changes name, URL, events or status; 422 as above.
/// - `DELETE webhooks/{id}`: deletes it, and gives up what waits for it.
/// - `POST webhooks/{id}/test`: sends a `webhook.test`; 409 while it is disabled.
/// - `POST webhooks/{id}/rotate-secret`: a new secret, shown this once; the old one signs beside it
///   for a day, or for `overlap_hours`; 409 while an earlier rotation goes on.
/// - `POST webhooks/{id}/finish-rotation`: the old secret signs no more.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let id = request.id.as_deref().unwrap_or_default();
    match request.route.operation {
        "webhook_list" => ok(&crate::settings::endpoint_list(cx).await?),
        "webhook_create" => {
            let input = EndpointRequest::read(request.text()?)?;
            let made = crate::settings::endpoint_create(cx, input).await?;
            Ok(Response::json(201, &made))
        }
        "webhook_get" => ok(&crate::settings::endpoint_get(cx, id).await?),
        "webhook_update" => {
            let patch = EndpointPatch::read(request.text()?)?;
            ok(&crate::settings::endpoint_update(cx, id, patch).await?)
        }
        "webhook_delete" => {
            crate::settings::endpoint_delete(cx, id).await?;
            Ok(Response::empty(204))
        }
        "webhook_test" => ok(&crate::settings::endpoint_test(cx, id).await?),
        "webhook_rotate_secret" => {
            let input = RotationRequest::read(request.text()?)?;
            ok(&crate::settings::endpoint_rotate_secret(cx, id, &input).await?)
        }
        "webhook_finish_rotation" => ok(&crate::settings::endpoint_finish_rotation(cx, id).await?),
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}

fn ok(value: &impl serde::Serialize) -> Result<Response> {
    Ok(Response::json(200, value))
}
