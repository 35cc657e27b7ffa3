//! The keys and origins of a business's inbox.

use super::origin::checked_origins;
use crate::sql::{
    CARD_REVOKE, SSO_KEY_INSERT, SSO_KEY_PRUNE, SSO_KEY_RETIRE, SSO_ORIGINS, SSO_REVOCATION_PRUNE,
    SSO_REVOKE, SSO_SETTINGS,
};
use access::sso::MAX_SECONDS;
use common::context::Context;
use common::db::{Columns, Statement, Value};
use common::http::Error;
use common::http::input::{Expected, Input, boolean, number, text_or_null, texts};
use common::ids::is_id;
use common::json::raw::{list, text};
use common::json::writer::quoted;
use common::time::{SECOND, Timestamp};
use serde::Serialize;

/// For how long what the old key signed stays good, where a rotation does not say: as long as a token
/// lives at most.
const OVERLAP_SECONDS: i64 = MAX_SECONDS as i64;
/// Longest id of an agent, in characters.
const MAX_AGENT_ID_CHARS: usize = 200;

/// The request of `PUT /api/dashboard/sso`.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct SsoSettingsRequest {
    /// All origins that may frame the inbox, at most 50: exactly `https://host` or
    /// `https://host:port`.
    #[cfg_attr(feature = "schema", schemars(length(max = 50)))]
    pub allowed_origins: Vec<String>,
}

/// A key that signs tokens. It is derived from the deployment's master key and never shown.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SsoKey {
    /// The id, which tokens name after the business's.
    pub id: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When tokens signed with it expire; null for the current key.
    pub expires_at: Option<Timestamp>,
}

/// The origins that may frame the inbox, and the keys that sign its tokens.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SsoSettings {
    /// The origins that may frame the inbox.
    pub allowed_origins: Vec<String>,
    /// The valid keys, oldest first; none before the first token.
    pub keys: Vec<SsoKey>,
}

/// What `POST /api/dashboard/sso/rotate-key` takes.
#[derive(Debug, Default)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct RotationRequest {
    /// For how many seconds tokens signed with the old key stay valid, 0 to 86400; by default a
    /// day.
    #[cfg_attr(feature = "schema", schemars(range(max = MAX_SECONDS)))]
    pub overlap_seconds: Option<i64>,
}

/// The new key.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RotatedKey {
    /// The key that signs from now on.
    pub key: SsoKey,
    /// Until when tokens signed with the old key are valid.
    pub old_key_until: Timestamp,
}

/// What `POST /api/dashboard/sso/revoke` takes: one of these.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct RevocationRequest {
    /// One token, by its `token_id`.
    pub token_id: Option<String>,
    /// All tokens made so far for an agent.
    pub agent_id: Option<String>,
    /// All tokens made so far.
    pub all: Option<bool>,
}

/// A revocation.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Revocation {
    /// Always true.
    pub success: bool,
    /// The number of seconds within which they stop working everywhere.
    pub effective_within_seconds: u32,
}

impl SsoSettingsRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for another shape.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let input = Input::read(body, &["allowed_origins"])?;
        Ok(Self {
            allowed_origins: input.required("allowed_origins", Expected::TEXTS, texts)?,
        })
    }
}

impl RotationRequest {
    /// Reads a request's body; none asks for nothing.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for another shape.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let body = if body.is_empty() { "{}" } else { body };
        let input = Input::read(body, &["overlap_seconds"])?;
        Ok(Self {
            overlap_seconds: input.optional("overlap_seconds", Expected::INTEGER, number)?,
        })
    }
}

impl RevocationRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for another shape.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let input = Input::read(body, &["token_id", "agent_id", "all"])?;
        let words = |name| {
            input
                .optional(name, Expected::TEXT_OR_NULL, text_or_null)
                .map(Option::flatten)
        };
        Ok(Self {
            token_id: words("token_id")?,
            agent_id: words("agent_id")?,
            all: input.optional("all", Expected::BOOLEAN, boolean)?,
        })
    }
}

/// How the business's inbox may be embedded.
///
/// # Errors
/// 503 when the database is away.
pub async fn sso_settings_get(cx: &Context<'_>) -> Result<SsoSettings, Error> {
    let params = vec![cx.business_id().into(), cx.now.micros().into()];
    let rows = cx.db.rows(SSO_SETTINGS.bind(params)).await?;
    let row = rows.first();
    let row = row.ok_or_else(|| Error::internal("a business is not there"))?;
    let mut columns = Columns::of(row);
    Ok(SsoSettings {
        allowed_origins: columns.parsed("origins", texts)?,
        keys: columns.parsed("keys", |keys| list(keys)?.into_iter().map(key_of).collect())?,
    })
}

