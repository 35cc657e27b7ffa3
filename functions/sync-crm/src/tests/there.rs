//! Kustomer, as far as these tests need it; the strict one is in tests/fakes.

use crate::kustomer::KUSTOMER_USER;
use common::ports::{FetchError, OutboundRequest, OutboundResponse};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use testkit::answer;

type Outcome = Result<OutboundResponse, FetchError>;

/// What comes in the way of a request.
pub(crate) enum Trouble {
    /// It is not done.
    Before(Outcome),
    /// It is done, and nobody tells.
    After(Outcome),
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) records: Vec<Value>,
    pub(crate) requests_made: Vec<String>,
    /// When each request came.
    pub(crate) times: Vec<i64>,
    /// Requests that it takes in any span of a minute.
    pub(crate) limit: Option<usize>,
    /// How often it answered with 429.
    pub(crate) throttled: usize,
    /// The roles of the key; every role where there are none.
    pub(crate) roles: Option<Vec<&'static str>>,
    /// The teams that there are; any where there are none.
    pub(crate) teams: Option<Vec<&'static str>>,
    /// Whether it knows `externalid=` alone.
    pub(crate) has_lower_case_ids: bool,
    /// Names of tags that were made, beside `vip`.
    pub(crate) tags: Vec<String>,
    /// How often a bulk job is asked about before it is complete.
    pub(crate) bulk_polls: usize,
    /// Bulk jobs: the results of their items once they are complete, and the items until then.
    bulk: Vec<(usize, Vec<Value>, Vec<Value>)>,
    taken: Vec<i64>,
    trouble: Vec<(String, Trouble)>,
}

#[derive(Clone, Default)]
pub(crate) struct There(pub(crate) Rc<RefCell<State>>);

impl There {
    /// The next request that begins so meets this.
    pub(crate) fn trouble(&self, request: &str, trouble: Trouble) {
        self.0.borrow_mut().trouble.push((request.into(), trouble));
    }

    pub(crate) fn all(&self, kind: &str) -> Vec<Value> {
        let state = self.0.borrow();
        let of_kind = state.records.iter().filter(|one| one["type"] == kind);
        of_kind.cloned().collect()
    }

    pub(crate) fn requests_made(&self) -> Vec<String> {
        std::mem::take(&mut self.0.borrow_mut().requests_made)
    }

    pub(crate) fn answer(&self, request: &OutboundRequest, now: i64) -> Outcome {
        let path = request.url.split("kustomerapp.com").nth(1).unwrap();
        let line = format!("{} {path}", request.method);
        let mut state = self.0.borrow_mut();
        state.requests_made.push(line.clone());
        state.times.push(now);
        if let Some(refusal) = state.refused(now).or_else(|| state.forbidden(&line)) {
            return refusal;
        }
        let met = state
            .trouble
            .iter()
            .position(|(what, _)| line.starts_with(what));
        match met.map(|n| state.trouble.remove(n).1) {
            Some(Trouble::Before(outcome)) => return outcome,
            Some(Trouble::After(outcome)) => {
                drop(state.answer(&line, request));
                return outcome;
            }
            None => {}
        }
        state.answer(&line, request)
    }
}

/// The roles of which a call needs one; none for a call that any key may make.
fn roles_of(line: &str) -> &'static [&'static str] {
    let (method, path) = line.split_once(' ').unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    let parts: Vec<_> = path.trim_start_matches("/v1/").split('/').collect();
    match (method, parts.as_slice()) {
        ("GET", ["customers", _, "conversations"] | ["conversations", _]) => &[
            "org.permission.conversation.read",
            "org.user.conversation.read",
        ],
        ("GET", ["customers", _]) => &["org.permission.customer.read", "org.user.customer.read"],
        ("POST", ["customers", "search"]) => &[
            "org.permission.search.create",
            "org.permission.search.update",
            "org.user.search.read",
        ],
        ("POST", ["customers"]) => &["org.permission.customer.create", "org.user.customer.write"],
        ("PATCH", ["customers", _]) => {
            &["org.permission.customer.update", "org.user.customer.write"]
        }
        ("POST", ["conversations"]) => &[
            "org.permission.conversation.create",
            "org.user.conversation.write",
        ],
        ("DELETE", ["conversations", _, "tags"]) => &[
            "org.permission.conversation.delete",
            "org.user.conversation.write",
        ],
        ("PATCH", ["conversations", _]) | ("POST", ["conversations", _, "tags"]) => &[
            "org.permission.conversation.update",
            "org.user.conversation.write",
        ],
        ("POST", ["conversations", _, "messages"]) => {
            &["org.permission.message.create", "org.user.message.write"]
        }
        ("GET", ["messages", _, "attachments", _]) => {
            &["org.permission.attachment.read", "org.user.attachment.read"]
        }
        ("GET", ["messages", _] | ["conversations", _, "messages"]) => {
            &["org.permission.message.read", "org.user.message.read"]
        }
        ("PATCH", ["messages", _]) => &["org.permission.message.update", "org.user.message.write"],
        ("POST", ["conversations", _, "notes"]) => {
            &["org.permission.note.create", "org.user.note.write"]
        }
        ("GET", ["conversations", _, "notes"]) => {
            &["org.permission.note.read", "org.user.note.read"]
        }
        ("POST", ["attachments"]) => &[
            "org.permission.message.create",
            "org.permission.note.create",
        ],
        ("POST", ["messages", "bulk"]) => {
            &["org.permission.message.create", "org.user.message.write"]
        }
        ("GET", ["bulk", ..]) => &["org.permission.bulk.read", "org.user.bulk.read"],
        ("GET", ["users"]) => &["org.permission.user.read", "org.user.user.read"],
        ("GET", ["tags"]) => &["org.permission.tag.read", "org.user.tag.read"],
        ("GET", ["teams"]) => &["org.permission.team.read", "org.user.team.read"],
        _ => &[],
    }
}

