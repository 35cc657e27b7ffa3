//! `tieline kustomer`, `tieline krayin`, `tieline chatwoot`: connecting a CRM or a source of conversations, how the
//! connection fares, its test, and what was there before. What is the same of all is told by their [`Words`].

mod backfill;
mod chatwoot;
mod chatwoot_message;
mod chatwoot_setup;
mod krayin;
mod kustomer;
mod needs;
mod permissions;
mod progress;
mod stored;
mod tested;
mod through;

use serde::Deserialize;
use ureq::http::Method;

use crate::api::Answer;
use crate::args::{ChatwootCommand, ConnectorStatus, KrayinCommand, KustomerCommand};
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::session::{Session, refusal};
use crate::text::{clean, count, table};
use crate::world::World;

/// Longest sentence of the server's, or the CRM's, that is printed.
const MAX_CHARS: usize = 400;

/// A CRM, as it is called.
struct Words {
    /// In commands and paths.
    name: &'static str,
    /// To people.
    title: &'static str,
    /// What a backfill counts.
    records: &'static str,
    /// Whether it is connected as accounts, each of which has a webhook of its own.
    has_accounts: bool,
}

const KUSTOMER: Words = Words {
    name: "kustomer",
    title: "Kustomer",
    records: "message",
    has_accounts: false,
};
const KRAYIN: Words = Words {
    name: "krayin",
    title: "Krayin",
    records: "message",
    has_accounts: false,
};
const CHATWOOT: Words = Words {
    name: "chatwoot",
    title: "Chatwoot",
    records: "conversation",
    has_accounts: true,
};

impl Words {
    /// Where something of it stands below `/api/dashboard`.
    fn path(&self, what: &'static str) -> [&'static str; 3] {
        ["integrations", self.name, what]
    }
}

#[derive(Deserialize)]
struct Status {
    status: String,
    reasons: Vec<Problem>,
    budget: Budget,
    queue: Queue,
    last_success_at: Option<String>,
    webhook: String,
}

#[derive(Deserialize)]
struct Problem {
    code: String,
    message: String,
}

#[derive(Deserialize)]
struct Budget {
    per_minute: u64,
    per_day: u64,
    used_today: u64,
}

#[derive(Deserialize)]
struct Queue {
    waiting: u64,
    failed: u64,
}

pub(crate) fn kustomer(
    command: &KustomerCommand,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    match command {
        KustomerCommand::Setup(options) => kustomer::setup(options, config, world),
        KustomerCommand::Status(options) => status(&KUSTOMER, options, config, world),
        KustomerCommand::Test(options) => tested::run(&KUSTOMER, options, config, world),
        KustomerCommand::Backfill(options) => backfill::run(&KUSTOMER, options, config, world),
    }
}

pub(crate) fn krayin(
    command: &KrayinCommand,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    match command {
        KrayinCommand::Setup(options) => krayin::setup(options, config, world),
        KrayinCommand::Status(options) => status(&KRAYIN, options, config, world),
        KrayinCommand::Test(options) => tested::run(&KRAYIN, options, config, world),
        KrayinCommand::Backfill(options) => backfill::run(&KRAYIN, options, config, world),
    }
}

pub(crate) fn chatwoot(
    command: &ChatwootCommand,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    match command {
        ChatwootCommand::Setup(options) => chatwoot_setup::setup(options, config, world),
        ChatwootCommand::Test(options) => chatwoot::test(options, config, world),
        ChatwootCommand::Status(options) => chatwoot::status(options, config, world),
        ChatwootCommand::Backfill(options) => backfill::run(&CHATWOOT, options, config, world),
    }
}

fn status(
    words: &Words,
    options: &ConnectorStatus,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    let (answer, status) = Status::read(words, &session)?;
    if options.json {
        world.say(&String::from_utf8_lossy(&answer.body));
        return Ok(status.exit());
    }
    status.say(words, world);
    Ok(status.exit())
}

impl Status {
    fn read(words: &Words, session: &Session) -> Result<(Answer, Self), Failure> {
        let answer = session.send(Method::GET, &words.path("status"), None);
        let answer = answer.map_err(|error| refusal(&error))?;
        let status = answer.json().map_err(|error| refusal(&error))?;
        Ok((answer, status))
    }

    fn exit(&self) -> Exit {
        match self.status.as_str() {
            "down" | "disabled" => Exit::Refused,
            _ => Exit::Done,
        }
    }

    fn say(&self, words: &Words, world: &mut World<'_>) {
        let (title, stands) = (words.title, clean(&self.status, 20));
        world.say(&format!("{title} is {stands}."));
        for reason in &self.reasons {
            world.say(&format!("  {}", sentence(reason)));
        }
        let budget = &self.budget;
        let (used, day) = (count(budget.used_today), count(budget.per_day));
        let minute = count(budget.per_minute);
        let row = |name: &str, value: String| vec![format!("  {name}"), value];
        let last_success = self.last_success_at.as_deref().unwrap_or("never");
        let mut rows = vec![
            row("waiting", count(self.queue.waiting)),
            row("failed", count(self.queue.failed)),
            row(
                "requests",
                format!("{used} of {day} today, {minute} a minute"),
            ),
            row("last success", clean(last_success, 40)),
        ];
        if !words.has_accounts {
            rows.push(row("webhook", clean(&self.webhook, 20)));
        }
        world.say(&table(&rows));
    }
}

fn sentence(problem: &Problem) -> String {
    let message = clean(&problem.message, MAX_CHARS);
    format!("{message} [{}]", clean(&problem.code, 64))
}
