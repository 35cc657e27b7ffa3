use super::sql::{CUSTOMER_ERASE, IDENTITY_ERASE};
use crate::context::Context;
use crate::http::{Error, Kind};
use crate::ids::is_id;
use serde::Serialize;

/// That a person was erased.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErasedCustomer {
    /// Always true.
    pub success: bool,
    /// The customer, which is not found any more.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uuid")))]
    pub customer_id: String,
}

/// Erases a person: names and fields go, the row stays for what is counted by it.
///
/// # Errors
/// 404 when the business has no such customer, or has erased it.
pub async fn customer_erase(cx: &Context<'_>, id: &str) -> Result<ErasedCustomer, Error> {
    let not_found = || Error::new(Kind::NotFound, "There is no such customer.");
    if !is_id(id) {
        return Err(not_found());
    }
    let (business, id) = (cx.business_id(), id.to_ascii_lowercase());
    let results = cx
        .db
        .batch(vec![
            IDENTITY_ERASE.bind(vec![business.into(), id.as_str().into()]),
            CUSTOMER_ERASE.bind(vec![
                business.into(),
                id.as_str().into(),
                cx.now.micros().into(),
            ]),
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
