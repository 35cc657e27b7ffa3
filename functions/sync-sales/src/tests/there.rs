//! Krayin, as far as these tests need it; the strict one is in tests/fakes.

use super::rows::{find, is, listed, pipelines};
use crate::krayin::{KRAYIN, KRAYIN_TOKEN};
use common::ports::{FetchError, OutboundRequest, OutboundResponse};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;

pub(crate) type Outcome = Result<OutboundResponse, FetchError>;

/// What comes in the way of a request.
#[derive(Clone)]
pub(crate) enum Trouble {
    /// It is not done.
    Before(Outcome),
    /// It is done, and nobody tells.
    After(Outcome),
}

/// The window in which requests are counted, in microseconds.
const WINDOW: i64 = 60_000_000;

#[derive(Default)]
pub(crate) struct State {
    pub(crate) persons: Vec<Value>,
    pub(crate) leads: Vec<Value>,
    pub(crate) organizations: Vec<Value>,
    pub(crate) activities: Vec<Value>,
    pub(crate) requests_made: Vec<String>,
    /// When each request came.
    pub(crate) times: Vec<i64>,
    /// Requests that a window takes.
    pub(crate) limit: Option<usize>,
    /// Requests that were refused for it.
    pub(crate) refused: usize,
    /// Whether nobody answers.
    pub(crate) is_away: bool,
    /// Whether the token is none any more.
    pub(crate) is_locked: bool,
    /// Whether answers tell no limits, as those of newer versions.
    pub(crate) has_no_headers: bool,
    /// Whether moving a lead forgets its closing date, as some versions do.
    pub(crate) forgets_dates: bool,
    window: (i64, usize),
    last_id: u64,
    now: i64,
    trouble: Vec<(String, Trouble)>,
    /// What happens once a request that begins so was answered.
    behind: Option<(String, Box<dyn FnOnce()>)>,
    /// What the request of this number meets, from 1.
    pub(crate) nth: Option<(usize, Trouble)>,
}

#[derive(Clone, Default)]
pub(crate) struct There(pub(crate) Rc<RefCell<State>>);

/// An answer with JSON.
pub(crate) fn said(status: u16, body: &Value, has_limits: bool) -> Outcome {
    let mut headers = vec![("content-type", "application/json".to_owned())];
    if has_limits {
        headers.push(("x-ratelimit-limit", "60".to_owned()));
        headers.push(("x-ratelimit-remaining", "59".to_owned()));
    }
    let own = |(name, value): (&str, String)| (name.to_owned(), value);
    Ok(OutboundResponse {
        status,
        headers: headers.into_iter().map(own).collect(),
        body: body.to_string().into_bytes(),
        is_cut: false,
    })
}

/// A handler that failed.
pub(crate) fn faulted() -> Outcome {
    let message = "admin::app.common.internal-server-error";
    said(500, &json!({ "message": message }), true)
}

/// What a bad token and the limit are answered.
pub(crate) fn bare() -> Outcome {
    let message = "admin::app.common.internal-server-error";
    said(500, &json!({ "message": message }), false)
}

fn taken(field: &str) -> Outcome {
    let message = "The value has already been taken.";
    said(
        422,
        &json!({ "message": message, "errors": { field: [message] } }),
        true,
    )
}

impl There {
    /// The next request that begins so meets this.
    pub(crate) fn trouble(&self, request: &str, trouble: Trouble) {
        self.0.borrow_mut().trouble.push((request.into(), trouble));
    }

    /// Has something happen once, as soon as a request that begins so was answered.
    pub(crate) fn behind(&self, request: &str, happen: impl FnOnce() + 'static) {
        self.0.borrow_mut().behind = Some((request.into(), Box::new(happen)));
    }

    pub(crate) fn requests_made(&self) -> Vec<String> {
        std::mem::take(&mut self.0.borrow_mut().requests_made)
    }

    /// Activities that people see.
    pub(crate) fn activities(&self) -> Vec<Value> {
        let mut activities = self.0.borrow().activities.clone();
        activities.retain(|one| one["type"] != "system");
        activities
    }

    pub(crate) fn answer(&self, request: &OutboundRequest, now: i64) -> Option<Outcome> {
        let path = request.url.strip_prefix(KRAYIN)?;
        let line = format!("{} {path}", request.method);
        let answered = self.answered(request, path, &line, now);
        let behind = self
            .0
            .borrow_mut()
            .behind
            .take_if(|(what, _)| line.starts_with(&*what));
        if let Some((_, happen)) = behind {
            happen();
        }
        answered
    }

