use common::Context;
use common::http::Result;
use messaging::messages::send::{delivery_run, send_due};

/// A call of send-message, which stored messages and the first of which is ours to send.
///
/// 1. Gets each medium to the provider in its way: left there before, linked, or in the message.
/// 2. Asks the provider and records what came of it: sent, refused, to be tried again later, or
///    uncertain. Later messages of the same request wait where an earlier one has to.
/// 3. Tells how each message stands.
pub async fn run(cx: &Context<'_>, _: &str, body: &[u8]) -> Result<String> {
    delivery_run(cx, body).await
}

/// The queue `Sends`, whose messages name what is due: to be tried again, or to be declared
/// uncertain. fan-out's cron wakes for what the queue lost.
pub async fn resume(cx: &Context<'_>, message: &str) -> Result<()> {
    send_due(cx, message).await
}
