use common::Context;
use common::http::{Request, Response, Result};

/// Written by `scripts/generate` from the ledger and the Rust types. It has a Worker of its own,
/// since beside the OpenAPI document it would make the gateway too large.
const DOCS: &str = include_str!("../docs.html");
/// The page has no script, loads nothing from elsewhere, and is framed by nobody.
const DOCS_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

/// `GET /docs`: the API's description for people, 200 with one page.
pub async fn handle(_: &Context<'_>, _: Request) -> Result<Response> {
    Ok(Response::content(200, "text/html; charset=utf-8", DOCS)
        .with_header("content-security-policy", DOCS_POLICY)
        .with_header("referrer-policy", "no-referrer"))
}
