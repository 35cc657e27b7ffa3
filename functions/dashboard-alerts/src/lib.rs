//! The Worker of `dashboard-alerts`; its contract stands in `handler`.

/// Alerts as they are shown.
pub mod alert;
/// What alerts are raised for.
pub mod cause;
/// Who is told.
pub mod destination;
/// The handler, step by step.
pub mod handler;
mod notify;
/// When people are left alone.
pub mod quiet;
/// What a business sets.
pub mod settings;
pub mod sql;
/// How everything fares.
pub mod status;
mod watch;

pub use notify::TestResult;

use edge::{
    Capabilities, Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, event,
};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("dashboard-alerts");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "dashboard-alerts",
        PORTS,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}

#[event(scheduled)]
async fn cron(_: ScheduledEvent, env: Env, ctx: ScheduleContext) {
    edge::each_minute("dashboard-alerts", PORTS, handler::each_minute, env, ctx).await;
}
