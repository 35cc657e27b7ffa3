//! What a CRM is to the engine. A Worker names the parts that it runs, and carries no other.

use super::table::{Draft, Table};
use super::{CrmClient, Failure, Integration, Job, Limits};
use common::context::Context;
use common::http::{Error, Kind, Request, Response};
use common::ports::{Async, Queue};

/// What every Worker that knows CRMs needs of one.
pub trait Connector: std::marker::Sync {
    /// Its name: in paths, in `integrations.connector`, in log lines.
    fn name(&self) -> &'static str;

    /// How much may be asked of it.
    fn limits(&self) -> &'static Limits;

    /// The jobs that a local event creates; none for an event of no interest.
    fn jobs_of(&self, event: &str) -> &'static [EventJob];

    /// The kind of the job that a backfill makes of each earlier message; `None` where it has no
    /// backfill.
    fn backfill(&self) -> Option<&'static str> {
        None
    }

    /// The kind of the job by which a backfill reads what was at the other side before it was connected, where that
    /// is the way it goes: page after page, as [`BackfillCursor`](super::backfill::BackfillCursor) has it, with a job
    /// of priority 1 for each record.
    fn backfill_reads(&self) -> Option<&'static str> {
        None
    }

    /// What wakes the Worker that does its jobs.
    fn queue(&self) -> Queue {
        Queue::Crm
    }

    /// Where people see a record in a browser, by the connection's settings as they are stored and by the kind and
    /// the id that are printed at customers (`crm_ids`), or by `customer` and the id of the link; `None` where
    /// that is not known.
    fn record_url(&self, _settings: &str, _kind: &str, _id: &str) -> Option<String> {
        None
    }

    /// Whether the URL that it calls goes on behind the connector's name, with the organisation that
    /// its test told: that is the request's `id`. A connector that has nothing there never sees such a
    /// request.
    fn has_path(&self) -> bool {
        false
    }
}

/// A job that an event makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventJob {
    /// Its kind.
    pub kind: &'static str,
    /// What it names.
    pub subject: Subject,
    /// When it is made.
    pub condition: Condition,
}

/// What a job of an event names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The record that the event is about: another event of it makes no second job while one waits.
    Record,
    /// The event itself, so that each makes a job, whose detail has the event's own.
    Event,
}

/// When an event makes a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Always.
    Always,
    /// Where the event's record is linked already.
    Linked,
    /// Where the event's message has failed.
    Failed,
}

impl Condition {
    /// As `JOBS_OF_EVENTS` knows it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Linked => "linked",
            Self::Failed => "failed",
        }
    }
}

impl EventJob {
    /// A job of the event's record.
    #[must_use]
    pub const fn of_record(kind: &'static str) -> Self {
        Self {
            kind,
            subject: Subject::Record,
            condition: Condition::Always,
        }
    }

    /// A job of the event itself.
    #[must_use]
    pub const fn of_event(kind: &'static str) -> Self {
        Self {
            kind,
            subject: Subject::Event,
            condition: Condition::Always,
        }
    }

    /// The same, under a condition.
    #[must_use]
    pub const fn only(self, condition: Condition) -> Self {
        Self { condition, ..self }
    }
}

/// Why jobs of a customer are skipped whom nothing tells from others yet. They are made again once something does: see
/// [`CrmClient::identified`].
pub const ANONYMOUS: &str = "Nobody knows yet who the customer is.";

/// What came of a job that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// Both sides are the same now.
    Done,
    /// There was nothing to do, for this reason.
    Skipped(&'static str),
    /// It cannot be done before this time, in microseconds since 1970, and that is no failure.
    Deferred(i64),
}

/// Weight of the heaviest job.
pub const MAX_WEIGHT: usize = 5;

/// What came of one of several jobs; `None` where nothing did.
pub type Outcome = Option<Result<Done, Failure>>;

