//! The CRM card of one contact, as JSON.

use crate::sql::{CARD_CONNECTIONS, CARD_CUSTOMER, CARD_JOBS};
use common::context::Context;
use common::db::{Columns, Row, Value, next_rows};
use common::http::Error;
use common::ids::{ChannelId, CustomerId};
use common::json::raw::part;
use common::json::writer::{JsonWriter, quoted};
use common::time::Timestamp;
use connectors::CRMS;
use crm::Connector;
use customer::CrmIds;

/// The kind of a record that is known by its link alone.
const LINKED: &str = "customer";

/// `{customer, crms}` of a contact of an account.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn card_of(
    cx: &Context<'_>,
    channel_id: &ChannelId,
    contact_id: &str,
) -> Result<String, Error> {
    let business = || Value::from(cx.business_id());
    let find = CARD_CUSTOMER.bind(vec![business(), channel_id.into(), contact_id.into()]);
    let found = cx.db.rows(find).await?;
    let Some(row) = found.first() else {
        let nobody = JsonWriter::default().json("customer", "null");
        return Ok(nobody.json("crms", "[]").finish());
    };
    let mut columns = Columns::of(row);
    let id: CustomerId = columns.id("id")?;
    let name = columns.text_or_null("name")?;
    let crm_ids = CrmIds::of_stored(columns.text_or_null("crm_ids")?.as_deref());
    let of_customer = || vec![business(), (&id).into()];
    let statements = vec![
        CARD_CONNECTIONS.bind(of_customer()),
        CARD_JOBS.bind(of_customer()),
    ];
    let mut results = cx.db.batch(statements).await?.into_iter();
    let (connections, jobs) = (next_rows(&mut results)?, next_rows(&mut results)?);
    let jobs: Vec<_> = jobs.iter().map(Jobs::read).collect::<Result<_, _>>()?;
    let mut crms = Vec::new();
    for row in &connections {
        let connection = Connection::read(row)?;
        let mut known = CRMS.iter().copied();
        if let Some(crm) = known.find(|crm| crm.name() == connection.connector) {
            let jobs = jobs.iter().find(|jobs| jobs.connector == crm.name());
            crms.push(connection.json(cx, crm, &crm_ids, jobs));
        }
    }
    let customer = JsonWriter::default()
        .text("id", id.as_str())
        .maybe("name", name.as_deref());
    Ok(JsonWriter::default()
        .json("customer", &customer.finish())
        .json("crms", &["[", &crms.join(","), "]"].concat())
        .finish())
}

/// A row of CARD_CONNECTIONS.
struct Connection {
    connector: String,
    settings: String,
    broken_until: Option<Timestamp>,
    remote_id: Option<String>,
    stage: Option<String>,
}

impl Connection {
    fn read(row: &Row) -> Result<Self, Error> {
        let mut columns = Columns::of(row);
        Ok(Self {
            connector: columns.text("connector")?,
            settings: columns.text("settings")?,
            broken_until: columns.time_or_null("broken_until")?,
            remote_id: columns.text_or_null("remote_id")?,
            stage: columns.text_or_null("stage")?,
        })
    }

    fn json(
        &self,
        cx: &Context<'_>,
        crm: &dyn Connector,
        ids: &CrmIds,
        jobs: Option<&Jobs>,
    ) -> String {
        let mut records: Vec<_> = ids.of(crm.name()).collect();
        if let (true, Some(id)) = (records.is_empty(), &self.remote_id) {
            records.push((LINKED, id));
        }
        let is_paused = self.broken_until.is_some_and(|until| until > cx.now);
        let count = |of: fn(&Jobs) -> i64| jobs.map_or(0, of);
        let (waiting, failed) = (count(|jobs| jobs.waiting), count(|jobs| jobs.failed));
        let state = match (is_paused, failed, waiting) {
            (true, ..) => "paused",
            (_, 1.., _) => "failed",
            (_, _, 1..) => "waiting",
            _ if !records.is_empty() => "synced",
            _ => "none",
        };
        let records = records.iter().map(|(kind, id)| {
            let url = crm.record_url(&self.settings, kind, id);
            let record = JsonWriter::default().text("kind", kind).text("id", id);
            record.maybe("url", url.as_deref()).finish()
        });
        let records: Vec<_> = records.collect();
        let synced_at = jobs.and_then(|jobs| jobs.synced_at);
        let error = jobs.and_then(|jobs| jobs.error.as_deref());
        JsonWriter::default()
            .text("connector", crm.name())
            .text("state", state)
            .json("records", &["[", &records.join(","), "]"].concat())
            .json("stage", &or_null(self.stage.as_deref().map(quoted)))
            .json("waiting", &waiting.to_string())
            .json("failed", &failed.to_string())
            .json(
                "synced_at",
                &or_null(synced_at.map(|at| quoted(&at.to_string()))),
            )
            .json("error", &or_null(error.map(error_json)))
            .finish()
    }
}

/// A row of CARD_JOBS.
struct Jobs {
    connector: String,
    waiting: i64,
    failed: i64,
    synced_at: Option<Timestamp>,
    error: Option<String>,
}

impl Jobs {
    fn read(row: &Row) -> Result<Self, Error> {
        let mut columns = Columns::of(row);
        Ok(Self {
            connector: columns.text("connector")?,
            waiting: columns.integer("waiting")?,
            failed: columns.integer("failed")?,
            synced_at: columns.time_or_null("synced_at")?,
            error: columns.text_or_null("error")?,
        })
    }
}

/// An error as it is stored, of which a part may be missing.
fn error_json(stored: &str) -> String {
    let error = part(stored);
    let field = |name: &str| error.text(name).unwrap_or_default();
    JsonWriter::default()
        .text("code", &field("code"))
        .text("message", &field("message"))
        .finish()
}

fn or_null(json: Option<String>) -> String {
    json.unwrap_or_else(|| "null".to_owned())
}
