//! Sessions of the dashboard, opened with an admin key.

use crate::sql::{SESSION_END, SESSION_LIST};
use access::{SecretToken, TokenKind};
use common::context::Context;
use common::db::{Columns, Row};
use common::http::{Error, Kind};
use common::time::{SECOND, Timestamp};
use serde::Serialize;

/// How long a session lives: a working day.
pub const SESSION_MICROS: i64 = 12 * 3600 * SECOND;

/// A new session; the token is shown only here.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CreatedSession {
    /// What to send as `Authorization: Bearer`.
    pub token: String,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// A session that goes on.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Session {
    /// The id, which is the part between the underscores of its token.
    pub id: String,
    /// The admin key that opened it.
    pub key_id: String,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// The sessions of a business that go on, the newest first, at most 100.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionList {
    /// The sessions.
    pub sessions: Vec<Session>,
}

impl Session {
    /// Reads a row of [`SESSION_LIST`].
    fn of_row(row: &Row, current: Option<&str>) -> Result<Self, Error> {
        let mut columns = Columns::of(row);
        let id = columns.text("id")?;
        Ok(Self {
            current: current == Some(id.as_str()),
            id,
            key_id: columns.text("key_id")?,
            created_at: columns.time("created_at")?,
            expires_at: columns.time("expires_at")?,
        })
    }
}

/// The id of the session that asks.
fn current(cx: &Context<'_>) -> Option<String> {
    let authorization = (cx.header)("authorization")?;
    let (_, token) = authorization.split_once(' ')?;
    let token = SecretToken::parse(TokenKind::Session, token.trim())?;
    Some(token.id)
}

/// `GET sessions` (session)
///
/// 1. Answers with the sessions that go on: not those that expired, nor those of a key that was revoked
///    or expired, which are no longer valid.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn session_list(cx: &Context<'_>) -> Result<SessionList, Error> {
    // 1.
    let params = vec![cx.business_id().into(), cx.now.micros().into()];
    let rows = cx.db.rows(SESSION_LIST.bind(params)).await?;
    let current = current(cx);
    let sessions = rows
        .iter()
        .map(|row| Session::of_row(row, current.as_deref()));
    Ok(SessionList {
        sessions: sessions.collect::<Result<_, _>>()?,
    })
}

/// `DELETE sessions/{id}` (session), `current` for the one that asks
///
/// 1. Ends the session, at once: sessions are read each time. 404 where the business has no such one.
///
/// # Errors
/// 404, and 503 when the database is away.
pub(crate) async fn session_end(cx: &Context<'_>, id: &str) -> Result<(), Error> {
    // 1.
    let id = match id {
        "current" => current(cx).unwrap_or_default(),
        id => id.to_owned(),
    };
    let params = vec![cx.business_id().into(), id.into()];
    let rows = cx.db.rows(SESSION_END.bind(params)).await?;
    if rows.is_empty() {
        return Err(Error::new(Kind::NotFound, "There is no such session."));
    }
    Ok(())
}
