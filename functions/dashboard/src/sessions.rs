//! Sessions of the dashboard: opened with an admin key, or by members who signed in.

use crate::sql::{SESSION_END, SESSION_LIST};
use common::context::Context;
use common::db::{Columns, Row};
use common::http::{Error, Kind, Role};
use common::ids::MemberId;
use common::time::Timestamp;
use serde::Serialize;

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
    /// The admin key that opened it; empty for a member's, `support` for the operator's.
    pub key_id: String,
    /// Who signed in; null for one that a key opened.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("format" = "uuid")))]
    pub member_id: Option<MemberId>,
    /// The member's name.
    pub member_name: Option<String>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// Why the operator opened it as support; null for the business's own.
    pub support_reason: Option<String>,
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
            member_id: columns.id_or_null("member_id")?,
            member_name: columns.text_or_null("name")?,
            created_at: columns.time("created_at")?,
            expires_at: columns.time("expires_at")?,
            support_reason: columns.text_or_null("support_reason")?,
        })
    }
}

/// The id of the session that asks.
fn current<'c>(cx: &'c Context<'_>) -> Option<&'c str> {
    Some(&cx.caller.session.as_ref()?.id)
}

/// Whose sessions the caller may see and end; none for everybody's.
fn only<'c>(cx: &'c Context<'_>) -> Option<&'c str> {
    let may_all = cx.caller.require_role(Role::Admin).is_ok();
    cx.caller
        .member_id()
        .filter(|_| !may_all)
        .map(MemberId::as_str)
}

/// `GET sessions` (session)
///
/// 1. Answers with the sessions that go on: not those that expired, nor those of a key or member that are gone,
///    which are no longer valid. Who is no admin sees only their own.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn session_list(cx: &Context<'_>) -> Result<SessionList, Error> {
    // 1.
    let params = vec![
        cx.business_id().into(),
        cx.now.micros().into(),
        only(cx).into(),
    ];
    let rows = cx.db.rows(SESSION_LIST.bind(params)).await?;
    let sessions = rows.iter().map(|row| Session::of_row(row, current(cx)));
    Ok(SessionList {
        sessions: sessions.collect::<Result<_, _>>()?,
    })
}

/// `DELETE sessions/{id}` (session), `current` for the one that asks
///
/// 1. Ends the session, at once: sessions are read each time. 404 where the business has no such one, and for another's
///    where who asks is no admin.
///
/// # Errors
/// 404, and 503 when the database is away.
pub(crate) async fn session_end(cx: &Context<'_>, id: &str) -> Result<(), Error> {
    // 1.
    let id = match id {
        "current" => current(cx).unwrap_or_default(),
        id => id,
    };
    let params = vec![cx.business_id().into(), id.into(), only(cx).into()];
    let rows = cx.db.rows(SESSION_END.bind(params)).await?;
    if rows.is_empty() {
        return Err(Error::new(Kind::NotFound, "There is no such session."));
    }
    Ok(())
}
