//! API keys: made, listed, revoked.

use super::sql::{KEY_INSERT, KEY_LIST, KEY_REVOKE};
use super::token::{SecretToken, TokenKind};
use common::context::Context;
use common::db::{Row, Statement, Value};
use common::http::{Error, Kind, Scope, Scopes};
use common::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Longest name of a key or a business, in characters.
pub const MAX_NAME_CHARS: usize = 200;

/// The key to create.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyRequest {
    /// The name, 1 to 200 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_NAME_CHARS)))]
    pub name: String,
    /// The scopes, at least one.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<Scope>", length(min = 1)))]
    pub scopes: Vec<String>,
    /// When it expires; never, by default.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    #[serde(default)]
    pub expires_at: Option<String>,
}

/// A key to be made, checked.
#[derive(Debug)]
pub struct NewKey {
    /// The name.
    pub name: String,
    /// The scopes.
    pub scopes: Scopes,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
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

/// Makes a key for the caller's business.
///
/// # Errors
/// 422 for a bad name, unknown scopes, or an expiry that is no future time.
pub async fn key_create(cx: &Context<'_>, request: KeyRequest) -> Result<CreatedKey, Error> {
    let new = checked(request, cx.now)?;
    let token = SecretToken::generate(TokenKind::ApiKey, cx.entropy);
    cx.db
        .batch(vec![insert(cx, cx.business_id(), &token, &new)])
        .await?;
    let key = Key {
        id: token.id.clone(),
        name: new.name,
        scopes: new.scopes.names().map(str::to_owned).collect(),
        created_at: cx.now,
        expires_at: new.expires_at,
        last_used_at: None,
        revoked_at: None,
    };
    Ok(CreatedKey {
        key,
        api_key: token.reveal(),
    })
}

/// The keys of the caller's business, oldest first.
///
/// # Errors
/// 503 when the database is away.
pub async fn key_list(cx: &Context<'_>) -> Result<Vec<Key>, Error> {
    let rows = cx
        .db
        .rows(KEY_LIST.bind(vec![cx.business_id().into()]))
        .await?;
    let keys: Option<Vec<Key>> = rows.iter().map(key_of).collect();
    keys.ok_or_else(|| Error::internal("a key's row is unreadable"))
}

/// Revokes a key of the caller's business. It is dead everywhere within 60 s.
///
/// # Errors
/// 404 when the business has no such key.
pub async fn key_revoke(cx: &Context<'_>, id: &str) -> Result<(), Error> {
    let params = vec![cx.business_id().into(), id.into(), cx.now.micros().into()];
    let rows = cx.db.rows(KEY_REVOKE.bind(params)).await?;
    if rows.is_empty() {
        return Err(Error::new(Kind::NotFound, "There is no such key."));
    }
    Ok(())
}

/// The statement that stores a key.
pub fn insert(cx: &Context<'_>, business_id: &str, token: &SecretToken, new: &NewKey) -> Statement {
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

fn checked(request: KeyRequest, now: Timestamp) -> Result<NewKey, Error> {
    let name = checked_name(&request.name)?;
    let scopes = request.scopes.iter().enumerate().map(|(n, scope)| {
        Scope::named(scope).ok_or_else(|| {
            let known: Vec<_> = Scope::ALL.iter().map(|(_, name)| *name).collect();
            let message = format!(
                "There is no such scope. The scopes are: {}.",
                known.join(", ")
            );
            Error::invalid(format!("scopes[{n}]"), "known_scope", message)
        })
    });
    let scopes: Scopes = scopes.collect::<Result<Vec<_>, _>>()?.into_iter().collect();
    if scopes == Scopes::NONE {
        return Err(Error::invalid(
            "scopes",
            "at_least_1",
            "A key needs at least one scope.",
        ));
    }
    let expires_at = request.expires_at.map(|text| {
        Timestamp::parse(&text)
            .filter(|expiry| *expiry > now)
            .ok_or_else(|| {
                let message =
                    "`expires_at` must be a future date-time such as 2030-01-31T00:00:00Z.";
                Error::invalid("expires_at", "future_date_time", message)
            })
    });
    Ok(NewKey {
        name,
        scopes,
        expires_at: expires_at.transpose()?,
    })
}

/// A name as people give one: trimmed, 1 to 100 characters.
pub fn checked_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARS {
        let message = format!("`name` must have 1 to {MAX_NAME_CHARS} characters.");
        return Err(Error::invalid("name", "1_to_200_characters", message));
    }
    Ok(name.to_owned())
}

fn key_of(row: &Row) -> Option<Key> {
    let text = |n: usize| row.get(n).and_then(Value::as_text).map(str::to_owned);
    let time = |n: usize| {
        row.get(n)
            .and_then(Value::as_integer)
            .map(Timestamp::from_micros)
    };
    Some(Key {
        id: text(0)?,
        name: text(1)?,
        scopes: Scopes::from_stored(&text(2)?)
            .names()
            .map(str::to_owned)
            .collect(),
        created_at: time(3)?,
        expires_at: time(4),
        last_used_at: time(5),
        revoked_at: time(6),
    })
}
