mod crashes;

use common::db::Value;
use common::ports::Queue;
use common::time::SECOND;
use escalate::handler::handle;
use serde_json::{Value as Json, json};
use std::sync::atomic::{AtomicU32, Ordering};
use testkit::{Answer, Stack, Tenant, answer};

/// A business whose customer has just written by WhatsApp.
struct Desk {
    stack: Stack,
    tenant: Tenant,
    number: String,
    conversation_id: String,
}

impl Desk {
    fn new() -> Self {
        // A number of its own: an isolate remembers accounts, and a test may have several desks.
        static NEXT: AtomicU32 = AtomicU32::new(1000);
        let number = NEXT.fetch_add(1, Ordering::Relaxed).to_string();
        let (stack, tenant) = Stack::with_tenant();
        let _channel = stack.whatsapp(&tenant, &number);
        stack.receive_whatsapp(&number, "wamid.in", "353871234567", "Hello");
        stack.db.sql("DELETE FROM outbox");
        stack
            .db
            .sql("UPDATE conversations SET last_inbound_at = last_message_at");
        stack.ports.take_wakes(Queue::Events);
        let requests = std::cell::Cell::new(0);
        stack.ports.respond(move |_| {
            requests.set(requests.get() + 1);
            let id = format!("wamid.{}", requests.get());
            Some(answer(200, &json!({ "messages": [{ "id": id }] })))
        });
        let id = stack.db.value("SELECT id FROM conversations");
        Self {
            stack,
            tenant,
            number,
            conversation_id: id.into_text().unwrap(),
        }
    }

    fn escalate(&self, more: Json) -> Answer {
        let mut body = more;
        body["conversation_id"] = self.conversation_id.as_str().into();
        self.post(&self.tenant, &body)
    }

    fn post(&self, tenant: &Tenant, body: &Json) -> Answer {
        let call = self.stack.call("escalate", "POST", "/api-escalate");
        call.key(&tenant.api_key).json(body).send(handle)
    }

    fn text(&self, sql: &str) -> String {
        match self.stack.db.value(sql) {
            Value::Text(text) => text,
            other => format!("{other:?}"),
        }
    }

    fn count(&self, table: &str) -> i64 {
        let count = self
            .stack
            .db
            .value(&format!("SELECT count(*) FROM {table}"));
        count.as_integer().unwrap()
    }

    /// Events of conversations, each with its detail.
    fn events(&self) -> Vec<(String, Json)> {
        let sql = "SELECT event, detail FROM outbox WHERE event LIKE 'conversation.%'
                   ORDER BY sequence";
        let text = |value: &Value| value.as_text().unwrap_or_default().to_owned();
        let rows = self.stack.db.sql(sql);
        let event = |row: &Vec<Value>| {
            let detail = serde_json::from_str(&text(&row[1])).unwrap();
            (text(&row[0]), detail)
        };
        rows.iter().map(event).collect()
    }

    /// What the customer was sent.
    fn sent(&self) -> Vec<String> {
        let requests = self.stack.ports.take_requests();
        let text = |body: Json| body["text"]["body"].as_str().unwrap_or_default().to_owned();
        let bodies = requests
            .iter()
            .filter_map(|request| request.body.as_deref());
        bodies
            .map(|body| text(serde_json::from_slice(body).unwrap()))
            .collect()
    }

    fn message(&self, message: &str) {
        self.stack.db.sql(&format!(
            "INSERT INTO handoff_settings (business_id, message, created_at, updated_at)
             VALUES ('{}', '{message}', 0, 0)",
            self.tenant.business_id
        ));
    }
}

const NOTICE: &str = "Thank you. A colleague will take over this conversation shortly.";

