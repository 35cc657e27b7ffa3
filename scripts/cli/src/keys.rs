//! `tieline keys`: the master keys of the deployment.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use ureq::http::Method;

use crate::api::{ApiError, Call, Client, Credential, GaveUp, Policy};
use crate::args::{KeysCommand, KeysReseal};
use crate::config::{Config, SecretKind};
use crate::failure::{Exit, Failure};
use crate::secret::Secret;
use crate::session::refusal;
use crate::text::{count, counted};
use crate::world::World;

/// Between slices: each is a transaction on the server.
const NEXT_SLICE: Duration = Duration::from_millis(100);
const HOW_TO_GO_ON: &str = "`tieline keys reseal` goes on with what is left";

#[derive(Deserialize)]
struct Slice {
    key_id: String,
    resealed: u64,
    failed: Vec<Failed>,
    remaining: u64,
    has_more: bool,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Failed {
    column: String,
    business_id: String,
    id: String,
    key_id: Option<String>,
}

/// What all slices came to.
struct Total {
    key_id: String,
    resealed: u64,
    failed: Vec<Failed>,
    remaining: u64,
}

pub(crate) fn run(
    command: &KeysCommand,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    match command {
        KeysCommand::Reseal(options) => reseal(options, config, world),
    }
}

fn reseal(options: &KeysReseal, config: &Config, world: &mut World<'_>) -> Result<Exit, Failure> {
    let kind = SecretKind::PlatformToken;
    let token = config.secret(kind, options.platform_token.as_ref())?;
    let client = Client::new(config);
    let total = follow(options, &client, &token, world)?;
    for failed in &total.failed {
        world.note(&failed.sentence());
    }
    let (resealed, key_id) = (counted(total.resealed, "secret"), &total.key_id);
    world.say(&format!("{resealed} sealed under the master key {key_id}."));
    if total.remaining == 0 {
        world.say("No other master key is in use any more.");
        return Ok(Exit::Done);
    }
    let remaining = counted(total.remaining, "secret");
    world.note(&format!(
        "{remaining} left under another master key: keep that in MASTER_KEYS"
    ));
    Ok(Exit::Refused)
}

fn follow(
    options: &KeysReseal,
    client: &Client,
    token: &Secret,
    world: &mut World<'_>,
) -> Result<Total, Failure> {
    let policy = Policy {
        max_retries: options.retries.max_retries,
    };
    let (mut failed, mut resealed, mut cursor) = (Vec::new(), 0, None);
    loop {
        let err = &mut *world.err;
        let outcome = policy.run(
            world.pause,
            &mut |wait| {
                let seconds = wait.time.as_secs_f64();
                let (error, retry) = (wait.error, wait.retry);
                let _ = writeln!(err, "{error}; retry {retry} in {seconds:.1} s");
            },
            || post(client, token, cursor.as_deref()),
        );
        let slice = outcome.map_err(|gave_up| stopped(&gave_up))?;
        resealed += slice.resealed;
        failed.extend(slice.failed);
        if !options.quiet {
            let (done, left) = (count(resealed), count(slice.remaining));
            world.note(&format!("{done} sealed anew, {left} left"));
        }
        if !slice.has_more {
            return Ok(Total {
                key_id: slice.key_id,
                resealed,
                failed,
                remaining: slice.remaining,
            });
        }
        cursor = slice.next_cursor;
        world.pause.sleep(NEXT_SLICE);
    }
}

fn post(client: &Client, token: &Secret, cursor: Option<&str>) -> Result<Slice, ApiError> {
    let body: Value = match cursor {
        Some(cursor) => json!({ "cursor": cursor }),
        None => json!({}),
    };
    let answer = client.send(&Call {
        method: Method::POST,
        path: &["api", "dashboard", "secrets", "reseal"],
        query: &[],
        credential: Credential::Token(SecretKind::PlatformToken, token),
        idempotency_key: None,
        body: Some(body.to_string().as_bytes()),
    })?;
    answer.json()
}

fn stopped(gave_up: &GaveUp) -> Failure {
    let error = &gave_up.error;
    if !error.is_transient() {
        return refusal(error);
    }
    let tries = gave_up.tries;
    let failure = Failure::stopped(format!("{error}, at the last of {tries} tries"));
    failure.with_context(HOW_TO_GO_ON)
}

impl Failed {
    fn sentence(&self) -> String {
        let Self {
            column,
            business_id,
            id,
            key_id,
        } = self;
        let why = match key_id {
            Some(key_id) => format!("sealed under the master key {key_id}"),
            None => "sealed under a master key that it does not name".to_owned(),
        };
        format!("{column} of {id} (business {business_id}) cannot be opened: {why}")
    }
}
