//! A move, step by step. Each step may be done twice, and whoever comes goes on with it: the operator's call, or the cron.
//!
//! From → to, in the states of [`State`]:
//! 1. to: arriving, then from: draining. Nothing that others see is begun for the business any more; what was begun has
//!    the time that the slowest of it takes.
//! 2. from: frozen. From now on no transaction of the business's comes after what the copy is made of.
//! 3. Its rows are copied and compared, then counted.
//! 4. from: flipping. to: its row goes, so that the business counts there. from: moved.
//! 5. What was left is deleted. The row stays, and leads on whoever still looks for the business there.

use crate::copy::{GIVEN_UP, check_counts, copy, differs};
use crate::delete::{Emptied, empty_all};
use crate::place::{Picture, Row, State, Step, failed, is_overtaken};
use crate::sql::{MOVE_CANCEL, MOVE_END, MOVE_LEASE, MOVE_STEP, MOVE_UNLEASE};
use common::Context;
use common::db::{DbError, Places, Rows, Statement};
use common::http::{Error, Kind};
use common::time::{SECOND, Timestamp};
use std::cell::Cell;
use tables::differs_in;

/// How long one call goes on for.
const WORK_MICROS: i64 = 15 * SECOND;
/// How long a call that was cut off keeps others away: longer than a call takes, with its last step.
const LEASE_MICROS: i64 = 30 * SECOND;
/// How long what is under way takes at most: a request to a provider, 30 seconds, and what comes after it.
const DRAIN_SECONDS: i64 = 45;
/// After how long without getting on a closed business is opened again.
const STUCK_MICROS: i64 = 300 * SECOND;
/// Statements that a call may use: D1 allows an invocation a thousand, of which a step takes up to two hundred.
const STATEMENTS: usize = 700;

/// One business's move.
pub(crate) struct Mover<'a> {
    pub(crate) cx: &'a Context<'a>,
    pub(crate) databases: &'a dyn Places,
    pub(crate) business: &'a str,
    /// How many statements the invocation has used, and when it began.
    spent: (&'a Cell<usize>, Timestamp),
    /// For how long the business was closed, once this call has opened it.
    pub(crate) closed_ms: Cell<Option<i64>>,
}

/// Whether a call did what there was to do, or another is at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drove {
    Here,
    Elsewhere,
}

