//! Stands in for `customers` in one test: panics at `?limit=13`, before or after its first await,
//! and answers otherwise.

use common::Context as Cx;
use common::http::{Request as Asked, Response as Answer};
use edge::{Context, Env, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(request: Request, env: Env, ctx: Context) -> Result<Response> {
    edge::serve(
        "customers",
        edge::capabilities!("customers"),
        handle,
        request,
        env,
        ctx,
    )
    .await
}

async fn handle(_: &Cx<'_>, request: Asked) -> common::http::Result<Answer> {
    let number = request.query.number("limit", 1, 1000, 100)?;
    assert!(number != 13, "told to panic");
    Ok(Answer::json(200, &number))
}
