//! Connections as a business sets them up, watches over them and helps what went wrong along.

mod backfill;
pub mod sql;
mod status;

pub use backfill::{Backfill, BackfillAnswer, BackfillRequest, backfill_get, backfill_run};
pub use status::{
    BudgetStatus, ConnectionState, IntegrationStatus, LastError, QueueState, integration_status,
};

use super::integration::credentials_context;
use super::sql::{INTEGRATION_DISABLE, INTEGRATION_ENABLE, INTEGRATION_PUT};
use super::{Columns, Integration, Setup};
use common::context::Context;
use common::db::{DbError, Row, Rows};
use common::http::{Error, Kind};
use common::json::Fields;
use common::time::Timestamp;
use serde::Serialize;
use sql::{DEPLOYMENT_KEY_USER, INTEGRATION_LIST};

/// A connection in a list.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IntegrationBrief {
    /// The connector.
    pub connector: String,
    /// `active` or `disabled`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["active", "disabled"])))]
    pub status: String,
    /// When its settings or status changed; null if nothing was ever set.
    pub updated_at: Option<Timestamp>,
}

/// Every connector, with the business's connection.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IntegrationList {
    /// The connections.
    pub integrations: Vec<IntegrationBrief>,
}

/// The connections of the caller's business, those that were never set up among them.
///
/// # Errors
/// 503 when the database is away.
pub async fn integration_list(
    cx: &Context<'_>,
    connectors: &[&dyn Setup],
) -> Result<IntegrationList, Error> {
    let names: Vec<_> = connectors.iter().map(|one| one.name()).collect();
    let connectors = serde_json::to_string(&names).map_err(Error::internal)?;
    let list = INTEGRATION_LIST.bind(vec![cx.business_id().into(), connectors.into()]);
    let rows = cx.db.rows(list).await?;
    let brief = |row: &Row| {
        let mut columns = Columns::of(row);
        Ok(IntegrationBrief {
            connector: columns.text("connector")?,
            status: columns.text("status")?,
            updated_at: columns
                .integer_or_null("updated_at")?
                .map(Timestamp::from_micros),
        })
    };
    let integrations = rows.iter().map(brief).collect::<Result<_, Error>>()?;
    Ok(IntegrationList { integrations })
}

/// What a connection is to be.
pub struct Desired<'a> {
    /// The organisation at the CRM, as the CRM told it.
    pub remote_org: &'a str,
    /// JSON.
    pub settings: &'a str,
    /// All of its own secrets.
    pub credentials: &'a Fields<String>,
    /// Whether the deployment's key speaks for it.
    pub uses_deployment_key: bool,
}

/// Writes a connection's settings, unless another did since `before` was read: then `None`.
///
/// # Errors
/// 409 where it is active and would use the deployment's key, as another business does already.
pub async fn integration_put(
    cx: &Context<'_>,
    before: &Integration,
    desired: &Desired<'_>,
) -> Result<Option<Integration>, Error> {
    let sealed = match desired.credentials.iter().next() {
        None => None,
        Some(_) => {
            let context = credentials_context(cx.business_id(), &before.connector);
            let json = serde_json::to_string(desired.credentials).map_err(Error::internal)?;
            Some(cx.outside.seal(cx.entropy, &context, &json)?)
        }
    };
    let put = INTEGRATION_PUT.bind(vec![
        cx.business_id().into(),
        before.connector.as_str().into(),
        desired.remote_org.into(),
        desired.settings.into(),
        sealed.into(),
        before.revision.into(),
        cx.now.micros().into(),
        i64::from(desired.uses_deployment_key).into(),
    ]);
    first(cx.db.batch(vec![put]).await)
}

/// Switches a connection on. `user` is who we are there, `webhook` what calls us, where that is new.
///
/// # Errors
/// 409 where it uses the deployment's key, as another business does already.
pub async fn integration_enable(
    cx: &Context<'_>,
    connector: &str,
    user: &str,
    webhook: Option<&str>,
) -> Result<Option<Integration>, Error> {
    let enable = INTEGRATION_ENABLE.bind(vec![
        cx.business_id().into(),
        connector.into(),
        user.into(),
        webhook.into(),
        cx.now.micros().into(),
    ]);
    first(cx.db.batch(vec![enable]).await)
}

/// Switches a connection off, at once: whoever is at its jobs looks before the next. `None` where
/// there is none.
///
/// # Errors
/// 503 when the database is away.
pub async fn integration_disable(
    cx: &Context<'_>,
    connector: &str,
) -> Result<Option<Integration>, Error> {
    let params = vec![
        cx.business_id().into(),
        connector.into(),
        cx.now.micros().into(),
    ];
    first(cx.db.batch(vec![INTEGRATION_DISABLE.bind(params)]).await)
}

fn first(results: Result<Vec<Rows>, DbError>) -> Result<Option<Integration>, Error> {
    let results = results.map_err(|error| match error.is_race() {
        true => key_in_use(),
        false => error.into(),
    })?;
    let row = results.first().and_then(|rows| rows.first());
    row.map(Integration::of_row).transpose()
}

fn key_in_use() -> Error {
    let message =
        "Another business is connected by the deployment's key. Give this one a key of its own.";
    Error::new(Kind::Conflict, message).with_detail("credentials.api_key", "deployment_key_in_use")
}

/// Refuses the deployment's key to whoever is not the business that is connected by it.
///
/// # Errors
/// 409 `deployment_key_in_use`.
pub async fn deployment_key_check(cx: &Context<'_>, connector: &str) -> Result<(), Error> {
    let params = vec![connector.into(), cx.business_id().into()];
    match cx
        .db
        .rows(DEPLOYMENT_KEY_USER.bind(params))
        .await?
        .is_empty()
    {
        true => Ok(()),
        false => Err(key_in_use()),
    }
}

/// 409 for what only an active connection can do.
fn not_enabled() -> Error {
    Error::new(Kind::Conflict, "This integration is not enabled.").with_detail("status", "active")
}
