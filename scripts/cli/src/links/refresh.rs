//! `tieline links refresh`: asks for a fetch, and watches until it is done.

use std::io::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use ureq::http::Method;

use super::show::{Link, Saved};
use super::{LINKS, read, say_json};
use crate::api::{Answer, GaveUp, Policy, Wait};
use crate::args::LinksRefresh;
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::session::{Session, refusal};
use crate::text::clean;
use crate::world::World;

/// How long to wait before the first look, and the longest between two.
const FIRST_LOOK: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(5);
const TEMPLATE: &str = "{spinner} {msg}  {elapsed}";
const GOES_ON: &str = "The server fetches on, and `tieline links status` shows what came of it.";

pub(super) fn run(
    options: &LinksRefresh,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let mut session = Session::begin(config, &options.admin)?;
    let body = match options.accept_shrink {
        true => json!({ "accept_shrink": true }),
        false => json!({}),
    };
    let path = [LINKS, &options.id, "refresh"];
    let asked = session.send(Method::POST, &path, Some(body.to_string().as_bytes()));
    let (answer, Saved { crm_link }) = read(asked)?;
    if !options.wait {
        match options.json {
            true => say_json(&answer, world),
            false => world.say(&format!(
                "{} is being fetched: `tieline links status` shows what comes of it.",
                clean(&crm_link.name, 100)
            )),
        }
        return Ok(Exit::Done);
    }
    let progress = Progress::new(&crm_link.name, world.interactive, options.quiet);
    progress.note(
        world.err,
        "Interrupt it whenever you like: the server fetches on.",
    );
    let result = follow(options, &crm_link, &mut session, &progress, world);
    progress.finish();
    let (answer, link) = result?;
    let Some(fetch) = &link.last_fetch else {
        return Err(Failure::refused("the link was never fetched"));
    };
    if options.json {
        say_json(&answer, world);
        return Ok(fetch.exit());
    }
    fetch.say(&link.name, world);
    Ok(fetch.exit())
}

/// Looks at the link until what was asked for is done.
fn follow(
    options: &LinksRefresh,
    asked: &Link,
    session: &mut Session,
    progress: &Progress,
    world: &mut World<'_>,
) -> Result<(Answer, Link), Failure> {
    let policy = Policy {
        max_retries: options.max_retries,
    };
    let limit = Duration::from_secs(options.wait_limit);
    let (mut wait, mut waited) = (FIRST_LOOK, Duration::ZERO);
    while waited < limit {
        let this = wait.min(limit.saturating_sub(waited));
        world.pause.sleep(this);
        waited += this;
        wait = wait.saturating_mul(2).min(LONGEST);
        let err = &mut *world.err;
        let path = [LINKS, &options.id];
        let looked = policy.run(
            world.pause,
            &mut |wait| progress.waiting(err, &wait),
            || {
                let answer = session.send_renewing(&Method::GET, &path, None)?;
                let Saved { crm_link } = answer.json()?;
                Ok((answer, crm_link))
            },
        );
        let (answer, link) = looked.map_err(|gave_up| stopped(&gave_up))?;
        if link.is_done_since(asked) {
            return Ok((answer, link));
        }
        if !link.is_active {
            return Err(Failure::refused("the link was switched off meanwhile"));
        }
    }
    let seconds = options.wait_limit;
    let failure = Failure::stopped(format!("the link is still being fetched after {seconds} s"));
    Err(failure.with_context(GOES_ON))
}

impl Link {
    /// Whether the fetch that was asked for is done. One that was under way may end first: until the link is due at
    /// another time than that of the request, its own is still to come.
    fn is_done_since(&self, asked: &Self) -> bool {
        let at = |link: &Self| link.last_fetch.as_ref().map(|fetch| fetch.at.clone());
        at(self) != at(asked) && self.next_fetch_at != asked.next_fetch_at
    }
}

fn stopped(gave_up: &GaveUp) -> Failure {
    let error = &gave_up.error;
    if !error.is_transient() {
        return refusal(error);
    }
    let tries = gave_up.tries;
    let failure = Failure::stopped(format!("{error}, at the last of {tries} tries"));
    failure.with_context(GOES_ON)
}

/// A spinner on a terminal, notes elsewhere, nothing when quiet. The API tells of a fetch when it is done, so that
/// there is nothing to count.
struct Progress {
    bar: Option<ProgressBar>,
    quiet: bool,
}

impl Progress {
    fn new(name: &str, interactive: bool, quiet: bool) -> Self {
        let bar = (interactive && !quiet).then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let bar = match ProgressStyle::with_template(TEMPLATE) {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            };
            bar.set_message(format!("Fetching {} …", clean(name, 100)));
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self { bar, quiet }
    }

    fn waiting(&self, err: &mut dyn Write, wait: &Wait<'_>) {
        let seconds = wait.time.as_secs_f64();
        let (error, retry) = (wait.error, wait.retry);
        self.note(err, &format!("{error}; retry {retry} in {seconds:.1} s"));
    }

    fn note(&self, err: &mut dyn Write, line: &str) {
        match &self.bar {
            _ if self.quiet => {}
            Some(bar) => bar.suspend(|| {
                let _ = writeln!(err, "{line}");
            }),
            None => {
                let _ = writeln!(err, "{line}");
            }
        }
    }

    fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
