//! The commands for CRM links.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::{Admin, Retries, Setting};

const ADD_HELP: &str = "\
What the server fetches, or reads of a file, is shown first by `tieline links preview`, which takes the same
options and stores nothing. A link that is on is fetched at once; `tieline links status` shows what came of it.

Keys and tokens are read from files, or from standard input, since command lines are visible to others.

Examples:
  tieline links preview --page 123456789 --channel messenger --name Customers \\
    --url https://crm.example.com/api/customers --token-file token.txt
  pass hubspot | tieline links add --page 123456789 --channel facebook --channel messenger \\
    --name \"HubSpot Contacts\" --url https://api.hubapi.com/crm/v3/objects/contacts --token-file -
  tieline links add --page 123456789 --channel web --name Prices --type file \\
    --url https://example.com/prices.csv --header @headers.txt --schedule 1440
  tieline links add --page 123456789 --channel web --name Questions --file faq.md";

const REFRESH_HELP: &str = "\
A link whose source has less than half of what it had keeps what it has until a second fetch finds about as many;
--accept-shrink believes it now.

Interrupt --wait whenever you like: the server fetches on, and `tieline links status` shows what came of it.

Examples:
  tieline links refresh 0197c1f4-8a3e-7cc1-b4a2-5d1f6e0a9b3c --wait
  tieline links refresh 0197c1f4-8a3e-7cc1-b4a2-5d1f6e0a9b3c --accept-shrink";

const AUTHORIZE_HELP: &str = "\
For a link whose `auth` has the grant authorization_code. The URL that is printed is good once, for ten minutes. Once
somebody has consented, the link is fetched; what comes of that is printed.

Examples:
  tieline links authorize 0197c1f4-8a3e-7cc1-b4a2-5d1f6e0a9b3c
  tieline links authorize 0197c1f4-8a3e-7cc1-b4a2-5d1f6e0a9b3c --wait-limit 0 --json | jq -r .authorize_url";

#[derive(Debug, Subcommand)]
pub(crate) enum LinksCommand {
    /// List the links of a page, or of all
    List(LinksList),
    /// Add a link, which is fetched at once
    #[command(after_long_help = ADD_HELP, after_help = "`--help` shows examples.")]
    Add(LinkGiven),
    /// Fetch a page of a link that is not added, or take a file, show what would be stored of it, and store nothing
    #[command(after_long_help = ADD_HELP, after_help = "`--help` shows examples.")]
    Preview(LinkGiven),
    /// Upload the file of a link that was added with --file; it replaces the one before as a whole
    #[command(
        after_help = "Example:\n  tieline links upload 0197c1f4-8a3e-7cc1-b4a2-5d1f6e0a9b3c faq.md"
    )]
    Upload(LinksUpload),
    /// Have a person authorize a link, and wait until they have
    #[command(after_long_help = AUTHORIZE_HELP, after_help = "The ID is the one that `tieline links list` shows; `--help` shows more.")]
    Authorize(LinksAuthorize),
    /// Have a link fetched now
    #[command(after_long_help = REFRESH_HELP, after_help = "The ID is the one that `tieline links list` shows; `--help` shows more.")]
    Refresh(LinksRefresh),
    /// Search what the links have
    #[command(
        after_help = "Example:\n  tieline links search \"where is order 1042\" --channel messenger -k 3"
    )]
    Search(LinksSearch),
    /// Say how every link fares; exit code 1 where one is in trouble
    Status(LinksStatus),
}