/// A CRM, as far as doing jobs goes.
pub trait Sync: Connector {
    /// Does one job: makes one record the same on both sides.
    fn run<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        job: &'a Job,
    ) -> Async<'a, Result<Done, Failure>>;

    /// How many common jobs have as many statements as this one, at most [`MAX_WEIGHT`]: an invocation may have a
    /// thousand.
    fn weight(&self, _: &Job) -> usize {
        1
    }

    /// How many jobs of a stream, of this one's kind and priority and this one first, are done at once by
    /// [`Sync::run_several`]; 1 where each is done alone.
    fn several(&self, _: &Job) -> usize {
        1
    }

    /// Does several jobs at once. An outcome for each from the first on, as many as it came to: the
    /// others stay due. `None` for a job that [`Sync::run`] is to do.
    fn run_several<'a>(&'a self, _: &'a CrmClient<'a>, jobs: &'a [Job]) -> Async<'a, Vec<Outcome>> {
        Box::pin(async { jobs.iter().map(|_| None).collect() })
    }

    /// Asks the CRM what changed there since it was last asked, and makes jobs of it. Every few
    /// minutes, since a webhook may be lost or switched off.
    fn reconcile<'a>(
        &'a self,
        _: &'a CrmClient<'a>,
        _: &'a Job,
    ) -> Async<'a, Result<Done, Failure>> {
        Box::pin(async { Ok(Done::Skipped("The CRM is not asked what changed there.")) })
    }
}

/// A CRM, as far as setting it up goes.
pub trait Setup: Connector {
    /// What a business can set.
    fn settings(&self) -> &'static Table;

    /// Tests a connection with these settings. A refusal of the CRM is part of the result.
    ///
    /// # Errors
    /// 409 where something is not set that it needs; our own.
    fn test<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        draft: &'a Draft,
    ) -> Async<'a, Result<Tested, Error>>;

    /// Creates the webhook in the CRM that calls `url`. The connection is enabled already, and stays
    /// enabled if this fails.
    ///
    /// # Errors
    /// Our own.
    fn enable<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        draft: &'a Draft,
        url: &'a str,
    ) -> Async<'a, Result<Enabled, Error>>;

    /// Takes away what [`Setup::enable`] made, where that should not stay. The connection is off
    /// already.
    ///
    /// # Errors
    /// Our own.
    fn disable<'a>(&'a self, _: &'a CrmClient<'a>) -> Async<'a, Result<(), Error>> {
        Box::pin(async { Ok(()) })
    }
}

/// What came of a test.
#[derive(Debug, Clone, Default)]
pub struct Tested {
    /// The organisation that the credentials are of, as the CRM's webhooks name it.
    pub remote_org: String,
    /// Who we are there.
    pub remote_user: String,
    /// What is wrong; a connection is enabled where nothing is.
    pub problem: Option<Problem>,
    /// The whole answer, as JSON.
    pub json: String,
}

/// What is wrong with a connection.
#[derive(Debug, Clone, Default)]
pub struct Problem {
    /// The setting that is to blame; none where it is the CRM.
    pub field: Option<&'static str>,
    /// A stable word.
    pub code: String,
    /// A sentence that says what to do.
    pub message: String,
}

/// What came of having a CRM call us.
#[derive(Debug, Clone, Default)]
pub struct Enabled {
    /// The CRM's id of its webhook, where there is one that works.
    pub webhook_id: Option<String>,
    /// The secret that it signs by, where that is known now.
    pub webhook_secret: Option<String>,
    /// What is answered of it, as JSON.
    pub json: String,
}

/// A CRM, as far as it calls us.
pub trait Receive: Connector {
    /// Verifies the caller, stores the events as jobs, and responds as the CRM requires.
    ///
    /// # Errors
    /// 401 where the caller cannot prove itself; 503 when the database is away.
    fn receive<'a>(
        &'a self,
        _: &'a Context<'a>,
        _: &'a Request,
    ) -> Async<'a, Result<Response, Error>> {
        Box::pin(async { Err(not_found()) })
    }
}

/// A connector by its name in a path.
///
/// # Errors
/// 404 where there is none.
pub fn connector_of<'c, C: Connector + ?Sized>(
    connectors: &[&'c C],
    name: Option<&str>,
) -> Result<&'c C, Error> {
    let mut known = connectors.iter().copied();
    known
        .find(|one| Some(one.name()) == name)
        .ok_or_else(not_found)
}

/// The active connections of these connectors, each with its connector.
pub fn with_connector<'c, C: Connector + ?Sized>(
    connectors: &[&'c C],
    integrations: impl IntoIterator<Item = Integration>,
) -> Vec<(&'c C, Integration)> {
    let of = |integration: Integration| {
        let known = connectors.iter().copied();
        let mut of_its = known.filter(|one| one.name() == integration.connector);
        Some((of_its.next()?, integration))
    };
    integrations.into_iter().filter_map(of).collect()
}

/// 404 for what no connector has.
#[must_use]
pub fn not_found() -> Error {
    Error::new(Kind::NotFound, "There is nothing at this path.")
}
