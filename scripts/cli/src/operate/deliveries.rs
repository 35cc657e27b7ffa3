//! `tieline deliveries`: what was delivered to which endpoint, and how it went.

use serde_json::Value;
use ureq::http::Method;

use super::webhooks::{Webhook, chosen};
use super::{cell, listed, text};
use crate::args::{DeliveriesCommand, DeliveriesList, DeliveriesReplay};
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::session::{Session, refusal};
use crate::text::{clean, table};
use crate::world::World;

pub(crate) fn run(
    command: &DeliveriesCommand,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    match command {
        DeliveriesCommand::List(options) => list(options, config, world),
        DeliveriesCommand::Replay(options) => replay(options, config, world),
    }
}

fn list(options: &DeliveriesList, config: &Config, world: &mut World<'_>) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    let named: Vec<_> = options.webhook.iter().cloned().collect();
    let status = options.status.map(|status| status.name());
    let mut rows = vec![TITLE.map(str::to_owned).to_vec()];
    for webhook in chosen(&session, &named)? {
        let filter = status.as_deref().map(|status| ("status", status));
        for delivery in of(&session, &webhook, filter, options.limit)? {
            match options.json {
                true => world.say(&delivery.to_string()),
                false => rows.push(row(&webhook, &delivery)),
            }
        }
    }
    match (options.json, rows.len()) {
        (true, _) => {}
        (false, 1) => world.say("There is no such delivery."),
        (false, _) => world.say(&table(&rows)),
    }
    Ok(Exit::Done)
}

/// The newest deliveries to an endpoint.
fn of(
    session: &Session,
    webhook: &Webhook,
    filter: Option<(&str, &str)>,
    limit: u32,
) -> Result<Vec<Value>, Failure> {
    let path = ["webhooks", &webhook.id, "deliveries"];
    listed(session, &path, "deliveries", filter, limit)
}

const TITLE: [&str; 6] = [
    "CREATED",
    "STATUS",
    "EVENT",
    "WEBHOOK",
    "LAST ATTEMPT",
    "ID",
];

pub(super) fn row(webhook: &Webhook, delivery: &Value) -> Vec<String> {
    let (created, status) = (cell(delivery, "created_at"), cell(delivery, "status"));
    let name = clean(&webhook.name, 40);
    let last = last_attempt(delivery);
    vec![
        created,
        status,
        cell(delivery, "event"),
        name,
        last,
        cell(delivery, "id"),
    ]
}

/// `3: 500 in 120 ms`, `1: connection refused`, with why it is no longer tried.
fn last_attempt(delivery: &Value) -> String {
    let attempts = delivery.get("attempts").and_then(Value::as_array);
    let Some(last) = attempts.and_then(|attempts| attempts.last()) else {
        return "–".to_owned();
    };
    let (number, ms) = (cell(last, "number"), cell(last, "duration_ms"));
    let how = match (
        last.get("status_code").and_then(Value::as_i64),
        text(last, "error"),
    ) {
        (Some(status), _) => format!("{number}: {status} in {ms} ms"),
        (None, Some(error)) => format!("{number}: {}", clean(error, 60)),
        (None, None) => number,
    };
    match text(delivery, "failure_reason") {
        Some(reason) => format!("{how} [{}]", clean(reason, 40)),
        None => how,
    }
}

/// One refusal does not keep the others from it.
fn replay(
    options: &DeliveriesReplay,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    let mut exit = Exit::Done;
    for id in &options.ids {
        match session.send(Method::POST, &["deliveries", id, "replay"], None) {
            Ok(_) => world.say(&format!("{}: made again.", clean(id, 100))),
            Err(error) => {
                world.note(&format!("{}: {}", clean(id, 100), refusal(&error).message));
                exit = Exit::Refused;
            }
        }
    }
    Ok(exit)
}
