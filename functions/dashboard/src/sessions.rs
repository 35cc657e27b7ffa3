//! Sessions of the dashboard, opened with an admin key.

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
