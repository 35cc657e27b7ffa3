//! How a business's integrations fare.

mod attention;
mod figures;
pub mod sql;

pub use figures::{Figures, Missed, Targets};

use crate::alert::Alert;
use crate::sql::{ALERT_PAGE_OPEN, ENDPOINTS_WATCHED, JOBS_WAITING, SENDS_WAITING};
use ::crm::health::LastError;
use ::crm::{Integration, integrations_active_statement};
use attention::Attention;
use common::Context;
use common::db::{Columns, Row, Rows, Value, next_rows};
use common::http::Result;
use common::time::{SECOND, Timestamp};
use figures::{Counts, TARGETS};
use serde::Serialize;
use sql::{API_SPANS, CHANNELS_REFUSED, CRM_SPANS, EVENTS_WAITING};

pub use attention::{AttentionItem, Subject};

/// The spans, and how many minutes they have.
const SPANS: [(&str, i64); 3] = [("1h", 60), ("24h", 1_440), ("30d", 43_200)];
/// Most endpoints, accounts and alerts that are looked at.
const MAX_THINGS: i64 = 100;
/// Most streams of jobs that are looked at.
const MAX_STREAMS: i64 = 500;
/// Most sends that are looked at, of all businesses.
const MAX_SENDS: i64 = 1_000;

/// A light.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Light {
    /// Nothing needs attention.
    Ok,
    /// A target is missed, or something needs a look.
    Warn,
    /// It does not work.
    Down,
}

/// How an integration fares.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IntegrationHealth {
    /// The connector.
    pub connector: String,
    /// Its light: `down` while the CRM does not answer or refuses the key.
    pub status: Light,
    /// Why it is down.
    pub reason: Option<LastError>,
    /// Its figures.
    pub figures: Vec<Figures>,
}

/// What waits.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Queue {
    /// `messages` to be sent, `events` to be handed out, `deliveries` of webhooks, or `jobs:<connector>`.
    pub name: String,
    /// Its light: `warn` beyond the target.
    pub status: Light,
    /// For how long the oldest has been due, in seconds.
    pub oldest_seconds: i64,
}

/// How a business's integrations fare.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Status {
    /// The worst of all lights.
    pub status: Light,
    /// When this was so.
    pub checked_at: Timestamp,
    /// What the figures are held against.
    pub targets: Targets,
    /// All integrations together.
    pub overall: Vec<Figures>,
    /// The active integrations.
    pub integrations: Vec<IntegrationHealth>,
    /// Calls of this API by the business: those that were answered with 500 and more are errors.
    pub api: Vec<Figures>,
    /// What waits.
    pub queues: Vec<Queue>,
    /// Alerts that last, newest first, at most 100.
    pub alerts: Vec<Alert>,
    /// What needs attention, the worst first: what there are alerts of, accounts that are refused, endpoints that fail,
    /// integrations that are down, queues that wait and targets that were missed within a day.
    pub attention: Vec<AttentionItem>,
}

/// `GET /api/dashboard/status`: everything is read in one call of the database.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn status(cx: &Context<'_>) -> Result<Status> {
    let with = |params: Vec<Value>| -> Vec<Value> {
        let business = Value::from(cx.business_id());
        std::iter::once(business).chain(params).collect()
    };
    let now = cx.now.micros();
    let minutes = SPANS.map(|(_, minutes)| minutes.to_string()).join(",");
    let minutes = ["[", &minutes, "]"].concat();
    let spans = || with(vec![minutes.as_str().into(), now.into()]);
    let statements = vec![
        integrations_active_statement(cx),
        CRM_SPANS.bind(spans()),
        API_SPANS.bind(spans()),
        EVENTS_WAITING.bind(with(Vec::new())),
        // Behind the others it is asked of the database that this business is in alone, which has all that counts.
        SENDS_WAITING.bind(vec![now.into(), MAX_SENDS.into()]),
        JOBS_WAITING.bind(with(vec![MAX_STREAMS.into()])),
        ENDPOINTS_WATCHED.bind(with(vec![MAX_THINGS.into()])),
        CHANNELS_REFUSED.bind(with(vec![now.into(), MAX_THINGS.into()])),
        ALERT_PAGE_OPEN.bind(with(vec!["~".into(), MAX_THINGS.into()])),
    ];
    let mut results = cx.db.batch(statements).await?.into_iter();
    let active = next_rows(&mut results)?;
    let spans = next_rows(&mut results)?;
    let api = next_rows(&mut results)?;
    let waiting = [(); 3].map(|()| next_rows(&mut results));
    let [events, sends, jobs] = waiting;
    let endpoints = next_rows(&mut results)?;
    let channels = next_rows(&mut results)?;
    let alerts = next_rows(&mut results)?;

    let alerts = alerts
        .iter()
        .map(|row| Alert::of_columns(&mut Columns::of(row)));
    let alerts = alerts.collect::<Result<Vec<_>>>()?;
    let (mut integrations, overall) = integrations(cx, &active, &spans)?;
    let queues = queues(cx, [&events?, &sends?, &jobs?], &endpoints)?;
    for integration in &mut integrations {
        let name = ["jobs:", &integration.connector].concat();
        let queue = queues.iter().find(|queue| queue.name == name);
        let light = queue.map_or(Light::Ok, |queue| queue.status);
        integration.status = integration.status.max(light);
    }
    let mut attention = Attention::new(cx, &alerts);
    attention.integrations(&integrations);
    attention.endpoints(&endpoints)?;
    attention.channels(&channels)?;
    attention.queues(&queues);
    let attention = attention.worst_first();
    let lights = integrations.iter().map(|one| one.status);
    let lights = lights.chain(attention.iter().map(|one| one.status));
    Ok(Status {
        status: lights.max().unwrap_or(Light::Ok),
        checked_at: cx.now,
        targets: TARGETS,
        overall,
        integrations,
        api: api_figures(&api)?,
        queues,
        alerts,
        attention,
    })
}

