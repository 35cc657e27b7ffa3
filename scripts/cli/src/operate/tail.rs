//! `tieline tail`: calls of the API, or deliveries, as they come.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;

use super::deliveries::row;
use super::webhooks::{Webhook, chosen};
use super::{PAGE, cell, text};
use crate::api::ApiError;
use crate::args::{Followed, TailArgs};
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::session::{Session, refusal};
use crate::world::World;

/// Most calls of one look; more come with the next, at once.
const LOG_PAGE: &str = "200";
/// Pages of calls that follow one another without a pause.
const MAX_PAGES: usize = 50;

pub(crate) fn run(
    options: &TailArgs,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let mut session = Session::begin(config, &options.admin)?;
    let mut followed = match (options.what, options.webhook.is_some()) {
        (Followed::Log, false) => Log::begin(options, &session, world)?.map(Tail::Log),
        _ => None,
    };
    let mut followed = match followed.take() {
        Some(log) => log,
        None => Tail::Deliveries(Deliveries::begin(options, &session, world)?),
    };
    let looks = options
        .seconds
        .map(|seconds| seconds.div_ceil(options.every));
    let mut done = 0;
    while looks.is_none_or(|looks| done < looks) {
        world.pause.sleep(Duration::from_secs(options.every));
        done += 1;
        let look = match &mut followed {
            Tail::Log(log) => log.look(options, &session, world),
            Tail::Deliveries(deliveries) => deliveries.look(options, &session, world),
        };
        match look {
            Ok(()) => {}
            // A session lives for hours, and a tail for longer.
            Err(error) if error.status() == Some(401) => {
                session = Session::begin(config, &options.admin)?
            }
            Err(error) if error.is_transient() => world.note(&format!("{error}; looking again")),
            Err(error) => return Err(refusal(&error)),
        }
    }
    Ok(Exit::Done)
}

enum Tail {
    Log(Log),
    Deliveries(Deliveries),
}

/// Calls of the API; `after` is what the next look asks for.
struct Log {
    after: String,
}

impl Log {
    /// `None` where the server has no log.
    fn begin(
        options: &TailArgs,
        session: &Session,
        world: &mut World<'_>,
    ) -> Result<Option<Self>, Failure> {
        let last = options.last.max(1).to_string();
        let answer = match session.find(&["api-log"], &[("limit", &last)]) {
            Err(error) if error.status() == Some(404) => {
                world.note("This server has no log of calls: deliveries are followed.");
                return Ok(None);
            }
            answer => answer,
        };
        let page: Value = super::read(answer)?;
        if options.last > 0 {
            for call in calls_of(&page).iter().rev() {
                say_call(options, call, world);
            }
        }
        let after = text(&page, "tail").map(str::to_owned);
        let after = after.ok_or_else(|| Failure::refused("the log does not tell where it ends"))?;
        Ok(Some(Self { after }))
    }

    fn look(
        &mut self,
        options: &TailArgs,
        session: &Session,
        world: &mut World<'_>,
    ) -> Result<(), ApiError> {
        for _ in 0..MAX_PAGES {
            let query = [("after", self.after.as_str()), ("limit", LOG_PAGE)];
            let page: Value = session.find(&["api-log"], &query)?.json()?;
            for call in calls_of(&page) {
                say_call(options, call, world);
            }
            if let Some(tail) = text(&page, "tail") {
                tail.clone_into(&mut self.after);
            }
            if page.get("has_more") != Some(&Value::Bool(true)) {
                break;
            }
        }
        Ok(())
    }
}

fn calls_of(page: &Value) -> &[Value] {
    let calls = page.get("calls").and_then(Value::as_array);
    calls.map_or(&[], Vec::as_slice)
}

/// `2026-01-02T03:04:05Z  200   12 ms  customer_get  key CRM  req_…`.
fn say_call(options: &TailArgs, call: &Value, world: &mut World<'_>) {
    if options.json {
        return world.say(&call.to_string());
    }
    let who = match (text(call, "key_name"), text(call, "member_name")) {
        (_, Some(_)) => cell(call, "member_name"),
        (Some(_), None) => cell(call, "key_name"),
        (None, None) => "–".to_owned(),
    };
    let error =
        text(call, "error").map_or_else(String::new, |_| format!("  [{}]", cell(call, "error")));
    let (at, status, ms) = (cell(call, "at"), cell(call, "status"), cell(call, "ms"));
    let (operation, request) = (cell(call, "operation"), cell(call, "request_id"));
    world.say(&format!(
        "{at}  {status}  {ms:>5} ms  {operation}  {who}  {request}{error}"
    ));
}

/// Deliveries; each is told again when it comes further.
struct Deliveries {
    webhooks: Vec<Webhook>,
    /// The status and the number of attempts of each that was told.
    told: HashMap<String, (String, usize)>,
}

impl Deliveries {
    fn begin(
        options: &TailArgs,
        session: &Session,
        world: &mut World<'_>,
    ) -> Result<Self, Failure> {
        let named: Vec<_> = options.webhook.iter().cloned().collect();
        let webhooks = chosen(session, &named)?;
        if webhooks.is_empty() {
            return Err(Failure::refused(
                "there is no webhook whose deliveries could be followed",
            ));
        }
        let mut followed = Self {
            webhooks,
            told: HashMap::new(),
        };
        let last = usize::try_from(options.last).unwrap_or_default();
        let looked = followed.found(session);
        let all = looked.map_err(|error| refusal(&error))?;
        let from = all.len().saturating_sub(last);
        for (number, (place, delivery)) in all.iter().enumerate() {
            if followed.is_news(delivery) && number >= from {
                followed.say(options, *place, delivery, world);
            }
        }
        Ok(followed)
    }

    fn look(
        &mut self,
        options: &TailArgs,
        session: &Session,
        world: &mut World<'_>,
    ) -> Result<(), ApiError> {
        for (place, delivery) in self.found(session)? {
            if self.is_news(&delivery) {
                self.say(options, place, &delivery, world);
            }
        }
        Ok(())
    }

    /// The newest of all endpoints, oldest first, each with the place of its endpoint.
    fn found(&self, session: &Session) -> Result<Vec<(usize, Value)>, ApiError> {
        let mut all = Vec::new();
        let limit = PAGE.to_string();
        for (place, webhook) in self.webhooks.iter().enumerate() {
            let path = ["webhooks", &webhook.id, "deliveries"];
            let mut page: Value = session.find(&path, &[("limit", &limit)])?.json()?;
            if let Some(Value::Array(deliveries)) = page.get_mut("deliveries").map(Value::take) {
                all.extend(deliveries.into_iter().map(|one| (place, one)));
            }
        }
        all.sort_by_key(|(_, one)| one.get("sequence").and_then(Value::as_i64));
        Ok(all)
    }

    fn is_news(&mut self, delivery: &Value) -> bool {
        let attempts = delivery.get("attempts").and_then(Value::as_array);
        let stands = (cell(delivery, "status"), attempts.map_or(0, Vec::len));
        let before = self.told.insert(cell(delivery, "id"), stands.clone());
        before != Some(stands)
    }

    fn say(&self, options: &TailArgs, place: usize, delivery: &Value, world: &mut World<'_>) {
        match (options.json, self.webhooks.get(place)) {
            (false, Some(webhook)) => world.say(&row(webhook, delivery).join("  ")),
            _ => world.say(&delivery.to_string()),
        }
    }
}
