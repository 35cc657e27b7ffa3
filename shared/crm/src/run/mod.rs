//! Does what waits for connections to CRMs, as far as budget and time go. Two Workers run it, each with connectors
//! of its own.

mod settle;
pub mod sql;

use super::{
    CrmClient, Done, Failure, Integration, Job, MAX_WEIGHT, Sync, integration_statement,
    integrations_active, with_connector,
};
use common::context::Context;
use common::db::Columns;
use common::db::Row;
use common::http::Error;
use common::join::join_all;
use common::ports::Queue;
use common::time::SECOND;
use settle::{Next, RECONCILE, settle};
use sql::{JOB_BEGIN, STREAM_CLAIM, STREAM_EXTEND, STREAM_JOBS, STREAM_NEXT, STREAM_RELEASE};
use std::cell::{Cell, RefCell};

/// Streams that are worked on at once.
const WORKERS: usize = 4;
/// After how long a run leaves the rest to the next.
const RUN_MICROS: i64 = 15 * SECOND;
/// After how many jobs a run leaves the rest to the next: the platform allows an invocation a thousand
/// statements, of which the first message of a customer takes some twenty-five, and more where tries failed before.
const RUN_JOBS: usize = 24;
/// Statements of a job of weight 1, and of a job that is done with others at once.
const JOB_STATEMENTS: usize = 30;
const GROUPED_STATEMENTS: usize = 9;
/// Statements that find a customer's stream and let it go again.
const STREAM_STATEMENTS: usize = 8;
/// What a worker must have left before it goes on: the heaviest job with its stream, and the calls of other Workers that
/// an agent's reply takes.
const UNIT: (usize, usize) = (STREAM_STATEMENTS + MAX_WEIGHT * JOB_STATEMENTS, 2);
/// How long a job may take before its stream is anybody's. A Worker has 26 seconds for requests, so that whoever's lease
/// has ended makes nothing any more that another makes.
const LEASE_MICROS: i64 = 120 * SECOND;
/// When a stream is due that was begun: before all that were not, since half of the work may be done.
const FIRST: i64 = 1;
/// Jobs of a stream that are read at once.
const PAGE: i64 = 100;

/// What the workers of a run share.
struct Run<'a> {
    cx: &'a Context<'a>,
    connector: &'a dyn Sync,
    integration: &'a Integration,
    started: i64,
    /// Jobs that were begun, by their weights.
    begun: Cell<usize>,
    /// Workers that have something in hand.
    busy: Cell<usize>,
    /// Whether no more is done of what can wait.
    live_only: Cell<bool>,
    /// The latest time that any worker knows of.
    latest: Cell<i64>,
    /// Whether one job shows if the CRM is there again.
    is_probe: Cell<bool>,
    /// Whether the CRM failed to answer a job.
    has_failed: Cell<bool>,
    /// Nothing is asked before, once it is set.
    stopped_until: Cell<Option<i64>>,
    failure: RefCell<Option<Error>>,
}

/// Does what waits for a business at these CRMs, and asks `queue` to be woken for what is due soon. For each it takes
/// customers with something due, what people wait for first, four at once, and does the jobs of each in order. Every
/// request takes from the business's budget. What came of each is written down: done, skipped, to be tried again, or
/// failed for good. A CRM that refuses the key or does not answer is left alone for a while.
///
/// Gives the active connections of which none of `connectors` is one.
///
/// # Errors
/// 503 when the database is away: what was claimed is due again when its lease ends.
pub async fn work(
    connectors: &[&dyn Sync],
    cx: &Context<'_>,
    queue: Queue,
) -> Result<Vec<Integration>, Error> {
    let is_known = |one: &Integration| connectors.iter().any(|known| known.name() == one.connector);
    let (known, others) = integrations_active(cx)
        .await?
        .into_iter()
        .partition(is_known);
    for (connector, integration) in with_connector(connectors, known) {
        run(cx, connector, &integration, queue).await?;
    }
    Ok(others)
}