/// Whether a customer has what another is to have, too: it is one customer's alone (kustomer.md §7).
fn has_contact_of(known: &Value, body: &Value) -> bool {
    let lists = [
        ("emails", "email"),
        ("phones", "phone"),
        ("whatsapps", "phone"),
    ];
    lists.iter().any(|(list, field)| {
        let of = |record: &Value| record[*list].as_array().cloned().unwrap_or_default();
        let theirs = of(&known["attributes"]);
        let is_theirs = |one: &Value| theirs.iter().any(|other| other[*field] == one[*field]);
        of(body).iter().any(is_theirs)
    })
}

fn missing() -> Outcome {
    answer(
        404,
        &json!({"errors": [{"code": "not_found", "message": "not found"}]}),
    )
}

fn conflict() -> Outcome {
    answer(
        409,
        &json!({"errors": [{"code": "conflict", "message": "duplicate detected"}]}),
    )
}

impl State {
    /// Says how little is left only when it is, as Kustomer may.
    fn refused(&mut self, now: i64) -> Option<Outcome> {
        let limit = self.limit?;
        self.taken.retain(|at| *at > now - 60_000_000);
        if self.taken.len() < limit {
            self.taken.push(now);
            return None;
        }
        self.throttled += 1;
        let reset = self.taken[0] / 1_000_000 + 61;
        let mut answer = answer(429, &json!({"errors": [{"code": "rate_limited"}]})).unwrap();
        answer.headers.extend([
            ("x-ratelimit-limit".to_owned(), limit.to_string()),
            ("x-ratelimit-remaining".to_owned(), "0".to_owned()),
            ("x-ratelimit-reset".to_owned(), reset.to_string()),
        ]);
        Some(Ok(answer))
    }

    /// Refuses who has none of the roles of a call (kustomer.md §2).
    fn forbidden(&self, line: &str) -> Option<Outcome> {
        let needed = roles_of(line);
        let held = self.roles.as_ref()?;
        if needed.is_empty() || needed.iter().any(|role| held.contains(role)) {
            return None;
        }
        let message = format!("One of these roles is required: {}", needed.join(", "));
        let error = json!({"errors": [{"code": "forbidden", "message": message}]});
        Some(answer(403, &error))
    }

    /// Refuses an assignment to a team that does not exist.
    fn unknown_team(&self, body: &Value) -> Option<Outcome> {
        let teams = self.teams.as_ref()?;
        let assigned = body["assignedTeams"].as_array()?;
        let is_known = |team: &Value| teams.iter().any(|known| team == known);
        let n = assigned.iter().position(|team| !is_known(team))?;
        let source = json!({"pointer": format!("/assignedTeams/{n}")});
        let error = json!({"errors": [{"code": "bad_request", "detail": "does not exist",
            "source": source}]});
        Some(answer(400, &error))
    }

    pub(crate) fn clear_trouble(&mut self) {
        self.trouble.clear();
    }

