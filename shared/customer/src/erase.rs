use super::sql::{
    ATTACHMENT_ERASE, ATTACHMENTS_OF_CUSTOMER, ATTEMPT_ERASE, BODY_ERASE, CONTACT_ERASE,
    CRM_CACHE_ERASE, CRM_JOB_ERASE, CRM_LINK_ERASE, CUSTOMER_ERASE, ESCALATION_ERASE,
    ESCALATION_EVENT_ERASE, IDENTITY_ERASE, IDENTITY_ERASE_OF_CHANNELS, IDENTITY_ERASE_OF_SMS,
    MAILS_OF_CUSTOMER, MESSAGE_ERASE, NOTE_ERASE, RATING_ERASE, SEND_ERASE,
};
use common::context::Context;
use common::db::{Columns, Sql, text_of};
use common::http::{Error, Kind};
use common::ids::CustomerId;
use common::ports::file_keys;
use serde::Serialize;

/// An erased customer.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErasedCustomer {
    /// Always true.
    pub success: bool,
    /// The customer, who can no longer be found.
    pub customer_id: CustomerId,
}

/// Erases a person: names, fields, what was said and what was attached go; the rows stay for what
/// is counted by them.
///
/// # Errors
/// 404 when the business has no such customer, or has erased it.
pub async fn customer_erase(cx: &Context<'_>, id: &str) -> Result<ErasedCustomer, Error> {
    let not_found = || Error::new(Kind::NotFound, "There is no such customer.");
    let id = CustomerId::parse(id).ok_or_else(not_found)?;
    let of_customer = |sql: &'static Sql| sql.bind(vec![cx.business_id().into(), (&id).into()]);
    let of_customer_now = |sql: &'static Sql| {
        let mut statement = of_customer(sql);
        statement.params.push(cx.now.micros().into());
        statement
    };
    // The bytes first: while their rows are there, a repeated call finds what is left of them.
    for row in cx.db.rows(of_customer(&ATTACHMENTS_OF_CUSTOMER)).await? {
        let mut columns = Columns::of(&row);
        let key = format!("{}/{}", cx.business_id(), columns.str("id")?);
        let size = columns.integer_or_null("size")?;
        for key in file_keys(&key, size.and_then(|size| usize::try_from(size).ok())) {
            cx.ports.blobs.delete(&key).await?;
        }
    }
    for row in cx.db.rows(of_customer(&MAILS_OF_CUSTOMER)).await? {
        let raw = text_of(row, "raw")?;
        let key = format!("{}/{raw}", cx.business_id());
        cx.ports.blobs.delete(&key).await?;
    }
    let results = cx
        .db
        .batch(vec![
            of_customer(&IDENTITY_ERASE),
            of_customer(&IDENTITY_ERASE_OF_CHANNELS),
            of_customer(&IDENTITY_ERASE_OF_SMS),
            of_customer(&ATTEMPT_ERASE),
            of_customer(&BODY_ERASE),
            of_customer(&ATTACHMENT_ERASE),
            of_customer(&SEND_ERASE),
            of_customer(&NOTE_ERASE),
            of_customer(&ESCALATION_ERASE),
            of_customer(&ESCALATION_EVENT_ERASE),
            of_customer(&RATING_ERASE),
            of_customer(&CRM_JOB_ERASE),
            of_customer(&CRM_CACHE_ERASE),
            of_customer(&CRM_LINK_ERASE),
            of_customer(&CONTACT_ERASE),
            of_customer_now(&MESSAGE_ERASE),
            of_customer_now(&CUSTOMER_ERASE),
        ])
        .await?;
    match results.last() {
        Some(erased) if !erased.is_empty() => Ok(ErasedCustomer {
            success: true,
            customer_id: id,
        }),
        _ => Err(not_found()),
    }
}
