//! `tieline links add` and `tieline links preview`, which take the same.

use std::fs;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use ureq::http::Method;

use super::show::{Link, MAX_CHARS, Saved};
use super::upload::{Upload, name_of};
use super::{LINKS, read, say_json};
use crate::args::{LinkGiven, LinkType, api_name};
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::given::{put, token_of};
use crate::session::Session;
use crate::text::{clean, count, counted, table};
use crate::world::World;

/// Longest file of headers that is read, in bytes.
const MAX_HEADER_BYTES: u64 = 64 * 1024;
/// Lines of a record that are shown, and characters of each.
const MAX_LINES: usize = 12;
const MAX_LINE: usize = 160;

#[derive(Deserialize)]
struct Added {
    crm_link: Link,
    signing_secret: Option<String>,
}

/// What a source gives, of its first page.
#[derive(Deserialize)]
struct Preview {
    format: Option<String>,
    records: Vec<Record>,
    looked_at: u64,
    has_more_pages: bool,
    fields: Vec<Field>,
    masked: u64,
    owners: Owners,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Record {
    key: String,
    text: String,
    problems: Vec<String>,
}

#[derive(Deserialize)]
struct Field {
    path: String,
    example: String,
    kind: String,
    filled: u64,
    masked: u64,
    is_taken: bool,
}

#[derive(Deserialize)]
struct Owners {
    everyone: u64,
    known: u64,
    unknown: u64,
}

/// `tieline links add`.
pub(super) fn add(
    options: &LinkGiven,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let file = options.file.as_deref().map(Upload::read).transpose()?;
    let body = Value::Object(body(options, world)?).to_string();
    let session = Session::begin(config, &options.admin)?;
    let made = session.send(Method::POST, &[LINKS], Some(body.as_bytes()));
    let (mut answer, mut added): (_, Added) = read(made)?;
    if let Some(file) = file {
        let sent = file.send(&session, &added.crm_link.id, world);
        let (saved, Saved { crm_link }) = sent.map_err(|failure| {
            let id = clean(&added.crm_link.id, 40);
            failure.with_context(format!(
                "The link is added; `tieline links upload {id} <file>` uploads its file."
            ))
        })?;
        (answer, added.crm_link) = (saved, crm_link);
    }
    if options.json {
        say_json(&answer, world);
        return Ok(Exit::Done);
    }
    let link = added.crm_link;
    let (name, id) = (clean(&link.name, 100), clean(&link.id, 40));
    world.say(&format!("Added the CRM link {name}: {id}"));
    if let Some(url) = &link.webhook_url {
        let url = clean(url, MAX_CHARS);
        world.say(&format!("  push records to   {url}"));
    }
    if let Some(secret) = &added.signing_secret {
        let secret = clean(secret, MAX_CHARS);
        world.say(&format!("  sign them with    {secret}"));
        world.say("\nThe secret is shown this once: store it now.");
    } else if link.is_active && link.webhook_url.is_none() {
        world.say("It is being fetched: `tieline links status` shows what comes of it.");
    } else if !link.is_active {
        world.say("It is switched off.");
    }
    Ok(Exit::Done)
}

/// `tieline links preview`.
pub(super) fn preview(
    options: &LinkGiven,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let file = options.file.as_deref().map(Upload::read).transpose()?;
    let mut body = body(options, world)?;
    let note = match file {
        Some(file) => {
            let (name, content) = file.content()?;
            body.insert(name.into(), content.into());
            "Sending the file …"
        }
        None => "Asking the source …",
    };
    let session = Session::begin(config, &options.admin)?;
    world.note(note);
    let body = Value::Object(body).to_string();
    let shown = session.send(Method::POST, &[LINKS, "preview"], Some(body.as_bytes()));
    let (answer, preview): (_, Preview) = read(shown)?;
    match options.json {
        true => say_json(&answer, world),
        false => preview.say(world),
    }
    Ok(match preview.error {
        None => Exit::Done,
        Some(_) => Exit::Refused,
    })
}

/// What is to be added.
fn body(options: &LinkGiven, world: &mut World<'_>) -> Result<Map<String, Value>, Failure> {
    let mut body = Map::new();
    for setting in &options.settings {
        if let Some(first @ ("api_key" | "headers")) = setting.path.first().map(String::as_str) {
            let option = match first {
                "api_key" => "--token-file",
                _ => "--header",
            };
            return Err(Failure::usage(format!(
                "{first} is not given by --set: use {option}"
            )));
        }
        put(&mut body, setting);
    }
    let (kind, url) = match (&options.file, &options.url) {
        (Some(file), _) => (LinkType::File, ["file:", &name_of(file)?].concat()),
        (None, url) => (options.kind, url.clone().unwrap_or_default()),
    };
    let channels: Vec<_> = options.channels.iter().copied().map(api_name).collect();
    for (name, value) in [
        ("page_id", json!(options.page)),
        ("channels", json!(channels)),
        ("name", json!(options.name)),
        ("url", json!(url)),
        ("type", json!(api_name(kind))),
        ("is_active", json!(!options.inactive)),
    ] {
        body.insert(name.into(), value);
    }
    if let Some(file) = &options.token_file {
        let token = token_of(file, world)?;
        body.insert("api_key".into(), json!(token.expose()));
    }
    let headers = headers(&options.headers, world)?;
    if !headers.is_empty() {
        body.insert("headers".into(), Value::Object(headers));
    }
    if let Some(minutes) = options.schedule {
        body.insert("schedule_minutes".into(), json!(minutes));
    }
    for (name, path) in [("records_at", &options.records_at), ("key", &options.key)] {
        if let Some(path) = path {
            body.insert(name.into(), json!(path));
        }
    }
    Ok(body)
}

/// Headers as they are given, and those of files.
fn headers(given: &[String], world: &mut World<'_>) -> Result<Map<String, Value>, Failure> {
    let mut headers = Map::new();
    for one in given {
        let text = match one.strip_prefix('@') {
            Some(file) => header_file(Path::new(file), world)?,
            None => one.clone(),
        };
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let parts = line.split_once(':');
            let parts = parts.map(|(name, value)| (name.trim(), value.trim()));
            let parts = parts.filter(|(name, value)| !name.is_empty() && !value.is_empty());
            // What was given may be the secret alone.
            let (name, value) = parts.ok_or_else(|| {
                Failure::usage("a --header is no NAME: VALUE (it is not shown here)")
            })?;
            headers.insert(name.to_owned(), json!(value));
        }
    }
    Ok(headers)
}

