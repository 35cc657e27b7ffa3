//! The Worker of `webhook-email`; its contract stands in `handler`.

mod envelope;
/// The handler, step by step.
pub mod handler;
mod intake;
mod posts;
mod resend;
pub mod sql;
mod thread;
mod verify;

use edge::{
    Capabilities, Context, Env, Mail, Request, Response, Result, ScheduleContext, ScheduledEvent,
    event,
};

/// What its row of the ledger binds.
const PORTS: Capabilities = edge::capabilities!("webhook-email");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_public("webhook-email", PORTS, handler::handle, request, env, ctx).await
}
#[event(email)]
async fn email(mail: Mail, env: Env, ctx: Context) -> Result<()> {
    edge::receive_mail("webhook-email", PORTS, handler::receive, mail, env, ctx).await
}
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, ctx: ScheduleContext) {
    edge::each_minute("webhook-email", PORTS, handler::resume_all, env, ctx).await;
}
