//! A server of Chatwoot, as far as lists go: it has pages, windows of messages, and tells nobody what happened.

use common::ports::{FetchError, OutboundRequest, OutboundResponse};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use testkit::answer;

/// Accounts have numbers of one digit.
const API: &str = "https://chat.example.com/api/v1/accounts/";

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing is done.
    Before,
    /// It is done, and no answer comes.
    After,
    /// It is done, and answered with a bug's 500.
    Stumbles,
}

#[derive(Default)]
pub(super) struct Site {
    pub(super) contacts: BTreeMap<u64, Value>,
    pub(super) conversations: BTreeMap<u64, Value>,
    /// Each with `conversation_id`, in order.
    pub(super) messages: Vec<Value>,
    pub(super) attributes: Vec<String>,
    /// Whether the token is an administrator's.
    pub(super) is_administrator: bool,
    /// What was written, by whom it was asked.
    pub(super) written: Vec<(String, Value)>,
    pub(super) requests: Vec<String>,
    pub(super) fault: Option<(usize, Fault)>,
    /// The account whose token is none.
    pub(super) refuses: Option<&'static str>,
    /// Seconds since 1970.
    pub(super) now: i64,
    last_id: u64,
}

impl Site {
    pub(super) fn contact(&mut self, id: u64, more: Value) {
        let mut contact = json!({
            "id": id, "name": format!("Person {id}"), "email": format!("p{id}@example.com"), "phone_number": null,
            "identifier": null, "additional_attributes": {}, "custom_attributes": {},
        });
        contact["last_activity_at"] = self.now.into();
        merge(&mut contact, more);
        self.contacts.insert(id, contact);
    }

    /// A conversation that begins now.
    pub(super) fn conversation(&mut self, id: u64, contact: u64, more: Value) {
        let mut conversation = json!({
            "id": id, "inbox_id": 6, "status": "open", "priority": null, "labels": [], "created_at": self.now,
            "updated_at": self.now, "last_activity_at": self.now, "contact": contact, "assignee": null,
        });
        merge(&mut conversation, more);
        self.conversations.insert(id, conversation);
    }

    /// Somebody writes; gives the message's id.
    pub(super) fn writes(&mut self, conversation: u64, content: &str) -> u64 {
        self.says(conversation, content, json!({}))
    }

    pub(super) fn answers(&mut self, conversation: u64, content: &str) -> u64 {
        let by = json!({ "id": 5, "name": "Bia", "type": "user" });
        self.says(
            conversation,
            content,
            json!({ "message_type": 1, "sender": by }),
        )
    }

    pub(super) fn notes(&mut self, conversation: u64, content: &str) -> u64 {
        let by = json!({ "id": 5, "name": "Bia", "type": "user" });
        let more = json!({ "message_type": 1, "private": true, "sender": by });
        self.says(conversation, content, more)
    }

    fn says(&mut self, conversation: u64, content: &str, more: Value) -> u64 {
        self.last_id += 1;
        let id = 500 + self.last_id;
        let contact = self.conversations[&conversation]["contact"].clone();
        let mut message = json!({
            "id": id, "content": content, "conversation_id": conversation, "message_type": 0, "private": false,
            "content_type": "text", "content_attributes": {}, "status": "sent", "created_at": self.now,
            "sender": { "id": contact, "type": "contact" },
        });
        merge(&mut message, more);
        self.messages.push(message);
        self.touch(conversation);
        if let Some(contact) = contact.as_u64().and_then(|id| self.contacts.get_mut(&id)) {
            contact["last_activity_at"] = self.now.into();
        }
        id
    }

    pub(super) fn touch(&mut self, conversation: u64) {
        let now = self.now;
        let conversation = self.conversations.get_mut(&conversation).unwrap();
        conversation["last_activity_at"] = now.into();
        conversation["updated_at"] = now.into();
    }

    pub(super) fn message(&mut self, id: u64) -> &mut Value {
        let mut all = self.messages.iter_mut();
        all.find(|message| message["id"] == id).unwrap()
    }

    pub(super) fn shown(&self, id: u64) -> Option<Value> {
        let mut shown = self.conversations.get(&id)?.clone();
        let contact = shown["contact"].as_u64().unwrap();
        let sender = self.contacts.get(&contact).cloned();
        shown["meta"] = json!({ "sender": sender.unwrap_or_else(|| json!({ "id": contact })),
            "channel": "Channel::WebWidget", "assignee": shown["assignee"] });
        Some(shown)
    }

    pub(super) fn answer(
        &mut self,
        request: &OutboundRequest,
    ) -> Result<OutboundResponse, FetchError> {
        if self.refuses.is_some_and(|part| request.url.contains(part)) {
            return answer(401, &json!({ "error": "Invalid Access Token" }));
        }
        let path = request.url.strip_prefix(API).expect("a path of it");
        let path = &path[1..];
        self.requests.push(format!("{} {path}", request.method));
        let fault = match self.fault {
            Some((number, fault)) if number == self.requests.len() => Some(fault),
            _ => None,
        };
        if fault == Some(Fault::Before) {
            return Err(FetchError::Unsure("cut before".into()));
        }
        let body: Value = request
            .body
            .as_deref()
            .map(|body| serde_json::from_slice(body).unwrap())
            .unwrap_or_default();
        let answered = self.done(request.method, path, &body);
        match fault {
            Some(Fault::After) => Err(FetchError::Unsure("cut after".into())),
            Some(Fault::Stumbles) => answer(500, &json!({ "status": 500, "error": "Bug" })),
            _ => answered,
        }
    }