#[test]
fn conversation_escalate_answers_the_escalation_and_tells_everybody() {
    let desk = Desk::new();
    let answer = desk.escalate(json!({
        "reason": "Wants a \"refund\"", "team_id": "5f9a1b2c3d4e5f6a7b8c9d0e", "note": "A VIP."
    }));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let escalation = &answer.json["escalation"];
    assert_eq!(answer.json["success"], true);
    assert_eq!(answer.json["repeated"], false);
    assert_eq!(answer.json["customer_notified"], true);
    assert_eq!(answer.json["notice_error"], Json::Null);
    assert_eq!(escalation["conversation_id"], desk.conversation_id.as_str());
    assert_eq!(escalation["priority"], "high");
    assert_eq!(escalation["reason"], "Wants a \"refund\"");
    assert_eq!(escalation["created_at"], desk.stack.now().to_string());
    assert_eq!(answer.json["conversation"]["priority"], "high");
    assert_eq!(answer.json["conversation"]["status"], "open");
    let note = desk.text("SELECT id || ' ' || author || ': ' || content FROM conversation_notes");
    let note_id = escalation["note_id"].as_str().unwrap();
    assert!(
        note.starts_with(note_id) && note.ends_with(": A VIP."),
        "{note}"
    );
    let detail = json!({"escalation": {
        "id": escalation["id"], "reason": "Wants a \"refund\"", "priority": "high",
        "team_id": "5f9a1b2c3d4e5f6a7b8c9d0e", "source": "api", "note_id": note_id,
    }});
    assert_eq!(desk.events(), [("conversation.escalated".into(), detail)]);
    assert_eq!(desk.sent(), [NOTICE]);
    assert!(!desk.stack.ports.take_wakes(Queue::Events).is_empty());
}

#[test]
fn conversation_escalate_refuses_callers_without_a_key_or_the_scope() {
    let desk = Desk::new();
    let call = || desk.stack.call("escalate", "POST", "/api-escalate");
    assert_eq!(
        call().json(&json!({})).send(handle).refusal(),
        (401, "missing_api_key")
    );
    desk.stack
        .db
        .sql("UPDATE api_keys SET scopes = 'conversations:read'");
    let answer = desk.escalate(json!({}));
    assert_eq!(answer.refusal(), (403, "insufficient_scope"));
    assert_eq!(desk.count("escalations"), 0);
}

#[test]
fn conversation_escalate_refuses_invalid_input() {
    let desk = Desk::new();
    for body in [
        json!({"reason": "x".repeat(1001)}),
        json!({"reason": 1}),
        json!({"priority": "highest"}),
        json!({"priority": null}),
        json!({"team_id": ""}),
        json!({"team_id": "x".repeat(65)}),
        json!({"team_id": "a b"}),
        json!({"note": " "}),
        json!({"note": "x".repeat(10_001)}),
        json!({"notify": "no"}),
        json!({"colour": "red"}),
    ] {
        let answer = desk.escalate(body.clone());
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{body}");
    }
    let without = desk.post(&desk.tenant, &json!({"reason": "x"}));
    assert_eq!(without.refusal(), (422, "invalid_request"));
    let broken = desk.stack.call("escalate", "POST", "/api-escalate");
    let broken = broken.key(&desk.tenant.api_key).body("{").send(handle);
    assert_eq!(broken.refusal(), (400, "malformed_json"));
    assert_eq!((desk.count("escalations"), desk.sent().len()), (0, 0));
}

#[test]
fn a_conversation_of_another_business_is_not_there() {
    let desk = Desk::new();
    let other = desk.stack.tenant("Another business");
    for id in [
        &desk.conversation_id,
        "019b0000-0000-7000-8000-000000000009",
        "x",
    ] {
        let answer = desk.post(&other, &json!({ "conversation_id": id, "note": "Mine?" }));
        assert_eq!(answer.refusal(), (404, "not_found"), "{id}");
    }
    let left = (desk.count("escalations"), desk.count("conversation_notes"));
    assert_eq!(
        (left, desk.events(), desk.sent().len()),
        ((0, 0), Vec::new(), 0)
    );
}

#[test]
fn a_second_escalation_within_ten_minutes_is_the_same_and_raises_nothing() {
    let desk = Desk::new();
    let first = desk.escalate(json!({"reason": "One"}));
    desk.stack.advance(599 * SECOND);
    let second = desk.escalate(json!({"reason": "Two", "priority": "urgent", "note": "Two"}));
    assert_eq!(second.json["repeated"], true);
    assert_eq!(second.json["escalation"], first.json["escalation"]);
    assert_eq!(second.json["conversation"]["priority"], "high");
    assert_eq!((desk.events().len(), desk.sent().len()), (1, 1));
    assert_eq!(desk.count("conversation_notes"), 0);
    desk.stack.advance(2 * SECOND);
    let third = desk.escalate(json!({"reason": "Three"}));
    assert_eq!(third.json["repeated"], false);
    assert_ne!(
        third.json["escalation"]["id"],
        first.json["escalation"]["id"]
    );
    assert_eq!((desk.events().len(), desk.sent().len()), (2, 1));
}

