//! `tieline krayin setup`: stores where Krayin is and what is to be done there, once it answers as it
//! should, and switches the connection on.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use ureq::http::Method;

use super::tested::{Choices, Named, Tested, list};
use super::{KRAYIN, MAX_CHARS};
use crate::args::KrayinSetup;
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::given::{put, token_of};
use crate::secret::Secret;
use crate::session::{Session, refusal};
use crate::text::clean;
use crate::world::World;

#[derive(Deserialize)]
struct Shown {
    integration: Map<String, Value>,
}

#[derive(Deserialize)]
struct Enabled {
    test: Tested,
    webhook: Webhook,
}

#[derive(Deserialize)]
struct Webhook {
    created: bool,
    message: Option<String>,
    url: String,
}

pub(super) fn setup(
    options: &KrayinSetup,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let token = options.token_file.as_deref();
    let token = token.map(|file| token_of(file, world)).transpose()?;
    let session = Session::begin(config, &options.admin)?;
    let stored = stored(&session)?;
    expect_known(options, &stored)?;
    world.note("Asking Krayin …");
    let tested = test(&session, &connection(options, token.as_ref()))?;
    // Without these, nobody answered who could be asked anything.
    let Some(choices) = &tested.choices else {
        tested.say(world);
        world.note("Nothing was stored.");
        return Ok(Exit::Refused);
    };
    let change = change(options, token.as_ref(), choices)?;
    let body = Value::Object(change.clone()).to_string();
    let path = ["integrations", KRAYIN.name];
    let put = session.send(Method::PUT, &path, Some(body.as_bytes()));
    put.map_err(|error| refusal(&error).with_context("Nothing was stored."))?;
    world.say("The settings are stored.");
    say_unset(&stored, &change, choices, world);
    match options.no_enable {
        true => tested_alone(&session, world),
        false => enable(&session, world),
    }
}

/// What the server has already; all of it is null where nothing was ever set.
fn stored(session: &Session) -> Result<Map<String, Value>, Failure> {
    let path = ["integrations", KRAYIN.name];
    let answer = session.send(Method::GET, &path, None);
    let answer = answer.map_err(|error| refusal(&error))?;
    let shown: Shown = answer.json().map_err(|error| refusal(&error))?;
    Ok(shown.integration)
}

/// Where Krayin is, and a token, have to come from somewhere.
fn expect_known(options: &KrayinSetup, stored: &Map<String, Value>) -> Result<(), Failure> {
    let is_stored = |name: &str| stored.get(name).is_some_and(|value| !value.is_null());
    if options.url.is_none() && !is_stored("api_url") {
        return Err(Failure::usage(
            "where is Krayin? Give --url, such as https://crm.example.com",
        ));
    }
    let token = stored
        .get("credentials")
        .and_then(|all| all.get("api_token"));
    let is_set = token.and_then(|token| token.get("set")) == Some(&json!(true));
    if options.token_file.is_none() && !is_set {
        return Err(Failure::usage(
            "no token of Krayin: give --token-file FILE, or - for standard input",
        ));
    }
    Ok(())
}

/// What is needed to ask Krayin at all.
fn connection(options: &KrayinSetup, token: Option<&Secret>) -> Map<String, Value> {
    let mut body = Map::new();
    for (name, value) in [("api_url", &options.url), ("time_zone", &options.time_zone)] {
        if let Some(value) = value {
            body.insert(name.into(), json!(value));
        }
    }
    if let Some(token) = token {
        let credentials = json!({"api_token": token.expose()});
        body.insert("credentials".into(), credentials);
    }
    body
}

fn test(session: &Session, body: &Map<String, Value>) -> Result<Tested, Failure> {
    let body = Value::Object(body.clone()).to_string();
    let answer = session.send(Method::POST, &KRAYIN.path("test"), Some(body.as_bytes()));
    let answer = answer.map_err(|error| refusal(&error))?;
    answer.json().map_err(|error| refusal(&error))
}

