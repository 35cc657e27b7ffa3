//! Sending what was there before a connection was enabled: message by message, oldest first, behind
//! all that somebody waits for.

use super::not_enabled;
use super::sql::{BACKFILL_COUNTS, BACKFILL_JOBS, BACKFILL_PAGE, BACKFILL_PUT, BACKFILL_TOTAL};
use super::status::counts;
use crate::{Columns, Connector, Integration, integration_get};
use common::context::Context;
use common::http::input::Input;
use common::http::{Error, Kind};
use common::json::raw::{part, text};
use common::json::written::Written;
use common::outside::Queue;
use common::time::Timestamp;
use serde::Serialize;

/// Messages that one call makes jobs of.
const PAGE: i64 = 500;
/// No more jobs are made while so many wait.
const MOST_WAITING: i64 = 2000;
/// How often a page is tried that others come before.
const TRIES: u32 = 4;

/// What `POST …/backfill` takes.
#[derive(Debug, Default)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct BackfillRequest {
    /// The start, by default the first message. Only for a new backfill.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("format" = "date-time")))]
    pub since: Option<Timestamp>,
    /// Whether to start again.
    pub restart: Option<bool>,
}

/// The progress of a backfill.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Backfill {
    /// The start; null for the first message.
    pub since: Option<Timestamp>,
    /// The last message for which a job was created.
    pub cursor: Option<Timestamp>,
    /// Messages processed so far: each has a job, or already had one.
    pub scheduled: i64,
    /// How many of them are done.
    pub done: i64,
    /// How many of them failed for good.
    pub failed: i64,
    /// How many of them wait.
    pub waiting: i64,
    /// The total number of messages.
    pub total: i64,
    /// Whether the backfill is complete.
    pub finished: bool,
}

/// The progress; null if none was started.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BackfillAnswer {
    /// How far.
    pub backfill: Option<Backfill>,
}

/// Where it stands, as the connection's row keeps it.
struct Stand {
    since: Option<i64>,
    until: i64,
    cursor: i64,
    scheduled: i64,
    total: i64,
}

impl BackfillRequest {
    /// Reads a request's body; none goes on.
    ///
    /// # Errors
    /// 400 for what is no JSON, 422 for another shape.
    pub fn parse(body: &str) -> Result<Self, Error> {
        let body = if body.is_empty() { "{}" } else { body };
        let input = Input::read(body, &["since", "restart"])?;
        Ok(Self {
            since: input
                .optional(
                    "since",
                    "a date-time with an offset, or null",
                    |json| match json {
                        "null" => Some(None),
                        json => Timestamp::parse(&text(json)?).map(Some),
                    },
                )?
                .flatten(),
            restart: input.optional("restart", "true or false", |json| match json {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            })?,
        })
    }
}

impl Stand {
    fn read(json: &str) -> Option<Self> {
        let stand = part(json);
        let number = |name: &str| stand.get(name)?.parse::<i64>().ok();
        Some(Self {
            since: number("since"),
            until: number("until")?,
            cursor: number("cursor")?,
            scheduled: number("scheduled")?,
            total: number("total")?,
        })
    }

    fn written(&self) -> String {
        let mut json = Written::default();
        if let Some(since) = self.since {
            json = json.json("since", &since.to_string());
        }
        json.json("until", &self.until.to_string())
            .json("cursor", &self.cursor.to_string())
            .json("scheduled", &self.scheduled.to_string())
            .json("total", &self.total.to_string())
            .finish()
    }

    fn shown(&self, waiting: i64, failed: i64) -> Backfill {
        let first = self.since.map_or(0, |since| since - 1);
        Backfill {
            since: self.since.map(Timestamp::from_micros),
            cursor: (self.cursor > first).then(|| Timestamp::from_micros(self.cursor)),
            scheduled: self.scheduled,
            done: (self.scheduled - waiting - failed).max(0),
            failed,
            waiting,
            total: self.total.max(self.scheduled),
            finished: self.cursor >= self.until && waiting == 0,
        }
    }
}

/// How far it has come.
///
/// # Errors
/// 503 when the database is away.
pub async fn backfill_get(cx: &Context<'_>, connector: &str) -> Result<BackfillAnswer, Error> {
    let integration = integration_get(cx, connector).await?.unwrap_or_default();
    let backfill = backfill_of(cx, &integration, connector).await?;
    Ok(BackfillAnswer { backfill })
}

pub(super) async fn backfill_of(
    cx: &Context<'_>,
    integration: &Integration,
    connector: &str,
) -> Result<Option<Backfill>, Error> {
    let Some(stand) = integration.backfill.as_deref().and_then(Stand::read) else {
        return Ok(None);
    };
    let (waiting, failed) = left(cx, connector).await?;
    Ok(Some(stand.shown(waiting, failed)))
}

