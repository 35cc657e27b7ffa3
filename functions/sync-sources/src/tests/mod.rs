mod backfill;
mod contacts;
mod failures;
mod inbox;
mod reconcile;
mod site;
mod states;

use common::ports::{FetchError, OutboundRequest, Queue};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use sync_sources::handler::handle;
use testkit::{Connection, Stack, Tenant, answer};

const CUSTOMER: &str = "01900000-0000-7000-8000-0000000000c1";
const CONVERSATION: &str = "01900000-0000-7000-8000-0000000000d1";
const API: &str = "https://chat.example.com/api/v1/accounts/3";

/// What there is at Chatwoot: a contact, a conversation, its private messages.
struct There {
    contact: Option<Value>,
    conversation: Value,
    notes: Vec<Value>,
    written: Vec<(String, Value)>,
}

impl There {
    fn answer(
        &mut self,
        request: &OutboundRequest,
    ) -> Result<common::ports::OutboundResponse, FetchError> {
        let path = request
            .url
            .strip_prefix(API)
            .expect("a path of the account");
        let body: Value = request
            .body
            .as_deref()
            .map(|body| serde_json::from_slice(body).unwrap())
            .unwrap_or_default();
        if request.method != "GET" {
            self.written
                .push((format!("{} {path}", request.method), body.clone()));
        }
        let set = |of: &mut Value, name: &str, value: &Value| of[name] = value.clone();
        match (request.method, path) {
            ("GET", "/custom_attribute_definitions?attribute_model=1") => {
                let keys = ["crm_ids", "krayin_person_id", "krayin_lead_id"];
                let defined = keys.map(|key| json!({ "attribute_key": key }));
                answer(200, &json!(defined))
            }
            ("GET", "/agents") => answer(
                200,
                &json!([{ "id": 5, "name": "Bia", "email": "Bia@Example.com" }]),
            ),
            ("GET", "/contacts/46") => match &self.contact {
                Some(contact) => answer(200, &json!({ "payload": contact })),
                None => answer(404, &json!({ "error": "Resource could not be found" })),
            },
            ("PUT", _) => {
                let Some(contact) = &mut self.contact else {
                    return answer(404, &json!({ "error": "Resource could not be found" }));
                };
                for (name, value) in body.as_object().unwrap() {
                    match name.as_str() {
                        "custom_attributes" => {
                            for (name, value) in value.as_object().unwrap() {
                                set(&mut contact["custom_attributes"], name, value);
                            }
                        }
                        name => set(contact, name, value),
                    }
                }
                answer(200, &json!({ "payload": contact }))
            }
            ("GET", "/conversations/130") => answer(200, &self.conversation),
            ("GET", path) if path.starts_with("/conversations/130/messages") => {
                answer(200, &json!({ "payload": self.window(path) }))
            }
            ("POST", "/conversations/130/toggle_status") => {
                set(&mut self.conversation, "status", &body["status"]);
                answer(200, &json!({ "payload": {} }))
            }
            ("POST", "/conversations/130/toggle_priority") => {
                set(&mut self.conversation, "priority", &body["priority"]);
                answer(200, &json!(null))
            }
            ("POST", "/conversations/130/labels") => {
                set(&mut self.conversation, "labels", &body["labels"]);
                answer(200, &json!({ "payload": body["labels"] }))
            }
            ("POST", "/conversations/130/assignments") => {
                self.conversation["meta"]["assignee"] = match body["assignee_id"].as_i64() {
                    Some(5) => json!({ "id": 5, "name": "Bia" }),
                    _ => Value::Null,
                };
                answer(200, &json!({}))
            }
            ("POST", "/conversations/130/messages") => {
                let id = 900 + self.notes.len();
                let mut note = body.clone();
                note["id"] = json!(id);
                self.notes.push(note);
                answer(200, &json!({ "id": id }))
            }
            other => panic!("nothing answers {other:?}"),
        }
    }
}

/// A business whose customer writes in Chatwoot.
struct Desk {
    stack: Stack,
    tenant: Tenant,
    channel: String,
    there: Rc<RefCell<There>>,
}

