//! The commands for CRMs: the same of each, but for what one needs to be set up.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Value, json};

use super::{Admin, Retries, api_name, date};
use crate::world::World;

/// The long help of a backfill, by the command's name and what it does.
macro_rules! backfill_help {
    ($name:literal, $what:literal) => {
        concat!(
            $what,
            "

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
    /// Connect Kustomer: check the key's permissions, store the settings, switch on, send a test through
    #[command(after_long_help = KUSTOMER_SETUP_HELP, after_help = "`--help` shows examples.")]
    Setup(Box<KustomerSetup>),
    /// Say how the connection fares; exit code 1 where it is down or disabled
    Status(ConnectorStatus),
    /// Ask Kustomer whether key, organisation, roles and teams are as they should be
    Test(ConnectorStatus),
    /// Send what was there before the connection was enabled
    #[command(after_long_help = backfill_help!("kustomer", "\
Messages of before the connection was enabled are sent to Kustomer, oldest first, behind all that
somebody waits for, and within the budget. Nothing is sent twice."))]
    #[command(after_help = "`--help` shows examples.")]
    Backfill(ConnectorBackfill),
}

#[derive(Debug, Subcommand)]
pub(crate) enum KrayinCommand {
    /// Store where Krayin is and what is to be done there, test it, and switch the connection on
    #[command(after_long_help = KRAYIN_SETUP_HELP, after_help = "`--help` shows examples.")]
    Setup(Box<KrayinSetup>),
    /// Say how the connection fares; exit code 1 where it is down or disabled
    Status(ConnectorStatus),
    /// Ask Krayin whether all holds that must: package, token, view, pipeline, stages, time zone
    Test(ConnectorStatus),
    /// Send what was there before the connection was enabled
    #[command(after_long_help = backfill_help!("krayin", "\
Messages of before the connection was enabled are sent to Krayin, oldest first, behind all that
somebody waits for, and within the budget. Nothing is sent twice."))]
    #[command(after_help = "`--help` shows examples.")]
    Backfill(ConnectorBackfill),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ChatwootCommand {
    /// Connect an account of Chatwoot, or change one, and have it call us
    #[command(after_long_help = CHATWOOT_SETUP_HELP, after_help = "`--help` shows examples.")]
    Setup(Box<ChatwootSetup>),
    /// Ask Chatwoot about each account: its token, its inboxes, the webhook, which is made where it is missing
    Test(ConnectorStatus),
    /// Say how the accounts and the connection fare; exit code 1 where it is down or disabled
    Status(ConnectorStatus),
    /// Bring here what was said there before the account was connected
    #[command(after_long_help = backfill_help!("chatwoot", "\
Conversations of before the account was connected are read from Chatwoot, behind all that somebody waits
for, and within its limits. Nothing comes twice, and no endpoint is told of it."))]
    #[command(after_help = "`--help` shows examples.")]
    Backfill(ConnectorBackfill),
}

const KUSTOMER_SETUP_HELP: &str = "\
At a terminal it asks for what is not given. Elsewhere it takes all from options and variables, and names
at once what is missing. Run it again whenever you like: what it made before it finds, and changes nothing
twice.

Kustomer is asked first. Each permission of the key is named, with the role to add where it is missing;
nothing is stored where the key lacks one that is needed, unless --allow-missing is given. Then the settings
are stored, the connection is switched on, and the webhook is made in Kustomer. With a customer of yours who
has written before, their conversation is escalated, without a word to them, and it is shown how it arrives.

Variables, each also with VITE_ before it:
  KUSTOMER_API_KEY           the key; command lines are visible to others, so it has no option
  KUSTOMER_SUBDOMAIN         --subdomain
  KUSTOMER_ORGANIZATION_ID   --organization
  KUSTOMER_DEFAULT_TEAM_ID   --team
  KUSTOMER_DEFAULT_PRIORITY  --priority
  KUSTOMER_ENABLE_SYNC       --set features.conversation_sync=…
  KUSTOMER_DEBUG             --set debug=…
  TIELINE_TEST_CUSTOMER      --test-customer

Examples:
  tieline kustomer setup
  tieline kustomer setup --subdomain acme --key-file key.txt --team Support --test-customer me@example.com
  KUSTOMER_API_KEY=… KUSTOMER_SUBDOMAIN=acme tieline kustomer setup --no-test";

/// The options of `tieline kustomer setup`.
#[derive(Debug, clap::Args)]
pub(crate) struct KustomerSetup {
    /// What stands before .kustomerapp.com; a URL of Kustomer will do [default: as it is]
    #[arg(long, value_name = "SUBDOMAIN")]
    pub(crate) subdomain: Option<String>,
    /// The organisation's id, which the key must be of [default: as it is, at first the key's]
    #[arg(long, value_name = "ID")]
    pub(crate) organization: Option<String>,
    /// File with the API key; - for standard input [default: the one that is stored]
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// The team that conversations are assigned to, by its id or its name [default: as it is]
    #[arg(long, value_name = "TEAM")]
    pub(crate) team: Option<String>,
    /// The priority of conversations [default: as it is, at first medium]
    #[arg(long, value_name = "PRIORITY")]
    pub(crate) priority: Option<Priority>,
    /// File with the secret of a webhook that was made by hand; - for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) webhook_secret_file: Option<PathBuf>,
    /// Set anything else, by its name in the API; repeat it for several
    #[arg(long = "set", value_name = "SETTING=VALUE")]
    pub(crate) settings: Vec<Setting>,
    /// Go on where the key lacks a permission that is needed
    #[arg(long)]
    pub(crate) allow_missing: bool,
    /// Store and test it, and leave the connection switched off
    #[arg(long)]
    pub(crate) no_enable: bool,
    #[command(flatten)]
    pub(crate) through: ThroughArgs,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

/// The priority of a conversation.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Priority {
    Low,
    Medium,
    High,
    Urgent,
}

impl Priority {
    /// Its name in the API.
    pub(crate) fn name(self) -> String {
        api_name(self)
    }
}

/// What is sent through a connection once it is made.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Test")]
pub(crate) struct ThroughArgs {
    /// A customer of yours who has written before: id, external id, email or phone (TIELINE_TEST_CUSTOMER)
    #[arg(long, value_name = "CUSTOMER")]
    pub(crate) test_customer: Option<String>,
    /// How long to wait for what goes through
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) wait: u64,
    /// Send nothing through
    #[arg(long)]
    pub(crate) no_test: bool,
}

impl ThroughArgs {
    /// The customer, where one is named.
    pub(crate) fn customer(&self, world: &World<'_>) -> Option<String> {
        let given = self.test_customer.clone();
        given.or_else(|| world.variable(&["TIELINE_TEST_CUSTOMER"]))
    }
}

const CHATWOOT_SETUP_HELP: &str = "\
Chatwoot is asked first: nothing is stored where it refuses the token, or the token's user does not belong
to the account. With an administrator's token the webhook is made; else its URL is printed, to be entered
in Chatwoot.

The account is the one of --url and --account; where they are left out, the only one that is connected.
The token is read from a file, from standard input or from a variable, since command lines are visible
to others.

At a terminal it asks for what is not given; elsewhere it names at once what is missing. Run it again
whenever you like: an account that is connected is not connected again.

Variables: CHATWOOT_URL, CHATWOOT_ACCOUNT_ID, CHATWOOT_ACCESS_TOKEN

Examples:
  tieline chatwoot setup
  tieline chatwoot setup --url https://chat.example.com --account 3 --token-file token.txt
  pass chatwoot | tieline chatwoot setup --token-file -
  tieline chatwoot setup --set inboxes_left_out=[3,7] --set 'inbox_channels={\"12\": \"whatsapp\"}'";

/// The options of `tieline chatwoot setup`.
#[derive(Debug, clap::Args)]
pub(crate) struct ChatwootSetup {
    /// Where Chatwoot is; a page of it will do [default: that of the only account]
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// The number behind /app/accounts/ in its pages [default: that of the only account]
    #[arg(long, value_name = "NUMBER")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) account: Option<u64>,
    /// File with the access token; - for standard input [default: the one that is stored]
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// What the account is called here [default: as it is, at first Chatwoot]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// File with the secret that Chatwoot shows of a webhook made by hand; - for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) webhook_secret_file: Option<PathBuf>,
    /// Set anything else, by its name in the API; repeat it for several
    #[arg(long = "set", value_name = "SETTING=VALUE")]
    pub(crate) settings: Vec<Setting>,
    #[command(flatten)]
    pub(crate) through: ChatwootThrough,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

/// What is sent through an account of Chatwoot once it is connected.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Test")]
pub(crate) struct ChatwootThrough {
    /// Have a test contact write in this inbox of kind API, by its id, and show it arriving [default: no]
    #[arg(long, value_name = "ID")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) test_inbox: Option<u64>,
    /// Wait so long for somebody to write in Chatwoot, as a customer, and show it arriving [default: no]
    #[arg(long, value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) wait: Option<u64>,
    /// Do not ask whether to wait
    #[arg(long)]
    pub(crate) no_test: bool,
}

const KRAYIN_SETUP_HELP: &str = "\
Krayin is asked first: nothing is stored where it does not answer as it should. What is not given stays
as it is; what was never set is as the server has it by default, and is listed to choose from.

The token is that of a user who sees everything. It is read from a file, from standard input or from a
variable, since command lines are visible to others.

At a terminal it asks for what is not given; elsewhere it names at once what is missing. Run it again
whenever you like. With --test-customer, the customer is written to Krayin and it is shown how they arrive.

Variables: KRAYIN_API_URL, KRAYIN_API_TOKEN, KRAYIN_TIME_ZONE, TIELINE_TEST_CUSTOMER

Examples:
  tieline krayin setup
  tieline krayin setup --url https://crm.example.com --token-file token.txt --time-zone Europe/Berlin
  pass krayin | tieline krayin setup --url https://crm.example.com --token-file - --source Web
  tieline krayin setup --set sync_messages=true --set stage_progression.enabled=true";

/// The options of `tieline krayin setup`.
#[derive(Clone, Debug, clap::Args)]
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
    pub(crate) through: ThroughArgs,
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
    #[command(flatten)]
    pub(crate) retries: Retries,
    /// Print nothing but errors and the summary
    #[arg(long, short)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) admin: Admin,
}
