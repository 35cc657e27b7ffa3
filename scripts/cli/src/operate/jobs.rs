//! `tieline jobs`: what is done at a CRM, read, edited, done again, given up.

use std::fs;
use std::io::Read;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use ureq::http::Method;

use super::{cell, listed, read, text};
use crate::args::{JobEdit, JobsCommand, JobsList, JobsRetry, OneJob};
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::session::{Session, refusal};
use crate::text::{clean, counted, table};
use crate::world::World;

/// Largest detail that the server takes, in bytes.
const MAX_DETAIL_BYTES: u64 = 256 * 1024;

#[derive(Deserialize)]
struct Retried {
    count: u64,
}

pub(crate) fn run(
    command: &JobsCommand,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    match command {
        JobsCommand::List(options) => list(options, config, world),
        JobsCommand::Show(options) => show(options, config, world),
        JobsCommand::Edit(options) => edit(options, config, world),
        JobsCommand::Retry(options) => retry(options, config, world),
        JobsCommand::Cancel(options) => cancel(options, config, world),
    }
}

fn list(options: &JobsList, config: &Config, world: &mut World<'_>) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    let state = options.state.map(|state| state.name());
    let filter = state.as_deref().map(|state| ("state", state));
    let path = ["integrations", &options.connector, "jobs"];
    let jobs = listed(&session, &path, "jobs", filter, options.limit)?;
    if options.json {
        for job in &jobs {
            world.say(&job.to_string());
        }
        return Ok(Exit::Done);
    }
    if jobs.is_empty() {
        world.say("There is no such job.");
        return Ok(Exit::Done);
    }
    let title = [
        "UPDATED", "STATE", "KIND", "SUBJECT", "TRIES", "ERROR", "ID",
    ];
    let mut rows = vec![title.map(str::to_owned).to_vec()];
    rows.extend(jobs.iter().map(|job| {
        let names = ["updated_at", "state", "kind", "subject", "tries"];
        let mut row: Vec<_> = names.iter().map(|name| cell(job, name)).collect();
        row.extend([error_of(job), cell(job, "id")]);
        row
    }));
    world.say(&table(&rows));
    Ok(Exit::Done)
}

/// `The team is gone. [bad_request]`, or a dash.
fn error_of(object: &Value) -> String {
    let error = object.get("error").filter(|error| error.is_object());
    error.map_or_else(
        || "–".to_owned(),
        |error| format!("{} [{}]", cell(error, "message"), cell(error, "code")),
    )
}

fn show(options: &OneJob, config: &Config, world: &mut World<'_>) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    let path = ["integrations", &options.connector, "jobs", &options.id];
    let answer = session.send(Method::GET, &path, None);
    let answer = answer.map_err(|error| refusal(&error))?;
    if options.json {
        world.say(&String::from_utf8_lossy(&answer.body));
        return Ok(Exit::Done);
    }
    let answer: Value = read(Ok(answer))?;
    let job = answer.get("job").unwrap_or(&Value::Null);
    let names = [
        "id",
        "kind",
        "subject",
        "stream",
        "state",
        "priority",
        "tries",
        "failures",
        "created_at",
        "updated_at",
    ];
    let mut rows: Vec<_> = names
        .iter()
        .map(|name| vec![(*name).to_owned(), cell(job, name)])
        .collect();
    rows.push(vec!["error".to_owned(), error_of(job)]);
    world.say(&table(&rows));
    if let Some(detail) = job.get("detail").filter(|detail| !detail.is_null()) {
        let detail = serde_json::to_string_pretty(detail).unwrap_or_default();
        world.say(&format!("detail\n{detail}"));
    }
    for attempt in job
        .get("attempts")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let (number, at) = (cell(attempt, "number"), cell(attempt, "at"));
        let (outcome, ms) = (cell(attempt, "outcome"), cell(attempt, "duration_ms"));
        let error = error_of(attempt);
        world.say(&format!(
            "attempt {number}  {at}  {outcome} in {ms} ms  {error}"
        ));
        for request in attempt
            .get("requests")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            world.say(&format!(
                "  {}",
                clean(request.as_str().unwrap_or_default(), 400)
            ));
        }
    }
    Ok(match text(job, "state") {
        Some("failed") => Exit::Refused,
        _ => Exit::Done,
    })
}

fn edit(options: &JobEdit, config: &Config, world: &mut World<'_>) -> Result<Exit, Failure> {
    let detail = detail_of(options, world)?;
    let session = Session::begin(config, &options.admin)?;
    let path = ["integrations", &options.connector, "jobs", &options.id];
    let body = json!({ "detail": detail }).to_string();
    let answer = session.send(Method::PATCH, &path, Some(body.as_bytes()));
    answer.map_err(|error| refusal(&error))?;
    let (connector, id) = (clean(&options.connector, 40), clean(&options.id, 100));
    world.say(&format!(
        "Edited. `tieline jobs retry {connector} {id}` has it done again."
    ));
    Ok(Exit::Done)
}

fn detail_of(options: &JobEdit, world: &mut World<'_>) -> Result<Value, Failure> {
    let file = &options.detail;
    let mut bytes = Vec::new();
    let read = match file.as_os_str() == "-" {
        true => world
            .input
            .take(MAX_DETAIL_BYTES + 1)
            .read_to_end(&mut bytes),
        false => fs::File::open(file)
            .and_then(|open| open.take(MAX_DETAIL_BYTES + 1).read_to_end(&mut bytes)),
    };
    read.map_err(|error| Failure::file("read", file, &error))?;
    let wrong = |what: &str| Failure::usage(format!("{} {what}", file.display()));
    if bytes.len() as u64 > MAX_DETAIL_BYTES {
        return Err(wrong("is larger than 256 KiB, which is the most"));
    }
    match serde_json::from_slice::<Value>(&bytes) {
        Ok(detail) if detail.is_object() || detail.is_null() => Ok(detail),
        Ok(_) => Err(wrong("holds neither a JSON object nor null")),
        Err(error) => Err(wrong(&format!("is no JSON: {error}"))),
    }
}

fn retry(options: &JobsRetry, config: &Config, world: &mut World<'_>) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    let connector = options.connector.as_str();
    if options.failed {
        let mut body = Map::new();
        for (name, value) in [("since", &options.since), ("code", &options.code)] {
            if let Some(value) = value {
                body.insert(name.into(), json!(value));
            }
        }
        let body = Value::Object(body).to_string();
        let path = ["integrations", connector, "retry-failed"];
        let Retried { count } = read(session.send(Method::POST, &path, Some(body.as_bytes())))?;
        world.say(&format!("{} done again.", counted(count, "job")));
        return Ok(Exit::Done);
    }
    let mut exit = Exit::Done;
    for id in &options.ids {
        let path = ["integrations", connector, "jobs", id, "retry"];
        match session.send(Method::POST, &path, None) {
            Ok(_) => world.say(&format!("{}: done again.", clean(id, 100))),
            Err(error) => {
                world.note(&format!("{}: {}", clean(id, 100), refusal(&error).message));
                exit = Exit::Refused;
            }
        }
    }
    Ok(exit)
}

fn cancel(options: &OneJob, config: &Config, world: &mut World<'_>) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    let path = ["integrations", &options.connector, "jobs", &options.id];
    let answer = session.send(Method::DELETE, &path, None);
    answer.map_err(|error| refusal(&error))?;
    world.say(&format!("{}: given up.", clean(&options.id, 100)));
    Ok(Exit::Done)
}
