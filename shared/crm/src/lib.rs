//! Connectors: keeping customers and conversations in step with the CRMs that a business runs.
//!
//! Local events become jobs in the transaction that fans the event out; a CRM's events become jobs, too.
//! A job names one record and none of its state, so that it can be repeated at any time: running it
//! compares both sides. The jobs of one customer run one after another, under the lease of their stream.
//! All requests to a CRM go through a [`CrmClient`], which keeps to the budget and records them.
//!
//! A CRM is a crate of its own that implements the parts of [`connector`]: [`Connector`], and of
//! [`Sync`], [`Setup`], [`Receive`] and [`History`](history::History) what it has. Nothing here says the
//! name of one.

mod agents;
pub mod backfill;
mod budget;
mod cache;
mod client;
pub mod connector;
pub mod erasure;
mod facts;
mod failure;
pub mod figures;
pub mod health;
pub mod history;
mod integration;
mod job;
mod limits;
mod link;
pub mod lists;
pub mod local;
mod names;
pub mod run;
pub mod sql;
pub mod table;
pub mod trouble;

pub use agents::{Agent, agents_put};
pub use cache::{cache_get, cache_put, cache_put_statement};
pub use client::CrmClient;
pub use connector::{
    ANONYMOUS, Condition, Connector, Done, Enabled, EventJob, MAX_WEIGHT, Outcome, Problem,
    Receive, Setup, Subject, Sync, Tested, connector_of, with_connector,
};
pub use failure::Failure;
pub use integration::{
    Integration, credentials_context, integration_get, integration_statement, integrations_active,
    integrations_active_statement, integrations_of_org,
};
pub use job::{Job, NewJob, jobs_add, jobs_again, jobs_of_events, stream_of_remote};
pub use limits::{Limits, Refused, Reported, Scope};
pub use link::Link;
pub use names::{Named, agent_of};
