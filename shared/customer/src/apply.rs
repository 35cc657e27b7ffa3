//! Records that a connector has, applied as a CRM's would be. By a function of its own, since reading
//! phone numbers weighs more than all else that a connector does.

use super::batch::batch_of;
use super::sql::BUSINESS_REGION;
use super::sync::{SyncOptions, customers_sync};
use common::context::Context;
use common::db::Value;
use common::http::{Error, Kind};
use common::json::raw::{list, text};

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

/// Applies what [`applied`] asks for; the refusal as a JSON text, or null.
///
/// # Errors
/// 400 for what is not of [`applied`]; 503 when the database is away.
pub async fn apply_run(cx: &Context<'_>, body: &[u8]) -> Result<String, Error> {
    let unreadable = || Error::new(Kind::MalformedJson, "What to apply is unreadable.");
    let texts = std::str::from_utf8(body).ok().and_then(list);
    let texts: Vec<_> = texts
        .ok_or_else(unreadable)?
        .into_iter()
        .filter_map(text)
        .collect();
    let [business_id, record] = texts.as_slice() else {
        return Err(unreadable());
    };
    let mut business = cx.of_business(business_id);
    // Numbers may be written as they are dialled where the business is.
    let region = BUSINESS_REGION.bind(vec![business_id.as_str().into()]);
    let region = cx.db.rows(region).await?.into_iter().flatten().next();
    business.caller.default_region = region.and_then(Value::into_text).ok_or_else(unreadable)?;
    let whole = ["{\"customers\":[", record, "]}"].concat();
    let results = customers_sync(&business, batch_of(&whole)?, SyncOptions::default()).await?;
    cx.wake_also(business.wakes.take());
    let refusal = results.into_iter().next().and_then(|result| result.error);
    serde_json::to_string(&refusal).map_err(Error::internal)
}
