//! Sessions of the dashboard, opened with an admin key.

use crate::sql::{SESSION_INSERT, SESSION_PRUNE};
pub use access::token::{SecretToken, TokenKind};
use common::context::Context;
use common::http::Error;
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

/// Opens a session for the caller, and drops the business's ended ones.
///
/// # Errors
/// 503 when the database is away.
pub async fn session_create(cx: &Context<'_>) -> Result<CreatedSession, Error> {
    let token = SecretToken::generate(TokenKind::Session, cx.entropy);
    let expires_at = cx.now.plus(SESSION_MICROS);
    let business = cx.business_id();
    cx.db
        .batch(vec![
            SESSION_PRUNE.bind(vec![business.into(), cx.now.micros().into()]),
            SESSION_INSERT.bind(vec![
                business.into(),
                token.id.as_str().into(),
                token.hash().into(),
                cx.caller.key_id.as_str().into(),
                expires_at.micros().into(),
                cx.now.micros().into(),
            ]),
        ])
        .await?;
    Ok(CreatedSession {
        token: token.reveal(),
        expires_at,
    })
}
