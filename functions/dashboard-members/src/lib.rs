//! The Worker of `dashboard-members`; its contract stands in `handler`.

/// The handler, step by step.
pub mod handler;
/// Inviting somebody.
mod invite;
/// What is shown of whoever asks.
pub mod me;
/// What is shown and asked of members.
pub mod member;
/// By what provider members sign in.
pub mod provider;
/// What is asked of that.
pub mod provider_request;
pub mod sql;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("dashboard-members");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "dashboard-members",
        PORTS,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
