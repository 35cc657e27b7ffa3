//! What Krayin posts to us: it signs nothing, and says of which record only what a form has, so that it is
//! a reason to look, and no more. A secret at the end of the URL proves it.

use super::Krayin;
use super::settings::WEBHOOK_SECRET;
use common::context::Context;
use common::http::{Error, Kind, Request, Response};
use common::ports::{Async, Queue};
use common::signatures::equal;
use common::time::SECOND;
use crm::table::Draft;
use crm::{Connector, NewJob, Receive, integrations_of_org, jobs_add};

/// Calls within so long are one look, since each of our own writes may cause one.
pub(super) const BUCKET_MICROS: i64 = 20 * SECOND;
/// What the jobs of calls are in order with: what asks for changes every few minutes.
const STREAM: &str = "reconcile";

impl Receive for Krayin {
    fn receive<'a>(
        &'a self,
        cx: &'a Context<'a>,
        request: &'a Request,
    ) -> Async<'a, Result<Response, Error>> {
        Box::pin(async move {
            // Krayin waits for the answer, and whoever changed something there waits for Krayin.
            called(cx, request.id.as_deref().unwrap_or_default()).await?;
            Ok(Response::content(200, "application/json", "{}"))
        })
    }
}

/// Takes note that something changed, for every business whose secret it is.
///
/// # Errors
/// 401 where it is nobody's; 503 when the database is away.
async fn called(cx: &Context<'_>, path: &str) -> Result<(), Error> {
    let refused = || {
        Error::new(
            Kind::InvalidSignature,
            "The URL has no secret that is known.",
        )
    };
    let (org, secret) = path.split_once('/').ok_or_else(refused)?;
    let mut own = Vec::new();
    for (business_id, integration) in integrations_of_org(cx, Krayin.name(), org).await? {
        let business = cx.of_business(&business_id);
        let draft = Draft::stored(&business, &integration).unwrap_or_default();
        let known = draft.secrets.get(WEBHOOK_SECRET);
        if known.is_some_and(|known| !known.is_empty() && equal(known, secret)) {
            own.push(business);
        }
    }
    if own.is_empty() {
        return Err(refused());
    }
    let now = cx.now.micros();
    let job = NewJob {
        kind: "remote",
        subject: format!("changes:{}", now.div_euclid(BUCKET_MICROS)),
        stream: STREAM.to_owned(),
        priority: 1,
        ordered_at: now,
        ..NewJob::default()
    };
    for business in own {
        let jobs = std::slice::from_ref(&job);
        cx.db
            .batch(jobs_add(&business, Krayin.name(), jobs)?)
            .await?;
        cx.wake(Queue::Crm, business.business_id());
    }
    Ok(())
}
