use crate::recovery::RecoveryRequest;
use crate::{delivery, recovery};
use common::Context;
use common::http::{Error, Request, Response, Result};

/// The log of deliveries, below `/api/dashboard`, with a session. An id of another business is 404.
///
/// - `GET webhooks/{id}/deliveries`: what was delivered and how, newest first.
/// - `POST webhooks/{id}/recover`: makes every delivery again that failed since a time; 409 while the
///   endpoint is disabled.
/// - `POST deliveries/{id}/replay`: makes one delivery again; 409 as for `recover`, 410 where the event's body is
///   not kept any more.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let id = request.id.as_deref().unwrap_or_default();
    match request.route.operation {
        "webhook_recover" => {
            let input = RecoveryRequest::read(request.text()?)?;
            ok(&recovery::endpoint_recover(cx, id, &input).await?)
        }
        "delivery_list" => ok(&delivery::delivery_list(cx, id, &request.query).await?),
        "delivery_replay" => {
            let replayed = match &request.recall {
                Some(recall) => delivery::replay_recalled(cx, id, recall).await?,
                None => delivery::delivery_replay(cx, id).await?,
            };
            Ok(replayed.response())
        }
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}

fn ok(value: &impl serde::Serialize) -> Result<Response> {
    Ok(Response::json(200, value))
}