impl Desk {
    fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let settings = json!({ "base_url": "https://chat.example.com", "account_id": "3" });
        let channel = stack.channel(
            &tenant,
            "chatwoot",
            "chat.example.com#3",
            &settings,
            &json!({ "access_token": "agent-token" }),
        );
        stack.connect(
            &tenant,
            &Connection {
                connector: "chatwoot",
                org: "",
                user: "",
                settings: &json!({}),
                credentials: &json!({}),
            },
        );
        let business = &tenant.business_id;
        stack.db.sql(&format!(
            "INSERT INTO customers (business_id, id, name, email, other_external_ids, revision, created_at, updated_at)
             VALUES ('{business}', '{CUSTOMER}', 'Ana', 'ana@example.com',
               '[{{\"external_id\":\"46\",\"external_system\":\"chatwoot\"}}]', 1, 0, 0)"
        ));
        stack.db.sql(&format!(
            "INSERT INTO identities (business_id, kind, value, system, customer_id)
             VALUES ('{business}', 'external_id', '46', 'chatwoot', '{CUSTOMER}'),
               ('{business}', 'email', 'ana@example.com', '', '{CUSTOMER}')"
        ));
        stack.db.sql(&format!(
            "INSERT INTO conversations (business_id, id, customer_id, channel_id, channel, thread,
               last_message_at, created_at, updated_at)
             VALUES ('{business}', '{CONVERSATION}', '{CUSTOMER}', '{channel}', 'web', '130', 0, 0, 0)"
        ));
        let there = Rc::new(RefCell::new(There {
            contact: Some(contact()),
            conversation: json!({
                "id": 130, "inbox_id": 6, "channel": "Channel::WebWidget", "status": "open", "priority": null,
                "labels": [], "updated_at": 1_767_323_000.5,
                "meta": { "sender": { "id": 46, "name": "Ana" }, "assignee": null },
                "contact_inbox": { "contact_id": 46, "source_id": "x" },
            }),
            notes: Vec::new(),
            written: Vec::new(),
        }));
        let answering = there.clone();
        stack
            .ports
            .respond(move |request| Some(answering.borrow_mut().answer(request)));
        Self {
            stack,
            tenant,
            channel,
            there,
        }
    }

    /// Makes a job by hand, as a webhook does, and does what waits.
    fn job(&self, kind: &str, subject: &str) -> String {
        let business = &self.tenant.business_id;
        self.stack.db.sql(&format!(
            "INSERT INTO crm_jobs (business_id, connector, key, id, stream, kind, subject, ordered_at,
               created_at, updated_at)
             VALUES ('{business}', 'chatwoot', '{kind}:{subject}', 'job-{kind}', '{CUSTOMER}', '{kind}',
               '{subject}', 0, 0, 0)
             ON CONFLICT (business_id, connector, key) DO UPDATE SET state = 'waiting', generation = generation + 1,
               failures = 0"
        ));
        self.run();
        let state = format!(
            "SELECT state || coalesce(' ' || (error ->> 'message'), '') FROM crm_jobs
             WHERE key = '{kind}:{subject}'"
        );
        self.text(&state)
    }

    fn run(&self) {
        let log = self.stack.job(&self.tenant.business_id, handle);
        assert_eq!(log["level"], "info", "{log}");
    }

    fn conversation_in(&self) -> String {
        self.job("conversation_in", &format!("{}/130", self.channel))
    }

    fn contact_in(&self) -> String {
        self.job("contact_in", &format!("{}/46", self.channel))
    }

    fn text(&self, sql: &str) -> String {
        self.stack
            .db
            .value(sql)
            .as_text()
            .unwrap_or_default()
            .to_owned()
    }

    fn set(&self, columns: &str) {
        self.stack
            .db
            .sql(&format!("UPDATE conversations SET {columns}"));
    }

    fn state(&self) -> String {
        self.text(
            "SELECT status || ' ' || priority || ' ' || coalesce(assignee, '-') || ' ' || tags FROM conversations",
        )
    }

    fn written(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.there.borrow_mut().written)
    }
}

