//! `tieline business databases`: the databases of the deployment, and how full they are.

use serde::Deserialize;

use crate::api::{Client, Credential};
use crate::args::BusinessDatabases;
use crate::config::{Config, SecretKind};
use crate::failure::{Exit, Failure};
use crate::session::refusal;
use crate::text::{count, size, table};
use crate::world::World;

const TITLE: [&str; 5] = ["DATABASE", "SIZE", "FULL", "BUSINESSES", "NEW"];

#[derive(Deserialize)]
struct Answered {
    databases: Vec<Database>,
}

#[derive(Deserialize)]
struct Database {
    number: u32,
    bytes: u64,
    max_bytes: u64,
    businesses: u64,
    takes_new: bool,
}

pub(super) fn run(
    options: &BusinessDatabases,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let kind = SecretKind::PlatformToken;
    let token = config.secret(kind, options.platform.platform_token.as_ref())?;
    let path = ["api", "operator", "databases"];
    let answer = Client::new(config)
        .list(&path, &[], Credential::Token(kind, &token))
        .map_err(|error| refusal(&error))?;
    if options.json {
        world.say(&String::from_utf8_lossy(&answer.body));
        return Ok(Exit::Done);
    }
    let answered: Answered = answer.json().map_err(|error| refusal(&error))?;
    let mut rows = vec![TITLE.map(str::to_owned).to_vec()];
    rows.extend(answered.databases.iter().map(Database::row));
    world.say(&table(&rows));
    Ok(Exit::Done)
}

impl Database {
    fn row(&self) -> Vec<String> {
        let percent = self.bytes.saturating_mul(100).checked_div(self.max_bytes);
        vec![
            self.number.to_string(),
            size(self.bytes),
            percent.map_or_else(|| "–".to_owned(), |percent| format!("{percent} %")),
            count(self.businesses),
            if self.takes_new { "yes" } else { "no" }.to_owned(),
        ]
    }
}