/// Does what waits for one connection, and asks to be woken for what is due soon. Several runs at once
/// come to the same, since each stream is one's at a time.
///
/// # Errors
/// 503 when the database is away: what was claimed is due again when its lease ends.
async fn run(
    cx: &Context<'_>,
    connector: &dyn Sync,
    integration: &Integration,
    queue: Queue,
) -> Result<(), Error> {
    let now = || cx.time_now().micros();
    let wake = |wait: i64| {
        // What is due later than in a minute is found by the cron.
        if wait < 60 * SECOND {
            let seconds = u32::try_from((wait.max(0) + SECOND - 1) / SECOND).unwrap_or(60);
            cx.wake_after(queue, cx.business_id(), seconds);
        }
    };
    if let Some(until) = integration.broken_until.filter(|until| *until > now()) {
        wake(until - now());
        return Ok(());
    }
    let run = Run {
        cx,
        connector,
        integration,
        started: now(),
        begun: Cell::new(0),
        busy: Cell::new(0),
        live_only: Cell::new(false),
        latest: Cell::new(0),
        is_probe: Cell::new(integration.failures > 0),
        has_failed: Cell::new(false),
        stopped_until: Cell::new(None),
        failure: RefCell::default(),
    };
    if run.is_probe.get() {
        run.work().await;
    }
    if !run.has_failed.get() {
        run.is_probe.set(false);
        join_all((0..WORKERS).map(|_| run.work())).await;
    }
    if let Some(error) = run.failure.take() {
        return Err(error);
    }
    let next = match run.stopped_until.get() {
        Some(until) => Some(until),
        None => {
            let params = vec![
                cx.business_id().into(),
                integration.connector.as_str().into(),
            ];
            let rows = cx.db.rows(STREAM_NEXT.bind(params)).await?;
            match rows.first() {
                Some(row) => Columns::of(row).integer_or_null("due_at")?,
                None => None,
            }
        }
    };
    if let Some(next) = next {
        wake(next - run.now());
    }
    Ok(())
}

