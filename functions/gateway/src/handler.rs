use crate::health::health;
use common::Context;
use common::http::{Error, Request, Response, Result};

/// Written by `scripts/generate` from the ledger and the Rust types.
const OPENAPI: &str = include_str!("../openapi.json");

/// The gateway's own routes; every other path goes to its function.
///
/// - `GET /healthz`: 200 where the database and every function answer, else 503; says which.
/// - `GET /openapi.json`: the API's description.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    match request.route.operation {
        "health" => {
            let health = health(cx).await;
            Ok(Response::json(
                if health.is_up() { 200 } else { 503 },
                &health,
            ))
        }
        "openapi" => Ok(Response::json_text(200, OPENAPI)),
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}
