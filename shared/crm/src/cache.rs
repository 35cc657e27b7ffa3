//! A cache of what was read from a CRM.

use super::sql::{CACHE_GET, CACHE_PUT};
use common::context::Context;
use common::db::{Statement, text_of};
use common::http::Error;

/// What is remembered under a key.
///
/// # Errors
/// 503 when the database is away.
pub async fn cache_get(
    cx: &Context<'_>,
    connector: &str,
    key: &str,
) -> Result<Option<String>, Error> {
    let params = vec![
        cx.business_id().into(),
        connector.into(),
        key.into(),
        cx.now.micros().into(),
    ];
    let rows = cx.db.rows(CACHE_GET.bind(params)).await?;
    let row = rows.into_iter().next();
    row.map(|row| text_of(row, "value")).transpose()
}

/// Remembers JSON under a key for so many microseconds.
///
/// # Errors
/// 503 when the database is away.
pub async fn cache_put(
    cx: &Context<'_>,
    connector: &str,
    key: &str,
    value: &str,
    micros: i64,
) -> Result<(), Error> {
    let put = cache_put_statement(cx, connector, key, value, micros);
    cx.db.rows(put).await?;
    Ok(())
}

/// The statement of [`cache_put`].
#[must_use]
pub fn cache_put_statement(
    cx: &Context<'_>,
    connector: &str,
    key: &str,
    value: &str,
    micros: i64,
) -> Statement {
    CACHE_PUT.bind(vec![
        cx.business_id().into(),
        connector.into(),
        key.into(),
        value.into(),
        cx.now.plus(micros).micros().into(),
    ])
}
