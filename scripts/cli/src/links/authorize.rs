//! `tieline links authorize`: sends a person to the system that a link reads, and waits until they have consented.

use serde::Deserialize;
use ureq::http::Method;

use super::show::{Link, MAX_CHARS, Saved};
use super::watch::{Watch, spinner, told};
use super::{LINKS, read, say_json};
use crate::args::LinksAuthorize;
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::session::Session;
use crate::text::clean;
use crate::world::World;

/// A consent has the link fetched, which is how it is seen; who refuses is told so by the page that they come back to.
const NOBODY: &str = "The page in the browser says what became of it. The URL is good once, and for ten minutes: run \
                      this again for another.";

#[derive(Deserialize)]
struct Authorization {
    authorize_url: String,
    redirect_uri: String,
}

pub(super) fn run(
    options: &LinksAuthorize,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let mut session = Session::begin(config, &options.admin)?;
    let path = [LINKS, &options.id];
    let (_, Saved { crm_link: before }) = read(session.send(Method::GET, &path, None))?;
    let path = [LINKS, &options.id, "authorize"];
    let (given, authorization): (_, Authorization) = read(session.send(Method::POST, &path, None))?;
    let is_watched = options.wait_limit > 0 && before.is_active;
    if options.json && !is_watched {
        say_json(&given, world);
        return Ok(Exit::Done);
    }
    let name = clean(&before.name, 100);
    let url = clean(&authorization.authorize_url, usize::MAX);
    let back = clean(&authorization.redirect_uri, MAX_CHARS);
    // With --json, the one thing that is printed is what comes of it.
    let text = format!(
        "Open this URL in a browser within ten minutes, and let {name} be read:\n\n  {url}\n\nThe application there \
         must have this redirect URI:\n\n  {back}\n"
    );
    match options.json {
        true => world.note(&text),
        false => world.say(&text),
    }
    if !before.is_active {
        world.say("The link is switched off: it is fetched once it is on.");
        return Ok(Exit::Done);
    }
    if !is_watched {
        return Ok(Exit::Done);
    }

    let message = format!("Waiting for consent to read {name} …");
    let progress = spinner(message, world.interactive, options.quiet);
    progress.note(
        world.err,
        "Waiting. Interrupt it whenever you like: the URL stays good.",
    );
    let watch = Watch {
        id: &options.id,
        max_retries: options.retries.max_retries,
        limit: options.wait_limit,
        late: "nobody has consented",
        goes_on: NOBODY,
    };
    let mut seen = before;
    let is_done = |link: &Link| {
        let is_done = link.is_fetched_early(&seen);
        if link.fetched_at() != seen.fetched_at() {
            seen = link.clone();
        }
        is_done
    };
    let result = watch.follow(&mut session, &progress, world, is_done);
    progress.finish();
    let (answer, link) = result?;
    if !options.json {
        world.say(&format!("{name} is connected."));
    }
    told(&answer, &link, options.json, world)
}

impl Link {
    fn fetched_at(&self) -> Option<&str> {
        self.last_fetch.as_ref().map(|fetch| fetch.at.as_str())
    }

    /// Whether it was fetched since, and before it was due: somebody asked for that, as a consent does. All times of the
    /// API are of one form, in UTC, and so are in the order of their texts.
    fn is_fetched_early(&self, before: &Self) -> bool {
        let due = before.next_fetch_at.as_deref();
        let fetched = self.fetched_at();
        fetched != before.fetched_at() && due.is_none_or(|due| fetched < Some(due))
    }
}
