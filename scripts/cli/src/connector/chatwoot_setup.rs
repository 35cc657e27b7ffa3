//! `tieline chatwoot setup`: connects an account of Chatwoot, or changes one, has it call us, and waits for what somebody
//! writes there.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use ureq::http::Method;

use super::chatwoot::{Account, CHANNELS, Found, accounts, read, tested};
use super::chatwoot_message::Chatwoot;
use super::needs::{Needs, Wanted, optional};
use super::through::{Through, Trigger};
use super::{CHATWOOT, MAX_CHARS};
use crate::args::ChatwootSetup;
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::given::{put, token_of};
use crate::secret::Secret;
use crate::session::Session;
use crate::text::clean;
use crate::world::World;

const URL: Wanted = Wanted {
    what: "where Chatwoot is, such as https://chat.example.com",
    option: "--url",
    variables: &["CHATWOOT_URL"],
};
const ACCOUNT: Wanted = Wanted {
    what: "the number behind /app/accounts/ in Chatwoot's pages",
    option: "--account",
    variables: &["CHATWOOT_ACCOUNT_ID"],
};
const TOKEN: Wanted = Wanted {
    what: "the access token of an administrator, from Profile settings › Access token",
    option: "--token-file",
    variables: &["CHATWOOT_ACCESS_TOKEN"],
};

#[derive(Deserialize)]
struct Connected {
    channel: Account,
    webhook: Option<Webhook>,
}

#[derive(Deserialize)]
struct Webhook {
    created: bool,
    url: Option<String>,
    #[serde(default)]
    events: Vec<String>,
}

/// `tieline chatwoot setup`.
pub(super) fn setup(
    options: &ChatwootSetup,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let mut needs = Needs::default();
    let session = needs.session(config, &options.admin, world)?;
    let all = match &session {
        Some(session) => accounts(session)?.1,
        None => Vec::new(),
    };
    let mut url = optional(&URL, options.url.as_deref(), world);
    let number = options.account.map(|number| number.to_string());
    let mut number = optional(&ACCOUNT, number.as_deref(), world);
    let known = chosen(url.as_deref(), number.as_deref(), all)?;
    if known.is_none() {
        url = needs.text(&URL, url.as_deref(), None, world)?;
        number = needs.text(&ACCOUNT, number.as_deref(), None, world)?;
    }
    let file = options.token_file.as_deref();
    let token = needs.secret(&TOKEN, file, known.is_some(), world)?;
    needs.check()?;
    let session = session.ok_or_else(|| Failure::usage("no admin key"))?;
    let change = change(options, token.as_ref(), world)?;
    world.note("Asking Chatwoot …");
    let (account, webhook) = match known {
        Some(account) if change.is_empty() => (account, None),
        Some(account) => (changed(&session, &account, change)?, None),
        None => {
            let connected = created(&session, url, number, change)?;
            world.say("The account is connected.");
            (connected.channel, connected.webhook)
        }
    };
    let (_, found) = tested(&session, &account)?;
    found.say(&account, world);
    say_role(&found, world);
    if let Some(webhook) = webhook.filter(|webhook| !webhook.created) {
        webhook.say(world);
    }
    if !found.ok {
        return Ok(found.exit());
    }
    let through = &options.through;
    if let Some(inbox) = through.test_inbox.filter(|_| !through.no_test) {
        let token = token.as_ref().ok_or_else(|| {
            Failure::usage(
                "--test-inbox needs the access token: give --token-file, or CHATWOOT_ACCESS_TOKEN",
            )
        })?;
        let (base, number) = (account.base_url.as_deref(), account.account_id.as_deref());
        let chatwoot = Chatwoot::new(
            base.unwrap_or_default(),
            number.unwrap_or_default(),
            token,
            config,
        )?;
        let write = || chatwoot.write(inbox);
        return Through::waiting(&CHATWOOT, &session, through.wait)
            .run(Trigger::Written(&write), world);
    }
    if through.no_test || (through.wait.is_none() && !world.is_asked()) {
        return Ok(Exit::Done);
    }
    Through::waiting(&CHATWOOT, &session, through.wait).run(Trigger::Message, world)
}

