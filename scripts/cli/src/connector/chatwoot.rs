//! `tieline chatwoot`: connects accounts of Chatwoot, which are channel accounts, and says how they fare.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use ureq::http::Method;

use super::{CHATWOOT, MAX_CHARS, Problem, Status, sentence};
use crate::api::{Answer, ApiError};
use crate::args::{ChatwootSetup, ConnectorStatus};
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::given::{put, token_of};
use crate::session::{Session, refusal};
use crate::text::{clean, table};
use crate::world::World;

/// Where the accounts are, below `/api/dashboard`.
const CHANNELS: &str = "channels";
/// Most failed jobs that are printed.
const MAX_FAILED: usize = 5;

#[derive(Deserialize)]
struct Accounts {
    channels: Vec<Account>,
}

#[derive(Deserialize)]
struct Connected {
    channel: Account,
    webhook: Option<Webhook>,
}

/// A channel account of the kind.
#[derive(Deserialize)]
struct Account {
    id: String,
    kind: String,
    name: String,
    base_url: Option<String>,
    account_id: Option<String>,
    status: String,
    status_reason: Option<String>,
    verification_error: Option<String>,
    webhook_id: Option<String>,
}

#[derive(Deserialize)]
struct Webhook {
    created: bool,
    url: Option<String>,
    #[serde(default)]
    events: Vec<String>,
}

/// What came of asking Chatwoot.
#[derive(Deserialize)]
struct Found {
    ok: bool,
    detail: BTreeMap<String, String>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Jobs {
    jobs: Vec<Job>,
}

#[derive(Deserialize)]
struct Job {
    kind: String,
    subject: String,
    error: Option<Problem>,
}

/// `tieline chatwoot setup`.
pub(super) fn setup(
    options: &ChatwootSetup,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let change = change(options, world)?;
    let session = Session::begin(config, &options.admin)?;
    let (_, known) = accounts(&session)?;
    let known = chosen(options, known)?;
    world.note("Asking Chatwoot …");
    let (account, webhook) = match known {
        Some(account) if change.is_empty() => (account, None),
        Some(account) => (changed(&session, &account, change)?, None),
        None => {
            let connected = created(&session, options, change)?;
            world.say("The account is connected.");
            (connected.channel, connected.webhook)
        }
    };
    let (_, found) = tested(&session, &account)?;
    found.say(&account, world);
    if let Some(webhook) = webhook.filter(|webhook| !webhook.created) {
        webhook.say(world);
    }
    Ok(found.exit())
}

/// `tieline chatwoot test`.
pub(super) fn test(
    options: &ConnectorStatus,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    let (_, accounts) = accounts(&session)?;
    let mut exit = Exit::Done;
    for account in expect_some(accounts)? {
        let (answer, found) = tested(&session, &account)?;
        match options.json {
            true => world.say(&String::from_utf8_lossy(&answer.body)),
            false => found.say(&account, world),
        }
        if !found.ok {
            exit = Exit::Refused;
        }
    }
    Ok(exit)
}

/// `tieline chatwoot status`.
pub(super) fn status(
    options: &ConnectorStatus,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    let (listed, accounts) = accounts(&session)?;
    let (answer, status) = Status::read(&CHATWOOT, &session)?;
    if options.json {
        for answer in [listed, answer] {
            world.say(&String::from_utf8_lossy(&answer.body));
        }
        return Ok(status.exit());
    }
    for account in expect_some(accounts)? {
        account.say(world);
    }
    status.say(&CHATWOOT, world);
    if status.queue.failed > 0 {
        let failed = session.list(&CHATWOOT.path("jobs"), ("state", "failed"));
        let (_, failed): (_, Jobs) = read(failed)?;
        for job in failed.jobs.iter().take(MAX_FAILED) {
            world.say(&job.line());
        }
    }
    Ok(status.exit())
}

/// An answer, and what it says.
fn read<T: DeserializeOwned>(answer: Result<Answer, ApiError>) -> Result<(Answer, T), Failure> {
    let answer = answer.map_err(|error| refusal(&error))?;
    let said = answer.json().map_err(|error| refusal(&error))?;
    Ok((answer, said))
}

/// The accounts of Chatwoot among the channel accounts.
fn accounts(session: &Session) -> Result<(Answer, Vec<Account>), Failure> {
    let listed = session.send(Method::GET, &[CHANNELS], None);
    let (answer, Accounts { mut channels }) = read(listed)?;
    channels.retain(|account| account.kind == CHATWOOT.name);
    Ok((answer, channels))
}

fn expect_some(accounts: Vec<Account>) -> Result<Vec<Account>, Failure> {
    match accounts.is_empty() {
        false => Ok(accounts),
        true => Err(Failure::refused(
            "no account of Chatwoot is connected: `tieline chatwoot setup` connects one",
        )),
    }
}

/// The account that is meant; `None` for one that is not connected yet.
fn chosen(options: &ChatwootSetup, known: Vec<Account>) -> Result<Option<Account>, Failure> {
    let is_meant = |account: &Account| {
        let (url, number) = (options.url.as_deref(), options.account);
        url.is_none_or(|url| account.is_at(url))
            && number.is_none_or(|number| account.account_id == Some(number.to_string()))
    };
    let mut meant: Vec<_> = known.into_iter().filter(is_meant).collect();
    if meant.len() > 1 {
        let all: Vec<_> = meant.iter().map(Account::title).collect();
        let all = clean(&all.join("; "), MAX_CHARS);
        return Err(Failure::usage(format!(
            "several accounts are connected: choose one with --url and --account: {all}"
        )));
    }
    let is_named = options.url.is_some() && options.account.is_some();
    match meant.pop() {
        None if !is_named => Err(Failure::usage(
            "no such account is connected yet: give --url, such as https://chat.example.com, and \
             --account, the number behind /app/accounts/",
        )),
        None if options.token_file.is_none() => Err(Failure::usage(
            "no access token of Chatwoot: give --token-file FILE, or - for standard input",
        )),
        found => Ok(found),
    }
}

/// What is to be stored.
fn change(options: &ChatwootSetup, world: &mut World<'_>) -> Result<Map<String, Value>, Failure> {
    let mut change = Map::new();
    if let Some(name) = &options.name {
        change.insert("name".into(), json!(name));
    }
    let mut credentials = Map::new();
    for (name, file) in [
        ("access_token", &options.token_file),
        ("webhook_secret", &options.webhook_secret_file),
    ] {
        if let Some(file) = file {
            let secret = token_of(file, world)?;
            credentials.insert(name.into(), json!(secret.expose()));
        }
    }
    if !credentials.is_empty() {
        change.insert("credentials".into(), Value::Object(credentials));
    }
    for setting in &options.settings {
        put(&mut change, setting);
    }
    Ok(change)
}

fn created(
    session: &Session,
    options: &ChatwootSetup,
    change: Map<String, Value>,
) -> Result<Connected, Failure> {
    let mut body = json!({ "kind": CHATWOOT.name, "name": CHATWOOT.title,
        "base_url": options.url, "account_id": options.account });
    if let Some(body) = body.as_object_mut() {
        body.extend(change);
    }
    let body = body.to_string();
    let made = session.send(Method::POST, &[CHANNELS], Some(body.as_bytes()));
    let made = read(made).map_err(|failure| failure.with_context("Nothing was stored."));
    made.map(|(_, connected)| connected)
}

fn changed(
    session: &Session,
    account: &Account,
    change: Map<String, Value>,
) -> Result<Account, Failure> {
    let body = Value::Object(change).to_string();
    let path = [CHANNELS, &account.id];
    let patched = session.send(Method::PATCH, &path, Some(body.as_bytes()));
    let patched = read(patched).map_err(|failure| failure.with_context("Nothing was stored."));
    let (_, Connected { channel, .. }) = patched?;
    Ok(channel)
}

fn tested(session: &Session, account: &Account) -> Result<(Answer, Found), Failure> {
    let path = [CHANNELS, &account.id, "test"];
    read(session.send(Method::POST, &path, None))
}

impl Account {
    /// Whether it is where a URL is, which may be of any page there.
    fn is_at(&self, url: &str) -> bool {
        let bare = |url: &str| {
            let url = url.trim().to_lowercase();
            let (_, place) = url.split_once("://").unwrap_or(("", &url));
            let end = place.find("/app/").unwrap_or(place.len());
            let place = place.get(..end).unwrap_or_default();
            place.trim_end_matches('/').to_owned()
        };
        let base = self.base_url.as_deref();
        base.is_some_and(|base| bare(base) == bare(url))
    }

