//! Customers who ask for a person, from their message to what becomes of it.

use common::Context;
use common::db::{DbError, Value};
use common::ports::Queue;
use common::time::SECOND;
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use sync_crm::handoff::handoff_scan;
use testkit::{Failure, Stack, Tenant, answer};

struct Desk {
    stack: Stack,
    tenant: Tenant,
    number: String,
    messages: Cell<u32>,
}

impl Desk {
    fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let requests = Cell::new(0);
        stack.ports.respond(move |_| {
            requests.set(requests.get() + 1);
            let id = format!("wamid.out.{}", requests.get());
            Some(answer(200, &json!({ "messages": [{ "id": id }] })))
        });
        let desk = Self::of(stack, tenant);
        desk.triggers(true);
        desk
    }

    fn of(stack: Stack, tenant: Tenant) -> Self {
        // A number of its own: an isolate remembers accounts, and a test may have several desks.
        static NEXT: AtomicU32 = AtomicU32::new(1000);
        let number = NEXT.fetch_add(1, Ordering::Relaxed).to_string();
        let _channel = stack.whatsapp(&tenant, &number);
        Self {
            stack,
            tenant,
            number,
            messages: Cell::new(0),
        }
    }

    fn triggers(&self, is_on: bool) {
        let business = &self.tenant.business_id;
        self.stack.db.sql(&format!(
            "INSERT INTO handoff_settings (business_id, enabled, created_at, updated_at)
             VALUES ('{business}', {is_on}, 0, 0)
             ON CONFLICT DO UPDATE SET enabled = excluded.enabled"
        ));
    }

    fn receive(&self, from: &str, text: &str) {
        self.messages.set(self.messages.get() + 1);
        let id = format!("wamid.{}.{}", self.number, self.messages.get());
        self.stack.receive_whatsapp(&self.number, &id, from, text);
        let now = self.stack.now().micros();
        let sql = format!("UPDATE conversations SET last_inbound_at = {now}");
        self.stack.db.sql(&sql);
    }

    fn look(&self) -> Result<usize, u16> {
        let found = RefCell::new(None);
        self.stack.job("", async |cx: &Context<'_>, _: &str| {
            let business = cx.of_business(&self.tenant.business_id);
            let looked = handoff_scan(&business).await;
            *found.borrow_mut() = Some(looked.map_err(|error| error.status()));
            Ok(())
        });
        found.into_inner().expect("it looked")
    }

    fn sent(&self) -> usize {
        self.stack.ports.take_requests().len()
    }

    fn count(&self, of: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {of}");
        self.stack.db.value(&sql).as_integer().expect("a count")
    }

    fn events(&self) -> i64 {
        self.count("outbox WHERE event = 'conversation.escalated'")
    }

    fn looked_to(&self) -> Value {
        self.stack
            .db
            .value("SELECT scanned_to FROM handoff_settings")
    }
}

const ANN: &str = "353871234567";

#[test]
fn a_customer_who_asks_for_a_person_is_handed_to_one_and_told() {
    let desk = Desk::new();
    desk.receive(ANN, "Hello");
    assert_eq!((desk.look(), desk.sent()), (Ok(0), 0));
    desk.receive(ANN, "Can I talk to a human?");
    desk.stack.ports.take_wakes(Queue::Events);
    assert_eq!((desk.look(), desk.sent()), (Ok(1), 1));
    let row = "SELECT source || ' ' || reason || ' ' || priority FROM escalations";
    assert_eq!(
        desk.stack.db.value(row),
        "phrase talk to a human high".into()
    );
    let detail = "SELECT detail ->> '$.escalation.source' FROM outbox
                  WHERE event = 'conversation.escalated'";
    assert_eq!(desk.stack.db.value(detail), "phrase".into());
    let priority = desk.stack.db.value("SELECT priority FROM conversations");
    assert_eq!(priority, "high".into());
    assert!(!desk.stack.ports.take_wakes(Queue::Events).is_empty());
    // Looked at once.
    assert_eq!((desk.look(), desk.sent(), desk.events()), (Ok(0), 0, 1));
    let newest = desk.stack.db.value("SELECT max(created_at) FROM messages");
    desk.look().unwrap();
    assert_eq!(desk.looked_to(), newest);
}