impl<'a> Mover<'a> {
    /// In an invocation that may move several, which share what it may ask of the platform.
    pub(crate) fn of(
        cx: &'a Context<'a>,
        databases: &'a dyn Places,
        business: &'a str,
        spent: (&'a Cell<usize>, Timestamp),
    ) -> Self {
        Self {
            cx,
            databases,
            business,
            spent,
            closed_ms: Cell::new(None),
        }
    }

    /// Runs statements in a database.
    pub(crate) async fn run(
        &self,
        number: usize,
        statements: &[Statement],
    ) -> Result<Vec<Rows>, Error> {
        self.spend(statements.len());
        let ran = self.databases.batch_in(number, statements).await;
        ran.map_err(failed)
    }

    /// As [`Self::run`], of rows that are copied.
    ///
    /// # Errors
    /// 409 for what the database will not take, however often it is tried.
    pub(crate) async fn write(
        &self,
        number: usize,
        statements: &[Statement],
    ) -> Result<Vec<Rows>, Error> {
        self.spend(statements.len());
        let ran = self.databases.batch_in(number, statements).await;
        ran.map_err(|error| match error.is_outage() || is_overtaken(&error) {
            true => failed(error),
            false => refused(&error),
        })
    }

    fn spend(&self, statements: usize) {
        self.spent.0.update(|spent| spent + statements);
    }

    pub(crate) fn is_over(&self) -> bool {
        let (used, began) = self.spent;
        used.get() > STATEMENTS || self.cx.time_now() > began.plus(WORK_MICROS)
    }

    pub(crate) async fn picture(&self) -> Result<Picture, Error> {
        Picture::of(self.databases, self.business).await
    }

    /// Gets on with whatever is under way, as far as a call goes.
    ///
    /// # Errors
    /// 503 when a database is away; 409 for a copy that is not the same, which is given up.
    pub(crate) async fn drive(&self) -> Result<Drove, Error> {
        loop {
            let picture = self.picture().await?;
            let Some(step) = picture.step() else {
                return Ok(Drove::Here);
            };
            let (number, row) = match &step {
                Step::Move(number, row)
                | Step::DeleteLeft(number, row)
                | Step::DeleteCopied(number, row) => (*number, row),
            };
            let is_early =
                row.state == State::Draining && self.cx.time_now() < drained_at(self.cx, row);
            if is_early || self.is_over() {
                return Ok(Drove::Here);
            }
            let Some(lease) = self.lease(number).await? else {
                return Ok(Drove::Elsewhere);
            };
            let done = self.take(&picture, &step).await;
            let unlease = MOVE_UNLEASE.bind(vec![self.business.into(), lease.micros().into()]);
            // One that cannot be given back ends by itself.
            let _unleased = self.run(number, &[unlease]).await;
            done?;
        }
    }

    async fn lease(&self, number: usize) -> Result<Option<Timestamp>, Error> {
        let now = self.cx.time_now();
        let until = now.plus(LEASE_MICROS);
        let params = vec![
            self.business.into(),
            until.micros().into(),
            now.micros().into(),
        ];
        let leased = self.run(number, &[MOVE_LEASE.bind(params)]).await?;
        let is_ours = leased.first().is_some_and(|rows| !rows.is_empty());
        Ok(is_ours.then_some(until))
    }

    async fn take(&self, picture: &Picture, step: &Step) -> Result<(), Error> {
        match step {
            Step::Move(from, row) => match row.state {
                State::Draining => self.step(*from, row, State::Frozen, "frozen").await,
                State::Frozen => {
                    let there = picture.certain_row_at(row.other)?;
                    self.copy(*from, row, there).await
                }
                _ => {
                    let there = picture.certain_row_at(row.other)?;
                    self.flip(*from, row, there).await
                }
            },
            Step::DeleteLeft(number, row) => {
                if empty_all(self, *number, row).await? == Emptied::Whole {
                    self.step(*number, row, State::Moved, "").await?;
                }
                Ok(())
            }
            // First whoever still copies is kept away.
            Step::DeleteCopied(number, row) if row.progress != GIVEN_UP => {
                self.step(*number, row, State::Arriving, GIVEN_UP).await
            }
            Step::DeleteCopied(number, row) => {
                if empty_all(self, *number, row).await? == Emptied::Whole {
                    self.end(*number, row).await?;
                }
                Ok(())
            }
        }
    }

    /// Copies rows; once all are there, and as many on both sides, there is no way back.
    async fn copy(&self, from: usize, row: &Row, there: Option<&Row>) -> Result<(), Error> {
        let copied = match copy(self, from, row, there).await {
            Ok(false) => return Ok(()),
            Ok(true) => check_counts(self, from, row.other).await,
            Err(error) => Err(error),
        };
        match copied {
            Ok(()) => {
                let closed_at = row.since.micros().to_string();
                self.step(from, row, State::Flipping, &closed_at).await
            }
            Err(error) if error.kind() == Kind::Conflict => {
                self.cancel(from, Some(row)).await?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    async fn flip(&self, from: usize, row: &Row, there: Option<&Row>) -> Result<(), Error> {
        if let Some(there) = there.filter(|there| there.state == State::Arriving) {
            self.end(row.other, there).await?;
        }
        self.step(from, row, State::Moved, "deleting").await?;
        let closed_at: Option<i64> = row.progress.parse().ok();
        let closed = closed_at.map(|at| (self.cx.time_now().micros() - at) / 1000);
        self.closed_ms.set(closed);
        self.databases.note(self.business, row.other);
        self.databases.directory_put(self.business, row.other).await;
        Ok(())
    }

    /// Takes a row to its next state, unless somebody else has.
    async fn step(
        &self,
        number: usize,
        row: &Row,
        next: State,
        progress: &str,
    ) -> Result<(), Error> {
        let params = vec![
            self.business.into(),
            row.state.as_str().into(),
            row.since.micros().into(),
            next.as_str().into(),
            progress.into(),
            self.cx.time_now().micros().into(),
        ];
        self.run(number, &[MOVE_STEP.bind(params)]).await?;
        Ok(())
    }

    async fn end(&self, number: usize, row: &Row) -> Result<(), Error> {
        let params = vec![
            self.business.into(),
            row.state.as_str().into(),
            row.since.micros().into(),
        ];
        self.run(number, &[MOVE_END.bind(params)]).await?;
        Ok(())
    }

    /// Gives up the move from a database; whether there was still one to give up.
    pub(crate) async fn cancel(&self, from: usize, row: Option<&Row>) -> Result<bool, Error> {
        let since = row.map(|row| row.since.micros());
        let cancel = MOVE_CANCEL.bind(vec![self.business.into(), since.into()]);
        let cancelled = self.run(from, &[cancel]).await?;
        Ok(cancelled.first().is_some_and(|rows| !rows.is_empty()))
    }

    /// As [`Self::drive`], for the cron: opens a business that nobody gets on with.
    pub(crate) async fn look_after(&self) -> Result<(), Error> {
        let picture = self.picture().await?;
        if let Some(Step::Move(from, row)) = picture.step()
            && row.state == State::Frozen
            && self.cx.time_now() > got_on(&picture, &row).plus(STUCK_MICROS)
            && self.cancel(from, Some(&row)).await?
        {
            self.cx.note(format!(
                "the move of {} was given up: it did not get on",
                self.business
            ));
        }
        self.drive().await.map(|_| ())
    }
}

/// When a copy last got on.
fn got_on(picture: &Picture, row: &Row) -> Timestamp {
    let there = picture.row_at(row.other);
    there.map_or(row.touched_at, |there| there.touched_at.max(row.touched_at))
}

/// 409: it will not be otherwise the next time.
#[track_caller]
fn refused(error: &DbError) -> Error {
    match differs_in(error) {
        Some(table) => differs(table),
        None => Error::new(
            Kind::Conflict,
            format!(
                "A row cannot be copied, since it contradicts one that is there, such as an account of the same address: \
                 the move was given up, and the business is open where it was. ({error})"
            ),
        ),
    }
}

/// When a business whose move was announced may be closed.
pub(crate) fn drained_at(cx: &Context<'_>, row: &Row) -> Timestamp {
    let seconds = (cx.ports.variable)("MOVE_DRAIN_SECONDS").and_then(|text| text.parse().ok());
    row.since.plus(seconds.unwrap_or(DRAIN_SECONDS) * SECOND)
}
