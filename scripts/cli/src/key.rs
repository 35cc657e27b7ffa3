//! `tieline key`: keys of a business, over a dashboard session begun with its admin key.

use serde::Deserialize;
use serde_json::json;
use ureq::http::Method;

use crate::api::Answer;
use crate::args::{KeyCommand, KeyCreate, KeyList, KeyRevoke, Scope};
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::session::{Session, refusal};
use crate::text;
use crate::world::World;

#[derive(Deserialize)]
struct Created {
    key: Key,
    api_key: String,
}

#[derive(Deserialize)]
struct Listed {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    id: String,
    name: String,
    #[serde(default)]
    scopes: Vec<String>,
    created_at: Option<String>,
    expires_at: Option<String>,
    last_used_at: Option<String>,
    revoked_at: Option<String>,
}

pub(crate) fn run(
    command: &KeyCommand,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    match command {
        KeyCommand::Create(options) => create(options, config, world),
        KeyCommand::List(options) => list(options, config, world),
        KeyCommand::Revoke(options) => revoke(options, config, world),
    }
}

fn create(options: &KeyCreate, config: &Config, world: &mut World<'_>) -> Result<Exit, Failure> {
    let scopes: Vec<String> = options.scopes.iter().copied().map(Scope::name).collect();
    let mut body = json!({ "name": options.name, "scopes": scopes });
    if let (Some(time), Some(fields)) = (&options.expires_at, body.as_object_mut()) {
        fields.insert("expires_at".into(), json!(time));
    }
    let body = body.to_string();
    let session = Session::begin(config, &options.admin)?;
    let answer = call(&session, Method::POST, None, Some(body.as_bytes()))?;
    if options.json {
        world.say(&String::from_utf8_lossy(&answer.body));
        return Ok(Exit::Done);
    }
    let created: Created = answer.json().map_err(|error| refusal(&error))?;
    let key = created.key;
    let row = |name: &str, value: String| vec![format!("  {name}"), value];
    world.say(&format!("Created the key {}.\n", key.name));
    world.say(&text::table(&[
        row("id", key.id),
        row("scopes", key.scopes.join(", ")),
        row("expires", key.expires_at.unwrap_or_else(|| "never".into())),
        row("API key", created.api_key),
    ]));
    world.say("\nThe key is shown this once: store it now.");
    Ok(Exit::Done)
}

fn list(options: &KeyList, config: &Config, world: &mut World<'_>) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    let answer = call(&session, Method::GET, None, None)?;
    if options.json {
        world.say(&String::from_utf8_lossy(&answer.body));
        return Ok(Exit::Done);
    }
    let listed: Listed = answer.json().map_err(|error| refusal(&error))?;
    let title = ["ID", "NAME", "SCOPES", "CREATED", "LAST USED", "ENDS"];
    let mut rows = vec![title.map(str::to_owned).to_vec()];
    rows.extend(listed.keys.into_iter().map(|key| {
        let ends = match (key.revoked_at, key.expires_at) {
            (Some(time), _) => format!("revoked {time}"),
            (None, Some(time)) => time,
            (None, None) => "never".into(),
        };
        let scopes = key.scopes.join(",");
        let created = key.created_at.unwrap_or_default();
        let used = key.last_used_at.unwrap_or_else(|| "never".into());
        vec![key.id, key.name, scopes, created, used, ends]
    }));
    world.say(&text::table(&rows));
    Ok(Exit::Done)
}

fn revoke(options: &KeyRevoke, config: &Config, world: &mut World<'_>) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    call(&session, Method::DELETE, Some(&options.id), None)?;
    world.say(&format!(
        "Revoked the key {}; within a minute it opens nothing any more.",
        options.id
    ));
    Ok(Exit::Done)
}

fn call(
    session: &Session,
    method: Method,
    id: Option<&str>,
    body: Option<&[u8]>,
) -> Result<Answer, Failure> {
    let path: Vec<&str> = std::iter::once("api-keys").chain(id).collect();
    let answer = session.send(method, &path, body);
    answer.map_err(|error| refusal(&error))
}
