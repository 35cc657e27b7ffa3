//! `tieline krayin setup`: stores where Krayin is and what is to be done there, once it answers as it
//! should, and switches the connection on.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use ureq::http::Method;

use super::needs::{Needs, Wanted, optional};
use super::stored::Stored;
use super::tested::{Choices, Named, Tested, list};
use super::through::{Through, Trigger};
use super::{KRAYIN, MAX_CHARS};
use crate::args::KrayinSetup;
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::given::put;
use crate::session::{Session, refusal};
use crate::text::clean;
use crate::world::World;

const URL: Wanted = Wanted {
    what: "where Krayin is, such as https://crm.example.com",
    option: "--url",
    variables: &["KRAYIN_API_URL"],
};
const TOKEN: Wanted = Wanted {
    what: "the token of a user of Krayin who sees everything",
    option: "--token-file",
    variables: &["KRAYIN_API_TOKEN"],
};
const ZONE: Wanted = Wanted {
    what: "the time zone that Krayin is set to (APP_TIMEZONE)",
    option: "--time-zone",
    variables: &["KRAYIN_TIME_ZONE"],
};

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
    let (session, stored, connection) = collected(options, config, world)?;
    world.note("Asking Krayin …");
    let tested = test(&session, &connection)?;
    // Without these, nobody answered who could be asked anything.
    let Some(choices) = &tested.choices else {
        tested.say(world);
        world.note("Nothing was stored.");
        return Ok(Exit::Refused);
    };
    let mut asked = options.clone();
    choose(&mut asked, &stored, choices, world)?;
    let change = change(&asked, connection, choices)?;
    stored.put(&KRAYIN, &change, &session, world)?;
    say_unset(&stored, &change, choices, world);
    if options.no_enable {
        return tested_alone(&session, world);
    }
    enable(&session, world)?;
    let trigger = Trigger::Customer(options.through.customer(world));
    Through::new(&KRAYIN, &session, &options.through).run(trigger, world)
}

/// Who calls, what is stored, and what is needed to ask Krayin at all. What is missing is told at once.
fn collected(
    options: &KrayinSetup,
    config: &Config,
    world: &mut World<'_>,
) -> Result<(Session, Stored, Map<String, Value>), Failure> {
    let mut needs = Needs::default();
    let session = needs.session(config, &options.admin, world)?;
    let stored = match &session {
        Some(session) => Stored::read(&KRAYIN, session)?,
        None => Stored::default(),
    };
    if world.is_asked() {
        world.note(
            "In Krayin, make a user of Tieline's own (role Administrator, view permission Global) and a token of \
             theirs; docs/krayin.md says how. Enter keeps what stands in brackets.",
        );
    }
    let url = needs.text(&URL, options.url.as_deref(), stored.text("api_url"), world)?;
    let file = options.token_file.as_deref();
    let token = needs.secret(&TOKEN, file, stored.has_secret("api_token"), world)?;
    let mut zone = optional(&ZONE, options.time_zone.as_deref(), world);
    if zone.is_none() {
        let usual = stored.text("time_zone").unwrap_or("UTC");
        zone = world.ask(&format!("{} [{usual}]:", ZONE.what))?;
    }
    needs.check()?;
    let session = session.ok_or_else(|| Failure::usage("no admin key"))?;
    let mut body = Map::new();
    for (name, value) in [("api_url", url), ("time_zone", zone)] {
        if let Some(value) = value {
            body.insert(name.into(), json!(value));
        }
    }
    if let Some(token) = token {
        let credentials = json!({"api_token": token.expose()});
        body.insert("credentials".into(), credentials);
    }
    Ok((session, stored, body))
}

/// Asks where leads begin and what their source and type are, where that was never said.
fn choose(
    options: &mut KrayinSetup,
    stored: &Stored,
    choices: &Choices,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let pipelines: Vec<_> = choices
        .pipelines
        .iter()
        .map(|one| one.named.clone())
        .collect();
    for (name, what, given, all) in [
        (
            "lead_pipeline_id",
            "pipeline",
            &mut options.pipeline,
            &pipelines,
        ),
        (
            "lead_source_id",
            "source",
            &mut options.source,
            &choices.sources,
        ),
        ("lead_type_id", "type", &mut options.kind, &choices.types),
    ] {
        let is_unset = stored.at(&[name]).is_none_or(Value::is_null);
        if world.is_asked() && given.is_none() && is_unset && !all.is_empty() {
            let all = clean(&list(all), MAX_CHARS);
            *given = world.ask(&format!("The {what} of leads, of {all} [Krayin's own]:"))?;
        }
    }
    Ok(())
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
    mut change: Map<String, Value>,
    choices: &Choices,
) -> Result<Map<String, Value>, Failure> {
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
    stored: &Stored,
    change: &Map<String, Value>,
    choices: &Choices,
    world: &mut World<'_>,
) {
    let is_unset = |name: &str| {
        let is_null = |of: &Map<String, Value>| of.get(name).is_none_or(Value::is_null);
        is_null(&stored.0) && is_null(change)
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

fn enable(session: &Session, world: &mut World<'_>) -> Result<(), Failure> {
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
    Ok(())
}
