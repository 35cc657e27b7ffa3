//! The command line.

mod backup;
mod business;
mod connectors;
mod links;
mod member;
mod operate;
mod rotate;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::import::{Delimiter, MapRule};
use crate::secret::Secret;
pub(crate) use backup::{BackupArgs, CopyArgs, RestoreArgs};
pub(crate) use business::{BusinessCommand, BusinessCreate, BusinessDatabases, BusinessMove};
pub(crate) use connectors::{
    ChatwootCommand, ChatwootSetup, ConnectorBackfill, ConnectorStatus, KrayinCommand, KrayinSetup,
    KustomerCommand, KustomerSetup, Setting, ThroughArgs,
};
pub(crate) use links::{
    LinkGiven, LinkType, LinksAuthorize, LinksCommand, LinksList, LinksRefresh, LinksSearch,
    LinksStatus, LinksUpload, api_name,
};
pub(crate) use rotate::RotateArgs;

pub(crate) use member::{
    MemberCommand, MemberInvite, MemberLink, MemberList, MemberRemove, MemberRole, Role,
};
pub(crate) use operate::{
    DeliveriesCommand, DeliveriesList, DeliveriesReplay, Followed, JobEdit, JobsCommand, JobsList,
    JobsRetry, OneJob, RecoverArgs, StatusArgs, TailArgs,
};

const EXAMPLES: &str = "\
Examples:
  Against the local stack, from the folder where scripts/dev runs (its .tieline/dev.json is read):
    tieline import contacts.csv

  Against a deployment:
    export TIELINE_BASE_URL=https://tieline.example.com/functions/v1
    export TIELINE_API_KEY=tl_...
    tieline import contacts.csv --map \"Full Name=name\" --system salesforce

  A business, then a key for its CRM:
    tieline business create \"Acme Ltd\" --region IE
    tieline key create crm --scope customers:read --scope customers:write

  What bots may know, from a system of yours:
    tieline links add --page 123456789 --channel messenger --name Customers \\
      --url https://crm.example.com/api/customers --token-file token.txt

Exit codes:
  0  all done
  1  the server refused, or some records of an import failed
  2  the command line, the configuration or a local file has to be put right
  3  an import, a backfill or a move stopped part-way; the same command goes on where it stopped
     (of `links refresh --wait`: the link is still being fetched; of `links authorize`: nobody has consented)";

/// Work with a Tieline server: create businesses and keys, import customers, look after CRMs.
#[derive(Debug, Parser)]
#[command(
    name = "tieline",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
#[command(after_long_help = EXAMPLES, after_help = "`tieline --help` shows examples.")]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Which server, and who is calling.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Server")]
pub(crate) struct Global {
    /// Where the functions are, such as https://tieline.example.com/functions/v1 [default: what
    /// dev.json names]
    #[arg(long, global = true, env = "TIELINE_BASE_URL", value_name = "URL")]
    pub(crate) base_url: Option<String>,

    /// Key of the business; better given by the variable, for a command line is visible to others
    /// [default: what dev.json names, for its own server only]
    #[arg(long, global = true, env = "TIELINE_API_KEY", hide_env_values = true)]
    #[arg(value_name = "KEY", value_parser = Secret::from_argument)]
    pub(crate) api_key: Option<Secret>,

    /// File that scripts/dev wrote [default: .tieline/dev.json, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) dev_json: Option<PathBuf>,

