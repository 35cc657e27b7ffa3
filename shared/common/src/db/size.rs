use serde::Serialize;

/// The variable that names the size at which a database is full, in bytes.
const MAX_BYTES_VARIABLE: &str = "DATABASE_MAX_BYTES";
/// Largest database of D1 on the paid plan: 10 GB; on the free plan it is 500 MB (D1's documented limits).
const MAX_BYTES: i64 = 10_000_000_000;
/// The percentage at which the operator is told.
const WARN_PERCENT: i64 = 70;

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

impl DatabaseSize {
    /// What so many bytes are in this deployment.
    #[must_use]
    pub fn of(bytes: i64, variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let max_bytes = variable(MAX_BYTES_VARIABLE).and_then(|max| max.parse().ok());
        let max_bytes = max_bytes.filter(|max| *max > 0).unwrap_or(MAX_BYTES);
        let percent = bytes.saturating_mul(100) / max_bytes;
        Self {
            bytes,
            max_bytes,
            percent,
            is_nearly_full: percent >= WARN_PERCENT,
        }
    }
}
