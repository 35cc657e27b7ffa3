use crate::sql::BUSINESS_REGION;
use common::Context;
use common::calls;
use common::calls::Call;
use common::db::text_of;
use common::http::{Error, Kind, Result};
use customer::{
    ApplyChanges, ApplyRecord, MAX_PHONES, NormalisePhone, NormalisePhones, Phone, PhoneNormalised,
    PhonesNormalised, RecordApplied, SyncOptions, batch_of, customer_change, customers_sync,
};
use std::borrow::Cow;

/// The calls of this function, each by its name. A build from before the others refuses them for their
/// shape.
pub async fn run(cx: &Context<'_>, call: &str, body: &[u8]) -> Result<String> {
    match call {
        NormalisePhone::NAME => phone_normalise(body),
        NormalisePhones::NAME => phones_normalise(body),
        ApplyChanges::NAME => changes_apply(cx, body).await,
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

/// A call of refresh-crm-links through [`phones_normalised`](customer::phones_normalised), with the numbers of a slice of
/// records.
///
/// 1. Reads the numbers and their region: 400 for any other body, and for more numbers than one call may have.
/// 2. Answers each in E.164, or nothing for what is none.
fn phones_normalise(body: &[u8]) -> Result<String> {
    // 1.
    let NormalisePhones { phones, region } = calls::read(body)?;
    if phones.len() > MAX_PHONES {
        return Err(unreadable());
    }

    // 2.
    let read = |phone: String| {
        let phone = Phone::parse(Cow::Owned(phone), &region);
        phone.map(|phone| phone.as_str().to_owned())
    };
    let phones = phones.into_iter().map(read).collect();
    calls::answer::<NormalisePhones>(&PhonesNormalised { phones })
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
    let business = business_of(cx, &business_id).await?;

    // 3.
    let records = ["{\"customers\":[", &record, "]}"].concat();
    let batch = batch_of(&records)?;
    let results = customers_sync(&business, &batch, SyncOptions::default()).await?;

    // 4.
    let refusal = results.into_iter().next().and_then(|result| result.error);
    calls::answer::<ApplyRecord>(&RecordApplied { refusal })
}

/// A call through [`changes_applied`](customer::changes_applied), with what changed of a customer in a CRM.
/// 503 when the database is away.
///
/// 1. Reads business, customer and changes: 400 for any other body.
/// 2. Reads the business's region, by which national phone numbers are read: 400 for no business.
/// 3. Applies the changes to that customer and to nobody else, events raised.
/// 4. Answers why they could not be applied, or nothing.
async fn changes_apply(cx: &Context<'_>, body: &[u8]) -> Result<String> {
    // 1.
    let ApplyChanges {
        business_id,
        customer_id,
        changes,
    } = calls::read(body)?;

    // 2.
    let business = business_of(cx, &business_id).await?;

    // 3.
    let records = ["{\"customers\":[", &changes, "]}"].concat();
    let refusal = customer_change(&business, &batch_of(&records)?, &customer_id).await?;

    // 4.
    calls::answer::<ApplyChanges>(&RecordApplied { refusal })
}

/// The business, with the region of its phone numbers.
async fn business_of<'a>(cx: &'a Context<'_>, business_id: &str) -> Result<Context<'a>> {
    let mut business = cx.of_business(business_id);
    let region = BUSINESS_REGION.bind(vec![business_id.into()]);
    let region = cx.db.rows(region).await?.into_iter().next();
    business.caller.default_region = text_of(region.ok_or_else(unreadable)?, "default_region")?;
    Ok(business)
}

#[track_caller]
fn unreadable() -> Error {
    Error::new(Kind::MalformedJson, "What to apply is unreadable.")
}
