//! The Worker of `crm-links`; its contract stands in `handler`.

/// What is searched, as a list.
pub mod documents;
/// The handler, step by step.
pub mod handler;
pub mod health;
pub mod input;
mod preview;
pub mod search;
pub mod settings;
pub mod shown;
pub mod sql;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("crm-links");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve("crm-links", PORTS, handler::handle, request, env, ctx).await
}
