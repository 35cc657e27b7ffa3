//! Businesses: the tenants.

use common::http::Error;
use common::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The business to create.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewBusiness {
    /// The name, 1 to 200 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = access::name::MAX_NAME_CHARS)))]
    pub name: String,
    /// ISO 3166-1 alpha-2 region by which national phone numbers are read, such as `IE`.
    #[cfg_attr(feature = "schema", schemars(extend("pattern" = "^[A-Za-z]{2}$")))]
    pub default_region: String,
}

/// A business.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Business {
    /// Its id.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uuid")))]
    pub id: String,
    /// The name.
    pub name: String,
    /// ISO 3166-1 alpha-2 region by which national phone numbers are read.
    pub default_region: String,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A new business with its first two keys, which are shown only here.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CreatedBusiness {
    /// The business.
    pub business: Business,
    /// A key for the CRM: every scope but `admin`.
    pub api_key: String,
    /// A key with the scope `admin`, which opens dashboard sessions.
    pub admin_key: String,
}

/// A region as it is stored, in upper case.
///
/// # Errors
/// 422 for what cannot be a country's code.
pub(crate) fn checked_region(region: &str) -> Result<String, Error> {
    let region = region.trim().to_ascii_uppercase();
    if region.len() != 2 || !region.bytes().all(|b| b.is_ascii_uppercase()) {
        let message = "`default_region` must be a two-letter country code, such as IE.";
        let rule = "iso_3166_1_alpha_2";
        return Err(Error::invalid("default_region", rule, message));
    }
    Ok(region)
}
