//! `tieline kustomer`, `tieline krayin`: connecting a CRM, how the connection fares, its test, and what
//! was there before. What is the same of all is told by their [`Words`].

mod backfill;
mod krayin;
mod progress;
mod tested;

use serde::Deserialize;
use ureq::http::Method;

use crate::args::{ConnectorStatus, KrayinCommand, KustomerCommand};
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
}

const KUSTOMER: Words = Words {
    name: "kustomer",
    title: "Kustomer",
};
const KRAYIN: Words = Words {
    name: "krayin",
    title: "Krayin",
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

fn status(
    words: &Words,
    options: &ConnectorStatus,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    let answer = session.send(Method::GET, &words.path("status"), None);
    let answer = answer.map_err(|error| refusal(&error))?;
    let status: Status = answer.json().map_err(|error| refusal(&error))?;
    let exit = match status.status.as_str() {
        "down" | "disabled" => Exit::Refused,
        _ => Exit::Done,
    };
    if options.json {
        world.say(&String::from_utf8_lossy(&answer.body));
        return Ok(exit);
    }
    let (title, stands) = (words.title, clean(&status.status, 20));
    world.say(&format!("{title} is {stands}."));
    for reason in &status.reasons {
        world.say(&format!("  {}", sentence(reason)));
    }
    let budget = &status.budget;
    let (used, day) = (count(budget.used_today), count(budget.per_day));
    let row = |name: &str, value: String| vec![format!("  {name}"), value];
    world.say(&table(&[
        row("waiting", count(status.queue.waiting)),
        row("failed", count(status.queue.failed)),
        row(
            "requests",
            format!(
                "{used} of {day} today, {} a minute",
                count(budget.per_minute)
            ),
        ),
        row("webhook", clean(&status.webhook, 20)),
        row(
            "last success",
            status.last_success_at.unwrap_or_else(|| "never".into()),
        ),
    ]));
    Ok(exit)
}

fn sentence(problem: &Problem) -> String {
    let message = clean(&problem.message, MAX_CHARS);
    format!("{message} [{}]", clean(&problem.code, 64))
}
