//! `tieline links`: CRM links, which the server fetches and makes searchable for bots and agents.

mod add;
mod authorize;
mod refresh;
mod search;
mod show;
mod upload;
mod watch;

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use ureq::http::Method;

use crate::api::{Answer, ApiError};
use crate::args::{LinksCommand, LinksList, LinksStatus};
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::session::{Session, refusal};
use crate::text::{clean, count, table};
use crate::world::World;
use show::{Fetch, Link, MAX_CHARS, ago};

/// Where links are, below `/api/dashboard`.
const LINKS: &str = "crm-links";

#[derive(Deserialize)]
struct OfPage {
    crm_links: Vec<Link>,
}

#[derive(Deserialize)]
struct OfAll {
    pages_data: Vec<Page>,
}

/// A page's links, of which one for two channels stands in two lists.
#[derive(Deserialize)]
struct Page {
    facebook_crm_links: Vec<Link>,
    messenger_crm_links: Vec<Link>,
    other_crm_links: Vec<Link>,
}

#[derive(Deserialize)]
struct Health {
    links: Vec<LinkHealth>,
    in_trouble: u64,
}

#[derive(Deserialize)]
struct LinkHealth {
    id: String,
    name: String,
    page_id: String,
    state: String,
    failing_since: Option<String>,
    failures: u64,
    error: Option<String>,
    next_fetch_at: Option<String>,
    stale_seconds: Option<u64>,
    fetches: Vec<Fetch>,
}

pub(crate) fn run(
    command: &LinksCommand,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    match command {
        LinksCommand::List(options) => list(options, config, world),
        LinksCommand::Add(options) => add::add(options, config, world),
        LinksCommand::Preview(options) => add::preview(options, config, world),
        LinksCommand::Authorize(options) => authorize::run(options, config, world),
        LinksCommand::Upload(options) => upload::run(options, config, world),
        LinksCommand::Refresh(options) => refresh::run(options, config, world),
        LinksCommand::Search(options) => search::run(options, config, world),
        LinksCommand::Status(options) => status(options, config, world),
    }
}

/// An answer, and what it says.
fn read<T: DeserializeOwned>(answer: Result<Answer, ApiError>) -> Result<(Answer, T), Failure> {
    let answer = answer.map_err(|error| refusal(&error))?;
    let said = answer.json().map_err(|error| refusal(&error))?;
    Ok((answer, said))
}

fn say_json(answer: &Answer, world: &mut World<'_>) {
    world.say(&String::from_utf8_lossy(&answer.body));
}

fn list(options: &LinksList, config: &Config, world: &mut World<'_>) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    let (answer, links) = match &options.page {
        Some(page) => {
            let listed = session.list(&[LINKS], ("page_id", page));
            let (answer, OfPage { crm_links }) = read(listed)?;
            (answer, crm_links)
        }
        None => {
            let listed = session.send(Method::GET, &[LINKS, "all"], None);
            let (answer, all): (_, OfAll) = read(listed)?;
            (answer, all.links())
        }
    };
    if options.json {
        say_json(&answer, world);
        return Ok(Exit::Done);
    }
    if links.is_empty() {
        world.say("There are no CRM links: `tieline links add` adds one.");
        return Ok(Exit::Done);
    }
    let title = [
        "ID", "PAGE", "NAME", "TYPE", "CHANNELS", "STATE", "RECORDS", "URL",
    ];
    let mut rows = vec![title.map(str::to_owned).to_vec()];
    rows.extend(links.iter().map(Link::row));
    world.say(&table(&rows));
    Ok(Exit::Done)
}

fn status(options: &LinksStatus, config: &Config, world: &mut World<'_>) -> Result<Exit, Failure> {
    let session = Session::begin(config, &options.admin)?;
    let asked = session.send(Method::GET, &[LINKS, "health"], None);
    let (answer, health): (_, Health) = read(asked)?;
    match options.json {
        true => say_json(&answer, world),
        false => health.say(world),
    }
    Ok(match health.in_trouble {
        0 => Exit::Done,
        _ => Exit::Refused,
    })
}

impl OfAll {
    /// Each link once.
    fn links(self) -> Vec<Link> {
        let mut seen = BTreeSet::new();
        let pages = self.pages_data.into_iter();
        let lists = pages.flat_map(|page| {
            [
                page.facebook_crm_links,
                page.messenger_crm_links,
                page.other_crm_links,
            ]
        });
        lists
            .flatten()
            .filter(|link| seen.insert(link.id.clone()))
            .collect()
    }
}

impl Health {
    fn say(&self, world: &mut World<'_>) {
        if self.links.is_empty() {
            world.say("There are no CRM links: `tieline links add` adds one.");
            return;
        }
        let title = [
            "STATE",
            "NAME",
            "PAGE",
            "RECORDS",
            "FETCHED",
            "FAILURES",
            "NEXT FETCH",
            "ID",
        ];
        let mut rows = vec![title.map(str::to_owned).to_vec()];
        rows.extend(self.links.iter().map(LinkHealth::row));
        world.say(&table(&rows));
        for link in &self.links {
            if let Some(error) = &link.error {
                let (name, error) = (clean(&link.name, 100), clean(error, MAX_CHARS));
                let since = link.failing_since.as_deref().map(|since| clean(since, 40));
                let since = since.map_or_else(String::new, |since| format!(" (since {since})"));
                world.say(&format!("\n{name}{since}: {error}"));
            }
        }
    }
}

impl LinkHealth {
    fn row(&self) -> Vec<String> {
        let last = self.fetches.first();
        let fetched = self.stale_seconds;
        vec![
            clean(&self.state, 20),
            clean(&self.name, 40),
            clean(&self.page_id, 40),
            last.map_or_else(|| "–".into(), |fetch| count(fetch.records)),
            fetched.map_or_else(|| "never".into(), |seconds| format!("{} ago", ago(seconds))),
            count(self.failures),
            clean(self.next_fetch_at.as_deref().unwrap_or("–"), 40),
            clean(&self.id, 40),
        ]
    }
}
