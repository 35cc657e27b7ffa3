use crate::sql::BUSINESS_REGION;
use common::Context;
use common::calls;
use common::db::text_of;
use common::http::{Error, Kind, Result};
use customer::{ApplyRecord, RecordApplied, SyncOptions, batch_of, customers_sync};

/// A call of sync-crm through [`applied`](customer::applied), with a record of a customer who changed
/// in a CRM. 503 when the database is away.
///
/// 1. Reads the business and the record: 400 for any other body.
/// 2. Reads the business's region, by which national phone numbers are read: 400 for no business.
/// 3. Applies the record as api-customers-sync would: found by its identities, merged, events raised.
/// 4. Answers why the record could not be applied, or nothing.
pub async fn run(cx: &Context<'_>, _: &str, body: &[u8]) -> Result<String> {
    // 1.
    let ApplyRecord {
        business_id,
        record,
    } = calls::read(body)?;

    // 2.
    let mut business = cx.of_business(&business_id);
    let region = BUSINESS_REGION.bind(vec![business_id.as_str().into()]);
    let region = cx.db.rows(region).await?.into_iter().next();
    business.caller.default_region = text_of(region.ok_or_else(unreadable)?, "default_region")?;

    // 3.
    let records = ["{\"customers\":[", &record, "]}"].concat();
    let results = customers_sync(&business, batch_of(&records)?, SyncOptions::default()).await?;

    // 4.
    let refusal = results.into_iter().next().and_then(|result| result.error);
    calls::answer::<ApplyRecord>(&RecordApplied { refusal })
}

#[track_caller]
fn unreadable() -> Error {
    Error::new(Kind::MalformedJson, "What to apply is unreadable.")
}