    /// Seconds that one request may take
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 60)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: u64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create a business, move one to another database, list the databases (needs the deployment's
    /// platform token)
    #[command(subcommand)]
    Business(BusinessCommand),
    /// Create, list and revoke API keys (needs an admin key)
    #[command(subcommand)]
    Key(KeyCommand),
    /// Invite people to the dashboard, say what they may do, and print their sign-in links (needs an
    /// admin key)
    #[command(subcommand)]
    Member(MemberCommand),
    /// Look after the master keys of the deployment (needs its platform token)
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Connect Kustomer, see how the connection fares, test it, send what was there before (needs an
    /// admin key)
    #[command(subcommand)]
    Kustomer(KustomerCommand),
    /// Connect Krayin, see how the connection fares, test it, send what was there before (needs an
    /// admin key)
    #[command(subcommand)]
    Krayin(KrayinCommand),
    /// Connect Chatwoot, see how the connection fares, test it, bring here what was there before (needs an
    /// admin key)
    #[command(subcommand)]
    Chatwoot(ChatwootCommand),
    /// Add CRM links, see what would be fetched, how they fare and what they have (needs an admin key)
    #[command(subcommand)]
    Links(LinksCommand),
    /// See which deliveries of providers were acknowledged, and have failed since (needs the
    /// deployment's platform token)
    #[command(subcommand)]
    Parked(ParkedCommand),
    /// Say how integrations, channels, webhooks and CRM links fare (needs an admin key)
    Status(StatusArgs),
    /// Follow calls of the API, or deliveries to webhooks (needs an admin key)
    Tail(TailArgs),
    /// List deliveries to webhooks, and make them again (needs an admin key)
    #[command(subcommand)]
    Deliveries(DeliveriesCommand),
    /// Make all deliveries again that failed since a time (needs an admin key)
    Recover(RecoverArgs),
    /// Read, edit, retry and cancel what is done at a CRM (needs an admin key)
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// Replace the platform token of a deployment without an hour in which none is good
    RotatePlatformToken(RotateArgs),
    /// Copy all of a business, or of all, into a folder (needs the deployment's platform token)
    Backup(BackupArgs),
    /// Bring what a folder has into a deployment (needs its platform token)
    Restore(RestoreArgs),
    /// Import customers from a CSV or JSONL file
    Import(ImportArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ParkedCommand {
    /// List them; exit code 1 where one was given up
    List(ParkedList),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ParkedList {
    /// Print the server's JSON as it came, a line for each page
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) platform: Platform,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Platform {
    /// Secret of the deployment [default: what dev.json names, for its own server only]
    #[arg(long, env = "TIELINE_PLATFORM_TOKEN", hide_env_values = true)]
    #[arg(value_name = "TOKEN", value_parser = Secret::from_argument)]
    pub(crate) platform_token: Option<Secret>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Create a key and print it, once
    #[command(
        after_help = "Example:\n  tieline key create crm --scope customers:read \
        --scope customers:write --expires-at 2027-06-30T00:00:00Z"
    )]
    Create(KeyCreate),
    /// List the keys of the business, without their secrets
    List(KeyList),
    /// Revoke a key; within a minute it opens nothing any more
    #[command(after_help = "The ID is the one that `tieline key list` shows.")]
    Revoke(KeyRevoke),
}

#[derive(Debug, clap::Args)]
pub(crate) struct KeyCreate {
    /// What the key is for
    pub(crate) name: String,
    /// What the key may do; repeat it for several
    #[arg(long = "scope", value_name = "SCOPE", required = true)]
    pub(crate) scopes: Vec<Scope>,
    /// When the key ends, as a date-time with an offset [default: never]
    #[arg(long, value_name = "TIME", value_parser = date_time)]
    pub(crate) expires_at: Option<String>,
    /// Print the server's JSON as it came
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

#[derive(Debug, clap::Args)]
pub(crate) struct KeyList {
    /// Print the server's JSON as it came
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

#[derive(Debug, clap::Args)]
pub(crate) struct KeyRevoke {
    /// The key's id
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

const RESEAL_HELP: &str = "\
After MASTER_KEYS has got another first key, what is stored is sealed under it, slice by slice. No key
that is in use may leave the ring before; docs/deploy.md has the steps of a rotation.

Interrupt it whenever you like: the same command goes on with what is left.";

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Seal what is stored under the first of the deployment's master keys
    #[command(after_long_help = RESEAL_HELP, after_help = "`--help` shows more.")]
    Reseal(KeysReseal),
}

/// The options of what sends many requests.
#[derive(Debug, clap::Args)]
pub(crate) struct Retries {
    /// How often a request is sent again after 429, 5xx or a lost connection
    #[arg(long, value_name = "N", default_value_t = 8)]
    #[arg(value_parser = clap::value_parser!(u32).range(..=100))]
    pub(crate) max_retries: u32,
}

#[derive(Debug, clap::Args)]
pub(crate) struct KeysReseal {
    #[command(flatten)]
    pub(crate) retries: Retries,
    /// Print nothing but errors and the summary
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Secret of the deployment [default: what dev.json names, for its own server only]
    #[arg(long, env = "TIELINE_PLATFORM_TOKEN", hide_env_values = true)]
    #[arg(value_name = "TOKEN", value_parser = Secret::from_argument)]
    pub(crate) platform_token: Option<Secret>,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Admin {
    /// Key with the scope admin [default: what dev.json names, for its own server only]
    #[arg(long, env = "TIELINE_ADMIN_KEY", hide_env_values = true)]
    #[arg(value_name = "KEY", value_parser = Secret::from_argument)]
    pub(crate) admin_key: Option<Secret>,
}

/// What a key may be allowed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Scope {
    #[value(name = "customers:read")]
    CustomersRead,
    #[value(name = "customers:write")]
    CustomersWrite,
    #[value(name = "conversations:read")]
    ConversationsRead,
    #[value(name = "conversations:write")]
    ConversationsWrite,
    #[value(name = "messages:read")]
    MessagesRead,
    #[value(name = "messages:write")]
    MessagesWrite,
    #[value(name = "attachments:write")]
    AttachmentsWrite,
    #[value(name = "sso:write")]
    SsoWrite,
    /// Everything, and keys and settings too
    #[value(name = "admin")]
    Admin,
}

impl Scope {
    /// Its name in the API, which is its name on the command line.
    pub(crate) fn name(self) -> String {
        api_name(self)
    }
}

const IMPORT_HELP: &str = "\
Fields:
  external_id, external_system, name, first_name, last_name, email, phone, whatsapp_number, address,
  notes, tags, crm_ids, custom_fields and custom_fields.KEY

CSV columns named like a field map themselves (case, spaces, dashes and underscores do not matter),
and so do usual names such as \"E-mail\", \"Full Name\" or \"Contact ID\"; what was mapped and what is
ignored is listed before anything is sent. An empty cell leaves what the customer has. Tags are
split at ; , and |. JSONL lines are sent as they are but for --map, by which keys are renamed.

Files, for contacts.csv:
  contacts.failed.csv           rows that failed, why, and their columns: put right, import again
  contacts.mapping.csv          external_id,customer_id of every row that went in
  contacts.tieline-import.json  how far an unfinished import has come; removed at its end

Interrupt it whenever you like: the same command goes on where it stopped.

Examples:
  tieline import contacts.csv --dry-run
  tieline import contacts.csv --map \"Kundennummer=external_id\" --map \"Segment=custom_fields.segment\"
  tieline import contacts.csv --map \"Mobile=phone\" --map \"Mobile=whatsapp_number\" --map \"Notes=\"
  tieline import contacts.jsonl --system hubspot --report failed.csv --mapping mapping.csv";

/// The options of `tieline import`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = IMPORT_HELP, after_help = "`--help` shows fields, files and examples.")]
pub(crate) struct ImportArgs {
    /// .csv (UTF-8, with a header line) or .jsonl (one object a line)
    pub(crate) file: PathBuf,
    /// Fill a field from a column (or JSON key); an empty field leaves the column out
    #[arg(long = "map", value_name = "COLUMN=FIELD")]
    pub(crate) maps: Vec<MapRule>,
    /// external_system of the records that have an external_id and name no system
    #[arg(long, value_name = "NAME")]
    pub(crate) system: Option<String>,
    /// Records per request
    #[arg(long, value_name = "N", default_value_t = 1000)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) batch_size: u32,
    /// What separates the cells of a CSV: a sign such as ; or `tab` [default: seen in the header line]
    #[arg(long, value_name = "SIGN")]
    pub(crate) delimiter: Option<Delimiter>,
    /// Where failed rows go [default: FILE.failed.csv]
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Where the mapping external_id → customer_id goes [default: FILE.mapping.csv]
    #[arg(long, value_name = "FILE")]
    pub(crate) mapping: Option<PathBuf>,
    /// Have the server check every record and write nothing; failed rows go to FILE.dry-run.csv
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Forget an unfinished import of this file and begin anew
    #[arg(long)]
    pub(crate) restart: bool,
    #[command(flatten)]
    pub(crate) retries: Retries,
    /// Print nothing but errors and the summary
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

fn region(value: &str) -> Result<String, String> {
    if value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        Ok(value.to_ascii_uppercase())
    } else {
        Err("give a two-letter country code such as IE".into())
    }
}

fn date_time(value: &str) -> Result<String, String> {
    use time::format_description::well_known::Rfc3339;
    match time::OffsetDateTime::parse(value, &Rfc3339) {
        Ok(_) => Ok(value.to_owned()),
        Err(_) => Err("give a date-time with an offset such as 2027-06-30T00:00:00Z".into()),
    }
}

/// A bare date is its first moment in UTC.
pub(crate) fn date(value: &str) -> Result<String, String> {
    let midnight = format!("{value}T00:00:00Z");
    let read = date_time(value).or_else(|_| date_time(&midnight));
    read.map_err(|_| "give a date such as 2026-01-31, or a date-time with an offset".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_region_is_two_letters_and_a_time_has_an_offset() {
        assert_eq!(region("ie").as_deref(), Ok("IE"));
        assert!(region("IRL").is_err());
        assert!(date_time("2027-06-30T00:00:00+02:00").is_ok());
        assert!(date_time("2027-06-30").is_err());
        assert_eq!(date("2026-01-31").as_deref(), Ok("2026-01-31T00:00:00Z"));
        let offset = "2026-01-31T01:00:00+01:00";
        assert_eq!(date(offset).as_deref(), Ok(offset));
        for other in ["2026-02-30", "31.1.2026", "", "2026-01-31T00:00:00"] {
            assert!(date(other).is_err(), "{other}");
        }
    }

    #[test]
    fn a_secret_is_not_in_the_debug_form() {
        let args = Args::try_parse_from(["tieline", "key", "list", "--admin-key", "tl_a_b"]);
        assert!(!format!("{args:?}").contains("tl_a_b"));
    }
}
