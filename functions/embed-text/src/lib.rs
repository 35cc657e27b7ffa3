//! The Worker of `embed-text`; its contract stands in `handler`.

mod answer;
mod backlog;
mod breaker;
/// The handler, step by step.
pub mod handler;
mod job;
mod models;
mod nearest;
mod platform;
mod removals;
pub mod request;
pub mod server;
pub mod settings;
pub mod sql;
/// The table of word pieces.
pub mod table;
mod unicode;
mod vectorize;
/// Texts, cut into words and pieces.
pub mod words;
mod writing;

use edge::{
    Capabilities, Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, event,
};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("embed-text");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    let (handle, run) = (handler::handle, handler::run);
    edge::serve_and_calls("embed-text", PORTS, handle, run, request, env, ctx).await
}

#[event(scheduled)]
async fn cron(_: ScheduledEvent, env: Env, ctx: ScheduleContext) {
    edge::each_minute("embed-text", PORTS, handler::each_minute, env, ctx).await;
}