    fn answer(&mut self, line: &str, request: &OutboundRequest) -> Outcome {
        let body = request.body.as_deref().map(serde_json::from_slice::<Value>);
        let body = body.and_then(Result::ok).unwrap_or_default();
        let (method, path) = line.split_once(' ').unwrap();
        let path = path.split('?').next().unwrap();
        let parts: Vec<_> = path.trim_start_matches("/v1/").split('/').collect();
        match (method, parts.as_slice()) {
            ("GET", ["users"]) => answer(
                200,
                &json!({"data": [{"type": "user", "id": "agent-1",
                "attributes": {"name": "Grace", "email": "grace@acme.example"}}]}),
            ),
            ("GET", ["tags"]) => {
                let tag = |(n, name): (usize, &str)| {
                    json!({"type": "tag", "id": format!("tag-{}", n + 1),
                        "attributes": {"name": name}})
                };
                let tags: Vec<_> = self.tag_names().into_iter().enumerate().map(tag).collect();
                answer(200, &json!({ "data": tags }))
            }
            ("POST", ["customers", "search"]) => {
                answer(200, &json!({"data": [], "links": {"next": null}}))
            }
            ("GET", ["messages", by])
                if by.starts_with("external")
                    && by.starts_with("externalid=") != self.has_lower_case_ids =>
            {
                missing()
            }
            ("GET", [kind, by]) if by.contains('=') => self.by(kind, by),
            ("GET", ["messages", _, "attachments", id]) => self.record(id),
            ("GET", ["conversations", id, "notes"]) => self.of(id, "note"),
            ("GET", ["customers", _, "conversations"]) => answer(
                200,
                &json!({"data": [
                {"type": "conversation", "id": "past-1", "attributes": {"name": "Last year's"}}]}),
            ),
            ("GET", ["bulk", id]) => self.bulk_job(id),
            ("GET", ["bulk", id, "batches"]) => {
                let results =
                    &self.bulk[id.trim_start_matches('0').parse::<usize>().unwrap() - 1].2;
                answer(
                    200,
                    &json!({"data": [{"type": "bulk_batch", "id": "b-1",
                    "attributes": {"status": "complete", "results": results}}]}),
                )
            }
            ("POST", ["messages", "bulk"]) => {
                let items = body.as_array().unwrap().clone();
                assert!(items.len() <= 100 && request.body.as_ref().unwrap().len() <= 100_000);
                self.bulk.push((self.bulk_polls, items, Vec::new()));
                let id = format!("{:024}", self.bulk.len());
                answer(
                    200,
                    &json!({"data": {"type": "bulk", "id": id,
                    "attributes": {"status": "queued"}}}),
                )
            }
            ("GET", [_, id]) => self.record(id),
            ("POST", ["customers"]) => self.create("customer", body, Value::Null),
            ("POST" | "PATCH", ["conversations", ..]) if self.unknown_team(&body).is_some() => {
                self.unknown_team(&body).unwrap()
            }
            ("POST", ["conversations"]) => {
                let customer =
                    json!({"customer": {"data": {"type": "customers", "id": body["customer"]}}});
                self.create("conversation", body, customer)
            }
            ("POST", ["conversations", id, "tags"]) => {
                let names = body.as_array().unwrap();
                let new: Vec<_> = names.iter().map(|name| self.tag_made(name)).collect();
                self.tagged(id, |tags| {
                    for id in new {
                        if !tags.contains(&id) {
                            tags.push(id);
                        }
                    }
                })
            }
            ("DELETE", ["conversations", id, "tags"]) => {
                let names = body.as_array().unwrap();
                let gone: Vec<_> = names.iter().map(|name| self.tag_made(name)).collect();
                self.tagged(id, |tags| tags.retain(|tag| !gone.contains(tag)))
            }
            ("POST", ["conversations", id, kind]) => {
                let conversation =
                    json!({"conversation": {"data": {"type": "conversation", "id": id}}});
                self.create(kind.trim_end_matches('s'), body, conversation)
            }
            ("PATCH", [_, id]) => self.patch(id, &body),
            _ => panic!("nothing is known of {line}"),
        }
    }

    /// A bulk job, whose items are made by and by, and not in their order.
    fn bulk_job(&mut self, id: &str) -> Outcome {
        let Ok(n @ 1..) = id.parse::<usize>() else {
            return missing();
        };
        let (polls, mut items, mut results) = std::mem::take(&mut self.bulk[n - 1]);
        if polls > 0 {
            self.bulk[n - 1] = (polls - 1, items, results);
            return answer(
                200,
                &json!({"data": {"type": "bulk", "id": id,
                "attributes": {"status": "running"}}}),
            );
        }
        for mut item in items.drain(..).rev() {
            let fields = item.as_object_mut().unwrap();
            let reference = fields.remove("_clientRef").unwrap();
            let conversation = fields.remove("conversation").unwrap();
            let conversation =
                json!({"conversation": {"data": {"type": "conversation", "id": conversation}}});
            let made = self.create("message", item, conversation).unwrap();
            results.push(match made.status {
                201 => {
                    let id = self.records.last().unwrap()["id"].clone();
                    json!({"_clientRef": reference, "objectId": id, "status": "created"})
                }
                _ => json!({"_clientRef": reference, "status": "error", "error": "refused"}),
            });
        }
        self.bulk[n - 1] = (0, items, results);
        answer(
            200,
            &json!({"data": {"type": "bulk", "id": id,
            "attributes": {"status": "complete"}}}),
        )
    }

