//! What a business does with its endpoints. Another business's endpoint is not found.

use crate::sql::{
    ENDPOINT_DELETE, ENDPOINT_FINISH_ROTATION, ENDPOINT_GET, ENDPOINT_INSERT, ENDPOINT_LIST,
    ENDPOINT_ROTATE, ENDPOINT_TEST, ENDPOINT_UPDATE,
};
use access::quota::{Quota, insert_within_quota, quota_check};
use common::context::Context;
use common::db::{Row, Rows, Sql, Statement};
use common::events;
use common::http::{Error, Kind};
use common::ids::EndpointId;
use common::ports::Queue;
use common::time::SECOND;
use serde::Serialize;
pub use webhooks::endpoint::{
    Endpoint, EndpointList, EndpointPatch, EndpointRequest, EndpointStatus, RetrySchedule,
    SavedEndpoint, checked_events, checked_name, checked_url,
};
use webhooks::endpoint::{disabled, known_id, not_found};
use webhooks::secret::{CreatedEndpoint, RotationRequest, secret_create};
use webhooks::sql::DELIVERY_ABANDON;

/// Most endpoints of a business, whatever its quota.
pub const MAX_ENDPOINTS: u32 = 50;
/// Makes an endpoint, active at once.
///
/// # Errors
/// 422 for a bad name, unknown events, or a URL that is not safe; 403 where the quota is used up.
pub async fn endpoint_create(
    cx: &Context<'_>,
    request: EndpointRequest,
) -> Result<CreatedEndpoint, Error> {
    let name = checked_name(&request.name)?;
    let url = checked_url(cx, &request.url)?;
    let events = checked_events(&request.events)?;
    quota_check(cx, Quota::Webhooks, 1).await?;
    let id = EndpointId::new(&cx.ids);
    cx.audits(id.as_str());
    let (secret, sealed) = secret_create(cx, &id).await?;
    let params = vec![
        cx.business_id().into(),
        (&id).into(),
        name.into(),
        url.into(),
        events.into(),
        sealed.into(),
        cx.now.micros().into(),
        i64::from(MAX_ENDPOINTS).into(),
        request.retries.unwrap_or_default().as_str().into(),
    ];
    let insert = ENDPOINT_INSERT.bind(params);
    let rows = insert_within_quota(cx, Quota::Webhooks, 1, insert).await?;
    match rows.first() {
        Some(row) => Ok(CreatedEndpoint {
            webhook: Endpoint::of_row(row, cx.now)?,
            secret,
        }),
        None => {
            let message = format!("A business has at most {MAX_ENDPOINTS} endpoints.");
            Err(Error::invalid("webhooks", "at_most_50", message))
        }
    }
}

/// The endpoints of the caller's business, oldest first.
///
/// # Errors
/// 503 when the database is away.
pub async fn endpoint_list(cx: &Context<'_>) -> Result<EndpointList, Error> {
    let list = ENDPOINT_LIST.bind(vec![cx.business_id().into()]);
    let rows = cx.db.rows(list).await?;
    let webhooks = rows.iter().map(|row| Endpoint::of_row(row, cx.now));
    Ok(EndpointList {
        webhooks: webhooks.collect::<Result<_, _>>()?,
    })
}

/// An endpoint.
///
/// # Errors
/// 404.
pub async fn endpoint_get(cx: &Context<'_>, id: &str) -> Result<SavedEndpoint, Error> {
    let found = cx.db.rows(get(cx, &known_id(id)?)).await?;
    saved(cx, found.first())
}

/// Changes an endpoint. Disabling gives up what waits for it.
///
/// # Errors
/// 404; 422 as [`endpoint_create`].
pub async fn endpoint_update(
    cx: &Context<'_>,
    id: &str,
    patch: EndpointPatch,
) -> Result<SavedEndpoint, Error> {
    let id = known_id(id)?;
    let name = patch.name.as_deref().map(checked_name).transpose()?;
    let url = patch.url.as_deref().map(|url| checked_url(cx, url));
    let events = patch.events.as_deref().map(checked_events).transpose()?;
    let update = ENDPOINT_UPDATE.bind(vec![
        cx.business_id().into(),
        (&id).into(),
        name.into(),
        url.transpose()?.into(),
        events.into(),
        patch.status.map(EndpointStatus::as_str).into(),
        cx.now.micros().into(),
        patch.retries.map(RetrySchedule::as_str).into(),
    ]);
    let results = cx.db.batch(vec![update, abandon(cx, &id)]).await?;
    saved(cx, first(&results, 0))
}

