use crate::backfill::{BackfillRequest, backfill_get, backfill_run};
use crate::jobs::{
    CrmJobPatch, RetryRequest, crm_job_dismiss, crm_job_edit, crm_job_get, crm_job_list,
    crm_job_retry, crm_jobs_retry_failed, retry_recalled,
};
use common::Context;
use common::http::{Error, Request, Response, Result};
use crm::{Connector, connector_of};

/// What is done for a business at a CRM, at `/api/dashboard/integrations/{connector}` (session).
///
/// 1. Finds the connector: 404.
/// 2. Reads the request, and does what it asks for; a job of another business is 404:
///    - `GET jobs`: 200 with a page of jobs, newest first; 422 for another `state`, `limit` or
///      `cursor`.
///    - `GET jobs/{id}`: 200 with the job, its detail and its last ten tries.
///    - `PATCH jobs/{id}`: changes its detail; 409 for one that is done, or that somebody is at.
///    - `POST jobs/{id}/retry`: has it done again, at once.
///    - `DELETE jobs/{id}`: gives up one that failed: 204; 409 for any other.
///    - `POST retry-failed`: has all done again that failed, or those since a time or of a code: 200
///      with `{count}`.
///    - `GET backfill`: 200 with how far sending what was there before has come.
///    - `POST backfill`: makes the jobs of the next 500 messages, unless 2000 wait: 200 as above; 409
///      where it is not enabled, and for another `since` than that of the backfill that stands.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    handle_with(connectors::CONNECTORS, cx, request).await
}

/// As [`handle`], for these CRMs.
pub async fn handle_with(
    connectors: &[&dyn Connector],
    cx: &Context<'_>,
    request: Request,
) -> Result<Response> {
    // 1.
    let connector = connector_of(connectors, request.connector.as_deref())?;
    let name = connector.name();
    let id = request.id.as_deref().unwrap_or_default();

    // 2.
    match request.route.operation {
        "crm_job_list" => ok(&crm_job_list(cx, name, &request.query).await?),
        "crm_job_get" => ok(&crm_job_get(cx, name, id).await?),
        "crm_job_edit" => {
            let patch = CrmJobPatch::parse(request.text()?)?;
            ok(&crm_job_edit(cx, name, id, patch).await?)
        }
        "crm_job_retry" => {
            let retried = match &request.recall {
                Some(recall) => retry_recalled(cx, name, id, recall).await?,
                None => crm_job_retry(cx, name, id).await?,
            };
            let recall = retried.recall();
            Ok(Response::json(200, &retried).recalled_by(recall))
        }
        "crm_job_dismiss" => {
            crm_job_dismiss(cx, name, id).await?;
            Ok(Response::empty(204))
        }
        "crm_jobs_retry_failed" => {
            let input = RetryRequest::parse(request.text()?)?;
            ok(&crm_jobs_retry_failed(cx, name, &input).await?)
        }
        "backfill_get" => ok(&backfill_get(cx, name).await?),
        "backfill_run" => {
            let input = BackfillRequest::parse(request.text()?)?;
            ok(&backfill_run(cx, connector, &input).await?)
        }
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}

fn ok(value: &impl serde::Serialize) -> Result<Response> {
    Ok(Response::json(200, value))
}