    /// `Chat, https://chat.example.com, account 3`.
    fn title(&self) -> String {
        let base = clean(self.base_url.as_deref().unwrap_or("–"), 200);
        let number = clean(self.account_id.as_deref().unwrap_or("–"), 20);
        format!("{}, {base}, account {number}", clean(&self.name, 100))
    }

    fn say(&self, world: &mut World<'_>) {
        let status = clean(&self.status, 20);
        world.say(&format!("{}: {status}", self.title()));
        world.say(match self.webhook_id {
            Some(_) => "  Chatwoot calls us; its webhook was made for the account.",
            None => "  No webhook was made: `tieline chatwoot test` makes it, or says why not.",
        });
        let problems = [&self.status_reason, &self.verification_error];
        for problem in problems.into_iter().flatten() {
            world.say(&format!("  {}", clean(problem, MAX_CHARS)));
        }
    }
}

impl Found {
    fn exit(&self) -> Exit {
        match self.ok {
            true => Exit::Done,
            false => Exit::Refused,
        }
    }

    fn say(&self, account: &Account, world: &mut World<'_>) {
        let works = match self.ok {
            true => "It works.",
            false => "It does not work.",
        };
        world.say(&format!("{}: {works}", account.title()));
        if let Some(error) = &self.error {
            world.say(&format!("  {}", clean(error, MAX_CHARS)));
        }
        let line = |(name, value): (&String, &String)| {
            let name = format!("  {}", clean(name, 40));
            vec![name, clean(value, 2 * MAX_CHARS)]
        };
        let lines: Vec<_> = self.detail.iter().map(line).collect();
        if !lines.is_empty() {
            world.say(&table(&lines));
        }
    }
}

impl Webhook {
    /// What people do instead. The URL has a secret in it, and is needed for that.
    fn say(&self, world: &mut World<'_>) {
        world.say(
            "Make a webhook in Chatwoot, in Settings › Integrations › Webhooks, with this URL:",
        );
        let url = self.url.as_deref().unwrap_or_default();
        world.say(&format!("  {}", clean(url, 2 * MAX_CHARS)));
        let events = clean(&self.events.join(", "), 2 * MAX_CHARS);
        world.say(&format!("and these events: {events}"));
        world.say(
            "The URL is not shown again. An administrator's token makes the webhook by itself.",
        );
    }
}

impl Job {
    /// `  failed: conversation_in 46: Chatwoot refuses … [forbidden]`.
    fn line(&self) -> String {
        let (kind, subject) = (clean(&self.kind, 40), clean(&self.subject, 100));
        let why = self.error.as_ref().map(sentence).unwrap_or_default();
        format!("  failed: {kind} {subject}: {why}")
    }
}
