//! `tieline links search`.

use serde::Deserialize;
use serde_json::json;
use ureq::http::Method;

use super::{read, say_json};
use crate::args::{LinksSearch, api_name};
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::session::Session;
use crate::text::clean;
use crate::world::World;

/// Longest line of a record that is printed, in characters.
const MAX_LINE: usize = 200;

#[derive(Deserialize)]
struct Results {
    results: Vec<Found>,
}

#[derive(Deserialize)]
struct Found {
    link_name: String,
    record_key: String,
    text: String,
    score: f64,
}

pub(super) fn run(
    options: &LinksSearch,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let mut body = json!({ "query": options.question, "k": options.k });
    if let Some(fields) = body.as_object_mut() {
        let channel = options.channel.map(api_name);
        for (name, value) in [
            ("page_id", &options.page),
            ("channel", &channel),
            ("customer", &options.customer),
        ] {
            if let Some(value) = value {
                fields.insert(name.into(), json!(value));
            }
        }
    }
    let body = body.to_string();
    let session = Session::begin(config, &options.admin)?;
    let asked = session.send(Method::POST, &["rag", "search"], Some(body.as_bytes()));
    let (answer, Results { results }) = read(asked)?;
    if options.json {
        say_json(&answer, world);
        return Ok(Exit::Done);
    }
    if results.is_empty() {
        world.say("Nothing was found.");
    }
    for (position, found) in results.iter().enumerate() {
        if position > 0 {
            world.say("");
        }
        found.say(position + 1, world);
    }
    Ok(Exit::Done)
}

impl Found {
    fn say(&self, place: usize, world: &mut World<'_>) {
        let (link, key) = (clean(&self.link_name, 100), clean(&self.record_key, 200));
        world.say(&format!("{place}. {link}, {key} ({:.2})", self.score));
        for line in self.text.lines() {
            world.say(&format!("   {}", clean(line, MAX_LINE)));
        }
    }
}
