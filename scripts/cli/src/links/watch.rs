//! Looking at a link again and again, until something has come of it.

use std::time::Duration;

use ureq::http::Method;

use super::show::{Link, Saved};
use super::{LINKS, say_json};
use crate::api::{Answer, GaveUp, Policy};
use crate::bar::Bar;
use crate::failure::{Exit, Failure};
use crate::session::{Session, refusal};
use crate::world::World;

/// How long to wait before the first look, and the longest between two.
const FIRST_LOOK: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(5);
const TEMPLATE: &str = "{spinner} {msg}  {elapsed}";

/// What is waited for, and for how long.
pub(super) struct Watch<'a> {
    pub(super) id: &'a str,
    /// How often a look is tried again.
    pub(super) max_retries: u32,
    /// Seconds to wait at most.
    pub(super) limit: u64,
    /// What has not come after that time.
    pub(super) late: &'a str,
    /// What to do then.
    pub(super) goes_on: &'static str,
}

impl Watch<'_> {
    /// Looks at the link until it is done, and gives it as it is then.
    pub(super) fn follow(
        &self,
        session: &mut Session,
        progress: &Bar,
        world: &mut World<'_>,
        mut is_done: impl FnMut(&Link) -> bool,
    ) -> Result<(Answer, Link), Failure> {
        let policy = Policy {
            max_retries: self.max_retries,
        };
        let limit = Duration::from_secs(self.limit);
        let (mut wait, mut waited) = (FIRST_LOOK, Duration::ZERO);
        while waited < limit {
            let this = wait.min(limit.saturating_sub(waited));
            world.pause.sleep(this);
            waited += this;
            wait = wait.saturating_mul(2).min(LONGEST);
            let err = &mut *world.err;
            let path = [LINKS, self.id];
            let looked = policy.run(
                world.pause,
                &mut |wait| progress.waiting(err, &wait),
                || {
                    let answer = session.send_renewing(&Method::GET, &path, None)?;
                    let Saved { crm_link } = answer.json()?;
                    Ok((answer, crm_link))
                },
            );
            let (answer, link) = looked.map_err(|gave_up| stopped(&gave_up, self.goes_on))?;
            if is_done(&link) {
                return Ok((answer, link));
            }
            if !link.is_active {
                return Err(Failure::refused("the link was switched off meanwhile"));
            }
        }
        let failure = Failure::stopped(format!("{} after {} s", self.late, self.limit));
        Err(failure.with_context(self.goes_on))
    }
}

fn stopped(gave_up: &GaveUp, goes_on: &'static str) -> Failure {
    let error = &gave_up.error;
    if !error.is_transient() {
        return refusal(error);
    }
    let tries = gave_up.tries;
    let failure = Failure::stopped(format!("{error}, at the last of {tries} tries"));
    failure.with_context(goes_on)
}

/// A spinner: the API tells of a fetch when it is done, so that there is nothing to count.
pub(super) fn spinner(message: String, interactive: bool, quiet: bool) -> Bar {
    let bar = Bar::new(None, TEMPLATE, interactive, quiet);
    if let Some(drawn) = bar.drawn() {
        drawn.set_message(message);
        drawn.enable_steady_tick(Duration::from_millis(200));
    }
    bar
}

/// What came of a link that is done.
pub(super) fn told(
    answer: &Answer,
    link: &Link,
    json: bool,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let Some(fetch) = &link.last_fetch else {
        return Err(Failure::refused("the link was never fetched"));
    };
    match json {
        true => say_json(answer, world),
        false => fetch.say(&link.name, world),
    }
    Ok(fetch.exit())
}