/// Makes the jobs of the next messages, unless many wait already, and says how far it has come.
///
/// # Errors
/// 409 where the connection is not enabled, and for another `since` than that of the one that stands.
pub async fn backfill_run(
    cx: &Context<'_>,
    connector: &dyn Connector,
    request: &BackfillRequest,
) -> Result<BackfillAnswer, Error> {
    let kind = connector.backfill().ok_or_else(no_backfill)?;
    let connector = connector.name();
    let mut wants_anew = request.restart == Some(true);
    for _ in 0..TRIES {
        let integration = integration_get(cx, connector).await?;
        let integration = integration.filter(|integration| integration.is_active);
        let integration = integration.ok_or_else(not_enabled)?;
        let stands = integration.backfill.as_deref().and_then(Stand::read);
        let mut stand = match stands.filter(|_| !wants_anew) {
            Some(stand) => same_since(stand, request)?,
            None => begun(cx, request).await?,
        };
        let (waiting, failed) = left(cx, connector).await?;
        let made = match waiting < MOST_WAITING {
            true => page(cx, kind, &integration, &mut stand).await?,
            false => true,
        };
        if made {
            let (waiting, failed) = match waiting < MOST_WAITING {
                true => left(cx, connector).await?,
                false => (waiting, failed),
            };
            let backfill = Some(stand.shown(waiting, failed));
            return Ok(BackfillAnswer { backfill });
        }
        // Whoever came before us has begun anew, too, or gone on: either way there is one now.
        wants_anew = false;
    }
    Err(Error::unavailable("a backfill changes all the time"))
}

fn no_backfill() -> Error {
    Error::new(Kind::Conflict, "This integration has no backfill.")
        .with_detail("backfill", "has_one")
}

fn same_since(stand: Stand, request: &BackfillRequest) -> Result<Stand, Error> {
    let asked = request.since.map(Timestamp::micros);
    if asked.is_none() || asked == stand.since {
        return Ok(stand);
    }
    let message = "There is a backfill from another time on. Say `restart: true` to begin anew.";
    Err(Error::new(Kind::Conflict, message).with_detail("since", "same_or_restart"))
}

/// One that begins: with all that is there now.
async fn begun(cx: &Context<'_>, request: &BackfillRequest) -> Result<Stand, Error> {
    let since = request.since.map(Timestamp::micros);
    let cursor = since.map_or(0, |since| since - 1);
    let until = cx.now.micros().max(cursor);
    let range = vec![cx.business_id().into(), cursor.into(), until.into()];
    let [total] = counts(&cx.db.rows(BACKFILL_TOTAL.bind(range)).await?)?;
    Ok(Stand {
        since,
        until,
        cursor,
        scheduled: 0,
        total,
    })
}

/// Makes a page of jobs. False where another wrote first: then nothing was done that it did not do.
async fn page(
    cx: &Context<'_>,
    kind: &'static str,
    integration: &Integration,
    stand: &mut Stand,
) -> Result<bool, Error> {
    let page = vec![
        cx.business_id().into(),
        stand.cursor.into(),
        stand.until.into(),
        PAGE.into(),
    ];
    let connector = integration.connector.as_str();
    let rows = cx.db.rows(BACKFILL_PAGE.bind(page)).await?;
    let after = stand.cursor;
    let row = rows.first().ok_or_else(|| Error::internal("no page"))?;
    let mut columns = Columns::of(row);
    let (last, count) = (columns.integer_or_null("last")?, columns.integer("count")?);
    stand.scheduled += count;
    stand.cursor = last.filter(|_| count == PAGE).unwrap_or(stand.until);
    let stands = stand.written();
    let mut statements = vec![BACKFILL_PUT.bind(vec![
        cx.business_id().into(),
        connector.into(),
        integration.backfill.as_deref().into(),
        stands.as_str().into(),
    ])];
    if count > 0 {
        statements.push(BACKFILL_JOBS.bind(vec![
            cx.business_id().into(),
            connector.into(),
            after.into(),
            stand.cursor.into(),
            cx.ids.shared_prefix().into(),
            cx.now.micros().into(),
            stands.into(),
            kind.into(),
        ]));
        cx.wake(Queue::Crm, cx.business_id());
    }
    let results = cx.db.batch(statements).await?;
    Ok(results.first().is_some_and(|rows| !rows.is_empty()))
}

/// How many of its jobs wait, and how many failed.
async fn left(cx: &Context<'_>, connector: &str) -> Result<(i64, i64), Error> {
    let params = vec![cx.business_id().into(), connector.into()];
    let rows = cx.db.rows(BACKFILL_COUNTS.bind(params)).await?;
    let [waiting, failed] = counts(&rows)?;
    Ok((waiting, failed))
}