/// All that is to be stored.
fn change(
    options: &KrayinSetup,
    token: Option<&Secret>,
    choices: &Choices,
) -> Result<Map<String, Value>, Failure> {
    let mut change = connection(options, token);
    for setting in &options.settings {
        put(&mut change, setting);
    }
    let pipelines: Vec<_> = choices
        .pipelines
        .iter()
        .map(|one| one.named.clone())
        .collect();
    let pipeline = options.pipeline.as_deref();
    let pipeline = pipeline
        .map(|given| chosen("pipeline", given, &pipelines))
        .transpose()?;
    // A name of a stage is one of several pipelines, unless one is given.
    let stages = choices.pipelines.iter().filter(|one| {
        let wanted = pipeline.as_deref();
        wanted.is_none_or(|wanted| one.named.id == wanted)
    });
    let stages: Vec<_> = stages.flat_map(|one| one.stages.clone()).collect();
    for (name, what, given, all) in [
        (
            "lead_pipeline_id",
            "pipeline",
            &options.pipeline,
            &pipelines,
        ),
        ("lead_pipeline_stage_id", "stage", &options.stage, &stages),
        (
            "lead_source_id",
            "source",
            &options.source,
            &choices.sources,
        ),
        ("lead_type_id", "type", &options.kind, &choices.types),
    ] {
        if let Some(given) = given {
            let id = chosen(what, given, all)?;
            let id = id.parse::<u64>().map_or_else(|_| json!(id), |id| json!(id));
            change.insert(name.into(), id);
        }
    }
    Ok(change)
}

/// The id of what was given by its id, or by its name, which only one may have.
fn chosen(what: &str, given: &str, all: &[Named]) -> Result<String, Failure> {
    let given = given.trim();
    if let Some(found) = all.iter().find(|one| one.id == given) {
        return Ok(found.id.clone());
    }
    let is_named = |one: &&Named| {
        let name = one.name.as_deref().unwrap_or_default();
        name.to_lowercase() == given.to_lowercase()
    };
    let named: Vec<_> = all.iter().filter(is_named).collect();
    match named.as_slice() {
        [found] => Ok(found.id.clone()),
        [] => {
            let all = clean(&list(all), MAX_CHARS);
            Err(Failure::usage(format!(
                "Krayin has no {what} {given}: it has {all}. Nothing was stored."
            )))
        }
        several => {
            let several: Vec<_> = several.iter().map(|one| one.id.as_str()).collect();
            let ids = clean(&several.join(", "), MAX_CHARS);
            Err(Failure::usage(format!(
                "Krayin has several {what}s {given}: give one by its id, {ids}. Nothing was stored."
            )))
        }
    }
}

/// What could have been chosen and never was.
fn say_unset(
    stored: &Map<String, Value>,
    change: &Map<String, Value>,
    choices: &Choices,
    world: &mut World<'_>,
) {
    let is_unset = |name: &str| {
        let is_null = |of: &Map<String, Value>| of.get(name).is_none_or(Value::is_null);
        is_null(stored) && is_null(change)
    };
    if is_unset("lead_pipeline_id") && is_unset("lead_pipeline_stage_id") {
        world.say("Leads begin in the default pipeline. --pipeline and --stage choose another of:");
        for pipeline in &choices.pipelines {
            world.say(&format!("  {}", pipeline.line()));
        }
    }
    for (name, what, option, all) in [
        ("lead_source_id", "source", "--source", &choices.sources),
        ("lead_type_id", "type", "--type", &choices.types),
    ] {
        if is_unset(name) {
            let all = clean(&list(all), MAX_CHARS);
            world.say(&format!(
                "Leads have no {what} of their own. {option} chooses one of:"
            ));
            world.say(&format!("  {all}"));
        }
    }
}

fn tested_alone(session: &Session, world: &mut World<'_>) -> Result<Exit, Failure> {
    let tested = test(session, &Map::new())?;
    tested.say(world);
    world.say("The connection was left as it is.");
    Ok(match tested.success {
        true => Exit::Done,
        false => Exit::Refused,
    })
}

fn enable(session: &Session, world: &mut World<'_>) -> Result<Exit, Failure> {
    let answer = session.send(Method::POST, &KRAYIN.path("enable"), None);
    let answer = answer.map_err(|error| {
        let context = "The settings are stored, and the connection was not switched on. \
                       `tieline krayin test` tells what is missing.";
        refusal(&error).with_context(context)
    })?;
    let enabled: Enabled = answer.json().map_err(|error| refusal(&error))?;
    enabled.test.say(world);
    world.say("The connection is switched on.");
    let webhook = &enabled.webhook;
    match webhook.created {
        true => world.say("Krayin calls us about changes."),
        false => {
            let message = webhook.message.as_deref();
            let message = message.unwrap_or("Make a webhook in Krayin that calls this URL:");
            world.say(&clean(message, 2 * MAX_CHARS));
            // It has a secret in it, and is needed to make the webhook by hand.
            world.say(&format!("  {}", clean(&webhook.url, 2 * MAX_CHARS)));
        }
    }
    Ok(Exit::Done)
}
