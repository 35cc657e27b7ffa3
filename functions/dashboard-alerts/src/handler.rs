use crate::alert::{alert_acknowledge, alert_list};
use crate::destination::{
    NewDestination, destination_create, destination_delete, destination_list, destination_test,
};
use crate::notify::notify;
use crate::settings::{SettingsChange, settings_get, settings_put};
use crate::status::status;
use crate::watch::{check_tokens, watch_due};
use common::Context;
use common::http::{Error, Request, Response, Result};

/// Alerts, below `/api/dashboard/alerts`, with a session. An id of another business is 404.
///
/// - `GET /api/dashboard/status` (viewer): how integrations, queues, accounts and endpoints fare.
/// - `GET` (viewer): alerts, newest first, with who was told of them; 422 for another `state`, limit or cursor.
/// - `POST {id}/acknowledge` (agent): that somebody took notice; whoever was first stays.
/// - `GET settings` (viewer): what is watched for, the defaults included, and quiet hours.
/// - `PUT settings` (admin): changes what the request names; 422 for a field that is unknown or wrong.
/// - `GET destinations` (viewer): who is told; of a URL its host alone.
/// - `POST destinations` (admin): 201. 422 for no address and `unsafe_url`; 403 where there are 20.
/// - `DELETE destinations/{id}` (admin): 204. Whoever was not told yet is not.
/// - `POST destinations/{id}/test` (admin): sends a sample, and answers 200 with what the other side said.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let id = request.id.as_deref().unwrap_or_default();
    match request.route.operation {
        "status_get" => ok(&status(cx).await?),
        "alert_list" => ok(&alert_list(cx, &request.query).await?),
        "alert_acknowledge" => ok(&alert_acknowledge(cx, id).await?),
        "alert_settings_get" => ok(&settings_get(cx).await?),
        "alert_settings_put" => {
            let change = SettingsChange::read(cx, request.text()?)?;
            ok(&settings_put(cx, change).await?)
        }
        "alert_destination_list" => ok(&destination_list(cx).await?),
        "alert_destination_create" => {
            let new = NewDestination::read(cx, request.text()?)?;
            Ok(Response::json(201, &destination_create(cx, new).await?))
        }
        "alert_destination_delete" => {
            destination_delete(cx, id).await?;
            Ok(Response::empty(204))
        }
        "alert_destination_test" => ok(&destination_test(cx, id).await?),
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}

fn ok(value: &impl serde::Serialize) -> Result<Response> {
    Ok(Response::json(200, value))
}

/// Looks after businesses, those first that waited longest, and tells people.
///
/// 1. Asks Meta when the tokens of a few accounts end, each once a day.
/// 2. Of each business that is due, at most 60 a minute: reads what is known of its connections, queues, endpoints,
///    accounts and links; raises an alert for each cause that has none, and resolves those whose cause has not been
///    seen for two minutes. Each in one transaction with the events and what is to be sent.
/// 3. Sends what is due. What fails is tried again later, seven times over four hours.
///
/// 503 when the database is away. A business that fails is noted, and does not hinder the others.
pub async fn each_minute(cx: &Context<'_>, _: &str) -> Result<()> {
    // 1.
    check_tokens(cx).await?;

    // 2.
    let watched = watch_due(cx).await;

    // 3.
    notify(cx).await?;
    watched
}
