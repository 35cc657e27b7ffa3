//! The Worker of `webhook-email`; its contract stands in `handler`.

mod envelope;
/// What it answers, step by step.
pub mod handler;
mod intake;
mod news;
mod resend;
pub mod sql;
mod thread;
mod verify;

use edge::{
    Context, Env, Mail, Reach, Request, Response, Result, ScheduleContext, ScheduledEvent, event,
};

/// What its row of the ledger binds.
const REACH: Reach = Reach::of("webhook-email");

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_public("webhook-email", REACH, handler::handle, request, env, ctx).await
}
#[event(email)]
async fn email(mail: Mail, env: Env, ctx: Context) -> Result<()> {
    edge::receive_mail("webhook-email", REACH, handler::receive, mail, env, ctx).await
}
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, ctx: ScheduleContext) {
    edge::each_minute("webhook-email", REACH, handler::resume_all, env, ctx).await;
}