fn header_file(file: &Path, world: &mut World<'_>) -> Result<String, Failure> {
    let mut text = String::new();
    let read = match file.as_os_str() == "-" {
        true => world.input.take(MAX_HEADER_BYTES).read_to_string(&mut text),
        false => fs::File::open(file)
            .and_then(|opened| opened.take(MAX_HEADER_BYTES).read_to_string(&mut text)),
    };
    read.map_err(|error| Failure::file("read", file, &error))?;
    Ok(text)
}

impl Preview {
    fn say(&self, world: &mut World<'_>) {
        if let Some(error) = &self.error {
            let error = clean(error, MAX_CHARS);
            world.say(&format!("The link would not be fetched: {error}"));
            return;
        }
        for record in &self.records {
            record.say(world);
        }
        let format = clean(self.format.as_deref().unwrap_or("no records"), 20);
        let looked_at = counted(self.looked_at, "record");
        let more = match self.has_more_pages {
            true => ", and the list goes on",
            false => "",
        };
        world.say(&format!("{looked_at} looked at ({format}){more}.\n"));
        let title = ["FIELD", "KIND", "FILLED", "MASKED", "STORED", "EXAMPLE"];
        let mut rows = vec![title.map(str::to_owned).to_vec()];
        rows.extend(self.fields.iter().map(Field::row));
        world.say(&table(&rows));
        let masked = counted(self.masked, "value");
        world.say(&format!("\n{masked} masked."));
        let Owners {
            everyone,
            known,
            unknown,
        } = &self.owners;
        let row = |what: &str, records: u64| vec![format!("  {what}"), count(records)];
        world.say("Records by whose they are:");
        world.say(&table(&[
            row("everybody's", *everyone),
            row("somebody's, by an address, a number or an id", *known),
            row("somebody's unknown, given to no customer", *unknown),
        ]));
    }
}

impl Record {
    fn say(&self, world: &mut World<'_>) {
        let problems = match self.problems.is_empty() {
            true => String::new(),
            false => format!("  [{}]", clean(&self.problems.join(", "), MAX_LINE)),
        };
        world.say(&format!("{}{problems}", clean(&self.key, MAX_LINE)));
        let mut lines = self.text.lines();
        for line in lines.by_ref().take(MAX_LINES) {
            world.say(&format!("  {}", clean(line, MAX_LINE)));
        }
        if lines.next().is_some() {
            world.say("  …");
        }
        world.say("");
    }
}

impl Field {
    fn row(&self) -> Vec<String> {
        vec![
            clean(&self.path, 60),
            clean(&self.kind, 20),
            count(self.filled),
            count(self.masked),
            if self.is_taken { "yes" } else { "no" }.to_owned(),
            clean(&self.example, 60),
        ]
    }
}
