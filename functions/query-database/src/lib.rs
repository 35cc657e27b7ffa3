//! The Worker of `query-database`; its contract stands in `handler`.

mod connection;
/// The handler, step by step.
pub mod handler;
mod login;
mod rows;
/// Proof of a password without telling it (RFC 5802, RFC 7677).
pub mod scram;
mod sql;
/// Messages of PostgreSQL's protocol.
pub mod wire;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("query-database");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_calls("query-database", PORTS, handler::run, request, env, ctx).await
}