impl Run<'_> {
    fn now(&self) -> i64 {
        let now = self.cx.time_now().micros();
        now.max(self.latest.get())
    }

    fn is_over(&self) -> bool {
        self.stopped_until.get().is_some()
            || self.failure.borrow().is_some()
            || self.begun.get() >= RUN_JOBS
            || self.now() - self.started > RUN_MICROS
            || !self.has_enough()
    }

    /// Whether each worker that has something in hand can do another job within what the platform allows.
    fn has_enough(&self) -> bool {
        let busy = self.busy.get();
        self.cx.allowance.has(busy * UNIT.0, busy * UNIT.1)
    }

    /// Takes stream after stream; of a probe one.
    async fn work(&self) {
        loop {
            self.busy.update(|busy| busy + 1);
            let worked = match self.is_over() {
                true => Ok(false),
                false => self.stream().await,
            };
            self.busy.update(|busy| busy - 1);
            match worked {
                Ok(true) if self.is_probe.get() => return,
                Ok(true) => {}
                Ok(false) => return,
                Err(Failure::Away(error)) => {
                    self.failure.replace(Some(error));
                    return;
                }
                Err(_) => return,
            }
        }
    }

    /// Claims one stream and does its jobs. Whether there was one.
    async fn stream(&self) -> Result<bool, Failure> {
        let client = CrmClient::new(self.cx, self.connector, self.integration);
        client.set_began(self.started);
        let lease = self.cx.ids.next();
        let until = self.now() + LEASE_MICROS;
        let mut claim = client.named([]);
        claim.extend([
            self.now().into(),
            lease.as_str().into(),
            until.into(),
            i64::from(!self.live_only.get()).into(),
        ]);
        let mut jobs = client.named([lease.as_str()]);
        jobs.push(PAGE.into());
        let statements = vec![
            integration_statement(self.cx, &self.integration.connector),
            STREAM_CLAIM.bind(claim),
            STREAM_JOBS.bind(jobs),
        ];
        let results = client.batch(statements).await?;
        let [integration, claimed, jobs] = results.as_slice() else {
            return Err(Error::internal("a batch lost its results").into());
        };
        let Some(claimed) = claimed.first() else {
            return Ok(false);
        };
        let mut claimed = Columns::of(claimed);
        claimed.text("stream")?;
        client.set_minute(claimed.integer("minute")?, claimed.integer("used")?);
        let now = integration.first().map(Integration::of_row).transpose()?;
        let is_on = now
            .as_ref()
            .is_some_and(|now| now.is_active && !now.is_broken(self.now()));
        let due = match is_on {
            true => self.jobs(&client, &lease, jobs).await?,
            false => {
                // Somebody switched it off, or it broke, while this run went on.
                let until = now.and_then(|now| now.broken_until);
                let until = until.filter(|until| *until > self.now());
                let until = until.unwrap_or_else(|| self.now() + 60 * SECOND);
                self.stopped_until.set(Some(until));
                until
            }
        };
        self.latest.set(client.now());
        let (minute, used) = client.minute();
        let mut release = client.named([lease.as_str()]);
        release.extend([due.into(), minute.into(), used.into()]);
        client.rows(STREAM_RELEASE.bind(release)).await?;
        Ok(true)
    }

    /// Does jobs in order; when the stream is due again.
    async fn jobs(
        &self,
        client: &CrmClient<'_>,
        lease: &str,
        jobs: &[Row],
    ) -> Result<i64, Failure> {
        let jobs = jobs.iter().map(job_of).collect::<Result<Vec<_>, _>>()?;
        let mut rest = jobs.as_slice();
        while let Some(job) = rest.first() {
            client.set_priority(job.priority);
            let (group, behind) = rest.split_at(self.together(rest));
            rest = behind;
            let started = client.now();
            if !self.begin(client, lease, group).await? {
                // Another worker took it over, or it was requested again.
                return Ok(started);
            }
            let outcomes = match group {
                [_] => vec![None],
                several => self.connector.run_several(client, several).await,
            };
            let mut due = None;
            for (job, outcome) in group.iter().zip(outcomes) {
                let started = client.now().max(started);
                let result = match outcome {
                    Some(result) => result,
                    // What the request for all left over waits behind what failed.
                    None if due.is_some() => break,
                    None => self.done(client, job).await,
                };
                let wait = self.settled(client, job, started, &result).await?;
                due = due.or(wait);
            }
            if let Some(due) = due {
                return Ok(due);
            }
            if self.is_over() || self.is_probe.get() {
                return Ok(client.now());
            }
        }
        Ok(client.now())
    }

    /// How many of the next jobs are done at once.
    fn together(&self, jobs: &[Job]) -> usize {
        let Some(first) = jobs.first().filter(|_| !self.is_probe.get()) else {
            return jobs.len().min(1);
        };
        let is_alike = |job: &&Job| job.kind == first.kind && job.priority == first.priority;
        let alike = jobs.iter().take_while(is_alike).count();
        let several = self.connector.several(first).clamp(1, alike);
        let fit = |count: &usize| {
            let others = (self.busy.get() - 1) * UNIT.0;
            let statements = others + count * GROUPED_STATEMENTS;
            self.cx.allowance.has(statements, 0)
        };
        (2..=several).take_while(fit).last().unwrap_or(1)
    }

    /// Writes down what came of a job; when the stream is due again, where it is not to go on.
    async fn settled(
        &self,
        client: &CrmClient<'_>,
        job: &Job,
        started: i64,
        result: &Result<Done, Failure>,
    ) -> Result<Option<i64>, Failure> {
        if let Err(Failure::Unreached { .. } | Failure::Unclear { .. }) = result {
            self.has_failed.set(true);
        }
        let due = match settle(client, job, started, result).await? {
            Next::GoOn => None,
            Next::Deferred(due) => Some(due),
            Next::PauseBackfill(due) => {
                self.live_only.set(true);
                Some(due)
            }
            Next::AllDeferred(until) => {
                self.stopped_until.set(Some(until));
                Some(FIRST)
            }
        };
        if due.is_none() {
            self.latest.set(client.now());
        }
        Ok(due)
    }

    async fn done(&self, client: &CrmClient<'_>, job: &Job) -> Result<Done, Failure> {
        match job.kind.as_str() {
            RECONCILE => self.connector.reconcile(client, job).await,
            _ => self.connector.run(client, job).await,
        }
    }

    /// Notes that jobs are begun, so that whoever begins them after us knows that what they create may
    /// be there. Whether all of them are ours.
    async fn begin(
        &self,
        client: &CrmClient<'_>,
        lease: &str,
        jobs: &[Job],
    ) -> Result<bool, Failure> {
        let weight: usize = jobs.iter().map(|job| self.connector.weight(job)).sum();
        self.begun.update(|begun| begun + weight);
        let until = self.now() + LEASE_MICROS;
        let begin = |job: &Job| {
            let mut begin = client.named([lease, job.key.as_str()]);
            begin.push(job.generation.into());
            JOB_BEGIN.bind(begin)
        };
        let mut extend = client.named([lease]);
        extend.push(until.into());
        let extend = STREAM_EXTEND.bind(extend);
        let statements = jobs.iter().map(begin).chain([extend]).collect();
        let results = client.batch(statements).await?;
        Ok(results.iter().take(jobs.len()).all(|rows| !rows.is_empty()))
    }
}

/// Reads a row of `STREAM_JOBS`.
fn job_of(row: &Row) -> Result<Job, Error> {
    let mut columns = Columns::of(row);
    Ok(Job {
        key: columns.text("key")?,
        id: columns.id("id")?,
        kind: columns.text("kind")?,
        subject: columns.text("subject")?,
        detail: columns.text_or_null("detail")?,
        priority: columns.integer("priority")?,
        generation: columns.integer("generation")?,
        tries: columns.integer("tries")?,
        failures: columns.integer("failures")?,
        ordered_at: columns.integer("ordered_at")?,
    })
}
