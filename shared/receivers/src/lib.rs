//! What receivers share: the receipt of a delivery, how large ones are read, and parked deliveries.

pub mod large;
pub mod parked;
pub mod sql;

use serde::Serialize;

/// What became of a delivery.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Receipt {
    /// Messages and statuses that were stored, including duplicates.
    pub received: usize,
    /// Events of accounts that are not connected, and of types that are not processed.
    pub ignored: usize,
    /// Whether the delivery was parked until the database is back.
    pub kept: bool,
}