/// The active connections with their figures, and those of all together.
fn integrations(
    cx: &Context<'_>,
    active: &Rows,
    spans: &Rows,
) -> Result<(Vec<IntegrationHealth>, Vec<Figures>)> {
    let mut all = SPANS.map(|_| Counts::default());
    let mut found = Vec::with_capacity(active.len());
    for row in active {
        let integration = Integration::of_row(row)?;
        let is_down = integration.is_down(cx.now.micros());
        let why = integration.broken_reason.as_deref().filter(|_| is_down);
        let failed_at = integration.failed_at.map(Timestamp::from_micros);
        found.push(IntegrationHealth {
            status: if is_down { Light::Down } else { Light::Ok },
            reason: why.and_then(|why| LastError::read(why, failed_at)),
            connector: integration.connector,
            figures: Vec::with_capacity(SPANS.len()),
        });
    }
    for row in spans {
        let mut columns = Columns::of(row);
        let connector = columns.text("connector")?;
        let span = usize::try_from(columns.integer("span")?).unwrap_or_default();
        let counts = Counts::of_crm(&mut columns)?;
        let integration = found.iter_mut().find(|one| one.connector == connector);
        if let (Some(integration), Some((name, _)), Some(sum)) =
            (integration, SPANS.get(span), all.get_mut(span))
        {
            sum.add(&counts);
            let figures = counts.figures(name);
            // A month's figures change nothing today.
            if *name != "30d" && !figures.missed.is_empty() {
                integration.status = integration.status.max(Light::Warn);
            }
            integration.figures.push(figures);
        }
    }
    let overall = all.iter().zip(SPANS);
    let overall = overall.map(|(counts, (name, _))| counts.figures(name));
    Ok((found, overall.collect()))
}

fn api_figures(rows: &Rows) -> Result<Vec<Figures>> {
    let figures = |(row, (name, _)): (&Row, (&'static str, i64))| {
        let mut columns = Columns::of(row);
        columns.skip(1);
        Ok(Counts::of_api(&mut columns)?.figures(name))
    };
    rows.iter().zip(SPANS).map(figures).collect()
}

fn queues(cx: &Context<'_>, rows: [&Rows; 3], endpoints: &Rows) -> Result<Vec<Queue>> {
    let mut queues = Vec::new();
    let mut add = |name: &str, since: Option<i64>| {
        queues.extend(since.map(|since| {
            let oldest_seconds = ((cx.now.micros() - since) / SECOND).max(0);
            let is_late = oldest_seconds > TARGETS.queue_seconds;
            Queue {
                name: name.to_owned(),
                status: if is_late { Light::Warn } else { Light::Ok },
                oldest_seconds,
            }
        }));
    };
    let [events, sends, jobs] = rows;
    for row in events {
        add("events", Columns::of(row).integer_or_null("since")?);
    }
    for row in sends {
        let mut columns = Columns::of(row);
        let is_ours = columns.str("business_id")? == cx.business_id();
        let since = columns.integer_or_null("since")?;
        add("messages", since.filter(|_| is_ours));
    }
    let mut deliveries: Option<i64> = None;
    for row in endpoints {
        let mut columns = Columns::of(row);
        columns.skip(2);
        let is_active = columns.str("status")? == "active";
        columns.skip(3);
        // What an endpoint refused waits for its next try, which is due later.
        let since = columns.integer_or_null("waits_since")?;
        let since = since.filter(|since| is_active && *since <= cx.now.micros());
        deliveries = deliveries.into_iter().chain(since).min();
    }
    add("deliveries", deliveries);
    for row in jobs {
        let mut columns = Columns::of(row);
        let name = ["jobs:", columns.str("connector")?].concat();
        add(&name, columns.integer_or_null("since")?);
    }
    Ok(queues)
}
