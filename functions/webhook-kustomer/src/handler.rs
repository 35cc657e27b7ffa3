use common::Context;
use common::http::{Request, Response, Result};
use crm_kustomer::event_receive;

/// `POST /api/webhooks/kustomer` (Kustomer; signed by the webhook's token)
///
/// 1. Finds the businesses that are connected to the organisation which the body names, and checks
///    `X-Kustomer-Webhook-Signature` over the body as it came by the token of each: 401 where none
///    fits, also for an organisation that nobody is connected to; 400 for what is no JSON.
/// 2. Keeps the event as a job, once for each revision of its record, and wakes sync-crm: 200. What
///    is of no interest is taken, and nothing is done.
/// 3. 503 with the database away, so that Kustomer sends it again.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let signature = (cx.header)("x-kustomer-webhook-signature");
    event_receive(cx, signature.as_deref(), &request.body).await?;
    Ok(Response::content(
        200,
        "application/json",
        r#"{"success":true}"#,
    ))
}
