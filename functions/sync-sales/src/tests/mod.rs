//! Krayin: persons, leads, organisations, activities, stages.

mod activities;
mod anonymous;
mod back;
mod leads;
mod persons;
mod rows;
mod stages;
pub(crate) mod there;
mod trouble;

use common::ports::Queue;
use serde_json::{Value, json};
use sync_sales::handler::handle;
use testkit::{Stack, Tenant};
use there::There;

const SECOND: i64 = 1_000_000;
/// The account that customers write to.
const ACCOUNT: &str = "1550003";
const ADA: &str = "353871234567";

/// A thread remembers senders of its own, as an isolate does: a deployment is not to find another's.
fn apart(work: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        if let Err(panic) = scope.spawn(work).join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// All that is off by default, on.
fn everything() -> Value {
    json!({ "sync_conversations": true, "sync_messages": true, "sync_to_organizations": true })
}

/// A business with WhatsApp that is connected to Krayin.
struct Desk {
    stack: Stack,
    tenant: Tenant,
    there: There,
}

impl Desk {
    fn new() -> Self {
        Self::with(&json!({}))
    }

    fn with(settings: &Value) -> Self {
        let (stack, tenant) = Stack::with_tenant();
        drop(stack.whatsapp(&tenant, ACCOUNT));
        crate::krayin::connect(&stack, &tenant, settings);
        let there = There::default();
        let (answering, clock) = (there.clone(), stack.clone());
        stack.ports.set("PUBLIC_ORIGIN", "https://tieline.example");
        stack.ports.respond(move |request| {
            let now = clock.now().micros();
            answering.answer(request, now)
        });
        Self {
            stack,
            tenant,
            there,
        }
    }

    /// A customer writes by WhatsApp.
    fn receive(&self, id: &str, from: &str, text: &str) {
        self.stack.receive_whatsapp(ACCOUNT, id, from, text);
    }

    fn run(&self) -> Value {
        self.stack.job(&self.tenant.business_id, handle)
    }

    /// Hands events out and runs until nothing is due, as time goes by.
    fn settle(&self) {
        for _ in 0..600 {
            self.stack.fan_out(&self.tenant);
            let log = self.run();
            assert_eq!(log["level"], "info", "{log}");
            let mut wakes = self.stack.ports.take_wakes(Queue::Sales);
            wakes.extend(self.stack.ports.take_wakes(Queue::Crm));
            self.stack.ports.take_wakes(Queue::Events);
            let Some(wait) = wakes.iter().map(|(_, wait)| *wait).max() else {
                return;
            };
            self.stack.advance(i64::from(wait) * SECOND);
        }
        panic!("it never settled: {:?}", self.jobs());
    }

    /// As [`Desk::settle`], also what is due in more than a minute, which the cron finds.
    fn settle_long(&self) {
        for _ in 0..200 {
            self.settle();
            let waiting = self.count("crm_jobs WHERE state = 'waiting'");
            if waiting == 0 {
                return;
            }
            self.stack.advance(60 * SECOND);
        }
        panic!("it never settled: {:?}", self.jobs());
    }

    fn jobs(&self) -> Vec<String> {
        let rows = self
            .stack
            .db
            .sql("SELECT kind, state, error FROM crm_jobs ORDER BY ordered_at, key");
        let text = |value: &common::db::Value| value.as_text().unwrap_or_default().to_owned();
        rows.iter()
            .map(|row| row.iter().map(text).collect::<Vec<_>>().join(" "))
            .collect()
    }

    fn count(&self, what: &str) -> i64 {
        let count = self.stack.db.value(&format!("SELECT count(*) FROM {what}"));
        count.as_integer().unwrap()
    }

    fn value(&self, sql: &str) -> String {
        let value = self.stack.db.value(sql);
        value.as_text().unwrap_or_default().to_owned()
    }

    /// Something changed of the one customer.
    fn updated(&self, set: &str) {
        let id = self.value("SELECT id FROM customers");
        self.stack.db.sql(&format!("UPDATE customers SET {set}"));
        self.stack
            .happened(&self.tenant, "customer.updated", &id, &Value::Null);
        self.settle();
    }

    /// The one conversation changes its state.
    fn stands(&self, set: &str) {
        let id = self.value("SELECT id FROM conversations ORDER BY created_at DESC LIMIT 1");
        self.stack
            .db
            .sql(&format!("UPDATE conversations SET {set} WHERE id = '{id}'"));
        let event = "conversation.status_changed";
        self.stack.happened(&self.tenant, event, &id, &Value::Null);
        self.settle();
    }

    /// A person answers in the newest conversation.
    fn reply(&self, id: &str, text: &str) {
        self.stack.advance(SECOND);
        let now = self.stack.now().micros();
        self.stack.db.sql(&format!(
            "INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id, channel_id,
               channel, direction, type, content, detail, status, sent_at, updated_at)
             SELECT business_id, {now}, '{id}', id, customer_id, channel_id, channel, 'outbound', 'text',
               '{text}', '{{\"author\":{{\"id\":\"7\",\"name\":\"Ann\"}}}}', 'sent', {now}, {now}
             FROM conversations ORDER BY created_at DESC LIMIT 1"
        ));
        self.stack
            .happened(&self.tenant, "message.sent", id, &Value::Null);
        self.settle();
    }

    fn person(&self) -> Value {
        let persons = self.there.0.borrow().persons.clone();
        assert_eq!(persons.len(), 1, "{persons:?}");
        persons[0].clone()
    }

    fn lead(&self) -> Value {
        let leads = self.there.0.borrow().leads.clone();
        assert_eq!(leads.len(), 1, "{leads:?}");
        leads[0].clone()
    }

    /// Somebody whom Krayin knows.
    fn known(&self, person: &Value) -> String {
        let mut state = self.there.0.borrow_mut();
        let mut person = person.clone();
        let id = state.id();
        person["id"] = id.into();
        person["updated_at"] = "2026-01-01T00:00:00.000000Z".into();
        state.persons.push(person);
        id.to_string()
    }

    /// A lead that Krayin has.
    fn has_lead(&self, person: &str, stage: u64, more: &Value) -> String {
        let mut state = self.there.0.borrow_mut();
        let id = state.id();
        let person: u64 = person.parse().unwrap();
        let mut lead = json!({ "id": id, "title": "Theirs", "person_id": person,
            "person": { "id": person }, "lead_pipeline_id": if stage > 6 { 2 } else { 1 },
            "lead_pipeline_stage_id": stage, "updated_at": "2026-01-01T00:00:00.000000Z" });
        for (name, value) in more.as_object().into_iter().flatten() {
            lead[name] = value.clone();
        }
        state.leads.push(lead);
        id.to_string()
    }

    fn requests(&self, begin: &str) -> usize {
        let state = self.there.0.borrow();
        let made = state.requests_made.iter();
        made.filter(|line| line.starts_with(begin)).count()
    }
}

