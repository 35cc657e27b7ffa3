//! `tieline business`.

mod databases;
mod moving;

use serde::Deserialize;
use serde_json::json;
use ureq::http::Method;

use crate::api::{Call, Client, Credential};
use crate::args::{BusinessCommand, BusinessCreate};
use crate::config::{Config, SecretKind};
use crate::failure::{Exit, Failure};
use crate::session::refusal;
use crate::text;
use crate::world::World;

#[derive(Deserialize)]
struct Created {
    business: Business,
    api_key: String,
    admin_key: String,
}

#[derive(Deserialize)]
struct Business {
    id: String,
    name: String,
    default_region: Option<String>,
    created_at: Option<String>,
}

pub(crate) fn run(
    command: &BusinessCommand,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    match command {
        BusinessCommand::Create(options) => create(options, config, world),
        BusinessCommand::Move(options) => moving::run(options, config, world),
        BusinessCommand::Databases(options) => databases::run(options, config, world),
    }
}

fn create(
    options: &BusinessCreate,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let kind = SecretKind::PlatformToken;
    let token = config.secret(kind, options.platform_token.as_ref())?;
    let body = json!({ "name": options.name, "default_region": options.region });
    let answer = Client::new(config)
        .send(&Call {
            method: Method::POST,
            path: &["api", "dashboard", "businesses"],
            query: &[],
            credential: Credential::Token(kind, &token),
            idempotency_key: None,
            body: Some(body.to_string().as_bytes()),
        })
        .map_err(|error| refusal(&error))?;
    if options.json {
        world.say(&String::from_utf8_lossy(&answer.body));
        return Ok(Exit::Done);
    }
    let created: Created = answer.json().map_err(|error| refusal(&error))?;
    let business = created.business;
    let row = |name: &str, value: String| vec![format!("  {name}"), value];
    world.say(&format!("Created the business {}.\n", business.name));
    world.say(&text::table(&[
        row("id", business.id),
        row(
            "default region",
            business.default_region.unwrap_or_default(),
        ),
        row("created", business.created_at.unwrap_or_default()),
        row("API key", created.api_key),
        row("admin key", created.admin_key),
    ]));
    world.say(
        "\nThe keys are shown this once: store them now. The API key (TIELINE_API_KEY) is for the \
         CRM;\nthe admin key (TIELINE_ADMIN_KEY) makes further keys with `tieline key create`.",
    );
    Ok(Exit::Done)
}