    fn tag_names(&self) -> Vec<&str> {
        let made = self.tags.iter().map(String::as_str);
        ["vip"].into_iter().chain(made).collect()
    }

    /// The id of a tag by its name; it is made where it is missing.
    fn tag_made(&mut self, name: &Value) -> Value {
        let name = name.as_str().unwrap();
        let at = self.tag_names().iter().position(|known| *known == name);
        let at = at.unwrap_or_else(|| {
            self.tags.push(name.to_owned());
            self.tags.len()
        });
        json!(format!("tag-{}", at + 1))
    }

    fn tagged(&mut self, id: &str, change: impl FnOnce(&mut Vec<Value>)) -> Outcome {
        let record = self.find(id).unwrap();
        let mut tags = record["attributes"]["tags"].as_array().cloned();
        change(tags.get_or_insert_default());
        self.patch(id, &json!({ "tags": tags }))
    }

    fn find(&mut self, id: &str) -> Option<&mut Value> {
        self.records.iter_mut().find(|one| one["id"] == id)
    }

    fn record(&mut self, id: &str) -> Outcome {
        let found = self.find(id).map(|record| json!({"data": record}));
        found.map_or_else(missing, |found| answer(200, &found))
    }

    fn of(&self, conversation: &str, kind: &str) -> Outcome {
        let is_of = |one: &&Value| {
            one["type"] == kind
                && one["relationships"]["conversation"]["data"]["id"] == conversation
        };
        let data: Vec<_> = self.records.iter().filter(is_of).collect();
        answer(200, &json!({"data": data, "links": {"next": null}}))
    }

    fn by(&mut self, kind: &str, by: &str) -> Outcome {
        let (field, value) = by.split_once('=').unwrap();
        let field = if field == "externalid" {
            "externalId"
        } else {
            field
        };
        let value = value
            .replace("%3A", ":")
            .replace("%40", "@")
            .replace("%2B", "+");
        let fits = |one: &&Value| {
            let attributes = &one["attributes"];
            let listed = |list: &str| {
                let list = attributes[list].as_array().cloned().unwrap_or_default();
                list.iter().any(|one| one[field] == value.as_str())
            };
            one["type"] == kind.trim_end_matches('s')
                && (attributes[field] == value.as_str() || listed("emails") || listed("phones"))
        };
        let found = self
            .records
            .iter()
            .find(fits)
            .map(|one| json!({"data": one}));
        found.map_or_else(missing, |found| answer(200, &found))
    }

    fn create(&mut self, kind: &str, body: Value, mut relationships: Value) -> Outcome {
        let same = |one: &&Value| {
            let key = &body["externalId"];
            one["type"] == kind && !key.is_null() && one["attributes"]["externalId"] == *key
        };
        if self
            .records
            .iter()
            .any(|one| same(&one) || has_contact_of(one, &body))
        {
            return conflict();
        }
        if body["preview"] == "refused" {
            return answer(400, &json!({"errors": [{"code": "bad_request"}]}));
        }
        let mut attributes = body;
        let own = attributes
            .as_object_mut()
            .and_then(|body| body.remove("id"));
        let id = own.and_then(|id| Some(id.as_str()?.to_owned()));
        let id = id.unwrap_or_else(|| format!("{kind}-{}", self.records.len()));
        if self.records.iter().any(|one| one["id"] == id) {
            return conflict();
        }
        attributes["rev"] = json!(1);
        if kind == "conversation" {
            attributes["satisfaction"] = json!(0);
        }
        if relationships.is_null() {
            relationships = json!({});
        }
        relationships["createdBy"] = json!({"links": {"self": format!("/v1/users/{KUSTOMER_USER}")},
            "data": {"type": "user", "id": KUSTOMER_USER}});
        let record = json!({"type": kind, "id": id, "attributes": attributes, "relationships": relationships});
        self.records.push(record.clone());
        answer(201, &json!({"data": record}))
    }

    fn patch(&mut self, id: &str, body: &Value) -> Outcome {
        let Some(record) = self.find(id) else {
            return missing();
        };
        for (name, value) in body.as_object().unwrap() {
            record["attributes"][name] = value.clone();
        }
        let rev = record["attributes"]["rev"].as_i64().unwrap() + 1;
        record["attributes"]["rev"] = json!(rev);
        answer(200, &json!({"data": record}))
    }
}