fn contact() -> Value {
    json!({
        "id": 46, "name": "Ana", "email": "ana@example.com", "phone_number": null, "identifier": null,
        "additional_attributes": { "company_name": "Loja", "created_at_ip": "::1" },
        "custom_attributes": { "plan": "pro" },
    })
}

#[test]
fn how_a_conversation_stands_is_the_same_on_both_sides() {
    let desk = Desk::new();
    desk.set("tags = '[\"vip\"]'");
    assert_eq!(desk.conversation_in(), "done");
    assert_eq!(desk.state(), "open medium - [\"vip\"]");
    let labels = json!([["POST /conversations/130/labels", { "labels": ["vip"] }]]);
    assert_eq!(json!(desk.written()), labels);
    // There: an agent takes it.
    {
        let mut there = desk.there.borrow_mut();
        there.conversation["status"] = json!("resolved");
        there.conversation["priority"] = json!("high");
        there.conversation["labels"] = json!(["sales"]);
        there.conversation["meta"]["assignee"] = json!({ "id": 5, "name": "Bia" });
    }
    assert_eq!(desk.conversation_in(), "done");
    assert_eq!(desk.state(), "closed high bia@example.com [\"sales\"]");
    assert!(desk.written().is_empty(), "nothing is written back");
    // Again, and again by ourselves.
    assert!(desk.conversation_in().starts_with("skipped"));
    // Here: it is opened again, and given back.
    desk.set("status = 'open', closed_at = NULL, assignee = NULL, tags = '[\"sales\",\"vip\"]'");
    assert_eq!(desk.job("conversation", CONVERSATION), "done");
    let mut written = desk.written();
    written.sort_by(|a, b| a.0.cmp(&b.0));
    let expected = json!([
        ["POST /conversations/130/assignments", { "assignee_id": 0 }],
        ["POST /conversations/130/labels", { "labels": ["sales", "vip"] }],
        ["POST /conversations/130/toggle_status", { "status": "open" }],
    ]);
    assert_eq!(json!(written), expected);
    // It comes back as a webhook.
    assert!(desk.conversation_in().starts_with("skipped"));
    assert!(desk.written().is_empty());
}

#[test]
fn what_changed_on_both_sides_at_once_is_ours() {
    let desk = Desk::new();
    desk.conversation_in();
    desk.set("status = 'snoozed'");
    desk.there.borrow_mut().conversation["status"] = json!("resolved");
    desk.there.borrow_mut().conversation["priority"] = json!("urgent");
    assert_eq!(desk.conversation_in(), "done");
    assert_eq!(desk.state(), "snoozed urgent - []");
    assert_eq!(desk.there.borrow().conversation["status"], "snoozed");
}

#[test]
fn an_assignee_whom_the_account_does_not_know_stays_where_they_are() {
    let desk = Desk::new();
    desk.conversation_in();
    desk.set("assignee = 'nobody@example.com'");
    desk.job("conversation", CONVERSATION);
    desk.conversation_in();
    assert_eq!(desk.state(), "open medium nobody@example.com []");
    assert!(desk.written().is_empty());
    let trouble = "SELECT value FROM crm_cache WHERE key GLOB 'trouble:unknown_agent:*'";
    assert!(desk.text(trouble).contains("nobody@example.com"));
}

