//! Sessions of the dashboard: of members who signed in, and of whoever has an admin key.

use super::caller::{bearer, suspended};
use super::sql::{SESSION_FIND, SESSION_RENEW};
use super::token::{SecretToken, TokenKind};
use common::context::{Agent, Caller, Session};
use common::db::{Columns, Database, Row, Statement};
use common::http::ledger::Method;
use common::http::{Error, Kind, Role, Scope, Scopes};
use common::ids::MemberId;
use common::signatures::{equal, hmac_sha256};
use common::time::{DAY, SECOND, Timestamp};

/// The cookie in which a browser has a session. Browsers take its prefix to mean: from this origin alone, by TLS alone,
/// and for no path less than all (RFC 6265bis §4.1.3.2).
pub const SESSION_COOKIE: &str = "__Host-tieline";
/// The header in which a page proves that it is ours, wherever the cookie is what proves its reader.
pub const CSRF_HEADER: &str = "x-csrf-token";
/// How long a session goes on that nobody uses: a working day.
pub const SESSION_MICROS: i64 = 12 * 3600 * SECOND;
/// How long a member's session goes on at most.
pub const SESSION_ENDS_MICROS: i64 = 7 * DAY;
/// A member's session is renewed at most this often.
const RENEW_MICROS: i64 = 600 * SECOND;

/// By what a session is presented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presented {
    /// `Authorization: Bearer`. No browser sends it by itself.
    Bearer(String),
    /// The cookie, and what the request has as [`CSRF_HEADER`].
    Cookie(String, Option<String>),
}

impl Presented {
    /// What a request presents; none without either header.
    #[must_use]
    pub fn of(header: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        if let Some(authorization) = header("authorization") {
            return Some(Self::Bearer(authorization));
        }
        let cookies = header("cookie")?;
        let pairs = cookies
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='));
        let mut ours = pairs.filter(|(name, _)| *name == SESSION_COOKIE);
        let (_, token) = ours.next()?;
        Some(Self::Cookie(token.to_owned(), header(CSRF_HEADER)))
    }

    /// Whether this is of a session at all. Callers with keys may send an `Authorization` of somebody else's.
    #[must_use]
    pub fn is_of_a_session(&self) -> bool {
        match self {
            Self::Bearer(text) => {
                bearer(Some(text)).is_ok_and(|token| token.starts_with(TokenKind::Session.prefix()))
            }
            Self::Cookie(..) => true,
        }
    }

    /// The text by which it is known.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Bearer(text) | Self::Cookie(text, _) => text,
        }
    }
}

/// What a session's check gave.
#[derive(Debug)]
pub struct SessionCheck {
    /// Who calls.
    pub caller: Caller,
    /// The session's renewal, to be written after the answer; none while it was renewed lately.
    pub renewal: Option<Statement>,
}

/// Finds out whose session this is. Sessions are read each time: the dashboard calls seldom, and the end of a session,
/// a member or a key, and another role, are felt at once.
///
/// # Errors
/// 401 for none, a bad one, or one that is over; 403 where the business is suspended, but for support, and where a
/// cookie comes with a change that none of our pages asks for; 503 when the database is away.
pub async fn authenticate_session(
    db: &dyn Database,
    now: Timestamp,
    presented: Option<&Presented>,
    method: Method,
) -> Result<SessionCheck, Error> {
    let token = match presented {
        Some(Presented::Cookie(token, csrf)) => {
            let token = SecretToken::parse(TokenKind::Session, token).ok_or_else(over)?;
            let is_ours = csrf
                .as_deref()
                .is_some_and(|csrf| equal(csrf, &csrf_token(&token)));
            if method != Method::Get && !is_ours {
                let message = "Send the page's `csrf_token`, which GET /api/dashboard/me gives, as `x-csrf-token`.";
                return Err(Error::new(Kind::InvalidCsrfToken, message));
            }
            token
        }
        Some(Presented::Bearer(text)) => {
            SecretToken::parse(TokenKind::Session, bearer(Some(text))?).ok_or_else(over)?
        }
        None => SecretToken::parse(TokenKind::Session, bearer(None)?).ok_or_else(over)?,
    };
    let find = SESSION_FIND.bind(vec![token.id.as_str().into()]);
    let rows = db.rows(find).await?;
    let row = rows.first().ok_or_else(over)?;
    read(row, &token, now)
}

/// What a page shows beside the cookie, which a page of another origin cannot read.
#[must_use]
pub fn csrf_token(token: &SecretToken) -> String {
    hex::encode(hmac_sha256(token.hash().as_bytes(), b"csrf token"))
}

/// Reads SESSION_FIND.
fn read(row: &Row, token: &SecretToken, now: Timestamp) -> Result<SessionCheck, Error> {
    let mut columns = Columns::of(row);
    let business_id = columns.text("business_id")?;
    let is_genuine = token.matches(columns.str("secret_hash")?);
    let expires_at = columns.time("expires_at")?;
    let ends_at = columns.time_or_null("ends_at")?;
    let key_id = columns.text("key_id")?;
    let scopes = columns.text_or_null("scopes")?;
    let key_is_over = columns
        .time_or_null("key_expires_at")?
        .is_some_and(|at| at <= now);
    let is_revoked = columns.time_or_null("revoked_at")?.is_some();
    let member_id: Option<MemberId> = columns.id_or_null("member_id")?;
    let role = columns.text_or_null("role")?;
    let name = columns.text_or_null("name")?;
    let email = columns.text_or_null("email")?;
    let default_region = columns.text("default_region")?;
    let is_suspended = columns.flag("is_suspended")?;
    let support_role = columns.text_or_null("support_role")?;
    let support_reason = columns.text_or_null("support_reason")?;
    if !is_genuine || expires_at <= now || ends_at.is_some_and(|at| at <= now) {
        return Err(over());
    }
    let is_support = support_reason.is_some();
    if is_suspended && !is_support {
        return Err(suspended());
    }
    let (role, scopes) = match &member_id {
        None if is_support => {
            let role = support_role.as_deref().and_then(Role::named);
            let role = role.ok_or_else(over)?;
            (role, role.scopes())
        }
        // Of a member who was removed there is no role.
        Some(_) => {
            let role = role.as_deref().and_then(Role::named).ok_or_else(over)?;
            (role, role.scopes())
        }
        None => {
            let scopes = scopes.ok_or_else(over)?;
            if is_revoked || key_is_over {
                return Err(over());
            }
            (Role::Owner, Scopes::from_stored(&scopes))
        }
    };
    let agent = member_id.as_ref().zip(name).map(|(id, name)| Agent {
        id: id.to_string(),
        name,
        email,
    });
    let stale = now.plus(SESSION_MICROS - RENEW_MICROS);
    // That of support ends when it was said to.
    let renewal = ends_at
        .filter(|_| expires_at < stale && !is_support)
        .map(|ends_at| {
            let until = now.plus(SESSION_MICROS).min(ends_at);
            SESSION_RENEW.bind(vec![
                business_id.as_str().into(),
                token.id.as_str().into(),
                until.micros().into(),
            ])
        });
    let caller = Caller {
        business_id,
        key_id,
        scopes,
        default_region,
        agent,
        session: Some(Session {
            id: token.id.clone(),
            role,
            member_id,
            support_reason,
        }),
        ..Caller::nobody()
    };
    if caller.member_id().is_none() && !is_support {
        caller.require(Scope::Admin)?;
    }
    Ok(SessionCheck { caller, renewal })
}

fn over() -> Error {
    let message = "This session is not valid any more. Open one with POST /api/dashboard/sessions, or sign in again.";
    Error::new(Kind::InvalidToken, message)
}
