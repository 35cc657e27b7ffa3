//! The public shape of a customer, and the bounds of its fields.

use common::ids::CustomerId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Longest `name`, `first_name`, `last_name`, in characters.
pub const MAX_NAME_CHARS: usize = 200;
/// Longest `external_id`, in characters.
pub const MAX_EXTERNAL_ID_CHARS: usize = 255;
/// Longest `external_system`, in characters.
pub const MAX_SYSTEM_CHARS: usize = 64;
/// Longest `address`, in characters.
pub const MAX_ADDRESS_CHARS: usize = 1_000;
/// Longest `notes`, in characters.
pub const MAX_NOTES_CHARS: usize = 10_000;
/// Most tags of a customer.
pub const MAX_TAGS: usize = 100;
/// Longest tag, in characters.
pub const MAX_TAG_CHARS: usize = 100;
/// Most JSON in `custom_fields`, in bytes, merged (contract.md, Customers).
pub const MAX_CUSTOM_FIELDS_BYTES: usize = 16 * 1024;
/// Most of a customer's `crm_ids`, in bytes.
pub const MAX_CRM_IDS_BYTES: usize = 1024;

/// A customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Customer {
    /// Our id.
    pub id: CustomerId,
    /// The CRM's own id.
    pub external_id: Option<String>,
    /// The system of `external_id`, such as `salesforce`.
    pub external_system: Option<String>,
    /// Ids in further CRMs.
    pub other_external_ids: Vec<ExternalId>,
    /// The full name.
    pub name: Option<String>,
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// The email address, in lower case.
    pub email: Option<String>,
    /// The phone number, in E.164.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = r"^\+[0-9]{7,15}$")))]
    pub phone: Option<String>,
    /// The WhatsApp number, in E.164.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = r"^\+[0-9]{7,15}$")))]
    pub whatsapp_number: Option<String>,
    /// The postal address.
    pub address: Option<String>,
    /// The business's notes on the customer.
    pub notes: Option<String>,
    /// Tags without duplicates, in the CRM's order.
    pub tags: Vec<String>,
    /// Any other fields of the CRM.
    pub custom_fields: Map<String, Value>,
    /// Which records of connected CRMs they are: `example:person:1|example:lead:2`.
    pub crm_ids: Option<String>,
    /// When the customer was created.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub created_at: String,
    /// When the customer last changed.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub updated_at: String,
}

/// A customer's id in a CRM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExternalId {
    /// The id.
    pub external_id: String,
    /// The system; empty if the CRM named none.
    pub external_system: String,
}
