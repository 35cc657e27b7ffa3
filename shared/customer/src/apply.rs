//! Asks for a connector's record to be applied as a CRM's would be. A function of its own does that,
//! since reading phone numbers weighs more than all else that a connector does.

use common::calls::{Call, call};
use common::context::Context;
use common::http::Error;
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
