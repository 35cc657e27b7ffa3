//! The Worker of `customers-bulk-create`; its contract stands in `handler`.

mod handler;
#[cfg(test)]
mod tests;

use edge::{Context, Env, Reach, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "customers-bulk-create",
        Reach::NOTHING,
        handler::handle,
        request,
        env,
        ctx,
    )
    .await
}
