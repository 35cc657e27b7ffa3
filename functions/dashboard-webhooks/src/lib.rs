//! The Worker of `dashboard-webhooks`; its contract stands in `handler`.

mod handler;
#[cfg(test)]
mod tests;

use edge::{Context, Env, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve_equipped("dashboard-webhooks", handler::handle, request, env, ctx).await
}
