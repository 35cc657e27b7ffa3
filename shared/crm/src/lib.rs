//! Connectors: keeping customers and conversations in step with the CRMs that a business runs.
//!
//! What happens here becomes jobs, in the transaction that hands the event out; what a CRM tells
//! becomes jobs, too. A job names one thing and says nothing of its state, so that it can be done
//! again at any time: whoever does it looks at both sides. The jobs of one customer are done one
//! after the other, by whoever holds the lease of its stream. All that is asked of a CRM is asked by
//! way of a [`Desk`], which keeps to the budget and writes down what was asked.

mod budget;
mod cache;
mod desk;
mod failure;
pub mod history;
mod integration;
mod job;
mod link;
mod run;
pub mod settings;
mod settle;
pub mod sql;

pub use budget::{Budget, Limits, REQUESTS_PER_MINUTE};
pub use cache::{cache_get, cache_put};
pub use desk::Desk;
pub use failure::Failure;
pub use integration::{Integration, credentials_context, integration_get, integrations_of_org};
pub use job::{Job, NewJob, jobs_add, jobs_of_events, stream_of_remote};
pub use link::Link;
pub use run::{sync_run, wake_due};

use common::context::Context;
use common::http::Error;
use common::outside::Async;

/// What came of a job that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// Both sides are the same now.
    Done,
    /// There was nothing to do, for this reason.
    Skipped(&'static str),
    /// It cannot be done before this time, in microseconds since 1970, and that is no failure.
    NotBefore(i64),
}

/// A CRM, as far as doing jobs goes.
pub trait Connector: Sync {
    /// Its name in `integrations`.
    fn name(&self) -> &'static str;

    /// What is to be looked at before anything is asked of the CRM, and also while it is away.
    fn before_run<'a>(
        &'a self,
        cx: &'a Context<'a>,
        integration: &'a Integration,
    ) -> Async<'a, Result<(), Error>>;

    /// Does one job: makes one thing the same on both sides.
    fn run<'a>(&'a self, desk: &'a Desk<'a>, job: &'a Job) -> Async<'a, Result<Done, Failure>>;
}
