use crate::health::health;
use common::Context;
use common::http::{Error, Request, Response, Result};

/// The page has no script, loads nothing from other origins, and cannot be framed.
const DOCS_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

/// The gateway's own routes; every other path goes to its function.
///
/// - `GET /healthz`: 200 where the database and every function answer, else 503; says which.
/// - `GET /openapi.json`: the API's description. It and the page of it are in `assets/`, written by
///   `scripts/generate` from the ledger and the Rust types.
/// - `GET /docs`: the same for people, as one page.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    match request.route.operation {
        "health" => {
            let health = health(cx).await;
            Ok(Response::json(
                if health.is_up() { 200 } else { 503 },
                &health,
            ))
        }
        "openapi" => {
            let document = cx.ports.assets.read("openapi.json").await?;
            Ok(Response::json_text(200, document))
        }
        "docs" => {
            let page = cx.ports.assets.read("docs.html").await?;
            Ok(Response::content(200, "text/html; charset=utf-8", page)
                .with_header("content-security-policy", DOCS_POLICY)
                .with_header("referrer-policy", "no-referrer"))
        }
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}
