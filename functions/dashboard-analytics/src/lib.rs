//! The Worker of `dashboard-analytics`; its contract stands in `handler`.

mod agents;
mod csv;
pub mod day;
mod figures;
/// What it answers, step by step.
pub mod handler;
mod query;
pub mod report;
pub mod sql;

use edge::{Context, Env, Reach, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "dashboard-analytics",
        Reach::NOTHING,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
