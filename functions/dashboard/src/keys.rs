//! API keys.

use crate::sql::KEY_INSERT;
use access::SecretToken;
use access::name::checked_name;
use common::context::Context;
use common::db::{Columns, Row, Statement};
use common::http::input::{Expected, Input, text_or_null, texts};
use common::http::{Error, Scope, Scopes};
use common::json::raw;
use common::time::Timestamp;
use serde::Serialize;

/// The key to create.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct KeyRequest {
    /// The name, 1 to 200 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = access::name::MAX_NAME_CHARS)))]
    pub name: String,
    /// The scopes, at least one.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Scope>", length(min = 1)))]
    pub scopes: Vec<String>,
    /// When it expires; never, by default.
    #[cfg_attr(feature = "schema", schemars(default, extend("format" = "date-time")))]
    pub expires_at: Option<String>,
}

impl KeyRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for another shape.
    pub(crate) fn read(body: &str) -> Result<Self, Error> {
        let input = Input::read(body, &["name", "scopes", "expires_at"])?;
        let expires_at = input.optional("expires_at", Expected::TEXT_OR_NULL, text_or_null)?;
        Ok(Self {
            name: input.required("name", Expected::TEXT, raw::text)?,
            scopes: input.required("scopes", Expected::TEXTS, texts)?,
            expires_at: expires_at.flatten(),
        })
    }
}

/// A key to be made, checked.
#[derive(Debug)]
pub(crate) struct NewKey {
    pub(crate) name: String,
    pub(crate) scopes: Scopes,
    pub(crate) expires_at: Option<Timestamp>,
}

/// An API key, without its secret.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Key {
    /// The id, which is the part between the underscores of the key.
    pub id: String,
    /// The name.
    pub name: String,
    /// The scopes.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Scope>"))]
    pub scopes: Vec<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// The keys of a business, oldest first.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyList {
    /// The keys.
    pub keys: Vec<Key>,
}

/// A new key; the secret is shown only here.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CreatedKey {
    /// The key.
    pub key: Key,
    /// What to send as `x-api-key`.
    pub api_key: String,
}

/// The statement that stores a key.
pub(crate) fn key_insert(
    cx: &Context<'_>,
    business_id: &str,
    token: &SecretToken,
    new: &NewKey,
) -> Statement {
    KEY_INSERT.bind(vec![
        business_id.into(),
        token.id.as_str().into(),
        new.name.as_str().into(),
        token.hash().into(),
        new.scopes.to_stored().into(),
        new.expires_at.map(Timestamp::micros).into(),
        cx.now.micros().into(),
    ])
}

impl NewKey {
    /// The key as it is shown once it is made.
    pub(crate) fn shown(&self, cx: &Context<'_>, token: &SecretToken) -> Key {
        Key {
            id: token.id.clone(),
            name: self.name.clone(),
            scopes: self.scopes.names().map(str::to_owned).collect(),
            created_at: cx.now,
            expires_at: self.expires_at,
            last_used_at: None,
            revoked_at: None,
        }
    }

    /// Checks a request.
    ///
    /// # Errors
    /// 422 for a bad name, unknown scopes, or an expiry that is no future time.
    pub(crate) fn checked(request: KeyRequest, now: Timestamp) -> Result<Self, Error> {
        let name = checked_name(&request.name)?;
        let scopes = request.scopes.iter().enumerate();
        let scopes = scopes.map(|(n, scope)| scope_of(n, scope));
        let scopes: Scopes = scopes.collect::<Result<Vec<_>, _>>()?.into_iter().collect();
        if scopes == Scopes::NONE {
            let message = "A key needs at least one scope.";
            return Err(Error::invalid("scopes", "at_least_1", message));
        }
        let expires_at = request.expires_at.map(|text| expiry_of(&text, now));
        Ok(Self {
            name,
            scopes,
            expires_at: expires_at.transpose()?,
        })
    }
}

fn scope_of(n: usize, name: &str) -> Result<Scope, Error> {
    Scope::named(name).ok_or_else(|| {
        let known: Vec<_> = Scope::ALL.iter().map(|(_, name)| *name).collect();
        let known = known.join(", ");
        let message = format!("There is no such scope. The scopes are: {known}.");
        Error::invalid(format!("scopes[{n}]"), "known_scope", message)
    })
}

fn expiry_of(text: &str, now: Timestamp) -> Result<Timestamp, Error> {
    let expiry = Timestamp::parse(text).filter(|expiry| *expiry > now);
    expiry.ok_or_else(|| {
        let message = "`expires_at` must be a future date-time such as 2030-01-31T00:00:00Z.";
        Error::invalid("expires_at", "future_date_time", message)
    })
}

/// Reads a row of KEY_LIST.
pub(crate) fn key_of(row: &Row) -> Result<Key, Error> {
    let mut columns = Columns::of(row);
    Ok(Key {
        id: columns.text("id")?,
        name: columns.text("name")?,
        scopes: Scopes::from_stored(columns.str("scopes")?)
            .names()
            .map(str::to_owned)
            .collect(),
        created_at: columns.time("created_at")?,
        expires_at: columns.time_or_null("expires_at")?,
        last_used_at: columns.time_or_null("last_used_at")?,
        revoked_at: columns.time_or_null("revoked_at")?,
    })
}