    fn answered(
        &self,
        request: &OutboundRequest,
        path: &str,
        line: &str,
        now: i64,
    ) -> Option<Outcome> {
        let mut state = self.0.borrow_mut();
        state.now = now;
        state.requests_made.push(line.to_owned());
        state.times.push(now);
        if state.is_away {
            return Some(testkit::refused());
        }
        if let Some(refusal) = state.refusal(request, now) {
            return Some(refusal);
        }
        let met = state
            .trouble
            .iter()
            .position(|(what, _)| line.starts_with(what));
        let mut met = met.map(|n| state.trouble.remove(n).1);
        let count = state.times.len();
        if state.nth.as_ref().is_some_and(|(n, _)| *n == count) {
            met = state.nth.take().map(|(_, trouble)| trouble);
        }
        Some(match met {
            Some(Trouble::Before(outcome)) => outcome,
            Some(Trouble::After(outcome)) => {
                drop(state.answer(request.method, path, request.body.as_deref()));
                outcome
            }
            None => {
                let answered = state.answer(request.method, path, request.body.as_deref());
                match state.has_no_headers {
                    true => answered.map(without_limits),
                    false => answered,
                }
            }
        })
    }
}

fn without_limits(mut response: OutboundResponse) -> OutboundResponse {
    response
        .headers
        .retain(|(name, _)| !name.starts_with("x-ratelimit"));
    response
}

