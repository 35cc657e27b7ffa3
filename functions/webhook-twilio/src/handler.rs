use crate::delivery as twilio;
use common::Context;
use common::http::{Request, Response, Result};

/// What Twilio takes as: nothing is to be answered.
const NO_REPLY: &str = "<Response/>";

/// `POST /webhook-twilio/{channel id}` (Twilio; signed by the account's auth token, or a shared key)
///
/// 1. Finds the account: 404 for one that nobody has, or that is disabled.
/// 2. Checks `X-Twilio-Signature` over the address, as it is configured or as it was requested, and
///    the form as it came; of a body in JSON over the address with its SHA-256: 401. So also for a
///    delivery of another `AccountSid`. 400 for what should be JSON and is not.
/// 3. Takes in a message, once, with STOP and START noted in the same transaction, or moves a
///    message of ours by its status: 200 with an empty answer in TwiML. What is neither is logged.
/// 4. With the database away, keeps the delivery for later: 200. 503 where not even that succeeds.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    twilio::delivery_receive(cx, &request).await?;
    Ok(Response::content(200, "text/xml; charset=utf-8", NO_REPLY))
}

/// Takes in whatever is still kept, each minute.
pub async fn resume_all(cx: &Context<'_>, _: &str) -> Result<()> {
    twilio::deliveries_resume(cx).await
}
