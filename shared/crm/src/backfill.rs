//! How far sending, or reading, what was there before a connection was enabled has come.

use crate::Integration;
use crate::sql::{BACKFILL_COUNTS, BACKFILL_PUT};
use common::context::Context;
use common::db::{Columns, Statement};
use common::http::Error;
use common::json::raw::part;
use common::json::writer::JsonWriter;
use common::time::Timestamp;
use serde::Serialize;

/// The progress of a backfill.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Backfill {
    /// The start; null for the first message.
    pub since: Option<Timestamp>,
    /// The last message for which a job was created; of a source of conversations, when the last
    /// conversation began.
    pub cursor: Option<Timestamp>,
    /// Messages processed so far, of a source its conversations: each has a job, or already had one.
    pub scheduled: i64,
    /// How many of them are done.
    pub done: i64,
    /// How many of them failed for good.
    pub failed: i64,
    /// How many of them wait.
    pub waiting: i64,
    /// The total number of messages, of a source of conversations.
    pub total: i64,
    /// Whether the backfill is complete.
    pub finished: bool,
}

impl Backfill {
    /// The progress of a connection's; none where none was started.
    ///
    /// # Errors
    /// 503 when the database is away.
    pub async fn of(cx: &Context<'_>, integration: &Integration) -> Result<Option<Self>, Error> {
        let Some(cursor) = BackfillCursor::of(integration) else {
            return Ok(None);
        };
        let left = BackfillLeft::of(cx, &integration.connector).await?;
        Ok(Some(cursor.progress(&left)))
    }
}

/// The state of a backfill, as stored in the connection's row.
#[derive(Debug, Clone, Copy)]
pub struct BackfillCursor {
    /// The first message's time, where the request named one.
    pub since: Option<i64>,
    /// The last message's: those after it make jobs of their own.
    pub until: i64,
    /// Up to which jobs were made.
    pub cursor: i64,
    /// How many were.
    pub scheduled: i64,
    /// How many there were to make when it began.
    pub total: i64,
}

/// What is left of a backfill.
#[derive(Debug, Clone, Copy)]
pub struct BackfillLeft {
    /// Jobs that wait.
    pub waiting: i64,
    /// Jobs that failed for good.
    pub failed: i64,
}

impl BackfillLeft {
    /// Counts them.
    ///
    /// # Errors
    /// 503 when the database is away.
    pub async fn of(cx: &Context<'_>, connector: &str) -> Result<Self, Error> {
        let params = vec![cx.business_id().into(), connector.into()];
        let rows = cx.db.rows(BACKFILL_COUNTS.bind(params)).await?;
        let row = rows.first().ok_or_else(|| Error::internal("no counts"))?;
        let mut columns = Columns::of(row);
        Ok(Self {
            waiting: columns.integer("waiting")?,
            failed: columns.integer("failed")?,
        })
    }
}

/// The statement that writes how far a backfill has come, where it stands as it was read. It gives a row then.
#[must_use]
pub fn backfill_put(
    cx: &Context<'_>,
    connector: &str,
    before: Option<&str>,
    after: &str,
) -> Statement {
    BACKFILL_PUT.bind(vec![
        cx.business_id().into(),
        connector.into(),
        before.into(),
        after.into(),
    ])
}

impl BackfillCursor {
    /// That of a connection; none where none was started.
    #[must_use]
    pub fn of(integration: &Integration) -> Option<Self> {
        Self::read(integration.backfill.as_deref()?)
    }

    fn read(json: &str) -> Option<Self> {
        let stored = part(json);
        let number = |name: &str| stored.get(name)?.parse::<i64>().ok();
        Some(Self {
            since: number("since"),
            until: number("until")?,
            cursor: number("cursor")?,
            scheduled: number("scheduled")?,
            total: number("total")?,
        })
    }

    /// As the connection's row keeps it.
    #[must_use]
    pub fn written(&self) -> String {
        let mut json = JsonWriter::default();
        if let Some(since) = self.since {
            json = json.json("since", &since.to_string());
        }
        json.json("until", &self.until.to_string())
            .json("cursor", &self.cursor.to_string())
            .json("scheduled", &self.scheduled.to_string())
            .json("total", &self.total.to_string())
            .finish()
    }

    /// How far it has come.
    #[must_use]
    pub fn progress(&self, left: &BackfillLeft) -> Backfill {
        let BackfillLeft { waiting, failed } = *left;
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
