//! Asks for a connector's record to be applied as a CRM's would be. A function of its own does that,
//! since reading phone numbers weighs more than all else that a connector does.

use common::context::Context;
use common::http::Error;
use common::json::raw::text;

/// The function that applies them.
pub const APPLIER: &str = "apply-customers";

/// Applies one record, as JSON, to the business's customers; why it could not be, where it failed.
///
/// # Errors
/// 503 where the function or its database does not answer.
pub async fn applied(cx: &Context<'_>, record: &str) -> Result<Option<String>, Error> {
    let texts = [cx.business_id(), record];
    let body = serde_json::to_vec(&texts).map_err(Error::internal)?;
    let answered = cx.outside.services.call(APPLIER, "", &body).await?;
    let told = std::str::from_utf8(&answered.body).ok();
    match (answered.status, told) {
        (200, Some(told)) => Ok(text(told)),
        (status, _) => Err(Error::unavailable(format!("{APPLIER}: status {status}"))),
    }
}
