//! The connections of a business in a list.

use crate::sql::INTEGRATION_LIST;
use common::context::Context;
use common::db::Columns;
use common::db::Row;
use common::http::Error;
use common::time::Timestamp;
use crm::Setup;
use serde::Serialize;

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
pub(super) async fn integration_list(
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
