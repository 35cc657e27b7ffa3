//! `tieline kustomer`: how the connection fares, its test, and what was there before.

mod backfill;
mod progress;

use serde::Deserialize;
use ureq::http::Method;

use crate::args::{KustomerCommand, KustomerStatus};
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::session::{Session, refusal};
use crate::text::{clean, count, table};
use crate::world::World;

/// Where all of it stands below `/api/dashboard`.
const PATH: [&str; 2] = ["integrations", "kustomer"];
/// Longest sentence of the server's, or Kustomer's, that is printed.
const MAX_CHARS: usize = 400;

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

#[derive(Deserialize)]
struct Tested {
    success: bool,
    connection: Option<Connection>,
    roles: Option<Roles>,
    teams: Option<Vec<Named>>,
    teams_error: Option<Problem>,
    warnings: Option<Vec<Problem>>,
    error: Option<Problem>,
}

#[derive(Deserialize)]
struct Connection {
    organization_id: String,
    user: Named,
}

#[derive(Deserialize)]
struct Named {
    id: String,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Roles {
    present: Vec<String>,
    missing: Vec<Missing>,
    excess: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Missing {
    needed_for: String,
    role: String,
    turns_off: Option<String>,
}

pub(crate) fn run(
    command: &KustomerCommand,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    match command {
        KustomerCommand::Status(options) => status(options, config, world),
        KustomerCommand::Test(options) => test(options, config, world),
        KustomerCommand::Backfill(options) => backfill::run(options, config, world),
    }
}

fn status(
    options: &KustomerStatus,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    let path = [PATH[0], PATH[1], "status"];
    let answer = session.send(Method::GET, &path, None);
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
    world.say(&format!("Kustomer is {}.", clean(&status.status, 20)));
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

fn test(options: &KustomerStatus, config: &Config, world: &mut World<'_>) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    let answer = session.send(Method::POST, &[PATH[0], PATH[1], "test"], Some(b"{}"));
    let answer = answer.map_err(|error| refusal(&error))?;
    let tested: Tested = answer.json().map_err(|error| refusal(&error))?;
    let exit = if tested.success {
        Exit::Done
    } else {
        Exit::Refused
    };
    if options.json {
        world.say(&String::from_utf8_lossy(&answer.body));
        return Ok(exit);
    }
    say_test(&tested, world);
    Ok(exit)
}

fn say_test(tested: &Tested, world: &mut World<'_>) {
    match &tested.error {
        Some(error) => world.say(&format!("It does not work: {}", sentence(error))),
        None => world.say("It works."),
    }
    if let Some(Connection {
        organization_id,
        user,
    }) = &tested.connection
    {
        let organization = clean(organization_id, 128);
        world.say(&format!(
            "  organisation {organization}, as {}",
            shown(user)
        ));
    }
    if let Some(roles) = &tested.roles {
        world.say(&format!(
            "  may {}",
            clean(&roles.present.join(", "), MAX_CHARS)
        ));
        for missing in &roles.missing {
            let (role, what) = (clean(&missing.role, 100), clean(&missing.needed_for, 40));
            let lost = clean(missing.turns_off.as_deref().unwrap_or_default(), MAX_CHARS);
            let end = if lost.is_empty() { "" } else { ". " };
            world.say(&format!("  lacks {role}, for {what}{end}{lost}"));
        }
        for role in roles.excess.iter().flatten() {
            world.say(&format!("  does not need {}", clean(role, 100)));
        }
    }
    for warning in tested.warnings.iter().flatten() {
        world.say(&format!("  {}", sentence(warning)));
    }
    for team in tested.teams.iter().flatten() {
        world.say(&format!("  team {}", shown(team)));
    }
    if let Some(error) = &tested.teams_error {
        world.say(&format!("  its teams cannot be told: {}", sentence(error)));
    }
}

fn shown(named: &Named) -> String {
    let name = named.name.as_deref().unwrap_or("–");
    format!("{} ({})", clean(name, 100), clean(&named.id, 128))
}

fn sentence(problem: &Problem) -> String {
    let message = clean(&problem.message, MAX_CHARS);
    format!("{message} [{}]", clean(&problem.code, 64))
}
