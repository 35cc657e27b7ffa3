use common::Context;
use common::http::{Request, Response, Result};
use customer::{BulkCreateResponse, SyncOptions, customers_sync, parse_batch};

/// `POST /api-customers-bulk-create[?dry_run=true][&on_conflict=adopt]` (`customers:write`)
///
/// The same records and rules as `customers-sync`; the answer is made for an import: the failures,
/// and which customer each external id has become.
///
/// 1. Reads `{"customers": [records]}`, 1 to 1000: 400 for no JSON, 422 for another shape.
/// 2. Applies each record in order; a record that fails, fails alone.
/// 3. Writes all of it in one transaction, or nothing in a dry run.
/// 4. 200 with `{success, created, updated, failed, errors, customers}`.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let options = SyncOptions::from_query(&request.query)?;
    let results = customers_sync(cx, parse_batch(&request)?, options).await?;
    Ok(Response::json(200, &BulkCreateResponse::of(results)))
}
