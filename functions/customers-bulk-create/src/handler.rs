use common::Context;
use common::http::{Request, Response, Result};
use customer::{BulkCreateResponse, SyncOptions, customers_sync, parse_batch};

/// `POST /api-customers-bulk-create[?dry_run=true][&on_conflict=adopt]` (`customers:write`)
///
/// The same records and rules as `customers-sync`; the answer is made for an import: the failures,
/// and which customer each external id has become.
///
/// 1. Reads the options: 422 for a value that there is not.
/// 2. Reads `{"customers": [records]}`, 1 to 1000: 400 for no JSON, 422 for another shape.
/// 3. Applies each record in order; a record that fails, fails alone. All of it is written in one
///    transaction, or nothing in a dry run: 503 when the database is away.
/// 4. Answers 200 with `{success, created, updated, failed, errors, customers}`.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    // 1.
    let options = SyncOptions::from_query(&request.query)?;

    // 2.
    let batch = parse_batch(&request)?;

    // 3.
    let results = customers_sync(cx, &batch, options).await?;

    // 4.
    Ok(Response::json(200, &BulkCreateResponse::of(results)))
}