#[test]
fn a_note_is_a_private_message_once_whatever_fails() {
    let desk = Desk::new();
    let business = &desk.tenant.business_id;
    desk.stack.db.sql(&format!(
        "INSERT INTO conversation_notes (business_id, id, conversation_id, author, content, created_at)
         VALUES ('{business}', '01900000-0000-7000-8000-0000000000e1', '{CONVERSATION}', 'Bob', 'Call {{{{ back }}}}', 1)"
    ));
    // It is written, and the answer is lost.
    let lost = desk.there.clone();
    let first = Rc::new(RefCell::new(true));
    desk.stack.ports.respond(move |request| {
        let said = lost.borrow_mut().answer(request);
        if request.url.ends_with("/messages") && request.method == "POST" && first.replace(false) {
            return Some(Err(FetchError::Unsure("cut".into())));
        }
        Some(said)
    });
    assert!(
        desk.job("conversation", CONVERSATION)
            .starts_with("waiting")
    );
    desk.stack.advance(2_000_000);
    desk.run();
    let there = desk.there.borrow();
    assert_eq!(there.notes.len(), 1);
    assert_eq!(there.notes[0]["private"], true);
    let said = there.notes[0]["content"].as_str().unwrap();
    assert!(
        said.starts_with("Bob: Call ") && !said.contains("{{ back }}"),
        "{said}"
    );
    drop(there);
    let link = "SELECT remote_id FROM crm_links WHERE kind = 'note'";
    assert_eq!(desk.text(link), format!("{}/900", desk.channel));
    assert!(
        desk.job("conversation", CONVERSATION)
            .starts_with("skipped")
    );
}

