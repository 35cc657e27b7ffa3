//! The command line of `tieline business`.

use clap::{ArgGroup, Subcommand};

use super::{Platform, Retries, region};
use crate::secret::Secret;

#[derive(Debug, Subcommand)]
pub(crate) enum BusinessCommand {
    /// Create a business and print its keys, once
    #[command(after_help = "Example:\n  tieline business create \"Acme Ltd\" --region IE")]
    Create(BusinessCreate),
    /// Move a business to another database of the deployment
    Move(BusinessMove),
    /// List the databases of the deployment, and how full they are
    Databases(BusinessDatabases),
}

#[derive(Debug, clap::Args)]
pub(crate) struct BusinessCreate {
    /// Its name
    pub(crate) name: String,
    /// Two-letter country by which its national phone numbers are read
    #[arg(long, value_name = "COUNTRY", value_parser = region, default_value = "IE")]
    pub(crate) region: String,
    /// Print the server's JSON as it came
    #[arg(long)]
    pub(crate) json: bool,
    /// Secret of the deployment [default: what dev.json names, for its own server only]
    #[arg(long, env = "TIELINE_PLATFORM_TOKEN", hide_env_values = true)]
    #[arg(value_name = "TOKEN", value_parser = Secret::from_argument)]
    pub(crate) platform_token: Option<Secret>,
}

const MOVE_HELP: &str = "\
The deployment waits for what is under way for the business, copies its rows to the other database,
and deletes them in the one where it was. While its rows are copied the business is closed: requests
for it are answered with 503. It is open again while what it left is deleted.

Interrupt it whenever you like: the same command goes on where the move is. Without it the
deployment's cron goes on with the move by itself. To undo a move that is under way, use --cancel;
to undo one that is done, move the business back.

Examples:
  tieline business databases
  tieline business move 01a1f84a-95c0-7c3a-9f10-2b6d4e8a0000 --to 1
  tieline business move 01a1f84a-95c0-7c3a-9f10-2b6d4e8a0000 --cancel";

/// The options of `tieline business move`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = MOVE_HELP, after_help = "`--help` shows more.")]
#[command(group(ArgGroup::new("goal").required(true).args(["to", "cancel"])))]
pub(crate) struct BusinessMove {
    /// The business's id
    pub(crate) id: String,
    /// Number of the database to move it to, counted from 0
    #[arg(long, value_name = "N")]
    pub(crate) to: Option<u32>,
    /// Cancel the move that is under way
    #[arg(long)]
    pub(crate) cancel: bool,
    /// Print the server's last answer, as JSON as it came
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) retries: Retries,
    /// Print nothing but errors and the result
    #[arg(long, short)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) platform: Platform,
}

const DATABASES_HELP: &str = "\
NEW says whether new businesses are made in the database. `tieline business move` moves a business
from one to another.";

/// The options of `tieline business databases`.
#[derive(Debug, clap::Args)]
#[command(after_help = DATABASES_HELP)]
pub(crate) struct BusinessDatabases {
    /// Print the server's JSON as it came
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) platform: Platform,
}
