//! Sessions by which the operator signs in to a business as support.

use crate::change::checked_reason;
use crate::handler::no_business;
use crate::sql::SUPPORT_SESSION_INSERT;
use access::session::SESSION_COOKIE;
use access::{SecretToken, TokenKind};
use common::Context;
use common::db::Columns;
use common::http::input::{Expected, Input, boolean, number};
use common::http::{Response, Result, Role};
use common::json::raw;
use common::time::{SECOND, Timestamp};
use serde::Serialize;

/// For how long a session is opened at most, in minutes.
const MAX_MINUTES: i64 = 60;
/// For how long, where the request does not say.
const DEFAULT_MINUTES: i64 = 30;

/// What the operator wants to do in a business, and why.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct SupportRequest {
    /// What the session may do: `viewer`, `agent` or `admin`.
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("enum" = ["viewer", "agent", "admin"])))]
    pub role: Role,
    /// Why, 10 to 500 characters. The business's audit log shows it.
    #[cfg_attr(feature = "schema", schemars(length(min = crate::change::MIN_REASON_CHARS, max = crate::change::MAX_REASON_CHARS)))]
    pub reason: String,
    /// For how long, 1 to 60 minutes; 30 by default.
    #[cfg_attr(feature = "schema", schemars(default, with = "u32", range(min = 1, max = MAX_MINUTES)))]
    pub minutes: i64,
    /// Whether the answer sets the dashboard's cookie, so that the browser that asks is signed in.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub cookie: bool,
}

impl SupportRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON; 422 for another shape, another role, no reason, and more than an hour.
    pub(crate) fn read(body: &str) -> Result<Self> {
        let input = Input::read(body, &["role", "reason", "minutes", "cookie"])?;
        let role = input.required("role", ROLE, role)?;
        let reason = input.required("reason", Expected::TEXT, raw::text)?;
        let minutes = input.optional("minutes", MINUTES, minutes)?;
        let cookie = input.optional("cookie", Expected::BOOLEAN, boolean)?;
        Ok(Self {
            role,
            reason: checked_reason(&reason)?,
            minutes: minutes.unwrap_or(DEFAULT_MINUTES),
            cookie: cookie.unwrap_or(false),
        })
    }
}

const ROLE: Expected = Expected::new("viewer_agent_or_admin", "viewer, agent or admin");
const MINUTES: Expected = Expected::new("1_to_60", "a whole number from 1 to 60");

fn role(json: &str) -> Option<Role> {
    Role::named(&raw::text(json)?).filter(|role| *role <= Role::Admin)
}

fn minutes(json: &str) -> Option<i64> {
    number(json).filter(|minutes| (1..=MAX_MINUTES).contains(minutes))
}

/// A session as support; the token is shown only here.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SupportSession {
    /// What to send as `Authorization: Bearer`.
    pub token: String,
    /// When it ends, by itself.
    pub expires_at: Timestamp,
    /// What it may do: `viewer`, `agent` or `admin`.
    #[cfg_attr(feature = "schema", schemars(with = "Role"))]
    pub role: &'static str,
    /// What the business is called.
    pub business_name: String,
}

/// `POST businesses/{id}/support-session` (platform token)
///
/// 1. Stores a session of the role, for so many minutes: 404 where there is no such business. The same transaction
///    writes the reason into the business's audit log, as each change in the session does. A business that is
///    suspended lets support in.
/// 2. Answers 201 with the token, which is shown only here, and as a cookie where that is asked for.
///
/// # Errors
/// 404; 503 when the database is away.
pub(crate) async fn support_session(
    cx: &Context<'_>,
    id: &str,
    wanted: SupportRequest,
) -> Result<Response> {
    // 1.
    let token = SecretToken::generate(TokenKind::Session, cx.entropy);
    let expires_at = cx.now.plus(wanted.minutes * 60 * SECOND);
    cx.audits(id);
    cx.effects.audits_reason(&wanted.reason);
    let params = vec![
        id.into(),
        token.id.as_str().into(),
        token.hash().into(),
        expires_at.micros().into(),
        cx.now.micros().into(),
        wanted.role.name().into(),
        wanted.reason.into(),
    ];
    let rows = cx.db.rows(SUPPORT_SESSION_INSERT.bind(params)).await?;
    let row = rows.first().ok_or_else(no_business)?;
    let business_name = Columns::of(row).text("name")?;

    // 2.
    let session = SupportSession {
        token: token.reveal(),
        expires_at,
        role: wanted.role.name(),
        business_name,
    };
    let response = Response::json(201, &session);
    if !wanted.cookie {
        return Ok(response);
    }
    let age = (wanted.minutes * 60).to_string();
    let cookie = [
        SESSION_COOKIE,
        "=",
        &session.token,
        "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=",
        &age,
    ];
    Ok(response.with_header("set-cookie", cookie.concat()))
}