#[derive(Debug, clap::Args)]
pub(crate) struct LinksList {
    /// The page's id [default: all pages]
    #[arg(long, value_name = "PAGE")]
    pub(crate) page: Option<String>,
    /// Print the server's JSON as it came
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

/// The options of `tieline links add` and `tieline links preview`.
#[derive(Debug, clap::Args)]
pub(crate) struct LinkGiven {
    /// The page's id, or that of another channel account
    #[arg(long, value_name = "PAGE")]
    pub(crate) page: String,
    /// A channel whose answers may use it; repeat it for several
    #[arg(long = "channel", value_name = "CHANNEL", required = true)]
    pub(crate) channels: Vec<LinkChannel>,
    /// What the link is called
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// Where the records are
    #[arg(long, value_name = "URL", required_unless_present = "file")]
    pub(crate) url: Option<String>,
    /// A CSV, TSV, JSON, JSON Lines, Markdown, HTML or text file that is uploaded, in the place of a URL
    #[arg(long, value_name = "PATH", conflicts_with_all = ["url", "kind"])]
    pub(crate) file: Option<PathBuf>,
    /// What is there
    #[arg(long = "type", value_name = "TYPE", default_value = "api")]
    pub(crate) kind: LinkType,
    /// File with the key that the source asks for (its api_key); - for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// A header of every request, or @FILE with one a line (@- for standard input); repeat it for several
    #[arg(long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// Minutes between two fetches [default: the server's, 30]
    #[arg(long, value_name = "MINUTES")]
    #[arg(value_parser = clap::value_parser!(u32).range(5..=10_080))]
    pub(crate) schedule: Option<u32>,
    /// Path of the list of records in an answer, such as data.customers [default: found]
    #[arg(long, value_name = "PATH")]
    pub(crate) records_at: Option<String>,
    /// Path of the field that names a record [default: id, email, sku and others are tried]
    #[arg(long, value_name = "PATH")]
    pub(crate) key: Option<String>,
    /// Leave the link switched off, and fetch nothing
    #[arg(long)]
    pub(crate) inactive: bool,
    /// Set anything else, by its name in the API; repeat it for several
    #[arg(long = "set", value_name = "SETTING=VALUE")]
    pub(crate) settings: Vec<Setting>,
    /// Print the server's JSON as it came
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

#[derive(Debug, clap::Args)]
pub(crate) struct LinksUpload {
    /// The link's id
    pub(crate) id: String,
    /// The file, of at most 16 MiB
    pub(crate) path: PathBuf,
    /// Print the server's JSON as it came
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

#[derive(Debug, clap::Args)]
pub(crate) struct LinksAuthorize {
    /// The link's id
    pub(crate) id: String,
    /// Seconds to wait at most, 0 to 600; exit code 1 where the fetch fails, 3 where nobody has consented by then
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    #[arg(value_parser = clap::value_parser!(u64).range(..=600))]
    pub(crate) wait_limit: u64,
    #[command(flatten)]
    pub(crate) retries: Retries,
    /// Print nothing but errors, the URL and the summary
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Print the link as the server's JSON has it at the end; without waiting, what it says of the URL
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

#[derive(Debug, clap::Args)]
pub(crate) struct LinksRefresh {
    /// The link's id
    pub(crate) id: String,
    /// Believe the source that it has less than half of what it had
    #[arg(long)]
    pub(crate) accept_shrink: bool,
    /// Wait until it is fetched; exit code 1 where that failed, 3 where it takes longer than --wait-limit
    #[arg(long)]
    pub(crate) wait: bool,
    /// Seconds to wait at most
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) wait_limit: u64,
    #[command(flatten)]
    pub(crate) retries: Retries,
    /// Print nothing but errors and the summary
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Print the link as the server's JSON has it at the end
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

#[derive(Debug, clap::Args)]
pub(crate) struct LinksSearch {
    /// What is asked
    pub(crate) question: String,
    /// For answers of this page alone
    #[arg(long, value_name = "PAGE")]
    pub(crate) page: Option<String>,
    /// For answers on this channel alone
    #[arg(long, value_name = "CHANNEL")]
    pub(crate) channel: Option<LinkChannel>,
    /// As for this customer, by their id: what is for all and what is theirs [default: all there is]
    #[arg(long, value_name = "ID")]
    pub(crate) customer: Option<String>,
    /// How many hits at most
    #[arg(short, value_name = "N", default_value_t = 10)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=50))]
    pub(crate) k: u32,
    /// Print the server's JSON as it came
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

#[derive(Debug, clap::Args)]
pub(crate) struct LinksStatus {
    /// Print the server's JSON as it came
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) admin: Admin,
}

/// Where what a link has is used.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LinkChannel {
    /// Comments on posts
    Facebook,
    /// Messenger
    Messenger,
    Whatsapp,
    Instagram,
    Sms,
    Email,
    Web,
}

/// What is at a link's URL.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LinkType {
    /// Records in answers to requests
    Api,
    /// Nothing to fetch: records are pushed
    Webhook,
    /// A database, asked by a statement
    Database,
    /// A file, replaced as a whole
    File,
}

/// A value's name in the API, which is its name on the command line.
pub(crate) fn api_name(value: impl ValueEnum) -> String {
    let value = value.to_possible_value();
    value.map_or_else(String::new, |value| value.get_name().to_owned())
}
