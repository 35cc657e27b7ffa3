use crate::begin::begin;
use crate::come_back::come_back;
use crate::complete::{SignIn, complete};
use crate::links::{LinkRequest, ask, send_links};
use crate::options::{discover, options};
use common::Context;
use common::http::{Error, Request, Response, Result};

/// Who signs in, and is nobody yet.
///
/// - `GET /api/dashboard/sign-in/options`: by what.
/// - `POST /api/dashboard/sign-in/complete` (a page of ours): a session, as a cookie, for a link's token.
/// - `POST /api/dashboard/sign-in/link`: has links sent to an address. Whose it is, nobody is told.
/// - `POST /api/dashboard/sign-in/discover`: the provider of an address's domain.
/// - `GET /api/dashboard/sign-in/oidc` (a browser): sends a person to the provider of a business.
/// - `GET /oauth/callback/sign-in` (a browser that comes back): a session, or a page.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    match request.route.operation {
        "sign_in_options" => Ok(Response::json(200, &options(cx).await?)),
        "sign_in_complete" => complete(cx, SignIn::read(request.text()?)?).await,
        "sign_in_link" => {
            let asked = ask(cx, LinkRequest::read(request.text()?)?).await?;
            Ok(Response::json(202, &asked))
        }
        "sign_in_discover" => {
            let found = discover(cx, LinkRequest::read(request.text()?)?).await?;
            Ok(Response::json(200, &found))
        }
        "sign_in_begin" => begin(cx, &request.query).await,
        "sign_in_return" => come_back(cx, &request.query).await,
        other => Err(Error::internal(format!("no operation {other}"))),
    }
}

/// Sends an address its links; see [`send_links`].
pub async fn mail(cx: &Context<'_>, email: &str) -> Result<()> {
    send_links(cx, email).await
}
