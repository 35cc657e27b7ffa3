use crate::sql::BUSINESS_REGION;
use common::Context;
use common::calls;
use common::calls::Call;
use common::db::text_of;
use common::http::{Error, Kind, Result};
use customer::{
    ApplyRecord, NormalisePhone, Phone, PhoneNormalised, RecordApplied, SyncOptions, batch_of,
    customers_sync,
};
use std::borrow::Cow;

/// The calls of this function, each by its name. A build from before the second refuses that for its shape.
pub async fn run(cx: &Context<'_>, call: &str, body: &[u8]) -> Result<String> {
    match call {
        NormalisePhone::NAME => phone_normalise(body),
        _ => record_apply(cx, body).await,
    }
}

/// A call of send-message through [`phone_normalised`](customer::phone_normalised), with a number that has no
/// country.
///
/// 1. Reads the number and its region: 400 for any other body.
/// 2. Answers the number in E.164, or nothing for what is none.
fn phone_normalise(body: &[u8]) -> Result<String> {
    // 1.
    let NormalisePhone { phone, region } = calls::read(body)?;

    // 2.
    let phone = Phone::parse(Cow::Owned(phone), &region).map(|phone| phone.as_str().to_owned());
    calls::answer::<NormalisePhone>(&PhoneNormalised { phone })
}

/// A call of sync-crm through [`applied`](customer::applied), with a record of a customer who changed
/// in a CRM. 503 when the database is away.
///
/// 1. Reads the business and the record: 400 for any other body.
/// 2. Reads the business's region, by which national phone numbers are read: 400 for no business.
/// 3. Applies the record as api-customers-sync would: found by its identities, merged, events raised.
/// 4. Answers why the record could not be applied, or nothing.
async fn record_apply(cx: &Context<'_>, body: &[u8]) -> Result<String> {
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
