use crate::health::{Live, health};
use common::Context;
use common::http::{Error, Request, Response, Result};

/// The page has no script, loads nothing from other origins, and cannot be framed.
const DOCS_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

/// The gateway's own routes; every other path goes to its function.
///
/// - `GET /livez`: 200. Asks nothing, so that anyone may ask.
/// - `GET /healthz?part=` (platform token): 200 where the database and the functions of this part
///   answer, else 503; says which. 422 for a part that there is not.
/// - `GET /openapi.json`: the API's description. It and the page of it are in `assets/`, written by
///   `scripts/generate` from the ledger and the Rust types.
/// - `GET /docs`, `GET /docs/settings`: the same for people; the second has what a dashboard calls.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    match request.route.operation {
        "live" => Ok(Response::json(200, &Live { status: "ok" })),
        "health" => {
            let health = health(cx, &request.query).await?;
            Ok(Response::json(
                if health.is_up() { 200 } else { 503 },
                &health,
            ))
        }
        "openapi" => {
            let document = cx.ports.assets.read("openapi.json").await?;
            Ok(Response::json_text(200, document))
        }
        "docs" => docs(cx, "docs.html").await,
        "docs_settings" => docs(cx, "docs-settings.html").await,
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}

async fn docs(cx: &Context<'_>, file: &str) -> Result<Response> {
    let page = cx.ports.assets.read(file).await?;
    Ok(Response::content(200, "text/html; charset=utf-8", page)
        .with_header("content-security-policy", DOCS_POLICY)
        .with_header("referrer-policy", "no-referrer"))
}
