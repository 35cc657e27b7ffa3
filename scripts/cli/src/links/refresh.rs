//! `tieline links refresh`: asks for a fetch, and watches until it is done.

use serde_json::json;
use ureq::http::Method;

use super::show::{Link, Saved};
use super::watch::{Watch, spinner, told};
use super::{LINKS, read, say_json};
use crate::args::LinksRefresh;
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::session::Session;
use crate::text::clean;
use crate::world::World;

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
    let message = format!("Fetching {} …", clean(&crm_link.name, 100));
    let progress = spinner(message, world.interactive, options.quiet);
    progress.note(
        world.err,
        "Interrupt it whenever you like: the server fetches on.",
    );
    let watch = Watch {
        id: &options.id,
        max_retries: options.retries.max_retries,
        limit: options.wait_limit,
        late: "the link is still being fetched",
        goes_on: GOES_ON,
    };
    let is_done = |link: &Link| link.is_done_since(&crm_link);
    let result = watch.follow(&mut session, &progress, world, is_done);
    progress.finish();
    let (answer, link) = result?;
    told(&answer, &link, options.json, world)
}

impl Link {
    /// Whether the fetch that was asked for is done. One that was under way may end first: until the link is due at
    /// another time than that of the request, its own is still to come.
    fn is_done_since(&self, asked: &Self) -> bool {
        let at = |link: &Self| link.last_fetch.as_ref().map(|fetch| fetch.at.clone());
        at(self) != at(asked) && self.next_fetch_at != asked.next_fetch_at
    }
}
