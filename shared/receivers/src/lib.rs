//! What receivers share: the receipt of a delivery, and the deliveries that were acknowledged and
//! wait for the database.

pub mod parked;

use serde::Serialize;

/// What became of a delivery.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Receipt {
    /// Messages and statuses that were taken in, those that were known already included.
    pub received: usize,
    /// Those for accounts that nobody has here, and changes of kinds that are not for us.
    pub ignored: usize,
    /// Whether the delivery was kept, to be taken in once the database is back.
    pub kept: bool,
}
