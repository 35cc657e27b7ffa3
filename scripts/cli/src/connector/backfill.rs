//! `tieline <connector> backfill`: has the server schedule page after page, and watches until all is
//! done. Where it stands is kept on the server alone, so that it can be interrupted at any time.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use ureq::http::Method;

use super::Words;
use super::progress::Progress;
use crate::api::{ApiError, GaveUp, Policy};
use crate::args::ConnectorBackfill;
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::session::Session;
use crate::text::counted;
use crate::world::World;

/// How long to wait while nothing more can be scheduled.
const WATCH: Duration = Duration::from_secs(5);
/// Between pages: each is a transaction on the server.
const NEXT_PAGE: Duration = Duration::from_millis(200);

#[derive(Deserialize)]
struct Answered {
    backfill: Backfill,
}

/// How far it is.
#[derive(Deserialize)]
pub(super) struct Backfill {
    pub(super) scheduled: u64,
    pub(super) done: u64,
    pub(super) failed: u64,
    pub(super) waiting: u64,
    pub(super) total: u64,
    pub(super) finished: bool,
}

pub(super) fn run(
    words: &Words,
    options: &ConnectorBackfill,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let mut session = Session::begin(config, &options.admin)?;
    let mut progress = Progress::new(words.records, world.interactive, options.quiet);
    let hint = how_to_go_on(words);
    let hint = format!("Interrupt it whenever you like: {hint}.");
    progress.bar.note(world.err, &hint);
    let result = follow(words, options, &mut session, &mut progress, world);
    progress.bar.finish();
    let last = result?;
    world.say(&last.sentence(words.records));
    if last.failed == 0 {
        return Ok(Exit::Done);
    }
    let failed = counted(last.failed, words.records);
    world.note(&format!(
        "{failed} failed: see the jobs of the integration, and retry them"
    ));
    Ok(Exit::Refused)
}

fn how_to_go_on(words: &Words) -> String {
    format!("`tieline {} backfill` goes on where it stands", words.name)
}

fn follow(
    words: &Words,
    options: &ConnectorBackfill,
    session: &mut Session,
    progress: &mut Progress,
    world: &mut World<'_>,
) -> Result<Backfill, Failure> {
    let mut body = json!({});
    if let (Some(since), Some(fields)) = (&options.since, body.as_object_mut()) {
        fields.insert("since".into(), json!(since));
    }
    let mut first = body.clone();
    if let (true, Some(fields)) = (options.restart, first.as_object_mut()) {
        fields.insert("restart".into(), json!(true));
    }
    let mut body_now = first.to_string();
    let mut scheduled = None;
    loop {
        let policy = Policy {
            max_retries: options.retries.max_retries,
        };
        let err = &mut *world.err;
        let outcome = policy.run(
            world.pause,
            &mut |wait| progress.bar.waiting(err, &wait),
            || post(words, session, &body_now),
        );
        let backfill = outcome.map_err(|gave_up| stopped(words, &gave_up))?;
        progress.show(world.err, &backfill);
        if backfill.finished {
            return Ok(backfill);
        }
        // What is begun goes on; only the first call begins anew.
        body_now = body.to_string();
        let is_further = scheduled.replace(backfill.scheduled) != Some(backfill.scheduled);
        let has_more = backfill.scheduled < backfill.total;
        world.pause.sleep(match is_further && has_more {
            true => NEXT_PAGE,
            false => WATCH,
        });
    }
}

fn post(words: &Words, session: &mut Session, body: &str) -> Result<Backfill, ApiError> {
    let path = words.path("backfill");
    let answer = session.send_renewing(&Method::POST, &path, Some(body.as_bytes()))?;
    let answered: Answered = answer.json()?;
    Ok(answered.backfill)
}

fn stopped(words: &Words, gave_up: &GaveUp) -> Failure {
    let error = &gave_up.error;
    if !error.is_transient() {
        return crate::session::refusal(error);
    }
    let tries = gave_up.tries;
    let failure = Failure::stopped(format!("{error}, at the last of {tries} tries"));
    failure.with_context(how_to_go_on(words))
}
