use common::Context;
use common::http::{Request, Response, Result};
use customer::{SyncOptions, SyncResponse, customers_sync, parse_batch};

/// `POST /api-customers-sync[?dry_run=true][&on_conflict=adopt]` (`customers:write`)
///
/// 1. Reads `{"customers": [records]}`, 1 to 1000: 400 for no JSON, 422 for another shape.
/// 2. Applies each record in order: found by external_id, email, phone, WhatsApp number, else made.
///    A record that is invalid or names two customers fails alone.
/// 3. Writes all of it in one transaction, or nothing in a dry run.
/// 4. 200 with what became of each record; 503 when the database is away.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let options = SyncOptions::from_query(&request.query)?;
    let results = customers_sync(cx, parse_batch(&request)?, options).await?;
    Ok(Response::json(200, &SyncResponse::of(results)))
}