impl State {
    fn refusal(&mut self, request: &OutboundRequest, now: i64) -> Option<Outcome> {
        let header = |name: &str| {
            let found = request.headers.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.as_str())
        };
        assert_eq!(header("accept"), Some("application/json"));
        assert_eq!(header("x-requested-with"), Some("XMLHttpRequest"));
        let bearer = format!("Bearer {KRAYIN_TOKEN}");
        if self.is_locked || header("authorization") != Some(bearer.as_str()) {
            return Some(bare());
        }
        let (began, count) = self.window;
        self.window = match now - began < WINDOW {
            true => (began, count + 1),
            false => (now, 1),
        };
        if self.limit.is_some_and(|limit| self.window.1 > limit) {
            self.refused += 1;
            return Some(bare());
        }
        None
    }

    pub(crate) fn id(&mut self) -> u64 {
        self.last_id += 1;
        200 + self.last_id
    }

    pub(super) fn stamp(&self) -> String {
        common::time::Timestamp::from_micros(self.now).to_string()
    }

    fn answer(&mut self, method: &str, path: &str, body: Option<&[u8]>) -> Outcome {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let query: Vec<(String, String)> = common::form::pairs(query);
        let body: Value = body.map_or(Value::Null, |body| serde_json::from_slice(body).unwrap());
        let parts: Vec<_> = path.trim_start_matches('/').split('/').collect();
        let data = |data: Value| said(200, &json!({ "data": data, "message": "ok" }), true);
        match (method, parts.as_slice()) {
            ("GET", ["get"]) => {
                data(json!({ "id": 1, "name": "Tieline", "view_permission": "global" }))
            }
            ("GET", ["settings", "pipelines"]) => data(pipelines()),
            ("GET", ["settings", "users"]) => data(json!([
                { "id": 1, "name": "Tieline", "email": "tieline@crm.test" },
                { "id": 5, "name": "Marta", "email": "marta@crm.test" }])),
            ("GET", ["contacts", "persons", "search"]) => self.search(&query),
            ("GET", ["contacts", "persons"]) => data(listed(&self.persons, &query, &["id"])),
            ("POST", ["contacts", "persons"]) => self.person_write(None, &body),
            ("PUT", ["contacts", "persons", id]) => self.person_write(Some(id), &body),
            ("GET", ["contacts", "organizations"]) => {
                data(listed(&self.organizations, &query, &["name"]))
            }
            ("GET", ["settings", "attributes", "lookup", "organizations"]) => {
                let part = &query.iter().find(|(name, _)| name == "query").unwrap().1;
                let has = |one: &&Value| one["name"].as_str().unwrap().contains(part);
                data(self.organizations.iter().filter(has).cloned().collect())
            }
            ("POST", ["contacts", "organizations"]) => {
                let name = body["name"].as_str().unwrap().to_lowercase();
                let is_it = |one: &Value| one["name"].as_str().unwrap().to_lowercase() == name;
                if self.organizations.iter().any(is_it) {
                    return taken("name");
                }
                let made = self.made(&body);
                self.organizations.push(made.clone());
                data(made)
            }
            ("GET", ["leads"]) => data(listed(&self.leads, &query, &["person_id"])),
            ("POST", ["leads"]) => self.lead_make(&body),
            ("GET", ["leads", id]) => match find(&self.leads, id) {
                Some(lead) => data(lead),
                None => said(404, &json!({ "message": "gone" }), true),
            },
            ("PUT", ["leads", "stage", "edit", id]) => self.lead_move(id, &body),
            ("PUT", ["leads", "attributes", "edit", id]) => self.lead_edit(id, &body),
            ("POST", ["activities"]) => self.activity_make(&body),
            ("GET", ["activities"]) => data(listed(&self.activities, &query, &["title", "type"])),
            ("GET", ["leads", id, "activities"]) => data(self.linked("lead_id", id)),
            ("GET", ["contacts", "persons", id, "activities"]) => {
                data(self.linked("person_id", id))
            }
            ("PUT", ["activities", id]) => self.activity_write(id, &body),
            other => panic!("nothing is scripted for {other:?}"),
        }
    }

    pub(super) fn made(&mut self, body: &Value) -> Value {
        let mut made = body.clone();
        made["id"] = self.id().into();
        made["created_at"] = self.stamp().into();
        made["updated_at"] = self.stamp().into();
        made
    }

    fn search(&self, query: &[(String, String)]) -> Outcome {
        let of = |name: &str| {
            query
                .iter()
                .find(|(known, _)| known == name)
                .unwrap()
                .1
                .clone()
        };
        let (search, fields) = (of("search"), of("searchFields"));
        let matches = |person: &&Value| {
            search.split(';').zip(fields.split(';')).any(|(by, field)| {
                let (name, value) = by.split_once(':').unwrap();
                assert_eq!(field, format!("{name}:like"));
                person[name].to_string().contains(value)
            })
        };
        let found: Vec<_> = self.persons.iter().filter(matches).cloned().collect();
        said(200, &json!({ "data": found }), true)
    }

    fn person_write(&mut self, id: Option<&str>, body: &Value) -> Outcome {
        let index = id.map(|id| self.persons.iter().position(|one| is(one, "id", id)));
        if index == Some(None) {
            return said(404, &json!({ "message": "gone" }), true);
        }
        for list in ["emails", "contact_numbers"] {
            for (n, entry) in body[list].as_array().into_iter().flatten().enumerate() {
                let value = &entry["value"];
                let has = |one: &Value| {
                    one[list]
                        .as_array()
                        .unwrap()
                        .iter()
                        .any(|known| known["value"] == *value)
                };
                let mut others = self
                    .persons
                    .iter()
                    .filter(|one| Some(one["id"].to_string().as_str()) != id);
                if value != "" && others.any(has) {
                    return taken(&format!("{list}.{n}.value"));
                }
            }
        }
        if body["emails"].as_array().is_none_or(Vec::is_empty) {
            return taken("emails");
        }
        if body["contact_numbers"].as_array().is_none_or(Vec::is_empty) {
            return faulted();
        }
        let organization = match body.get("organization_id").filter(|id| !id.is_null()) {
            Some(id) => match find(&self.organizations, &id.to_string()) {
                Some(organization) => organization,
                None => return faulted(),
            },
            None => Value::Null,
        };
        let mut person = match index.flatten() {
            Some(index) => self.persons[index].clone(),
            None => self.made(&json!({})),
        };
        for (name, value) in body.as_object().unwrap() {
            person[name] = value.clone();
        }
        person["sales_owner"] = match body.get("user_id") {
            Some(id) => json!({ "id": id }),
            None => Value::Null,
        };
        if !organization.is_null() {
            person["organization"] = organization;
        }
        person["updated_at"] = self.stamp().into();
        match index.flatten() {
            Some(index) => self.persons[index] = person.clone(),
            None => self.persons.push(person.clone()),
        }
        said(200, &json!({ "data": person, "message": "ok" }), true)
    }

    fn lead_make(&mut self, body: &Value) -> Outcome {
        let person = find(&self.persons, &body["person"]["id"].to_string());
        let stage = body["lead_pipeline_stage_id"].as_u64().unwrap();
        let (Some(person), 1..=8) = (person, stage) else {
            return said(404, &json!({ "message": "gone" }), true);
        };
        let mut lead = self.made(body);
        lead["person_id"] = person["id"].clone();
        lead["person"] = person;
        lead["lead_pipeline_id"] = json!(if stage > 6 { 2 } else { 1 });
        self.leads.push(lead.clone());
        said(200, &json!({ "data": lead, "message": "ok" }), true)
    }

    fn lead_at(&mut self, id: &str) -> Option<&mut Value> {
        self.leads.iter_mut().find(|one| is(one, "id", id))
    }

    fn lead_move(&mut self, id: &str, body: &Value) -> Outcome {
        let (stamp, forgets) = (self.stamp(), self.forgets_dates);
        let stage = body["lead_pipeline_stage_id"].clone();
        let Some(lead) = self.lead_at(id) else {
            return said(404, &json!({ "message": "gone" }), true);
        };
        let is_closed = matches!(stage.as_u64(), Some(5 | 6));
        lead["closed_at"] = if is_closed {
            stamp.clone().into()
        } else {
            Value::Null
        };
        lead["lead_pipeline_stage_id"] = stage;
        lead["updated_at"] = stamp.into();
        if forgets {
            lead["expected_close_date"] = Value::Null;
        }
        said(200, &json!({ "data": lead, "message": "ok" }), true)
    }

    fn lead_edit(&mut self, id: &str, body: &Value) -> Outcome {
        let stamp = self.stamp();
        let Some(lead) = self.lead_at(id) else {
            return said(404, &json!({ "message": "gone" }), true);
        };
        lead["expected_close_date"] = Value::Null;
        for (name, value) in body.as_object().unwrap() {
            lead[name] = value.clone();
        }
        if let Some(day) = body["expected_close_date"].as_str() {
            lead["expected_close_date"] = format!("{day}T00:00:00.000000Z").into();
        }
        lead["updated_at"] = stamp.into();
        said(200, &json!({ "data": lead, "message": "ok" }), true)
    }
}
