//! The Worker of `embed-text`; its contract stands in `handler`.

/// The handler, step by step.
pub mod handler;
/// The table of word pieces.
pub mod table;
mod unicode;
/// Texts, cut into words and pieces.
pub mod words;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("embed-text");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_calls("embed-text", PORTS, handler::run, request, env, ctx).await
}
