//! Businesses: the tenants.

use crate::sql::BUSINESS_INSERT;
use access::keys;
use access::keys::NewKey;
pub use access::token::{SecretToken, TokenKind};
use common::context::Context;
use common::http::{Error, Scope, Scopes};
use common::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The business to create.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewBusiness {
    /// The name, 1 to 200 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = keys::MAX_NAME_CHARS)))]
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

/// Makes a business with its first two keys.
///
/// # Errors
/// 422 for a bad name or region.
pub async fn business_create(cx: &Context<'_>, new: NewBusiness) -> Result<CreatedBusiness, Error> {
    let name = keys::checked_name(&new.name)?;
    let region = new.default_region.trim().to_ascii_uppercase();
    if region.len() != 2 || !region.bytes().all(|b| b.is_ascii_uppercase()) {
        let message = "`default_region` must be a two-letter country code, such as IE.";
        return Err(Error::invalid(
            "default_region",
            "iso_3166_1_alpha_2",
            message,
        ));
    }
    let business = Business {
        id: cx.ids.next(),
        name,
        default_region: region,
        created_at: cx.now,
    };
    let api_key = SecretToken::generate(TokenKind::ApiKey, cx.entropy);
    let admin_key = SecretToken::generate(TokenKind::ApiKey, cx.entropy);
    let key = |token, name: &str, scopes| {
        keys::insert(
            cx,
            &business.id,
            token,
            &NewKey {
                name: name.into(),
                scopes,
                expires_at: None,
            },
        )
    };
    cx.db
        .batch(vec![
            BUSINESS_INSERT.bind(vec![
                business.id.as_str().into(),
                business.name.as_str().into(),
                business.default_region.as_str().into(),
                cx.now.micros().into(),
            ]),
            key(&api_key, "First API key", Scopes::all_but_admin()),
            key(
                &admin_key,
                "First admin key",
                [Scope::Admin].into_iter().collect(),
            ),
        ])
        .await?;
    Ok(CreatedBusiness {
        business,
        api_key: api_key.reveal(),
        admin_key: admin_key.reveal(),
    })
}
