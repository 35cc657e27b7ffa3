//! Visitors of a website whom nobody can tell from others: they reach Krayin once somebody can.

use super::{Desk, everything};
use serde_json::Value;

const VISITOR: &str = "01900000-0000-7000-8000-0000000000c9";
const CONVERSATION: &str = "01900000-0000-7000-8000-0000000000d9";

impl Desk {
    fn visitor(&self) {
        let business = &self.tenant.business_id;
        let channel = self.value("SELECT id FROM channels");
        let now = self.stack.now().micros();
        self.stack.db.sql(&format!(
            "INSERT INTO customers (business_id, id, name, revision, created_at, updated_at)
             VALUES ('{business}', '{VISITOR}', 'Ana', 1, {now}, {now})"
        ));
        self.stack.db.sql(&format!(
            "INSERT INTO conversations (business_id, id, customer_id, channel_id, channel, thread,
               last_message_at, created_at, updated_at)
             VALUES ('{business}', '{CONVERSATION}', '{VISITOR}', '{channel}', 'web', '130', {now}, {now}, {now})"
        ));
        let told =
            |event: &str, id: &str| self.stack.happened(&self.tenant, event, id, &Value::Null);
        told("customer.created", VISITOR);
        told("conversation.created", CONVERSATION);
        self.settle();
    }

    fn visitor_writes(&self, text: &str) {
        self.stack.advance(super::SECOND);
        let (business, now) = (&self.tenant.business_id, self.stack.now().micros());
        let id = format!("01900000-0000-7000-8000-{now:012x}");
        self.stack.db.sql(&format!(
            "INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id, channel_id,
               channel, direction, type, content, status, sent_at, updated_at)
             SELECT '{business}', {now}, '{id}', id, customer_id, channel_id, channel, 'inbound', 'text',
               '{text}', 'received', {now}, {now} FROM conversations"
        ));
        self.stack
            .happened(&self.tenant, "message.received", &id, &Value::Null);
    }

    fn said(&self) -> Vec<String> {
        let activities = self.there.activities();
        let of_messages = activities.iter().filter(|one| {
            let mark = one["additional"]["tieline"].as_str().unwrap();
            mark.starts_with("message:")
        });
        of_messages
            .map(|one| one["comment"].as_str().unwrap().to_owned())
            .collect()
    }
}

#[test]
fn what_a_visitor_wrote_reaches_krayin_in_order_once_it_is_known_who_they_are() {
    let desk = Desk::with(&everything());
    desk.visitor();
    desk.visitor_writes("one");
    desk.visitor_writes("two");
    desk.settle();
    assert!(
        desk.there.requests_made().is_empty(),
        "nobody is made there"
    );
    let skipped =
        "SELECT group_concat(DISTINCT error ->> 'code') FROM crm_jobs WHERE state = 'skipped'";
    assert_eq!(desk.value(skipped), "anonymous");
    // They say who they are, and go on writing before anybody was told.
    let set = format!("UPDATE customers SET email = 'ana@example.com' WHERE id = '{VISITOR}'");
    desk.stack.db.sql(&set);
    desk.stack
        .happened(&desk.tenant, "customer.updated", VISITOR, &Value::Null);
    desk.visitor_writes("three");
    desk.settle();
    assert_eq!(desk.said(), ["one", "two", "three"]);
    assert_eq!(desk.person()["name"], "Ana");
    desk.lead();
    assert_eq!(
        desk.count("crm_jobs WHERE state = 'skipped' AND error ->> 'code' = 'anonymous'"),
        0
    );
    // Known already: nothing is made again.
    desk.updated("name = 'Ana Lima'");
    assert_eq!(desk.said(), ["one", "two", "three"]);
}
