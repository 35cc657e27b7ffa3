//! The Worker of `dashboard-integrations`; its contract stands in `handler`.

mod enable;
/// What it answers, step by step.
pub mod handler;
pub mod list;
#[cfg(feature = "schema")]
pub mod schema;
pub mod sql;
pub mod status;
mod store;
mod view;

use edge::{Context, Env, Reach, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "dashboard-integrations",
        Reach::NOTHING.http().pause().secrets(),
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