    fn done(
        &mut self,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Result<OutboundResponse, FetchError> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let query: BTreeMap<_, _> = query
            .split('&')
            .filter_map(|one| one.split_once('='))
            .collect();
        if method != "GET" {
            self.written
                .push((format!("{method} {path}"), body.clone()));
        }
        let parts: Vec<_> = path.trim_start_matches('/').split('/').collect();
        let missing = || answer(404, &json!({ "error": "Resource could not be found" }));
        let number = |at: usize| parts[at].parse::<u64>().unwrap();
        match (method, parts.as_slice()) {
            ("GET", ["agents"]) => answer(
                200,
                &json!([{ "id": 5, "name": "Bia", "email": "bia@example.com" }]),
            ),
            ("GET", ["contacts"]) => answer(200, &json!({ "payload": self.contact_page(&query) })),
            ("GET", ["contacts", _]) => match self.contacts.get(&number(1)) {
                Some(contact) => answer(200, &json!({ "payload": contact })),
                None => missing(),
            },
            ("PUT", ["contacts", _]) => match self.contacts.get_mut(&number(1)) {
                Some(contact) => {
                    merge(contact, body.clone());
                    answer(200, &json!({ "payload": contact }))
                }
                None => missing(),
            },
            ("GET", ["conversations"]) => answer(200, &self.conversation_page(&query)),
            ("GET", ["conversations", _]) => match self.shown(number(1)) {
                Some(shown) => answer(200, &shown),
                None => missing(),
            },
            ("GET", ["conversations", _, "messages"]) => answer(
                200,
                &json!({ "meta": {}, "payload": self.window(number(1), &query) }),
            ),
            ("POST", ["conversations", _, "messages"]) => {
                let (content, mut more) = (body["content"].as_str().unwrap(), body.clone());
                more["message_type"] = json!(1);
                let id = self.says(number(1), content, more);
                answer(200, &json!({ "id": id }))
            }
            ("POST", ["conversations", _, what]) => {
                let conversation = self.conversations.get_mut(&number(1)).unwrap();
                match *what {
                    "toggle_status" => conversation["status"] = body["status"].clone(),
                    "toggle_priority" => conversation["priority"] = body["priority"].clone(),
                    "labels" => conversation["labels"] = body["labels"].clone(),
                    _ => {}
                }
                answer(200, &json!({}))
            }
            ("GET", ["custom_attribute_definitions"]) => {
                let all = self
                    .attributes
                    .iter()
                    .map(|key| json!({ "attribute_key": key }));
                answer(200, &all.collect())
            }
            ("POST", ["custom_attribute_definitions"]) if !self.is_administrator => {
                let refusal = "You are not authorized to do this action";
                answer(401, &json!({ "error": refusal }))
            }
            ("POST", ["custom_attribute_definitions"]) => {
                let key = body["attribute_key"].as_str().unwrap().to_owned();
                if self.attributes.contains(&key) {
                    return answer(
                        422,
                        &json!({ "message": "Attribute key has already been taken" }),
                    );
                }
                self.attributes.push(key);
                answer(200, body)
            }
            other => panic!("nothing answers {other:?}"),
        }
    }

    fn contact_page(&self, query: &BTreeMap<&str, &str>) -> Vec<Value> {
        assert_eq!(query["sort"], "-last_activity_at");
        let mut all: Vec<_> = self.contacts.values().cloned().collect();
        all.sort_by_key(|one| std::cmp::Reverse(one["last_activity_at"].as_i64()));
        page_of(all, query, 15)
    }

    fn conversation_page(&self, query: &BTreeMap<&str, &str>) -> Value {
        assert_eq!(query["status"], "all");
        let mut all: Vec<_> = self
            .conversations
            .keys()
            .filter_map(|id| self.shown(*id))
            .collect();
        let count = all.len();
        match query["sort_by"] {
            "created_at_asc" => all.sort_by_key(|one| one["created_at"].as_i64()),
            _ => all.sort_by_key(|one| std::cmp::Reverse(one["last_activity_at"].as_i64())),
        }
        json!({ "data": { "meta": { "all_count": count }, "payload": page_of(all, query, 25) } })
    }

    /// The hundred after an id, or the last twenty.
    fn window(&self, conversation: u64, query: &BTreeMap<&str, &str>) -> Vec<Value> {
        let all = self
            .messages
            .iter()
            .filter(|one| one["conversation_id"] == conversation);
        let all: Vec<_> = all.cloned().collect();
        match query.get("after") {
            Some(after) => {
                let after: u64 = after.parse().unwrap();
                let behind = all
                    .into_iter()
                    .filter(|one| one["id"].as_u64() > Some(after));
                behind.take(100).collect()
            }
            None => all[all.len().saturating_sub(20)..].to_vec(),
        }
    }
}

fn page_of(all: Vec<Value>, query: &BTreeMap<&str, &str>, size: usize) -> Vec<Value> {
    let page: usize = query["page"].parse().unwrap();
    all.into_iter().skip((page - 1) * size).take(size).collect()
}

fn merge(into: &mut Value, more: Value) {
    let Value::Object(more) = more else { return };
    for (name, value) in more {
        match (&mut into[&name], value) {
            (Value::Object(known), Value::Object(new)) if name.ends_with("_attributes") => {
                let new: Map<_, _> = new;
                known.extend(new);
            }
            (at, value) => *at = value,
        }
    }
}
