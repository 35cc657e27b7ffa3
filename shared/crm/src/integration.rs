//! A business's connection to a CRM.

use super::sql::{INTEGRATION_GET, INTEGRATIONS_ACTIVE, INTEGRATIONS_OF_ORG};
use common::context::Context;
use common::db::{Columns, Row, Statement};
use common::http::Error;
use secrets::INTEGRATION_CREDENTIALS;

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
    /// JSON, by what is read: up to where, where one cursor is not enough.
    pub cursors: Option<String>,
    /// When settings or status changed.
    pub updated_at: i64,
}

impl Integration {
    /// Reads a row of [`integration_columns!`](crate::integration_columns).
    ///
    /// # Errors
    /// 500 for a row of anything else.
    pub fn of_row(row: &Row) -> Result<Self, Error> {
        Self::of_columns(&mut Columns::of(row))
    }

    fn of_columns(columns: &mut Columns<'_>) -> Result<Self, Error> {
        Ok(Self {
            connector: columns.text("connector")?,
            is_active: columns.text("status")? == "active",
            remote_org: columns.text("remote_org")?,
            remote_user: columns.text_or_null("remote_user")?,
            settings: columns.text("settings")?,
            credentials: columns.text_or_null("credentials")?,
            revision: columns.integer("revision")?,
            webhook_id: columns.text_or_null("webhook_id")?,
            broken_until: columns.integer_or_null("broken_until")?,
            broken_reason: columns.text_or_null("broken_reason")?,
            failures: columns.integer("failures")?,
            succeeded_at: columns.integer_or_null("succeeded_at")?,
            failed_at: columns.integer_or_null("failed_at")?,
            last_error: columns.text_or_null("last_error")?,
            reconciled_to: columns.integer_or_null("reconciled_to")?,
            reconcile_at: columns.integer_or_null("reconcile_at")?,
            backfill: columns.text_or_null("backfill")?,
            cursors: columns.text_or_null("cursors")?,
            updated_at: columns.integer("updated_at")?,
        })
    }

    /// One of which nothing was ever set.
    #[must_use]
    pub fn unset(connector: &str) -> Self {
        Self {
            connector: connector.to_owned(),
            settings: "{}".to_owned(),
            ..Self::default()
        }
    }

    /// Whether the CRM is left alone for now.
    #[must_use]
    pub fn is_broken(&self, now: i64) -> bool {
        self.broken_until.is_some_and(|until| until > now)
    }

    /// Whether the CRM is left alone, or was when it was last asked.
    #[must_use]
    pub fn is_down(&self, now: i64) -> bool {
        self.is_broken(now) || (self.failures > 0 && self.broken_reason.is_some())
    }

    /// Its secrets as JSON, where it has its own.
    ///
    /// # Errors
    /// 500 where they cannot be opened.
    pub fn opened(&self, cx: &Context<'_>) -> Result<Option<String>, Error> {
        let context = credentials_context(cx.business_id(), &self.connector);
        let sealed = self.credentials.as_deref();
        sealed
            .map(|sealed| cx.ports.open(&context, sealed))
            .transpose()
    }
}

/// What the credentials of a connection are sealed for.
#[must_use]
pub fn credentials_context(business_id: &str, connector: &str) -> String {
    INTEGRATION_CREDENTIALS.context(business_id, connector)
}

/// The statement that reads a connection: a row for [`Integration::of_row`], or none.
#[must_use]
pub fn integration_statement(cx: &Context<'_>, connector: &str) -> Statement {
    INTEGRATION_GET.bind(vec![cx.business_id().into(), connector.into()])
}

/// The business's connection; none where nothing was ever set.
///
/// # Errors
/// 503 when the database is away.
pub async fn integration_get(
    cx: &Context<'_>,
    connector: &str,
) -> Result<Option<Integration>, Error> {
    let rows = cx.db.rows(integration_statement(cx, connector)).await?;
    rows.first().map(Integration::of_row).transpose()
}

/// The statement that reads the business's active connections: a row for [`Integration::of_row`] each.
#[must_use]
pub fn integrations_active_statement(cx: &Context<'_>) -> Statement {
    INTEGRATIONS_ACTIVE.bind(vec![cx.business_id().into()])
}

/// The business's active connections.
///
/// # Errors
/// 503 when the database is away.
pub async fn integrations_active(cx: &Context<'_>) -> Result<Vec<Integration>, Error> {
    let rows = cx.db.rows(integrations_active_statement(cx)).await?;
    rows.iter().map(Integration::of_row).collect()
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
        let mut columns = Columns::of(row);
        let business_id = columns.text("business_id")?;
        Ok((business_id, Integration::of_columns(&mut columns)?))
    };
    rows.iter().map(of_row).collect()
}
