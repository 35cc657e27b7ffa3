//! A business's connection to a CRM.

use super::sql::{INTEGRATION_GET, INTEGRATIONS_OF_ORG};
use common::context::Context;
use common::db::{Row, Value};
use common::http::Error;

/// A connection, as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Integration {
    /// The connector's name.
    pub connector: String,
    /// Whether it is switched on.
    pub is_active: bool,
    /// The organisation at the CRM.
    pub remote_org: String,
    /// Who we are there.
    pub remote_user: Option<String>,
    /// JSON: what the business set.
    pub settings: String,
    /// Sealed; none where the deployment's are used.
    pub credentials: Option<String>,
    /// Rises with each change of settings.
    pub revision: i64,
    /// The CRM's id of the webhook that it calls us by.
    pub webhook_id: Option<String>,
    /// Until when nothing is asked of it, since asking failed.
    pub broken_until: Option<i64>,
    /// Why: `{"code", "message"}`.
    pub broken_reason: Option<String>,
    /// How many requests failed since the last that succeeded.
    pub failures: i64,
    /// When it last succeeded.
    pub succeeded_at: Option<i64>,
    /// When it last failed.
    pub failed_at: Option<i64>,
    /// Of what: `{"code", "message"}`.
    pub last_error: Option<String>,
    /// Up to when, by the CRM's clock, it was asked what changed.
    pub reconciled_to: Option<i64>,
    /// When it is asked next.
    pub reconcile_at: Option<i64>,
    /// JSON: how far sending what was there before has come.
    pub backfill: Option<String>,
    /// When settings or status changed.
    pub updated_at: i64,
}

impl Integration {
    /// Reads the columns, of which the first stands at `first`.
    pub(super) fn of_row(row: &Row, first: usize) -> Self {
        let text = |n: usize| {
            row.get(first + n)
                .and_then(Value::as_text)
                .map(str::to_owned)
        };
        let integer = |n: usize| row.get(first + n).and_then(Value::as_integer);
        Self {
            connector: text(0).unwrap_or_default(),
            is_active: text(1).as_deref() == Some("active"),
            remote_org: text(2).unwrap_or_default(),
            remote_user: text(3),
            settings: text(4).unwrap_or_default(),
            credentials: text(5),
            revision: integer(6).unwrap_or_default(),
            webhook_id: text(7),
            broken_until: integer(8),
            broken_reason: text(9),
            failures: integer(10).unwrap_or_default(),
            succeeded_at: integer(11),
            failed_at: integer(12),
            last_error: text(13),
            reconciled_to: integer(14),
            reconcile_at: integer(15),
            backfill: text(16),
            updated_at: integer(17).unwrap_or_default(),
        }
    }

    /// Whether the CRM is left alone for now.
    #[must_use]
    pub fn is_broken(&self, now: i64) -> bool {
        self.broken_until.is_some_and(|until| until > now)
    }

    /// Its secrets as JSON, where it has its own.
    ///
    /// # Errors
    /// 500 where they cannot be opened.
    pub fn opened(&self, cx: &Context<'_>) -> Result<Option<String>, Error> {
        let context = credentials_context(cx.business_id(), &self.connector);
        let sealed = self.credentials.as_deref();
        sealed
            .map(|sealed| cx.outside.open(&context, sealed))
            .transpose()
    }
}

/// What the credentials of a connection are sealed for.
#[must_use]
pub fn credentials_context(business_id: &str, connector: &str) -> String {
    ["integration:", business_id, ":", connector].concat()
}

/// The business's connection; none where nothing was ever set.
///
/// # Errors
/// 503 when the database is away.
pub async fn integration_get(
    cx: &Context<'_>,
    connector: &str,
) -> Result<Option<Integration>, Error> {
    let params = vec![cx.business_id().into(), connector.into()];
    let rows = cx.db.rows(INTEGRATION_GET.bind(params)).await?;
    Ok(rows.first().map(|row| Integration::of_row(row, 0)))
}

/// The active connections to an organisation, each with its business.
///
/// # Errors
/// 503 when the database is away.
pub async fn integrations_of_org(
    cx: &Context<'_>,
    connector: &str,
    org: &str,
) -> Result<Vec<(String, Integration)>, Error> {
    let params = vec![connector.into(), org.into()];
    let rows = cx.db.rows(INTEGRATIONS_OF_ORG.bind(params)).await?;
    let of_row = |row: &Row| {
        let business_id = row.first().and_then(Value::as_text)?;
        Some((business_id.to_owned(), Integration::of_row(row, 1)))
    };
    Ok(rows.iter().filter_map(of_row).collect())
}
