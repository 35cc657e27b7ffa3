//! The Worker of `dashboard-integrations`; its contract stands in `handler`.

mod enable;
/// The handler, step by step.
pub mod handler;
pub mod list;
#[cfg(feature = "schema")]
pub mod schema;
pub mod sql;
pub mod status;
mod store;
mod view;

use edge::{Capabilities, Context, Env, Request, Response, Result, event};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("dashboard-integrations");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "dashboard-integrations",
        PORTS,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
