use super::sql::{KEY_FIND, KEY_TOUCH};
use super::token::{SecretToken, TokenKind};
use common::context::Caller;
use common::db::{Columns, Database, Row, Statement};
use common::http::{Error, Kind, Scopes};
use common::time::{SECOND, Timestamp};
use common::ttl_cache::TtlCache;
use std::cell::RefCell;

/// What a key's check gave.
#[derive(Debug)]
pub struct KeyCheck {
    /// Who calls.
    pub caller: Caller,
    /// The note of its use, to be written after the answer; none while one was written lately.
    pub touch: Option<Statement>,
}

/// 403 for whoever calls for a business that the operator has suspended. What comes in for it is stored all the same.
#[track_caller]
pub(super) fn suspended() -> Error {
    let message = "This business is suspended. Ask whoever runs this deployment.";
    Error::new(Kind::BusinessSuspended, message)
}

/// How long an isolate caches a key. A revoked key must be refused everywhere within 60 s (contract.md,
/// Access); the rest is left for requests under way.
const TRUST_MICROS: i64 = 30 * SECOND;
/// A key's last use is written at most this often.
const TOUCH_MICROS: i64 = 60 * SECOND;
/// Most keys an isolate remembers.
const MAX_KEYS: usize = 2048;

#[derive(Clone)]
struct Known {
    caller: Caller,
    secret_hash: String,
    expires_at: Option<Timestamp>,
    revoked: bool,
    is_suspended: bool,
}

thread_local! {
    static KNOWN: RefCell<TtlCache<Known>> =
        RefCell::new(TtlCache::new(MAX_KEYS, TRUST_MICROS));
}

/// Finds out who presents this `x-api-key`. A key seen lately costs no call of the database.
///
/// # Errors
/// 401 by what is wrong with the key, told apart only to who knows its secret; 403 where the business is
/// suspended; 503 when the database is away.
pub async fn authenticate_key(
    db: &dyn Database,
    now: Timestamp,
    presented: Option<&str>,
) -> Result<KeyCheck, Error> {
    let presented = presented.ok_or_else(|| {
        Error::new(
            Kind::MissingApiKey,
            "Send your API key in the `x-api-key` header.",
        )
    })?;
    let invalid = || Error::new(Kind::InvalidApiKey, "This API key is not valid.");
    let token = SecretToken::parse(TokenKind::ApiKey, presented).ok_or_else(invalid)?;
    let (known, touch) = match KNOWN.with_borrow(|keys| keys.get(&token.id, now)) {
        Some(known) => (known, None),
        None => read(db, now, &token.id).await?.ok_or_else(invalid)?,
    };
    if !token.matches(&known.secret_hash) {
        return Err(invalid());
    }
    if known.revoked {
        return Err(Error::new(
            Kind::RevokedApiKey,
            "This API key has been revoked.",
        ));
    }
    if known.expires_at.is_some_and(|expiry| expiry <= now) {
        return Err(Error::new(Kind::ExpiredApiKey, "This API key has expired."));
    }
    if known.is_suspended {
        return Err(suspended());
    }
    Ok(KeyCheck {
        caller: known.caller,
        touch,
    })
}

async fn read(
    db: &dyn Database,
    now: Timestamp,
    id: &str,
) -> Result<Option<(Known, Option<Statement>)>, Error> {
    let rows = db.rows(KEY_FIND.bind(vec![id.into()])).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let (known, used_at) = known_of(row, id)?;
    KNOWN.with_borrow_mut(|keys| keys.insert(id.to_owned(), known.clone(), now));
    let stale = now.plus(-TOUCH_MICROS).micros();
    let touch = used_at.is_none_or(|at| at.micros() < stale).then(|| {
        let business = known.caller.business_id.as_str();
        KEY_TOUCH.bind(vec![
            business.into(),
            id.into(),
            now.micros().into(),
            stale.into(),
        ])
    });
    Ok(Some((known, touch)))
}

/// Reads KEY_FIND; with when the key was last used.
fn known_of(row: &Row, id: &str) -> Result<(Known, Option<Timestamp>), Error> {
    let mut columns = Columns::of(row);
    let business_id = columns.text("business_id")?;
    let secret_hash = columns.text("secret_hash")?;
    let scopes = Scopes::from_stored(columns.str("scopes")?);
    let expires_at = columns.time_or_null("expires_at")?;
    let revoked = columns.time_or_null("revoked_at")?.is_some();
    let used_at = columns.time_or_null("last_used_at")?;
    let caller = Caller {
        business_id,
        key_id: id.to_owned(),
        scopes,
        default_region: columns.text("default_region")?,
        ..Caller::nobody()
    };
    let is_suspended = columns.flag("is_suspended")?;
    let known = Known {
        caller,
        secret_hash,
        expires_at,
        revoked,
        is_suspended,
    };
    Ok((known, used_at))
}

/// Checks the deployment's platform token. `expected` may be two, with a comma between them: while one takes the place of
/// the other, each of them is good.
///
/// # Errors
/// 401 for no or a bad token; 500 where the deployment has none set, since then nobody may pass.
pub fn authenticate_platform(
    expected: Option<&str>,
    authorization: Option<&str>,
) -> Result<Caller, Error> {
    let presented = bearer(authorization)?;
    let tokens = expected.unwrap_or_default().split(',').map(str::trim);
    let (mut is_set, mut is_valid) = (false, false);
    for token in tokens.filter(|token| !token.is_empty()) {
        is_set = true;
        is_valid |= common::signatures::equal(presented, token);
    }
    if !is_set {
        return Err(Error::internal("the secret PLATFORM_TOKEN is not set"));
    }
    if !is_valid {
        return Err(Error::new(
            Kind::InvalidToken,
            "This platform token is not valid.",
        ));
    }
    Ok(Caller {
        key_id: "platform".into(),
        ..Caller::nobody()
    })
}

pub(super) fn bearer(authorization: Option<&str>) -> Result<&str, Error> {
    let missing = || {
        Error::new(
            Kind::MissingToken,
            "Send your token as `Authorization: Bearer <token>`.",
        )
    };
    let (scheme, token) = authorization
        .and_then(|value| value.split_once(' '))
        .ok_or_else(missing)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(token.trim())
    } else {
        Err(missing())
    }
}
