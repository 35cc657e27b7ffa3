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
/// - `GET /docs`: the same for people, as one page.
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
        "docs" => {
            let page = cx.ports.assets.read("docs.html").await?;
            Ok(Response::content(200, "text/html; charset=utf-8", page)
                .with_header("content-security-policy", DOCS_POLICY)
                .with_header("referrer-policy", "no-referrer"))
        }
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}