#[test]
fn asking_again_is_answered_by_what_is_under_way_and_later_anew() {
    let desk = Desk::new();
    desk.receive(ANN, "agent");
    desk.receive(ANN, "human please");
    assert_eq!((desk.look(), desk.sent()), (Ok(1), 1));
    desk.stack.advance(60 * SECOND);
    desk.receive(ANN, "AGENT!!");
    assert_eq!((desk.look(), desk.sent()), (Ok(0), 0));
    desk.stack.advance(601 * SECOND);
    desk.receive(ANN, "agent?");
    assert_eq!((desk.look(), desk.sent(), desk.events()), (Ok(1), 1, 2));
}

#[test]
fn a_conversation_that_was_closed_since_is_left_alone() {
    let desk = Desk::new();
    desk.receive(ANN, "agent");
    desk.stack
        .db
        .sql("UPDATE conversations SET status = 'closed', closed_at = 1");
    assert_eq!((desk.look(), desk.sent(), desk.events()), (Ok(0), 0, 0));
    let status = desk.stack.db.value("SELECT status FROM conversations");
    assert_eq!(status, "closed".into());
}

#[test]
fn what_we_send_and_what_programs_write_asks_for_nothing() {
    let desk = Desk::new();
    desk.receive(ANN, "agent");
    desk.stack
        .db
        .sql("UPDATE messages SET direction = 'outbound'");
    desk.receive(ANN, "agent");
    desk.stack.db.sql(
        "UPDATE messages SET type = 'email', detail = '{\"auto_submitted\":true}'
         WHERE direction = 'inbound'",
    );
    desk.receive(ANN, "agent");
    desk.stack.db.sql(
        "UPDATE messages SET type = 'email', detail = '{\"participant\":\"other\"}'
         WHERE direction = 'inbound' AND detail IS NULL",
    );
    desk.receive(ANN, "agent");
    desk.stack.db.sql(
        "UPDATE messages SET type = 'unsupported' WHERE direction = 'inbound' AND detail IS NULL",
    );
    assert_eq!((desk.look(), desk.events()), (Ok(0), 0));
}

#[test]
fn nothing_is_looked_for_where_it_is_off() {
    let desk = Desk::new();
    desk.receive(ANN, "agent");
    for is_on in ["enabled = 0", "enabled = 0, triggers = '{\"en\":[]}'"] {
        let off = format!("UPDATE handoff_settings SET {is_on}");
        desk.stack.db.sql(&off);
        assert_eq!(desk.look(), Ok(0));
    }
    desk.stack.db.sql("DELETE FROM handoff_settings");
    assert_eq!(desk.look(), Ok(0));
    // Switched on later, what was asked long ago is past.
    desk.triggers(true);
    desk.stack.advance(3601 * SECOND);
    assert_eq!((desk.look(), desk.events()), (Ok(0), 0));
}

#[test]
fn another_business_is_not_looked_at() {
    let desk = Desk::new();
    let other = Desk::of(desk.stack.clone(), desk.stack.tenant("Another"));
    other.triggers(true);
    desk.receive(ANN, "agent");
    assert_eq!((other.look(), other.sent()), (Ok(0), 0));
    assert_eq!((desk.look(), desk.sent()), (Ok(1), 1));
    let sql = "SELECT business_id FROM escalations";
    assert_eq!(
        desk.stack.db.value(sql),
        desk.tenant.business_id.as_str().into()
    );
}

#[test]
fn a_crowd_is_looked_at_in_several_looks_and_nobody_is_left_out() {
    let desk = Desk::new();
    for n in 0..30 {
        desk.receive(&format!("3538712345{n:02}"), "agent");
        for _ in 0..10 {
            desk.receive(&format!("3538712345{n:02}"), "and more");
        }
    }
    let mut counts = Vec::new();
    loop {
        match desk.look().unwrap() {
            0 => break,
            count => counts.push(count),
        }
    }
    assert_eq!(counts, [15, 15]);
    assert_eq!((desk.sent(), desk.events()), (30, 30));
}

#[test]
fn a_customer_who_cannot_be_told_holds_up_nobody() {
    let desk = Desk::new();
    desk.receive(ANN, "agent");
    desk.receive("353870000001", "agent");
    desk.stack
        .db
        .sql("UPDATE conversations SET last_inbound_at = 0");
    assert_eq!((desk.look(), desk.sent(), desk.events()), (Ok(2), 0, 2));
    assert_eq!(desk.look(), Ok(0));
}

