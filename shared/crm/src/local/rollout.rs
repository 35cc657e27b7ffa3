//! For which customers a connection is.

use crate::table::{Field, Kind, Values};
use common::ids::CustomerId;
use common::signatures::hmac_sha256;

/// Longest tag, in characters.
pub const MAX_TAG: usize = 64;

/// The setting of the share.
pub const PERCENT: Field = Field::new(
    "rollout.percent",
    Kind::Number(0, 100),
    "This share of the customers, always the same ones.",
)
.or("100");

/// The setting of the tag.
pub const TAG: Field = Field::new(
    "rollout.tag",
    Kind::Words(MAX_TAG),
    "Customers with this tag; where it is set and `percent` is 100, those alone.",
);

/// For which customers a connection is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollout {
    /// This share of them, in percent.
    pub percent: i64,
    /// Those with this tag, beside them.
    pub tag: Option<String>,
}

impl Rollout {
    /// As the settings have it.
    #[must_use]
    pub fn of(values: &Values<'_>) -> Self {
        Self {
            percent: values.number(PERCENT.path),
            tag: values.text(TAG.path),
        }
    }

    /// Whether a customer is one of them: always the same ones for the same percentage, and they stay
    /// when it rises.
    #[must_use]
    pub fn includes(&self, customer_id: &CustomerId, tags: &[String]) -> bool {
        if let Some(tag) = &self.tag
            && tags.contains(tag)
        {
            return true;
        }
        if self.tag.is_some() && self.percent == 100 {
            return false;
        }
        let [high, low, ..] = hmac_sha256(b"rollout", customer_id.as_str().as_bytes());
        i64::from(u16::from_be_bytes([high, low])) % 100 < self.percent
    }
}