/// What an administrator's token does that another cannot.
fn say_role(found: &Found, world: &mut World<'_>) {
    let role = found.detail.get("role").map(String::as_str);
    if found.ok && role.is_some_and(|role| role != "administrator") {
        world.say(
            "The token's user is no administrator, so that webhook and custom attributes are not made. In Chatwoot, \
             Settings › Agents makes them one; then run this again.",
        );
    }
}

/// The account that is meant; `None` for one that is not connected yet.
fn chosen(
    url: Option<&str>,
    number: Option<&str>,
    known: Vec<Account>,
) -> Result<Option<Account>, Failure> {
    let is_meant = |account: &Account| {
        url.is_none_or(|url| account.is_at(url))
            && number.is_none_or(|number| account.account_id.as_deref() == Some(number))
    };
    let mut meant: Vec<_> = known.into_iter().filter(is_meant).collect();
    if meant.len() > 1 {
        let all: Vec<_> = meant.iter().map(Account::title).collect();
        let all = clean(&all.join("; "), MAX_CHARS);
        return Err(Failure::usage(format!(
            "several accounts are connected: choose one with --url and --account: {all}"
        )));
    }
    Ok(meant.pop())
}

/// What is to be stored.
fn change(
    options: &ChatwootSetup,
    token: Option<&Secret>,
    world: &mut World<'_>,
) -> Result<Map<String, Value>, Failure> {
    let mut change = Map::new();
    if let Some(name) = &options.name {
        change.insert("name".into(), json!(name));
    }
    let mut credentials = Map::new();
    if let Some(token) = token {
        credentials.insert("access_token".into(), json!(token.expose()));
    }
    if let Some(file) = &options.webhook_secret_file {
        let secret = token_of(file, world)?;
        credentials.insert("webhook_secret".into(), json!(secret.expose()));
    }
    if !credentials.is_empty() {
        change.insert("credentials".into(), Value::Object(credentials));
    }
    for setting in &options.settings {
        put(&mut change, setting);
    }
    Ok(change)
}

fn created(
    session: &Session,
    url: Option<String>,
    number: Option<String>,
    change: Map<String, Value>,
) -> Result<Connected, Failure> {
    let number = number.and_then(|number| number.parse::<u64>().ok());
    let number = number.filter(|number| *number > 0).ok_or_else(|| {
        Failure::usage("the account is a number, the one behind /app/accounts/ in Chatwoot's pages")
    })?;
    let mut body = json!({ "kind": CHATWOOT.name, "name": CHATWOOT.title,
        "base_url": url, "account_id": number });
    if let Some(body) = body.as_object_mut() {
        body.extend(change);
    }
    let body = body.to_string();
    let made = session.send(Method::POST, &[CHANNELS], Some(body.as_bytes()));
    let made = read(made).map_err(|failure| failure.with_context("Nothing was stored."));
    made.map(|(_, connected)| connected)
}

fn changed(
    session: &Session,
    account: &Account,
    change: Map<String, Value>,
) -> Result<Account, Failure> {
    let body = Value::Object(change).to_string();
    let path = [CHANNELS, &account.id];
    let patched = session.send(Method::PATCH, &path, Some(body.as_bytes()));
    let patched = read(patched).map_err(|failure| failure.with_context("Nothing was stored."));
    let (_, Connected { channel, .. }) = patched?;
    Ok(channel)
}

impl Webhook {
    /// What people do instead. The URL has a secret in it, and is needed for that.
    fn say(&self, world: &mut World<'_>) {
        world.say(
            "Make a webhook in Chatwoot, in Settings › Integrations › Webhooks, with this URL:",
        );
        let url = self.url.as_deref().unwrap_or_default();
        world.say(&format!("  {}", clean(url, 2 * MAX_CHARS)));
        let events = clean(&self.events.join(", "), 2 * MAX_CHARS);
        world.say(&format!("and these events: {events}"));
        world.say(
            "The URL is not shown again. An administrator's token makes the webhook by itself.",
        );
    }
}