#[test]
fn a_message_makes_a_person_a_lead_and_activities_each_once() {
    let desk = Desk::with(&everything());
    desk.receive("wamid.1", ADA, "Where is my parcel?");
    desk.settle();
    let person = desk.person();
    assert_eq!(person["name"], format!("Customer {ADA}"));
    let numbers = json!([{ "value": format!("+{ADA}"), "label": "work" }]);
    assert_eq!(person["contact_numbers"], numbers);
    let lead = desk.lead();
    assert_eq!(lead["person_id"], person["id"]);
    assert_eq!(lead["lead_pipeline_stage_id"], 1);
    let titles: Vec<_> = desk
        .there
        .activities()
        .iter()
        .map(|one| one["title"].clone())
        .collect();
    assert_eq!(titles.len(), 2, "{titles:?}");
    assert!(
        desk.jobs().iter().all(|job| !job.contains("failed")),
        "{:?}",
        desk.jobs()
    );
    // However often the jobs run.
    desk.stack
        .db
        .sql("UPDATE crm_jobs SET state = 'waiting', generation = generation + 1, updated_at = 0");
    desk.settle();
    desk.person();
    desk.lead();
    assert_eq!(desk.there.activities().len(), 2);
}

#[test]
fn what_they_are_there_is_printed_at_the_customer() {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    let expected = format!(
        "krayin:person:{}|krayin:lead:{}",
        desk.person()["id"],
        desk.lead()["id"]
    );
    assert_eq!(desk.value("SELECT crm_ids FROM customers"), expected);

    apart(|| {
        let desk = Desk::with(&everything());
        desk.receive("wamid.1", ADA, "Hello");
        desk.settle();
        let activities = desk.there.activities();
        let is_it = |one: &&Value| one["title"].as_str().unwrap().starts_with("Conversation #");
        let activity = activities.iter().find(is_it).unwrap();
        let expected = format!("|krayin:activity:{}", activity["id"]);
        let ids = desk.value("SELECT crm_ids FROM customers");
        assert!(ids.ends_with(&expected), "{ids}");
    });
}

#[test]
fn a_new_contact_costs_few_requests() {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    let made = desk.there.requests_made();
    let paths: Vec<_> = made
        .iter()
        .map(|line| line.split('?').next().unwrap())
        .collect();
    let expected = [
        "GET /contacts/persons/search",
        "GET /contacts/persons/search",
        "POST /contacts/persons",
        "GET /settings/pipelines",
        "POST /leads",
    ];
    assert_eq!(paths, expected);
    desk.receive("wamid.2", "353870000002", "Hello");
    desk.settle();
    assert_eq!(
        desk.there.requests_made().len(),
        4,
        "the pipelines are known"
    );
}

#[test]
fn what_is_not_rolled_out_stays_here() {
    for settings in [
        json!({ "rollout": { "percent": 0 } }),
        json!({ "rollout": { "tag": "pilot" } }),
        json!({ "invented_email": { "enabled": false } }),
    ] {
        apart(|| {
            let desk = Desk::with(&settings);
            desk.receive("wamid.1", ADA, "Hello");
            desk.settle();
            assert!(desk.there.requests_made().is_empty(), "{settings}");
            assert!(
                desk.jobs().iter().all(|job| job.contains("skipped")),
                "{:?}",
                desk.jobs()
            );
        });
    }
}
