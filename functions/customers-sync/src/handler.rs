use common::Context;
use common::http::{Error, Request, Response, Result};
use customer::{SyncOptions, SyncResponse, customers_sync, parse_batch};

/// `POST /api-customers-sync[?dry_run=true][&on_conflict=adopt]` (`customers:write`)
///
/// 1. Reads the options: 422 for a value that there is not.
/// 2. Reads `{"customers": [records]}`, 1 to 1000: 400 for no JSON, 422 for another shape.
/// 3. Applies each record in order: found by external_id, email, phone, WhatsApp number, else made.
///    A record that is invalid or names two customers fails alone. All of it is written in one
///    transaction, or nothing in a dry run: 503 when the database is away.
/// 4. Answers 200 with what became of each record.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    // 1.
    let options = SyncOptions::from_query(&request.query)?;

    // 2.
    let batch = parse_batch(&request)?;

    // 3.
    let results = customers_sync(cx, &batch, options).await?;

    // 4.
    let json = SyncResponse::of(results)
        .to_json()
        .map_err(Error::internal)?;
    Ok(Response::json_text(200, json))
}
