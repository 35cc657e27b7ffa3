//! Asks for a connector's record to be applied as a CRM's would be. A function of its own does that,
//! since reading phone numbers weighs more than all else that a connector does.

use common::calls::{Call, call};
use common::context::Context;
use common::http::Error;
use common::ids::CustomerId;
use serde::{Deserialize, Serialize};

/// The function that applies them.
pub const APPLIER: &str = "apply-customers";

/// A record to be applied.
#[derive(Debug, Serialize, Deserialize)]
pub struct ApplyRecord {
    /// Whose customer it is.
    pub business_id: String,
    /// The record as JSON, as api-customers-sync takes it.
    pub record: String,
}

/// What changed of a customer whom the connector knows by our id, whatever else they go by.
#[derive(Debug, Serialize, Deserialize)]
pub struct ApplyChanges {
    /// Whose customer it is.
    pub business_id: String,
    /// The customer.
    pub customer_id: CustomerId,
    /// What changed, as JSON, as api-customers-sync takes it.
    pub changes: String,
}

/// The result.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordApplied {
    /// Why the record could not be applied, for people.
    #[serde(default)]
    pub refusal: Option<String>,
}

impl Call for ApplyRecord {
    const FUNCTION: &'static str = APPLIER;
    const NAME: &'static str = "apply_record";
    const VERSION: u32 = 1;
    type Answer = RecordApplied;
}

impl Call for ApplyChanges {
    const FUNCTION: &'static str = APPLIER;
    const NAME: &'static str = "apply_changes";
    const VERSION: u32 = 1;
    type Answer = RecordApplied;
}

/// Applies changes, as the JSON of a record, to one customer; why they could not be, where it failed.
///
/// # Errors
/// As of [`applied`].
pub async fn changes_applied(
    cx: &Context<'_>,
    customer: &CustomerId,
    changes: &str,
) -> Result<Option<String>, Error> {
    let changes = ApplyChanges {
        business_id: cx.business_id().to_owned(),
        customer_id: customer.clone(),
        changes: changes.to_owned(),
    };
    Ok(call(&cx.ports, &changes).await?.refusal)
}

/// Applies one record, as JSON, to the business's customers; why it could not be, where it failed.
///
/// # Errors
/// 503 where the function or its database does not answer, or refuses the call.
pub async fn applied(cx: &Context<'_>, record: &str) -> Result<Option<String>, Error> {
    let record = ApplyRecord {
        business_id: cx.business_id().to_owned(),
        record: record.to_owned(),
    };
    Ok(call(&cx.ports, &record).await?.refusal)
}
