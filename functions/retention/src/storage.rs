//! How full the database is.

use crate::sql::SIZE_PROBE;
use common::context::Context;
use common::http::Error;
use serde::Serialize;

/// The variable that names the size at which the database is full, in bytes.
const MAX_BYTES_VARIABLE: &str = "DATABASE_MAX_BYTES";
/// Largest database of D1 on the paid plan: 10 GB; on the free plan it is 500 MB (D1's documented limits).
const MAX_BYTES: i64 = 10_000_000_000;
/// The percentage at which the operator is told.
const WARN_PERCENT: i64 = 70;

/// How full the deployment's storage is.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StorageReport {
    /// The database.
    pub database: DatabaseSize,
}

/// The size of the database. Pages that became free count until they are used again.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DatabaseSize {
    /// Its size, as the platform reports it.
    pub bytes: i64,
    /// The size at which it is full: that of the variable `DATABASE_MAX_BYTES`, by default 10 GB.
    pub max_bytes: i64,
    /// How full it is, in whole per cent.
    pub percent: i64,
    /// Whether it is at least 70 % full. The log says so, too, once a minute.
    pub is_nearly_full: bool,
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
    let max_bytes = (cx.ports.variable)(MAX_BYTES_VARIABLE).and_then(|max| max.parse().ok());
    let max_bytes = max_bytes.filter(|max| *max > 0).unwrap_or(MAX_BYTES);
    let percent = bytes.saturating_mul(100) / max_bytes;
    Ok(StorageReport {
        database: DatabaseSize {
            bytes,
            max_bytes,
            percent,
            is_nearly_full: percent >= WARN_PERCENT,
        },
    })
}
