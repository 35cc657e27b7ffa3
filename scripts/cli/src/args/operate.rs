//! The commands that show what goes on, and repeat what failed.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::{Admin, api_name};

const STATUS_HELP: &str = "\
Integrations, webhooks, channels and CRM links, and what of them needs attention. Where the server has
figures of its own (uptime, response times, error rates), they follow.

Exit codes: 0 nothing needs attention, 1 something does, 2 usage or configuration.

Examples:
  tieline status
  tieline status --json | jq .attention
  tieline status --quiet || echo 'Tieline needs attention' | mail -s Tieline ops@example.com";

/// The options of `tieline status`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = STATUS_HELP, after_help = "`--help` shows exit codes and examples.")]
pub(crate) struct StatusArgs {
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// Print only what needs attention
    #[arg(long, short, conflicts_with = "json")]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

/// What is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Followed {
    /// Calls of the API
    Log,
    /// Deliveries to webhooks
    Deliveries,
}

const TAIL_HELP: &str = "\
Follows calls of the API as they are logged (they come up to a minute late), or deliveries as they are made,
until it is interrupted. A server without such a log is followed by its deliveries.

Examples:
  tieline tail
  tieline tail deliveries --webhook CRM
  tieline tail log --json --for 60 | jq 'select(.status >= 500)'";

/// The options of `tieline tail`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = TAIL_HELP, after_help = "`--help` shows examples.")]
pub(crate) struct TailArgs {
    /// What to follow
    #[arg(default_value = "log")]
    pub(crate) what: Followed,
    /// Deliveries to this endpoint alone, by its id or its name
    #[arg(long, value_name = "WEBHOOK")]
    pub(crate) webhook: Option<String>,
    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 3)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) every: u64,
    /// End after so many seconds [default: never]
    #[arg(long = "for", value_name = "SECONDS")]
    pub(crate) seconds: Option<u64>,
    /// How many that were there before are shown at first
    #[arg(long, value_name = "N", default_value_t = 10)]
    #[arg(value_parser = clap::value_parser!(u32).range(..=50))]
    pub(crate) last: u32,
    /// Print a line of JSON for each
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeliveriesCommand {
    /// List deliveries, newest first, with their last attempt
    #[command(after_help = "Example:\n  tieline deliveries list --status failed")]
    List(DeliveriesList),
    /// Make deliveries again, whatever their status
    #[command(after_help = "The IDs are those that `tieline deliveries list` shows.")]
    Replay(DeliveriesReplay),
}

/// The status of a delivery.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum DeliveryStatus {
    Pending,
    Delivered,
    Failed,
}

impl DeliveryStatus {
    /// Its name in the API.
    pub(crate) fn name(self) -> String {
        api_name(self)
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct DeliveriesList {
    /// Those to this endpoint, by its id or its name [default: all]
    #[arg(long, value_name = "WEBHOOK")]
    pub(crate) webhook: Option<String>,
    /// Those of this status
    #[arg(long, value_name = "STATUS")]
    pub(crate) status: Option<DeliveryStatus>,
    /// Most deliveries of each endpoint
    #[arg(long, value_name = "N", default_value_t = 20)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) limit: u32,
    /// Print a line of JSON for each
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DeliveriesReplay {
    /// The deliveries' ids
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<String>,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

const RECOVER_HELP: &str = "\
Makes every delivery again that failed since a time, those missed while an endpoint was disabled among them.
An endpoint has to be active. Receivers tell what comes twice by its X-Webhook-Id.

Examples:
  tieline recover --since 24h
  tieline recover --since 2026-11-21T08:00:00Z --webhook CRM";

/// The options of `tieline recover`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = RECOVER_HELP, after_help = "`--help` shows examples.")]
pub(crate) struct RecoverArgs {
    /// A date (in UTC), a date-time with an offset, or how long ago, such as 90m, 24h or 7d
    #[arg(long, value_name = "TIME", value_parser = crate::operate::since)]
    pub(crate) since: String,
    /// This endpoint alone, by its id or its name; repeat it for several [default: all that are active]
    #[arg(long, value_name = "WEBHOOK")]
    pub(crate) webhook: Vec<String>,
    /// Print a line of JSON for each endpoint
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

#[derive(Debug, Subcommand)]
pub(crate) enum JobsCommand {
    /// List jobs, newest first
    #[command(after_help = "Example:\n  tieline jobs list kustomer --state failed")]
    List(JobsList),
    /// Show a job, its input and its last ten attempts
    Show(OneJob),
    /// Replace a job's input beside its record, by JSON from a file
    #[command(
        after_help = "Example:\n  tieline jobs edit kustomer JOB --detail detail.json\n  \
        tieline jobs retry kustomer JOB"
    )]
    Edit(JobEdit),
    /// Have jobs done again: those that are named, or all that failed
    #[command(after_help = "Examples:\n  tieline jobs retry kustomer JOB\n  \
        tieline jobs retry kustomer --failed --since 24h --code bad_request")]
    Retry(JobsRetry),
    /// Give up a job that failed
    Cancel(OneJob),
}

/// The state of a job.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum JobState {
    Waiting,
    Done,
    Skipped,
    Failed,
}

impl JobState {
    /// Its name in the API.
    pub(crate) fn name(self) -> String {
        api_name(self)
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct JobsList {
    /// The connector: kustomer, krayin or chatwoot
    pub(crate) connector: String,
    /// Those in this state
    #[arg(long, value_name = "STATE")]
    pub(crate) state: Option<JobState>,
    /// Most jobs
    #[arg(long, value_name = "N", default_value_t = 20)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) limit: u32,
    /// Print a line of JSON for each
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

#[derive(Debug, clap::Args)]
pub(crate) struct OneJob {
    /// The connector: kustomer, krayin or chatwoot
    pub(crate) connector: String,
    /// The job's id, as `tieline jobs list` shows it
    pub(crate) id: String,
    /// Print the server's JSON as it came
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

#[derive(Debug, clap::Args)]
pub(crate) struct JobEdit {
    /// The connector: kustomer, krayin or chatwoot
    pub(crate) connector: String,
    /// The job's id, as `tieline jobs list` shows it
    pub(crate) id: String,
    /// File with a JSON object, or null; - for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) detail: PathBuf,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

#[derive(Debug, clap::Args)]
pub(crate) struct JobsRetry {
    /// The connector: kustomer, krayin or chatwoot
    pub(crate) connector: String,
    /// The jobs' ids
    #[arg(value_name = "ID", required_unless_present = "failed")]
    pub(crate) ids: Vec<String>,
    /// All that failed
    #[arg(long, conflicts_with = "ids")]
    pub(crate) failed: bool,
    /// Those that failed since: a date, a date-time, or how long ago, such as 24h
    #[arg(long, value_name = "TIME", requires = "failed", value_parser = crate::operate::since)]
    pub(crate) since: Option<String>,
    /// Those that failed with this code
    #[arg(long, value_name = "CODE", requires = "failed")]
    pub(crate) code: Option<String>,
    #[command(flatten)]
    pub(crate) admin: Admin,
}
