use common::Context;
use common::http::{Request, Response, Result};
use customer::{LookupRequest, customers_lookup};

/// `POST /api-customers-batch-lookup` (`customers:read`)
///
/// 1. Reads `{ids, external_ids, emails, phones}`: 400 for no JSON, 422 for another shape, for
///    nothing, or for more than 1000 in all.
/// 2. Finds them in one query: 503 when the database is away.
/// 3. Answers 200 with `{customers, not_found}`, each customer once, and under `not_found` the same
///    four lists with what has no customer, as it was sent.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    // 1.
    let lookup = LookupRequest::read(request.text()?)?;
    lookup.check()?;

    // 2.
    let json = customers_lookup(cx, &lookup).await?;

    // 3.
    // It changes nothing: a repeated one looks again.
    Ok(Response::json_text(200, json).recalled_by(""))
}
