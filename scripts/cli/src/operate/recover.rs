//! `tieline recover`: makes all deliveries again that failed since a time.

use serde::Deserialize;
use serde_json::json;
use ureq::http::Method;

use super::read;
use super::webhooks::chosen;
use crate::args::RecoverArgs;
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::session::Session;
use crate::text::{clean, counted};
use crate::world::World;

/// As many are recovered by one call at most; whoever gets that many calls again.
const MAX_OF_A_CALL: u64 = 100_000;

#[derive(Deserialize)]
struct Recovered {
    count: u64,
}

pub(crate) fn run(
    options: &RecoverArgs,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    let body = json!({ "since": options.since }).to_string();
    let is_named = !options.webhook.is_empty();
    for webhook in chosen(&session, &options.webhook)? {
        let name = clean(&webhook.name, 100);
        if webhook.status != "active" && !is_named {
            world.note(&format!("{name} is disabled, and was left alone."));
            continue;
        }
        let path = ["webhooks", &webhook.id, "recover"];
        let mut total = 0;
        loop {
            let answer = session.send(Method::POST, &path, Some(body.as_bytes()));
            let Recovered { count } = read(answer)
                .map_err(|failure| failure.with_context(format!("Stopped at {name}.")))?;
            total += count;
            if count < MAX_OF_A_CALL {
                break;
            }
        }
        world.say(&match options.json {
            true => json!({ "webhook_id": webhook.id, "count": total }).to_string(),
            false => format!(
                "{name}: {} made again.",
                counted(total, "delivery").replace("deliverys", "deliveries")
            ),
        });
    }
    Ok(Exit::Done)
}
