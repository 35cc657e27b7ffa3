//! `tieline business move`: calls the server, which does a part of the move each time, until nothing is left to do.
//! Where the move is, the server alone knows, so that the command can be interrupted at any time.

use std::io::Write;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use ureq::http::Method;

use crate::api::{Answer, ApiError, Call, Client, Credential, GaveUp, Policy};
use crate::args::BusinessMove;
use crate::bar::Bar;
use crate::config::{Config, SecretKind};
use crate::failure::{Exit, Failure};
use crate::session::refusal;
use crate::text::{clean, count, counted};
use crate::world::World;

const TEMPLATE: &str = "{bar:30} {percent:>3}%  {msg}  {elapsed}";
const HOW_TO_GO_ON: &str =
    "the same command goes on where the move is, and the deployment's cron goes on by itself";
/// Longest name of a table or a state that is shown, in characters.
const MAX_NAME_CHARS: usize = 60;

/// Where the business is, and what is under way.
#[derive(Deserialize)]
struct Answered {
    database: u32,
    /// How long the business was closed, where it is known.
    closed_ms: Option<u64>,
    #[serde(rename = "move")]
    under_way: Option<Move>,
}

/// A move that is not done.
#[derive(Deserialize)]
struct Move {
    state: String,
    /// Whether requests for the business are answered with 503 just now.
    is_closed: bool,
    /// The table whose rows are copied.
    table: Option<String>,
    tables_done: u64,
    tables: u64,
    rows: u64,
    /// How long the server asks to wait before the next call.
    wait_seconds: u64,
}

pub(super) fn run(
    options: &BusinessMove,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let kind = SecretKind::PlatformToken;
    let token = config.secret(kind, options.platform.platform_token.as_ref())?;
    let (first, then) = match options.to {
        Some(to) => (json!({ "to": to }), json!({ "to": to, "continues": true })),
        None => (json!({ "cancel": true }), json!({ "cancel": true })),
    };
    let (first, then) = (first.to_string(), then.to_string());
    let path = ["api", "operator", "businesses", &options.id, "move"];
    let call = |body| Call {
        method: Method::POST,
        path: &path,
        query: &[],
        credential: Credential::Token(kind, &token),
        idempotency_key: None,
        body: Some(body),
    };
    let calls = [call(first.as_bytes()), call(then.as_bytes())];
    let mut progress = Progress::new(world.interactive, options.quiet);
    let policy = Policy {
        max_retries: options.retries.max_retries,
    };
    let result = follow(&Client::new(config), policy, &calls, &mut progress, world);
    progress.bar.finish();
    let (answer, last) = result?;
    Ok(tell(options, &answer, &last, world))
}

