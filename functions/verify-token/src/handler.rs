use crate::verify::token_verify;
use common::Context;
use common::http::Result;

/// Says whether a token opens the embedded inbox, to the functions behind it; no request from outside
/// gets here. It alone carries the library that reads tokens.
///
/// 1. Checks the signature, before anything is asked of the database: `{"state":"invalid"}`.
/// 2. Checks key, revocations and expiry, as they were in the last 20 s: `valid`, `expired` or
///    `revoked`, with what the token opens and which pages may frame it.
pub async fn run(cx: &Context<'_>, _: &str, token: &[u8]) -> Result<String> {
    token_verify(cx, token).await
}
