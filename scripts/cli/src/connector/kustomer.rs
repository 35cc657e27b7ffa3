//! `tieline kustomer setup`: asks for what is needed, checks each permission of the key, stores the settings, switches
//! the connection on, and sends something through.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use ureq::http::Method;

use super::needs::{Needs, Wanted, optional};
use super::permissions::Permissions;
use super::stored::Stored;
use super::tested::{Named, Tested, shown};
use super::through::{Through, Trigger};
use super::{KUSTOMER, MAX_CHARS, sentence};
use crate::args::{KustomerSetup, Setting};
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::given::{put, token_of};
use crate::secret::Secret;
use crate::session::{Session, refusal};
use crate::text::clean;
use crate::world::World;

const SUBDOMAIN: Wanted = Wanted {
    what: "the subdomain, which stands before .kustomerapp.com in Kustomer's pages",
    option: "--subdomain",
    variables: &["KUSTOMER_SUBDOMAIN", "VITE_KUSTOMER_SUBDOMAIN"],
};
const API_KEY: Wanted = Wanted {
    what: "the API key, from Settings › Security › API Keys",
    option: "--key-file",
    variables: &["KUSTOMER_API_KEY", "VITE_KUSTOMER_API_KEY"],
};
const ORGANIZATION: Wanted = Wanted {
    what: "the organization id, from Settings › Organization",
    option: "--organization",
    variables: &["KUSTOMER_ORGANIZATION_ID", "VITE_KUSTOMER_ORGANIZATION_ID"],
};
const TEAM: Wanted = Wanted {
    what: "the team that conversations go to",
    option: "--team",
    variables: &["KUSTOMER_DEFAULT_TEAM_ID", "VITE_KUSTOMER_DEFAULT_TEAM_ID"],
};
/// Settings that have a variable and an option of `--set` alone.
const MORE: [(&str, &[&str]); 3] = [
    (
        "default_priority",
        &[
            "KUSTOMER_DEFAULT_PRIORITY",
            "VITE_KUSTOMER_DEFAULT_PRIORITY",
        ],
    ),
    (
        "features.conversation_sync",
        &["KUSTOMER_ENABLE_SYNC", "VITE_KUSTOMER_ENABLE_SYNC"],
    ),
    ("debug", &["KUSTOMER_DEBUG", "VITE_KUSTOMER_DEBUG"]),
];
/// How often somebody may correct what Kustomer refuses.
const TRIES: usize = 3;

#[derive(Deserialize)]
struct Enabled {
    webhook: Webhook,
}

#[derive(Deserialize)]
struct Webhook {
    created: bool,
    reason: Option<String>,
    message: Option<String>,
    url: String,
}

/// `tieline kustomer setup`.
pub(super) fn setup(
    options: &KustomerSetup,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let more = more(options, world)?;
    let (session, stored, mut connection) = collected(options, config, world)?;
    world.note("Asking Kustomer …");
    let mut tested = test(&session, &connection)?;
    for _ in 0..TRIES {
        if tested.success || !world.is_asked() {
            break;
        }
        tested.say_connection(world);
        connection = asked_again(&stored, &connection, world)?;
        tested = test(&session, &connection)?;
    }
    tested.say_connection(world);
    if !tested.success {
        world.note("Nothing was stored.");
        return Ok(Exit::Refused);
    }
    let mut change = connection;
    remember_organization(&tested, &stored, &mut change);
    team(options, &tested, &stored, &mut change, world)?;
    for setting in &more {
        put(&mut change, setting);
    }
    if let Some(file) = &options.webhook_secret_file {
        let secret = token_of(file, world)?;
        let setting = Setting {
            path: ["credentials", "webhook_secret"]
                .map(str::to_owned)
                .to_vec(),
            value: json!(secret.expose()),
        };
        put(&mut change, &setting);
    }
    if !allowed(options, &tested, &stored, &change, world)? {
        return Ok(Exit::Refused);
    }
    stored.put(&KUSTOMER, &change, &session, world)?;
    if options.no_enable {
        world.say("The connection was left as it is.");
        return Ok(Exit::Done);
    }
    enable(&session, world)?;
    let trigger = Trigger::Escalation(options.through.customer(world));
    Through::new(&KUSTOMER, &session, &options.through).run(trigger, world)
}

