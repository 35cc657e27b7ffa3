//! The Worker of `dashboard-channels`; its contract stands in `handler`.

/// The handler, step by step.
pub mod handler;
pub mod settings;
pub mod sql;

use edge::{
    Capabilities, Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, event,
};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("dashboard-channels");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "dashboard-channels",
        PORTS,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, ctx: ScheduleContext) {
    edge::each_minute("dashboard-channels", PORTS, handler::each_minute, env, ctx).await;
}