#[test]
fn a_priority_is_never_lowered() {
    for (was, asked, now) in [
        ("low", "medium", "medium"),
        ("medium", "high", "high"),
        ("urgent", "high", "urgent"),
        ("high", "low", "high"),
        ("high", "urgent", "urgent"),
    ] {
        let desk = Desk::new();
        desk.stack
            .db
            .sql(&format!("UPDATE conversations SET priority = '{was}'"));
        let answer = desk.escalate(json!({ "priority": asked, "notify": false }));
        assert_eq!(
            answer.json["conversation"]["priority"], now,
            "{was} {asked}"
        );
        assert_eq!(answer.json["escalation"]["priority"], asked);
    }
}

#[test]
fn a_closed_conversation_is_reopened_and_escalated_anew() {
    let desk = Desk::new();
    let first = desk.escalate(json!({}));
    desk.stack.advance(1);
    desk.stack
        .db
        .sql("UPDATE conversations SET status = 'closed', closed_at = 1");
    let second = desk.escalate(json!({}));
    assert_eq!(second.json["repeated"], false);
    assert_ne!(
        second.json["escalation"]["id"],
        first.json["escalation"]["id"]
    );
    assert_eq!(second.json["conversation"]["status"], "open");
    assert_eq!(second.json["conversation"]["closed_at"], Json::Null);
    let names: Vec<_> = desk.events().into_iter().map(|(name, _)| name).collect();
    let escalated = "conversation.escalated";
    assert_eq!(names, [escalated, "conversation.status_changed", escalated]);
    assert_eq!(
        desk.events()[1].1,
        json!({"status": "open", "previous_status": "closed"})
    );
}

#[test]
fn one_beside_another_that_is_open_is_not_reopened() {
    let desk = Desk::new();
    desk.stack
        .db
        .sql("UPDATE conversations SET status = 'closed', closed_at = 1");
    desk.stack.advance(73 * 3600 * SECOND);
    desk.stack
        .receive_whatsapp(&desk.number, "wamid.2", "353871234567", "Hello again");
    let answer = desk.escalate(json!({}));
    assert_eq!(answer.refusal(), (409, "conflict"), "{}", answer.text());
    assert_eq!((desk.count("escalations"), desk.sent().len()), (0, 0));
}

#[test]
fn the_business_has_words_of_its_own_for_its_customers() {
    let desk = Desk::new();
    desk.message("Einen Moment.");
    desk.escalate(json!({}));
    assert_eq!(desk.sent(), ["Einen Moment."]);
}

#[test]
fn a_customer_who_is_not_to_be_told_is_not() {
    let desk = Desk::new();
    let answer = desk.escalate(json!({"notify": false}));
    assert_eq!(answer.json["customer_notified"], false);
    assert_eq!(answer.json["notice_error"], Json::Null);
    assert!(desk.sent().is_empty());
}

#[test]
fn a_customer_who_cannot_be_told_hinders_nothing() {
    let desk = Desk::new();
    desk.stack
        .db
        .sql("UPDATE conversations SET last_inbound_at = 0");
    let answer = desk.escalate(json!({}));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json["customer_notified"], false);
    assert_eq!(answer.json["notice_error"]["code"], "outside_window");
    assert_eq!(desk.events().len(), 1);
    let desk = Desk::new();
    desk.stack.ports.services_are_down.set(true);
    let answer = desk.escalate(json!({}));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json["notice_error"]["code"], "unavailable");
    // Asked again it is tried again, and once it was told it is not told again.
    desk.stack.ports.services_are_down.set(false);
    for _ in 0..2 {
        let again = desk.escalate(json!({}));
        assert_eq!(again.json["repeated"], true);
        assert_eq!(again.json["customer_notified"], true, "{}", again.text());
    }
    assert_eq!((desk.events().len(), desk.sent().len()), (1, 1));
}

#[test]
fn endpoints_are_told_with_the_conversation_as_it_now_is() {
    let desk = Desk::new();
    let events = ["conversation.escalated"];
    desk.stack
        .endpoint(&desk.tenant, "https://crm.example/hook", &events);
    let answer = desk.escalate(json!({"reason": "Refund"}));
    desk.stack.fan_out(&desk.tenant);
    let sql = "SELECT body FROM outbox WHERE event = 'conversation.escalated'";
    let body: Json = serde_json::from_str(&desk.text(sql)).unwrap();
    let data = &body["data"];
    assert_eq!(data["escalation"]["id"], answer.json["escalation"]["id"]);
    assert_eq!(data["escalation"]["reason"], "Refund");
    assert_eq!(data["conversation"]["priority"], "high");
    assert_eq!(data["customer"]["phone"], "+353871234567");
}