/// What is said beside the questions.
fn more(options: &KustomerSetup, world: &World<'_>) -> Result<Vec<Setting>, Failure> {
    let mut more = Vec::new();
    for (path, variables) in MORE {
        if let Some(value) = world.variable(variables) {
            let setting = format!("{path}={value}").parse();
            more.push(setting.map_err(Failure::usage)?);
        }
    }
    if let Some(priority) = &options.priority {
        let setting = format!("default_priority={}", priority.name()).parse();
        more.push(setting.map_err(Failure::usage)?);
    }
    more.extend(options.settings.iter().cloned());
    Ok(more)
}

/// Who calls, what is stored, and what Kustomer is to be asked with. What is missing is told at once.
fn collected(
    options: &KustomerSetup,
    config: &Config,
    world: &mut World<'_>,
) -> Result<(Session, Stored, Map<String, Value>), Failure> {
    let mut needs = Needs::default();
    let session = needs.session(config, &options.admin, world)?;
    let stored = match &session {
        Some(session) => Stored::read(&KUSTOMER, session)?,
        None => Stored::default(),
    };
    if world.is_asked() {
        world.note(
            "In Kustomer, make a key under Settings › Security › API Keys › Add API Key, named Tieline; docs/kustomer.md \
             lists its roles. Enter keeps what stands in brackets.",
        );
    }
    let subdomain = options.subdomain.as_deref();
    let subdomain = needs.text(&SUBDOMAIN, subdomain, stored.text("subdomain"), world)?;
    let key_file = options.key_file.as_deref();
    let key = needs.secret(&API_KEY, key_file, stored.has_secret("api_key"), world)?;
    let organization = optional(&ORGANIZATION, options.organization.as_deref(), world);
    needs.check()?;
    let session = session.ok_or_else(|| Failure::usage("no admin key"))?;
    Ok((session, stored, connection(subdomain, organization, key)))
}

/// The same questions again, after Kustomer refused the answers.
fn asked_again(
    stored: &Stored,
    before: &Map<String, Value>,
    world: &mut World<'_>,
) -> Result<Map<String, Value>, Failure> {
    let mut needs = Needs::default();
    let text = |name: &str| {
        before
            .get(name)
            .and_then(Value::as_str)
            .or(stored.text(name))
    };
    let no_variables = |of: &Wanted| Wanted {
        variables: &[],
        ..*of
    };
    let subdomain = needs.text(&no_variables(&SUBDOMAIN), None, text("subdomain"), world)?;
    let organization = needs.text(
        &no_variables(&ORGANIZATION),
        None,
        text("organization_id").or(Some("whatever the key is of")),
        world,
    )?;
    let key = needs.secret(&no_variables(&API_KEY), None, true, world)?;
    let mut after = before.clone();
    after.extend(connection(subdomain, organization, key));
    Ok(after)
}

fn connection(
    subdomain: Option<String>,
    organization: Option<String>,
    key: Option<Secret>,
) -> Map<String, Value> {
    let mut body = Map::new();
    for (name, value) in [("subdomain", subdomain), ("organization_id", organization)] {
        if let Some(value) = value {
            body.insert(name.into(), json!(value));
        }
    }
    if let Some(key) = key {
        body.insert("credentials".into(), json!({"api_key": key.expose()}));
    }
    body
}

fn test(session: &Session, body: &Map<String, Value>) -> Result<Tested, Failure> {
    let body = Value::Object(body.clone()).to_string();
    let answer = session.send(Method::POST, &KUSTOMER.path("test"), Some(body.as_bytes()));
    let answer = answer.map_err(|error| refusal(&error).with_context("Nothing was stored."))?;
    answer.json().map_err(|error| refusal(&error))
}

/// The key says of which organisation it is.
fn remember_organization(tested: &Tested, stored: &Stored, change: &mut Map<String, Value>) {
    let is_known =
        stored.text("organization_id").is_some() || change.contains_key("organization_id");
    if let Some(found) = tested.connection.as_ref().filter(|_| !is_known) {
        change.insert("organization_id".into(), json!(found.organization_id));
    }
}

