//! How the deployment stands.

use crate::sql::{
    PARKED, SIZE_PROBE, WAITING_CRM, WAITING_DELIVERIES, WAITING_ERASURES, WAITING_EVENTS,
    WAITING_LINKS, WAITING_MEDIA, WAITING_REPLIES, WAITING_SENDS,
};
use common::Context;
use common::db::{Columns, DatabaseSize, DbError, Rows, Sql, Statement, next_rows};
use common::http::{Error, Result};
use common::join::join_all;
use common::time::SECOND;
use serde::Serialize;

/// Up to how many rows of each kind are counted.
const MAX_COUNTED: i64 = 1_000;

/// What waits, and what counts it.
const QUEUES: [(&str, &Sql); 8] = [
    ("events", &WAITING_EVENTS),
    ("deliveries", &WAITING_DELIVERIES),
    ("sends", &WAITING_SENDS),
    ("media", &WAITING_MEDIA),
    ("replies", &WAITING_REPLIES),
    ("crm", &WAITING_CRM),
    ("crm_links", &WAITING_LINKS),
    ("erasures", &WAITING_ERASURES),
];

/// How the deployment stands.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Overview {
    /// How full its databases are.
    pub databases: Databases,
    /// What is due and not yet done: what is read of each kind is bounded.
    pub queues: Vec<Waiting>,
    /// Deliveries of providers that were acknowledged while the database was down, and failed since.
    pub parked_deliveries: Parked,
}

/// The databases of the deployment.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Databases {
    /// The one that has everything but what is searched of CRM links; null where the platform does not tell.
    pub main: Option<DatabaseSize>,
    /// The one of what is searched; null where it is away, or the platform does not tell.
    pub search: Option<DatabaseSize>,
}

/// What waits of one kind.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Waiting {
    /// `events` counts businesses with events to hand out, `deliveries` those of webhooks, `sends` messages, `media`
    /// files to fetch, `replies` conversations to reply to, `crm` streams of jobs, `crm_links` links to fetch, and
    /// `erasures` customers.
    pub name: &'static str,
    /// How many are due, of the first 1,000 of each kind; of an endpoint and a connection, at most 100. What a
    /// suspended business sends is among them.
    pub waiting: i64,
    /// For how long the oldest of them has been due, in seconds; null where nothing waits.
    pub oldest_seconds: Option<i64>,
}

/// Parked deliveries that failed; at most 1,000 are counted.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Parked {
    /// Those that are tried again each minute.
    pub waiting: i64,
    /// Those that were given up.
    pub dead: i64,
}

/// `GET overview` (platform token)
///
/// 1. Reads what waits and what is parked, and with it how large the database is.
/// 2. Asks the other database how large it is; where that is away, all the rest is told.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn overview(cx: &Context<'_>) -> Result<Overview> {
    // 1.
    let params = || vec![cx.now.micros().into(), MAX_COUNTED.into()];
    let statements: Vec<_> = QUEUES.iter().map(|(_, sql)| sql.bind(params())).collect();
    let parked = vec![PARKED.bind(vec![MAX_COUNTED.into()])];
    let mut results = side_by_side(cx, [statements, parked]).await?;
    let mut queues = Vec::with_capacity(QUEUES.len());
    for (name, _) in QUEUES {
        queues.push(Waiting::of_rows(cx, name, &next_rows(&mut results)?)?);
    }
    let parked_deliveries = Parked::of_rows(&next_rows(&mut results)?)?;
    let size = |bytes| DatabaseSize::of(bytes, cx.ports.variable);
    let main = cx.db.size().map(size);

    // 2.
    let asked = cx.ports.search.batch(vec![SIZE_PROBE.bind(Vec::new())]);
    let search = match asked.await {
        Ok(_) => cx.ports.search.size().map(size),
        Err(_) => {
            cx.note("the database of what is searched does not answer");
            None
        }
    };
    Ok(Overview {
        databases: Databases { main, search },
        queues,
        parked_deliveries,
    })
}

/// Reads of all databases, and of the deployment's own, side by side; gives the rows of each statement, in their order.
pub(crate) async fn side_by_side(
    cx: &Context<'_>,
    batches: [Vec<Statement>; 2],
) -> Result<impl Iterator<Item = Rows>> {
    let results = join_all(batches.map(|batch| cx.db.batch(batch))).await;
    let results = results.into_iter().collect::<Result<Vec<_>, DbError>>()?;
    Ok(results.into_iter().flatten())
}

impl Waiting {
    /// Reads how many are due of each database, and since when.
    fn of_rows(cx: &Context<'_>, name: &'static str, rows: &Rows) -> Result<Self> {
        let (mut waiting, mut oldest) = (0, None);
        for row in rows {
            let mut columns = Columns::of(row);
            waiting += columns.integer("n")?;
            let since = columns.integer_or_null("oldest")?;
            oldest = oldest.into_iter().chain(since).min();
        }
        let age = oldest.map(|oldest| ((cx.now.micros() - oldest) / SECOND).max(0));
        Ok(Self {
            name,
            waiting,
            oldest_seconds: age,
        })
    }
}

impl Parked {
    /// Reads [`PARKED`].
    fn of_rows(rows: &Rows) -> Result<Self> {
        let row = rows.first();
        let row = row.ok_or_else(|| Error::internal("a count gave no row"))?;
        let mut columns = Columns::of(row);
        Ok(Self {
            waiting: columns.integer("waiting")?,
            dead: columns.integer("dead")?,
        })
    }
}