/// Reads `[id, created, expires]`.
fn key_of(json: &str) -> Option<SsoKey> {
    let mut parts = list(json)?.into_iter();
    let id = text(parts.next()?)?;
    let created_at = number(parts.next()?)?;
    Some(SsoKey {
        id,
        created_at: Timestamp::from_micros(created_at),
        expires_at: parts.next().and_then(number).map(Timestamp::from_micros),
    })
}

/// Sets which pages may frame the inbox; felt within a minute.
///
/// # Errors
/// 422 that names an invalid origin.
pub async fn sso_settings_put(
    cx: &Context<'_>,
    request: SsoSettingsRequest,
) -> Result<SsoSettings, Error> {
    let origins = checked_origins(&cx.ports, &request.allowed_origins)?;
    let json: Vec<_> = origins.iter().map(|origin| quoted(origin)).collect();
    let json = format!("[{}]", json.join(","));
    let params = vec![cx.business_id().into(), json.into()];
    cx.db.rows(SSO_ORIGINS.bind(params)).await?;
    sso_settings_get(cx).await
}

/// Makes the key that signs from now on.
///
/// # Errors
/// 422 for an overlap out of bounds.
pub async fn sso_key_rotate(
    cx: &Context<'_>,
    request: RotationRequest,
) -> Result<RotatedKey, Error> {
    let overlap = request.overlap_seconds.unwrap_or(OVERLAP_SECONDS);
    if !(0..=OVERLAP_SECONDS).contains(&overlap) {
        let message = format!("`overlap_seconds` must be 0 to {MAX_SECONDS}.");
        return Err(Error::invalid("overlap_seconds", "0_to_86400", message));
    }
    let until = cx.now.plus(overlap * SECOND);
    let id = cx.ids.next();
    cx.db.batch(rotation(cx, &id, until)).await?;
    Ok(RotatedKey {
        key: SsoKey {
            id,
            created_at: cx.now,
            expires_at: None,
        },
        old_key_until: until,
    })
}

/// Of two rotations at once the later ends both keys before it.
fn rotation(cx: &Context<'_>, id: &str, until: Timestamp) -> Vec<Statement> {
    let business = || Value::from(cx.business_id());
    let now = || Value::from(cx.now.micros());
    vec![
        SSO_KEY_RETIRE.bind(vec![business(), now(), until.micros().into()]),
        SSO_KEY_PRUNE.bind(vec![business(), now()]),
        SSO_KEY_INSERT.bind(vec![business(), id.into(), now()]),
    ]
}

/// Makes tokens void before their time.
///
/// # Errors
/// 422 unless exactly one of the three is named.
pub async fn sso_revoke(cx: &Context<'_>, request: RevocationRequest) -> Result<Revocation, Error> {
    let business = || Value::from(cx.business_id());
    let statements = match (request.token_id, request.agent_id, request.all) {
        (Some(token), None, None) => {
            if !is_id(&token) {
                let message = "`token_id` must be the id that came with a token.";
                return Err(Error::invalid("token_id", "id", message));
            }
            let token = token.to_ascii_lowercase();
            let now = cx.now.micros().into();
            // A card's token outlives what is written of revocations, and ends where its account names another.
            let card = CARD_REVOKE.bind(vec![business(), token.as_str().into(), now]);
            vec![revoke(cx, "token", &token), card]
        }
        (None, Some(agent), None) => {
            let agent = agent.trim();
            if !(1..=MAX_AGENT_ID_CHARS).contains(&agent.chars().count()) {
                let message = "`agent_id` must have 1 to 200 characters.";
                return Err(Error::invalid("agent_id", "1_to_200_characters", message));
            }
            vec![revoke(cx, "agent", agent)]
        }
        // Another key signs from now on, so that a token made right afterwards is good.
        (None, None, Some(true)) => rotation(cx, &cx.ids.next(), cx.now),
        _ => {
            let message = "Say what to revoke: one of `token_id`, `agent_id`, `all: true`.";
            return Err(Error::invalid("body", "exactly_one", message));
        }
    };
    let prune = SSO_REVOCATION_PRUNE.bind(vec![business(), cx.now.micros().into()]);
    cx.db.batch([vec![prune], statements].concat()).await?;
    Ok(Revocation {
        success: true,
        effective_within_seconds: 60,
    })
}

fn revoke(cx: &Context<'_>, kind: &'static str, subject: &str) -> Statement {
    let ends = cx.now.plus(i64::from(MAX_SECONDS + 60) * SECOND);
    SSO_REVOKE.bind(vec![
        cx.business_id().into(),
        kind.into(),
        subject.into(),
        cx.ids.next().into(),
        ends.micros().into(),
    ])
}