/// The team of conversations, by its id or its name; with one, conversations are assigned to it.
fn team(
    options: &KustomerSetup,
    tested: &Tested,
    stored: &Stored,
    change: &mut Map<String, Value>,
    world: &mut World<'_>,
) -> Result<(), Failure> {
    let teams = tested.teams.as_deref().unwrap_or_default();
    let mut given = optional(&TEAM, options.team.as_deref(), world);
    if given.is_none() && world.is_asked() && !teams.is_empty() {
        for team in teams {
            world.note(&format!("  team {}", shown(team)));
        }
        let usual = stored.text("default_team_id").unwrap_or("none");
        given = world.ask(&format!("{}, by name or id [{usual}]:", TEAM.what))?;
    }
    let Some(given) = given else { return Ok(()) };
    let id = match tested.teams {
        Some(_) => team_named(&given, teams)?,
        None => given,
    };
    change.insert("default_team_id".into(), json!(id));
    change.insert("features".into(), json!({"auto_assignment": true}));
    Ok(())
}

fn team_named(given: &str, teams: &[Named]) -> Result<String, Failure> {
    let given = given.trim();
    let is_named = |team: &&Named| {
        let name = team.name.as_deref().unwrap_or_default();
        team.id == given || name.to_lowercase() == given.to_lowercase()
    };
    if let Some(team) = teams.iter().find(is_named) {
        return Ok(team.id.clone());
    }
    let all = clean(&super::tested::list(teams), MAX_CHARS);
    Err(Failure::usage(format!(
        "Kustomer has no team {}: it has {all}. Nothing was stored.",
        clean(given, 100)
    )))
}

/// Tells each permission; whether to go on with those that the key has.
fn allowed(
    options: &KustomerSetup,
    tested: &Tested,
    stored: &Stored,
    change: &Map<String, Value>,
    world: &mut World<'_>,
) -> Result<bool, Failure> {
    let path = ["features", "auto_assignment"];
    let change = Stored(change.clone());
    let with_teams = change.at(&path).or(stored.at(&path)) == Some(&json!(true));
    let Some(roles) = &tested.roles else {
        return Ok(true);
    };
    let permissions = Permissions::new(roles, with_teams);
    permissions.say(world);
    tested.say_warnings(world);
    if let Some(error) = &tested.teams_error {
        world.say(&format!("  the teams cannot be read: {}", sentence(error)));
    }
    let lacking = permissions.lacking();
    if lacking.is_empty() || options.allow_missing {
        return Ok(true);
    }
    let lacking = clean(&lacking.join(", "), MAX_CHARS);
    if world.confirm(
        &format!("The key lacks {lacking}. Go on all the same?"),
        false,
    )? {
        return Ok(true);
    }
    world.note(&format!(
        "The key lacks {lacking}: make another, or go on with --allow-missing. Nothing was stored."
    ));
    Ok(false)
}

fn enable(session: &Session, world: &mut World<'_>) -> Result<(), Failure> {
    let answer = session.send(Method::POST, &KUSTOMER.path("enable"), None);
    let answer = answer.map_err(|error| {
        let context = "The settings are stored, and the connection was not switched on. \
                       `tieline kustomer test` tells what is missing.";
        refusal(&error).with_context(context)
    })?;
    let enabled: Enabled = answer.json().map_err(|error| refusal(&error))?;
    world.say("The connection is switched on.");
    let webhook = &enabled.webhook;
    match (webhook.created, webhook.reason.as_deref()) {
        (true, _) => world.say("Kustomer calls us: the webhook Tieline was made there."),
        (false, Some("exists")) => {
            world.say("Kustomer calls us: its webhook is the one made before.")
        }
        _ => {
            let message = webhook.message.as_deref();
            let message = message.unwrap_or("Make a webhook in Kustomer that calls this URL:");
            world.say(&clean(message, 2 * MAX_CHARS));
            world.say(&format!("  {}", clean(&webhook.url, 2 * MAX_CHARS)));
            world.say(
                "Then store its secret with --webhook-secret-file. Until then, changes arrive within five minutes.",
            );
        }
    }
    Ok(())
}
