//! The Worker of `sso-token`; its contract stands in `handler`.

pub mod create;
/// The handler, step by step.
pub mod handler;
mod member;
mod origin;
pub mod settings;
pub mod sql;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("sso-token");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve("sso-token", PORTS, handler::handle, request, env, ctx).await
}
