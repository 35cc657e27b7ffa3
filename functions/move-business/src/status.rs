//! What the operator is told of a move.

use crate::copy::Progress;
use crate::drive::drained_at;
use crate::place::{Picture, State, Step};
use common::Context;
use serde::Serialize;
use tables::all_tables;

/// Where a business is.
#[derive(Debug, Serialize)]
pub(crate) struct MoveStatus {
    /// The business.
    pub business_id: String,
    /// The number of the database in which it is.
    pub database: usize,
    /// For how many milliseconds it was closed, in the answer in which its move has ended; else null.
    pub closed_ms: Option<i64>,
    /// What is under way; null once nothing is.
    #[serde(rename = "move")]
    pub under_way: Option<UnderWay>,
}

/// A move that is under way.
#[derive(Debug, Serialize)]
pub(crate) struct UnderWay {
    /// The number of the database that it goes to, or went to.
    pub to: usize,
    /// What is being done.
    pub state: Doing,
    /// Whether requests for the business are answered with 503 meanwhile.
    pub is_closed: bool,
    /// The table that is being copied.
    pub table: Option<&'static str>,
    /// How many tables were copied.
    pub tables_done: usize,
    /// How many there are.
    pub tables: usize,
    /// How many rows were copied.
    pub rows: i64,
    /// After how many seconds there is something to do again.
    pub wait_seconds: i64,
}

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Doing {
    /// What is under way ends.
    Draining,
    /// Rows are copied.
    Copying,
    /// The business is where it goes to; what it left is deleted.
    Deleting,
    /// The move was given up; what was copied is deleted.
    Cancelling,
}

impl MoveStatus {
    /// What there is to say of a business that is in a database.
    pub(crate) fn of(
        cx: &Context<'_>,
        business: &str,
        home: usize,
        picture: &Picture,
        is_busy: bool,
    ) -> Self {
        let tables = all_tables();
        let under_way = picture.step().map(|step| {
            let (state, to, row) = match step {
                Step::Move(_, row) if row.state == State::Draining => {
                    (Doing::Draining, row.other, row)
                }
                Step::Move(_, row) => (Doing::Copying, row.other, row),
                Step::DeleteLeft(_, row) => (Doing::Deleting, row.other, row),
                Step::DeleteCopied(number, row) => (Doing::Cancelling, number, row),
            };
            let arriving = picture.row_at(to).map(|there| there.progress.as_str());
            let progress = match row.state {
                State::Frozen => Progress::parse(arriving.unwrap_or_default()),
                State::Draining | State::Arriving => Progress::default(),
                State::Flipping | State::Moved => Progress::end(),
            };
            let waits = match row.state {
                State::Draining => drained_at(cx, &row).micros() - cx.time_now().micros(),
                _ => 0,
            };
            UnderWay {
                to,
                state,
                is_closed: matches!(row.state, State::Frozen | State::Flipping),
                table: match state {
                    Doing::Copying => tables.get(progress.table).map(|table| table.name),
                    _ => None,
                },
                tables_done: progress.table,
                tables: tables.len(),
                rows: progress.rows,
                wait_seconds: (waits.max(0) + 999_999) / 1_000_000 + i64::from(is_busy),
            }
        });
        Self {
            business_id: business.to_owned(),
            database: home,
            closed_ms: None,
            under_way,
        }
    }
}
