//! What is wrong with a connection and stops none of its other jobs: its status tells it for a day, or
//! until the settings change.

use super::cache::cache_put;
use super::client::CrmClient;
use super::failure::Failure;
use super::health::{LastError, error_json};
use super::sql::{TROUBLES_FORGET, TROUBLES_GET};
use common::context::Context;
use common::db::{Columns, Statement};
use common::http::Error;
use common::time::DAY;

/// Tells of a trouble. `subject` says of what it is: the same trouble of the same thing is told once.
///
/// # Errors
/// 503 when the database is away.
pub async fn trouble_note(
    cx: &Context<'_>,
    connector: &str,
    code: &str,
    subject: &str,
    message: &str,
) -> Result<(), Error> {
    let key = ["trouble:", code, ":", subject].concat();
    cache_put(cx, connector, &key, &error_json(code, message), DAY).await
}

impl CrmClient<'_> {
    /// Has the status tell of a trouble that stops nothing else, as [`trouble_note`] does.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn trouble(&self, code: &str, subject: &str, message: &str) -> Result<(), Failure> {
        let connector = &self.integration.connector;
        trouble_note(self.cx, connector, code, subject, message).await?;
        Ok(())
    }
}

/// The troubles of a connection, at most twenty.
///
/// # Errors
/// 503 when the database is away.
pub async fn troubles(cx: &Context<'_>, connector: &str) -> Result<Vec<LastError>, Error> {
    let params = vec![
        cx.business_id().into(),
        connector.into(),
        cx.now.micros().into(),
    ];
    let rows = cx.db.rows(TROUBLES_GET.bind(params)).await?;
    let mut troubles = Vec::with_capacity(rows.len());
    for row in &rows {
        troubles.extend(LastError::read(Columns::of(row).str("value")?, None));
    }
    Ok(troubles)
}

/// The statement that forgets them, since what they were about may have changed.
#[must_use]
pub fn troubles_forget(cx: &Context<'_>, connector: &str) -> Statement {
    TROUBLES_FORGET.bind(vec![cx.business_id().into(), connector.into()])
}
