use common::Context;
use common::http::Result;
use receivers::messaging::messaging_take_in;

/// A call of webhook-meta, which verified a delivery of Messenger or Instagram; `signed_by` names the
/// app secret that signed it.
///
/// 1. Reads the delivery: 400 for what is no JSON.
/// 2. Finds the accounts that it is for. Where none has that secret: 401.
/// 3. Takes in what happened at each: messages, echoes, watermarks, edits and deletions, in one
///    transaction for each account. 503 while the database is away; webhook-meta then keeps the
///    delivery and comes again.
/// 4. Tells how many things were taken in.
pub async fn take_in(cx: &Context<'_>, signed_by: &str, body: &[u8]) -> Result<String> {
    messaging_take_in(cx, signed_by, body).await
}