/// Calls until nothing is under way any more. A call may be repeated without harm, for it goes on where the move is:
/// it needs no idempotency key. Once it has begun, it only goes on: a move that somebody gave up is not begun anew.
fn follow(
    client: &Client,
    policy: Policy,
    [first, then]: &[Call<'_>; 2],
    progress: &mut Progress,
    world: &mut World<'_>,
) -> Result<(Answer, Answered), Failure> {
    let mut call = first;
    let mut closed_ms = None;
    loop {
        let err = &mut *world.err;
        let outcome = policy.run(
            world.pause,
            &mut |wait| progress.bar.waiting(err, &wait),
            || post(client, call),
        );
        let (answer, mut answered) = outcome.map_err(|gave_up| stopped(&gave_up))?;
        closed_ms = answered.closed_ms.or(closed_ms);
        answered.closed_ms = closed_ms;
        let Some(under_way) = &answered.under_way else {
            return Ok((answer, answered));
        };
        progress.show(world.err, under_way, answered.database);
        // What an earlier move has left is cleared away before this one begins.
        if under_way.state != "cancelling" {
            call = then;
        }
        if under_way.wait_seconds > 0 {
            let wait = Duration::from_secs(under_way.wait_seconds);
            world.pause.sleep(wait);
        }
    }
}

fn post(client: &Client, call: &Call<'_>) -> Result<(Answer, Answered), ApiError> {
    let answer = client.send(call)?;
    let answered = answer.json()?;
    Ok((answer, answered))
}

fn stopped(gave_up: &GaveUp) -> Failure {
    let error = &gave_up.error;
    if !error.is_transient() {
        return refusal(error);
    }
    let failure = Failure::stopped(format!("{error}, at the last of {} tries", gave_up.tries));
    failure.with_context(HOW_TO_GO_ON)
}

/// Where the business is now. Exit code 1 where that is not what was asked for.
fn tell(options: &BusinessMove, answer: &Answer, last: &Answered, world: &mut World<'_>) -> Exit {
    let is_there = options.to.is_none_or(|to| to == last.database);
    if options.json {
        world.say(&last.json(answer));
    } else {
        world.say(&last.sentence(options));
    }
    if is_there {
        return Exit::Done;
    }
    world.note("It was not moved: somebody may have cancelled the move meanwhile.");
    Exit::Refused
}

impl Answered {
    /// The answer as it came, and for how long the business was closed, which an answer before it may have told alone.
    fn json(&self, answer: &Answer) -> String {
        let mut told: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if let Some(fields) = told.as_object_mut() {
            fields.insert("closed_ms".to_owned(), self.closed_ms.into());
        }
        told.to_string()
    }

    /// `Business ID is in database 1; it was closed for 3.2 s.`
    fn sentence(&self, options: &BusinessMove) -> String {
        let (id, database) = (&options.id, self.database);
        let under_way = match options.cancel {
            true => ", and no move of it is under way",
            false => "",
        };
        let closed = match self.closed_ms {
            Some(ms) if ms < 1000 => format!("; it was closed for {ms} ms"),
            Some(ms) => format!(
                "; it was closed for {}.{} s",
                count(ms / 1000),
                ms % 1000 / 100
            ),
            None => String::new(),
        };
        format!("Business {id} is in database {database}{under_way}{closed}.")
    }
}

impl Move {
    /// `copying messages, 12,345 rows (the business is closed meanwhile)`.
    fn sentence(&self, database: u32) -> String {
        let doing = match (self.state.as_str(), &self.table) {
            ("draining", _) => "draining: waiting for what is under way".to_owned(),
            ("copying", Some(table)) => {
                let (table, rows) = (clean(table, MAX_NAME_CHARS), counted(self.rows, "row"));
                format!("copying {table}, {rows}")
            }
            ("copying", None) => format!("copying, {}", counted(self.rows, "row")),
            ("deleting", _) => {
                format!("the business is in database {database}, deleting what it left")
            }
            (other, _) => clean(other, MAX_NAME_CHARS),
        };
        match self.is_closed {
            true => format!("{doing} (the business is closed meanwhile)"),
            false => doing,
        }
    }
}

/// A bar on a terminal, a line for each step elsewhere, nothing when quiet.
struct Progress {
    bar: Bar,
    last: Option<String>,
}

impl Progress {
    fn new(interactive: bool, quiet: bool) -> Self {
        let bar = Bar::new(Some(1), TEMPLATE, interactive, quiet);
        if let Some(drawn) = bar.drawn() {
            // A call takes many seconds.
            drawn.enable_steady_tick(Duration::from_secs(1));
        }
        Self { bar, last: None }
    }

    /// How far it is; said once elsewhere than on a terminal.
    fn show(&mut self, err: &mut dyn Write, under_way: &Move, database: u32) {
        let sentence = under_way.sentence(database);
        match self.bar.drawn() {
            Some(bar) => {
                bar.set_length(under_way.tables.max(1));
                bar.set_position(under_way.tables_done);
                bar.set_message(sentence.clone());
            }
            None if self.last.as_ref() == Some(&sentence) => {}
            None => self.bar.note(err, &sentence),
        }
        self.last = Some(sentence);
    }
}
