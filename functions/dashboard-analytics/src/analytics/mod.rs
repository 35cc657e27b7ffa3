//! Figures of a span of days: what conversations, messages, agents, ratings and connectors came to.
//!
//! They are counted as the rows now stand, so a day's may still change: a conversation that began
//! then is answered or escalated later, one that was closed goes on.

mod agents;
mod csv;
mod day;
mod figures;
mod query;
mod report;
pub mod sql;

pub use day::Day;
pub use query::{AnalyticsQuery, Format, MAX_DAYS, Span};
pub use report::{AGENTS_MAX, Report, analytics_read};
