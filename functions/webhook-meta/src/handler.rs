use common::Context;
use common::http::{Method, Request, Response, Result};
use receivers::meta;

/// `GET /webhook-meta?hub.mode=subscribe&hub.verify_token=&hub.challenge=` (Meta's handshake)
///
/// 1. Looks for an account with the token: 200 with the bare challenge, else 403.
///
/// `POST /webhook-meta` (Meta; signed by the app secret of some account)
///
/// 1. Checks `X-Hub-Signature-256` over the bytes as they came: 401.
/// 2. Takes in what it holds for accounts of that secret, each message once: 200 with counts. What
///    is for accounts that nobody has here is counted and logged, and is nobody's.
/// 3. With the database away, keeps the delivery for later: 200. 503 where not even that succeeds,
///    so that Meta sends it again.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    if request.route.method == Method::Get {
        let query = |name| request.query.get(name);
        let (mode, token) = (query("hub.mode"), query("hub.verify_token"));
        let challenge = meta::handshake(cx, mode, token, query("hub.challenge")).await?;
        return Ok(Response::content(
            200,
            "text/plain; charset=utf-8",
            challenge,
        ));
    }
    let signature = (cx.header)("x-hub-signature-256");
    let receipt = meta::delivery_receive(cx, signature.as_deref(), &request.body).await?;
    Ok(Response::json(200, &receipt))
}

/// Takes in a delivery that was kept; the message is its key.
pub async fn resume(cx: &Context<'_>, key: &str) -> Result<()> {
    meta::delivery_resume(cx, key).await
}

/// Takes in whatever is still kept, each minute.
pub async fn resume_all(cx: &Context<'_>, _: &str) -> Result<()> {
    meta::deliveries_resume(cx).await
}
