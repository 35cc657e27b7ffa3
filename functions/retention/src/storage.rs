//! How full the database is.

use crate::sql::SIZE_PROBE;
use common::context::Context;
use common::db::DatabaseSize;
use common::http::Error;
use serde::Serialize;

/// How full the deployment's storage is.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StorageReport {
    /// The database.
    pub database: DatabaseSize,
}

impl StorageReport {
    /// What the log says of a database that is nearly full.
    pub(crate) fn warning(&self) -> Option<String> {
        let DatabaseSize { percent, bytes, .. } = self.database;
        let is_due = self.database.is_nearly_full;
        is_due.then(|| format!("the database is {percent} % full: {bytes} bytes"))
    }
}

/// Reads the size of the database, which the platform tells with each answer.
///
/// # Errors
/// 503 when the database is away, 500 where the platform does not tell.
pub(crate) async fn storage_report(cx: &Context<'_>) -> Result<StorageReport, Error> {
    cx.db.batch(vec![SIZE_PROBE.bind(Vec::new())]).await?;
    let bytes = cx.db.size();
    let bytes = bytes.ok_or_else(|| Error::internal("the database does not tell its size"))?;
    Ok(StorageReport {
        database: DatabaseSize::of(bytes, cx.ports.variable),
    })
}
