//! The commands for CRMs: the same of each, but for what one needs to be set up.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Value, json};

use super::{Admin, date};

/// The long help of a backfill, by the name and the title of its CRM.
macro_rules! backfill_help {
    ($name:literal, $title:literal) => {
        concat!(
            "\
Messages of before the connection was enabled are sent to ",
            $title,
            ", oldest first, behind all that
somebody waits for, and within the budget. Nothing is sent twice.

Interrupt it whenever you like: where it stands is kept on the server, which goes on with what is
scheduled, and `tieline ",
            $name,
            " backfill` goes on with the rest.

Examples:
  tieline ",
            $name,
            " backfill --since 2026-01-01
  tieline ",
            $name,
            " backfill --restart"
        )
    };
}

#[derive(Debug, Subcommand)]
pub(crate) enum KustomerCommand {
    /// Say how the connection fares; exit code 1 where it is down or disabled
    Status(ConnectorStatus),
    /// Ask Kustomer whether key, organisation, roles and teams are as they should be
    Test(ConnectorStatus),
    /// Send what was there before the connection was enabled
    #[command(after_long_help = backfill_help!("kustomer", "Kustomer"))]
    #[command(after_help = "`--help` shows examples.")]
    Backfill(ConnectorBackfill),
}

#[derive(Debug, Subcommand)]
pub(crate) enum KrayinCommand {
    /// Store where Krayin is and what is to be done there, test it, and switch the connection on
    #[command(after_long_help = KRAYIN_SETUP_HELP, after_help = "`--help` shows examples.")]
    Setup(KrayinSetup),
    /// Say how the connection fares; exit code 1 where it is down or disabled
    Status(ConnectorStatus),
    /// Ask Krayin whether all holds that must: package, token, view, pipeline, stages, time zone
    Test(ConnectorStatus),
    /// Send what was there before the connection was enabled
    #[command(after_long_help = backfill_help!("krayin", "Krayin"))]
    #[command(after_help = "`--help` shows examples.")]
    Backfill(ConnectorBackfill),
}

const KRAYIN_SETUP_HELP: &str = "\
Krayin is asked first: nothing is stored where it does not answer as it should. What is not given stays
as it is; what was never set is as the server has it by default, and is listed to choose from.

The token is that of a user who sees everything. It is read from a file, or from standard input, since
command lines are visible to others.

Examples:
  tieline krayin setup --url https://crm.example.com --token-file token.txt --time-zone Europe/Berlin
  pass krayin | tieline krayin setup --url https://crm.example.com --token-file - --source Web
  tieline krayin setup --set sync_messages=true --set stage_progression.enabled=true";

/// The options of `tieline krayin setup`.
#[derive(Debug, clap::Args)]
pub(crate) struct KrayinSetup {
    /// Where Krayin is, with or without /api/admin or /api/v1 [default: as it is]
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// File with the token; - for standard input [default: the one that is stored]
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// The time zone that Krayin is set to, such as Asia/Kolkata [default: as it is]
    #[arg(long, value_name = "ZONE")]
    pub(crate) time_zone: Option<String>,
    /// The pipeline of new leads, by its id or its name
    #[arg(long, value_name = "PIPELINE")]
    pub(crate) pipeline: Option<String>,
    /// The stage of new leads, by its id or its name
    #[arg(long, value_name = "STAGE")]
    pub(crate) stage: Option<String>,
    /// The source of new leads, by its id or its name
    #[arg(long, value_name = "SOURCE")]
    pub(crate) source: Option<String>,
    /// The type of new leads, by its id or its name
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) kind: Option<String>,
    /// Set anything else, by its name in the API; repeat it for several
    #[arg(long = "set", value_name = "SETTING=VALUE")]
    pub(crate) settings: Vec<Setting>,
    /// Store and test it, and leave the connection switched off
    #[arg(long)]
    pub(crate) no_enable: bool,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

/// A setting by its path, as `stage_progression.enabled=true`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Setting {
    pub(crate) path: Vec<String>,
    pub(crate) value: Value,
}

impl std::str::FromStr for Setting {
    type Err = String;

    /// A value that is JSON is that; any other is a text.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((path, value)) = text.split_once('=') else {
            return Err("write SETTING=VALUE, such as sync_messages=true".into());
        };
        let path: Vec<_> = path.trim().split('.').map(str::to_owned).collect();
        if path.iter().any(String::is_empty) {
            return Err("the setting before the = is missing".into());
        }
        if path.first().is_some_and(|first| first == "credentials") {
            return Err("secrets are not given on the command line: use --token-file".into());
        }
        let value = value.trim();
        let value = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
        Ok(Self { path, value })
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct ConnectorStatus {
    /// Print the server's JSON as it came
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ConnectorBackfill {
    /// Messages from this date (in UTC) or date-time on [default: all]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) since: Option<String>,
    /// Forget an unfinished backfill and begin anew; what was sent is not sent again
    #[arg(long)]
    pub(crate) restart: bool,
    /// How often a request is sent again after 429, 5xx or a lost connection
    #[arg(long, value_name = "N", default_value_t = 8)]
    #[arg(value_parser = clap::value_parser!(u32).range(..=100))]
    pub(crate) max_retries: u32,
    /// Print nothing but errors and the summary
    #[arg(long, short)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) admin: Admin,
}
