//! `tieline chatwoot`: how the accounts of Chatwoot fare, which are channel accounts.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use ureq::http::Method;

use super::{CHATWOOT, MAX_CHARS, Problem, Status, sentence};
use crate::api::{Answer, ApiError};
use crate::args::ConnectorStatus;
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::session::{Session, refusal};
use crate::text::{clean, table};
use crate::world::World;

/// Where the accounts are, below `/api/dashboard`.
pub(super) const CHANNELS: &str = "channels";
/// Most failed jobs that are printed.
const MAX_FAILED: usize = 5;

#[derive(Deserialize)]
struct Accounts {
    channels: Vec<Account>,
}

/// A channel account of the kind.
#[derive(Deserialize)]
pub(super) struct Account {
    pub(super) id: String,
    kind: String,
    name: String,
    pub(super) base_url: Option<String>,
    pub(super) account_id: Option<String>,
    status: String,
    status_reason: Option<String>,
    verification_error: Option<String>,
    webhook_id: Option<String>,
}

/// What came of asking Chatwoot.
#[derive(Deserialize)]
pub(super) struct Found {
    pub(super) ok: bool,
    pub(super) detail: BTreeMap<String, String>,
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
pub(super) fn read<T: DeserializeOwned>(
    answer: Result<Answer, ApiError>,
) -> Result<(Answer, T), Failure> {
    let answer = answer.map_err(|error| refusal(&error))?;
    let said = answer.json().map_err(|error| refusal(&error))?;
    Ok((answer, said))
}

/// The accounts of Chatwoot among the channel accounts.
pub(super) fn accounts(session: &Session) -> Result<(Answer, Vec<Account>), Failure> {
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

pub(super) fn tested(session: &Session, account: &Account) -> Result<(Answer, Found), Failure> {
    let path = [CHANNELS, &account.id, "test"];
    read(session.send(Method::POST, &path, None))
}

impl Account {
    /// Whether it is where a URL is, which may be of any page there.
    pub(super) fn is_at(&self, url: &str) -> bool {
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
    pub(super) fn title(&self) -> String {
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
    pub(super) fn exit(&self) -> Exit {
        match self.ok {
            true => Exit::Done,
            false => Exit::Refused,
        }
    }

    pub(super) fn say(&self, account: &Account, world: &mut World<'_>) {
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

impl Job {
    /// `  failed: conversation_in 46: Chatwoot refuses … [forbidden]`.
    fn line(&self) -> String {
        let (kind, subject) = (clean(&self.kind, 40), clean(&self.subject, 100));
        let why = self.error.as_ref().map(sentence).unwrap_or_default();
        format!("  failed: {kind} {subject}: {why}")
    }
}
