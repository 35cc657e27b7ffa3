//! `tieline parked`: deliveries of providers that were acknowledged and have failed since.

use serde::Deserialize;
use ureq::http::Method;

use crate::api::{Answer, Call, Client, Credential};
use crate::args::{ParkedCommand, ParkedList};
use crate::config::{Config, SecretKind};
use crate::failure::{Exit, Failure};
use crate::secret::Secret;
use crate::session::refusal;
use crate::text;
use crate::world::World;

/// Longest error message that is shown, in characters.
const MAX_MESSAGE_CHARS: usize = 80;

#[derive(Deserialize)]
struct Page {
    deliveries: Vec<Delivery>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Delivery {
    key: String,
    receiver: String,
    state: String,
    tries: i64,
    code: String,
    message: String,
    last_tried_at: String,
}

pub(crate) fn run(
    command: &ParkedCommand,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    match command {
        ParkedCommand::List(options) => list(options, config, world),
    }
}

fn list(options: &ParkedList, config: &Config, world: &mut World<'_>) -> Result<Exit, Failure> {
    let kind = SecretKind::PlatformToken;
    let token = config.secret(kind, options.platform.platform_token.as_ref())?;
    let client = Client::new(config);
    let (mut deliveries, mut cursor) = (Vec::new(), None);
    loop {
        let answer = page(&client, &token, cursor.as_deref())?;
        let page: Page = answer.json().map_err(|error| refusal(&error))?;
        if options.json {
            world.say(&String::from_utf8_lossy(&answer.body));
        }
        deliveries.extend(page.deliveries);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    let has_dead = deliveries.iter().any(|delivery| delivery.state == "dead");
    if !options.json {
        show(deliveries, world);
    }
    Ok(match has_dead {
        true => Exit::Refused,
        false => Exit::Done,
    })
}

fn show(deliveries: Vec<Delivery>, world: &mut World<'_>) {
    if deliveries.is_empty() {
        world.say("No parked delivery has failed.");
        return;
    }
    let title = ["STATE", "RECEIVER", "TRIES", "LAST TRIED", "ERROR", "KEY"];
    let mut rows = vec![title.map(str::to_owned).to_vec()];
    rows.extend(deliveries.into_iter().map(|delivery| {
        let error = format!("{}: {}", delivery.code, delivery.message);
        vec![
            delivery.state,
            delivery.receiver,
            delivery.tries.to_string(),
            delivery.last_tried_at,
            text::clean(&error, MAX_MESSAGE_CHARS),
            text::clean(&delivery.key, usize::MAX),
        ]
    }));
    world.say(&text::table(&rows));
}

fn page(client: &Client, token: &Secret, cursor: Option<&str>) -> Result<Answer, Failure> {
    let query: Vec<_> = cursor
        .map(|cursor| ("cursor", cursor))
        .into_iter()
        .collect();
    let call = Call {
        method: Method::GET,
        path: &["api", "dashboard", "parked-deliveries"],
        query: &query,
        credential: Credential::Token(SecretKind::PlatformToken, token),
        idempotency_key: None,
        body: None,
    };
    client.send(&call).map_err(|error| refusal(&error))
}