#[test]
fn while_nobody_can_be_told_all_are_escalated_and_told_once_that_is_over() {
    let desk = Desk::new();
    desk.receive(ANN, "agent");
    desk.receive("353870000001", "agent");
    desk.stack.ports.services_are_down.set(true);
    assert_eq!((desk.look(), desk.sent(), desk.events()), (Ok(2), 0, 2));
    desk.stack.ports.services_are_down.set(false);
    desk.stack.advance(1200 * SECOND);
    assert_eq!((desk.look(), desk.sent(), desk.events()), (Ok(0), 2, 2));
    assert_eq!((desk.look(), desk.sent(), desk.events()), (Ok(0), 0, 2));
}

#[test]
fn whatever_call_fails_each_is_escalated_and_told_once() {
    let outage = || DbError::Outage("Network connection lost".into());
    // Settings, page, for each of two the escalation and four of the notice, how far it came.
    for n in 0..13 {
        for failure in [Failure::Before(outage()), Failure::After(outage())] {
            let desk = Desk::new();
            desk.receive(ANN, "agent");
            desk.receive("353870000001", "agent");
            desk.stack.db.fail_after(n, failure.clone());
            let first = desk.look();
            assert!(first.is_ok() || first == Err(503), "{first:?}");
            desk.stack.advance(60 * SECOND);
            desk.look().unwrap();
            assert_eq!(desk.look(), Ok(0));
            let effects = (desk.sent(), desk.events(), desk.count("escalations"));
            assert_eq!(effects, (2, 2, 2), "call {n}, {failure:?}");
            let newest = "SELECT max(created_at) FROM messages";
            assert_eq!(desk.looked_to(), desk.stack.db.value(newest));
        }
    }
}

#[test]
fn two_who_look_at_once_escalate_once() {
    let desk = Rc::new(Desk::new());
    desk.receive(ANN, "agent");
    let rival = desk.clone();
    desk.stack.db.before_next_batch(move || {
        assert_eq!(rival.look(), Ok(1));
    });
    assert_eq!(desk.look(), Ok(0));
    assert_eq!((desk.sent(), desk.events()), (1, 1));
}

#[test]
fn who_died_before_telling_the_customer_has_it_told_by_the_next() {
    let desk = Desk::new();
    desk.receive(ANN, "agent");
    desk.look().unwrap();
    // As the database was before the notice was sent.
    desk.stack.db.sql("DELETE FROM sends");
    desk.stack
        .db
        .sql("DELETE FROM messages WHERE direction = 'outbound'");
    desk.stack
        .db
        .sql("UPDATE handoff_settings SET scanned_to = (SELECT created_at - 1 FROM messages)");
    desk.sent();
    desk.stack.advance(1200 * SECOND);
    assert_eq!((desk.look(), desk.sent(), desk.events()), (Ok(0), 1, 1));
}

impl Desk {
    /// Hands events out, and lets whoever is woken for the business work; whether anybody was.
    fn go_on(&self) -> bool {
        self.stack.fan_out(&self.tenant);
        let woken = self.stack.ports.take_wakes(Queue::Crm);
        for (business, _) in &woken {
            let log = self.stack.job(business, sync_crm::handler::handle);
            assert_eq!(log["level"], "info", "{log}");
        }
        !woken.is_empty()
    }
}

#[test]
fn without_any_crm_a_message_wakes_whoever_looks_for_triggers() {
    let desk = Desk::new();
    assert_eq!(desk.count("integrations"), 0);
    desk.receive(ANN, "agent");
    assert!(desk.go_on());
    assert_eq!((desk.sent(), desk.events()), (1, 1));
    // Nobody is woken by what is no customer's message.
    assert!(!desk.go_on());
}

#[test]
fn a_business_that_has_them_off_is_never_woken_for_them() {
    let desk = Desk::new();
    desk.triggers(false);
    desk.receive(ANN, "agent");
    assert!(!desk.go_on());
    desk.stack.job("", sync_crm::handler::each_minute);
    assert!(desk.stack.ports.take_wakes(Queue::Crm).is_empty());
    assert_eq!((desk.sent(), desk.events()), (0, 0));
}

#[test]
fn a_wake_that_was_lost_is_made_up_for_within_a_minute() {
    let desk = Desk::new();
    desk.receive(ANN, "agent");
    desk.stack.fan_out(&desk.tenant);
    desk.stack.ports.take_wakes(Queue::Crm);
    desk.stack.job("", sync_crm::handler::each_minute);
    let woken = desk.stack.ports.take_wakes(Queue::Crm);
    assert_eq!(woken, [(desk.tenant.business_id.clone(), 0)]);
    desk.look().unwrap();
    desk.look().unwrap();
    desk.stack.job("", sync_crm::handler::each_minute);
    assert!(desk.stack.ports.take_wakes(Queue::Crm).is_empty());
}