/// Deletes an endpoint, and gives up what waits for it.
///
/// # Errors
/// 404.
pub async fn endpoint_delete(cx: &Context<'_>, id: &str) -> Result<(), Error> {
    let id = known_id(id)?;
    let delete = at(cx, &ENDPOINT_DELETE, &id);
    let results = cx.db.batch(vec![delete, abandon(cx, &id)]).await?;
    first(&results, 0).map(|_| ()).ok_or_else(not_found)
}

/// A test event.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TestEvent {
    /// Always `webhook.test`.
    pub event: &'static str,
    /// The id, by which its delivery is found in the list of deliveries.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uuid")))]
    pub event_id: String,
}

/// Raises a `webhook.test` for one endpoint, which takes the way that every event takes.
///
/// # Errors
/// 404; 409 while it is disabled.
pub async fn endpoint_test(cx: &Context<'_>, id: &str) -> Result<TestEvent, Error> {
    let id = known_id(id)?;
    let event_id = cx.ids.next();
    let test = ENDPOINT_TEST.bind(vec![
        cx.business_id().into(),
        (&id).into(),
        event_id.as_str().into(),
        cx.now.micros().into(),
    ]);
    let results = cx.db.batch(vec![get(cx, &id), test]).await?;
    must_be_active(cx, first(&results, 0))?;
    if first(&results, 1).is_none() {
        return Err(Error::internal("an active endpoint was not tested"));
    }
    cx.wake(Queue::Events, cx.business_id());
    Ok(TestEvent {
        event: events::WEBHOOK_TEST.as_str(),
        event_id,
    })
}

/// Gives an endpoint a new secret. The old one signs beside it for a day, or as the request says.
///
/// # Errors
/// 404; 409 while an earlier rotation goes on; 422 for too long an overlap.
pub async fn endpoint_rotate_secret(
    cx: &Context<'_>,
    id: &str,
    request: &RotationRequest,
) -> Result<CreatedEndpoint, Error> {
    let id = known_id(id)?;
    let until = cx.now.plus(request.hours()? * 3600 * SECOND);
    let (secret, sealed) = secret_create(cx, &id).await?;
    let rotate = ENDPOINT_ROTATE.bind(vec![
        cx.business_id().into(),
        (&id).into(),
        sealed.into(),
        until.micros().into(),
        cx.now.micros().into(),
    ]);
    let results = cx.db.batch(vec![get(cx, &id), rotate]).await?;
    first(&results, 0).ok_or_else(not_found)?;
    let Some(row) = first(&results, 1) else {
        let message = "The last rotation is not over. Call finish-rotation, then rotate again.";
        return Err(Error::new(Kind::Conflict, message));
    };
    Ok(CreatedEndpoint {
        webhook: Endpoint::of_row(row, cx.now)?,
        secret,
    })
}

/// Ends a rotation: the new secret alone signs. Changes nothing where none goes on.
///
/// # Errors
/// 404.
pub async fn endpoint_finish_rotation(cx: &Context<'_>, id: &str) -> Result<SavedEndpoint, Error> {
    let finish = at(cx, &ENDPOINT_FINISH_ROTATION, &known_id(id)?);
    saved(cx, cx.db.rows(finish).await?.first())
}

fn get(cx: &Context<'_>, id: &EndpointId) -> Statement {
    ENDPOINT_GET.bind(vec![cx.business_id().into(), id.into()])
}

fn at(cx: &Context<'_>, sql: &'static Sql, id: &EndpointId) -> Statement {
    sql.bind(vec![
        cx.business_id().into(),
        id.into(),
        cx.now.micros().into(),
    ])
}

fn abandon(cx: &Context<'_>, id: &EndpointId) -> Statement {
    at(cx, &DELIVERY_ABANDON, id)
}

fn first(results: &[Rows], n: usize) -> Option<&Row> {
    results.get(n).and_then(|rows| rows.first())
}

fn saved(cx: &Context<'_>, row: Option<&Row>) -> Result<SavedEndpoint, Error> {
    let webhook = Endpoint::of_row(row.ok_or_else(not_found)?, cx.now)?;
    Ok(SavedEndpoint { webhook })
}

fn must_be_active(cx: &Context<'_>, row: Option<&Row>) -> Result<(), Error> {
    match saved(cx, row)?.webhook.status {
        EndpointStatus::Active => Ok(()),
        EndpointStatus::Disabled => Err(disabled()),
    }
}
