//! Whether the database holds what was pushed, or is new.

use super::sql::{BUILT_GET, BUILT_SET};
use common::Context;
use common::http::Error;

/// Whether what was pushed is in this database, or was begun to be put into it.
///
/// # Errors
/// 503 when the database is away.
pub async fn is_built(cx: &Context<'_>) -> Result<bool, Error> {
    let rows = cx.ports.search.rows(BUILT_GET.bind(Vec::new())).await?;
    Ok(!rows.is_empty())
}

/// Notes that what was pushed is put into this database.
///
/// # Errors
/// 503 when the database is away.
pub async fn begin(cx: &Context<'_>) -> Result<(), Error> {
    let set = BUILT_SET.bind(vec![cx.now.micros().into()]);
    cx.ports.search.rows(set).await?;
    Ok(())
}