#[test]
fn a_contact_is_the_customer_who_has_its_id_and_both_learn_of_the_other() {
    let desk = Desk::new();
    assert_eq!(desk.contact_in(), "done");
    let custom = desk.text("SELECT custom_fields FROM customers");
    assert_eq!(custom, r#"{"company_name":"Loja","plan":"pro"}"#);
    assert!(desk.contact_in().starts_with("skipped"));
    // There: a number. Here: the ids of a CRM.
    desk.there.borrow_mut().contact.as_mut().unwrap()["phone_number"] = json!("+5511912345678");
    assert_eq!(desk.contact_in(), "done");
    assert_eq!(desk.text("SELECT phone FROM customers"), "+5511912345678");
    desk.stack
        .db
        .sql("UPDATE customers SET crm_ids = 'krayin:person:7|krayin:lead:8', name = 'Ana Lima'");
    assert_eq!(desk.job("customer", CUSTOMER), "done");
    let written = desk.written();
    let expected = json!([["PUT /contacts/46", {
        "name": "Ana Lima",
        "custom_attributes": {
            "crm_ids": "krayin:person:7|krayin:lead:8", "krayin_person_id": "7", "krayin_lead_id": "8",
        },
    }]]);
    assert_eq!(json!(written), expected);
    // It comes back.
    assert!(
        desk.contact_in().starts_with("skipped"),
        "{}",
        desk.contact_in()
    );
    assert!(desk.job("customer", CUSTOMER).starts_with("skipped"));
    assert!(desk.written().is_empty());
}

#[test]
fn an_address_that_somebody_types_makes_nobody_another_customer() {
    let desk = Desk::new();
    let business = &desk.tenant.business_id;
    desk.stack.db.sql(&format!(
        "INSERT INTO customers (business_id, id, name, email, revision, created_at, updated_at)
         VALUES ('{business}', '01900000-0000-7000-8000-0000000000c2', 'Bo', 'bo@example.com', 1, 0, 0)"
    ));
    desk.stack.db.sql(&format!(
        "INSERT INTO identities (business_id, kind, value, system, customer_id)
         VALUES ('{business}', 'email', 'bo@example.com', '', '01900000-0000-7000-8000-0000000000c2')"
    ));
    desk.contact_in();
    desk.there.borrow_mut().contact.as_mut().unwrap()["email"] = json!("bo@example.com");
    assert_eq!(desk.contact_in(), "done");
    let emails = "SELECT group_concat(email, ' ') FROM (SELECT email FROM customers ORDER BY id)";
    assert_eq!(desk.text(emails), "ana@example.com bo@example.com");
    let trouble = "SELECT value FROM crm_cache WHERE key GLOB 'trouble:possible_duplicate:*'";
    assert!(desk.text(trouble).contains("bo@example.com"));
}

#[test]
fn a_contact_whom_nobody_knows_waits_until_it_can_be_told_who_it_is() {
    let desk = Desk::new();
    desk.stack.db.sql("DELETE FROM identities");
    desk.stack.db.sql("DELETE FROM conversations");
    desk.stack.db.sql("DELETE FROM customers");
    let anonymous = json!({ "id": 46, "name": "snowy-sun-611", "additional_attributes": {}, "custom_attributes": {} });
    desk.there.borrow_mut().contact = Some(anonymous);
    assert!(desk.contact_in().starts_with("skipped"));
    assert_eq!(
        desk.stack.db.value("SELECT count(*) FROM customers"),
        0.into()
    );
    desk.there.borrow_mut().contact.as_mut().unwrap()["email"] = json!("Eve@Example.com");
    assert_eq!(desk.contact_in(), "done");
    assert_eq!(desk.text("SELECT email FROM customers"), "eve@example.com");
    let known = "SELECT group_concat(customer_id IS NOT NULL) FROM source_contacts";
    assert_eq!(desk.text(known), "1");
}

#[test]
fn a_contact_that_was_merged_into_another_is_followed() {
    let desk = Desk::new();
    assert_eq!(desk.contact_in(), "done");
    desk.there.borrow_mut().contact = None;
    desk.there.borrow_mut().conversation["meta"]["sender"]["id"] = json!(47);
    assert_eq!(desk.contact_in(), "done");
    let into = "SELECT remote_id || ' ' || coalesce(merged_into, '') FROM source_contacts ORDER BY remote_id LIMIT 1";
    assert_eq!(desk.text(into), "46 47");
    let ids = "SELECT group_concat(value, ' ') FROM (SELECT value FROM identities WHERE kind = 'external_id' ORDER BY value)";
    assert_eq!(desk.text(ids), "47");
}

#[test]
fn a_token_that_is_refused_makes_the_light_red() {
    let desk = Desk::new();
    desk.stack.ports.respond(|_| {
        let refusal = json!({ "error": "Invalid Access Token" });
        Some(answer(401, &refusal))
    });
    assert!(desk.conversation_in().starts_with("waiting"));
    assert!(
        desk.text("SELECT broken_reason FROM integrations")
            .contains("bad_key")
    );
}

#[test]
fn what_no_webhook_told_is_found() {
    let desk = Desk::new();
    let reconcile = |desk: &Desk| desk.job("reconcile", "chatwoot");
    assert_eq!(reconcile(&desk), "done");
    assert_eq!(
        desk.stack.ports.take_requests().len(),
        0,
        "what was before is for a backfill"
    );
    let at = desk.stack.now().micros() / 1_000_000;
    let there = desk.there.clone();
    desk.stack.ports.respond(move |request| {
        let path = request.url.strip_prefix(API).unwrap();
        if path.starts_with("/contacts?") {
            let mut contact = contact();
            contact["last_activity_at"] = json!(at + 30);
            let page = path.ends_with("page=1");
            let all = if page { json!([contact]) } else { json!([]) };
            return Some(answer(200, &json!({ "payload": all })));
        }
        if path.starts_with("/conversations?") {
            let mut one = there.borrow().conversation.clone();
            one["last_activity_at"] = json!(at + 30);
            let page = path.ends_with("page=1");
            let all = if page { json!([one]) } else { json!([]) };
            return Some(answer(200, &json!({ "data": { "payload": all } })));
        }
        Some(there.borrow_mut().answer(request))
    });
    desk.there.borrow_mut().conversation["status"] = json!("resolved");
    desk.stack.advance(60_000_000);
    assert_eq!(reconcile(&desk), "done");
    desk.run();
    assert!(desk.state().starts_with("closed"), "{}", desk.state());
}

#[test]
fn it_asks_to_be_woken_for_what_is_due_soon() {
    let desk = Desk::new();
    desk.stack.ports.respond(|_| Some(answer(500, &json!({}))));
    assert!(desk.conversation_in().starts_with("waiting"));
    let woken = desk.stack.ports.take_wakes(Queue::Sources);
    assert_eq!(woken, [(desk.tenant.business_id.clone(), 2)]);
}
