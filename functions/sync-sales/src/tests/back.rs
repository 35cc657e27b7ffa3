//! What people change in Krayin is changed here, once, and does not go back.

use super::{ADA, Desk, SECOND};
use common::time::Timestamp;
use serde_json::{Value, json};
use sync_crm::handler::each_minute;

impl Desk {
    /// Krayin is asked what changed.
    fn ask(&self) {
        self.stack.advance(301 * SECOND);
        self.stack.job("", each_minute);
        self.settle();
    }

    /// People change something of the one person.
    fn edits_person(&self, set: &Value) {
        let stamp = self.stamp();
        let mut state = self.there.0.borrow_mut();
        for (name, value) in set.as_object().unwrap() {
            state.persons[0][name] = value.clone();
        }
        state.persons[0]["updated_at"] = stamp.into();
    }

    fn moves_lead(&self, stage: u64) {
        let stamp = self.stamp();
        let mut state = self.there.0.borrow_mut();
        state.leads[0]["lead_pipeline_stage_id"] = stage.into();
        state.leads[0]["updated_at"] = stamp.clone().into();
        if stage > 4 {
            state.leads[0]["closed_at"] = stamp.into();
        }
    }

    fn stamp(&self) -> String {
        let now = self.stack.now().micros() / SECOND * SECOND;
        Timestamp::from_micros(now).to_string()
    }

    /// How often an event was told.
    fn told(&self, event: &str) -> i64 {
        self.count(&format!("outbox WHERE event = '{event}'"))
    }
}

/// Somebody who is there, and what was there before is known.
fn known() -> Desk {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    desk.ask();
    desk.there.requests_made();
    desk
}

#[test]
fn a_person_who_is_changed_there_is_changed_here() {
    let desk = known();
    let told = desk.told("customer.updated");
    let email = json!([{ "value": "Ada@Work.example", "label": "work" }]);
    desk.edits_person(&json!({ "name": "Ada Lovelace", "job_title": "Countess", "emails": email }));
    desk.ask();
    let name = desk.value("SELECT name || ' ' || email || ' ' || custom_fields FROM customers");
    assert_eq!(
        name,
        "Ada Lovelace ada@work.example {\"job_title\":\"Countess\"}"
    );
    assert_eq!(desk.told("customer.updated"), told + 1);
    assert_eq!(desk.requests("PUT /contacts"), 0, "it is the same there");
    assert_eq!(desk.requests("POST"), 0);
    // Nothing more comes of it.
    desk.there.requests_made();
    desk.ask();
    let lists = desk.there.requests_made();
    assert_eq!(lists.len(), 3, "{lists:?}");
}

#[test]
fn our_own_writing_is_no_change() {
    let desk = known();
    desk.updated("name = 'Ada King', email = 'ada@home.example'");
    let jobs = desk.count("crm_jobs WHERE kind = 'remote'");
    desk.ask();
    assert_eq!(desk.count("crm_jobs WHERE kind = 'remote'"), jobs);
    assert_eq!(desk.person()["name"], "Ada King");
}

#[test]
fn of_what_both_changed_names_are_theirs_and_lists_are_united() {
    let desk = known();
    let numbers = json!([{ "value": format!("+{ADA}"), "label": "work" },
        { "value": "+3531234567", "label": "home" }]);
    desk.edits_person(&json!({ "name": "Theirs", "contact_numbers": numbers }));
    desk.stack
        .db
        .sql("UPDATE customers SET custom_fields = '{\"job_title\":\"Analyst\"}'");
    desk.ask();
    assert_eq!(desk.value("SELECT name FROM customers"), "Theirs");
    let id = desk.value("SELECT id FROM customers");
    desk.stack
        .happened(&desk.tenant, "customer.updated", &id, &Value::Null);
    desk.settle();
    let person = desk.person();
    assert_eq!(person["name"], "Theirs");
    assert_eq!(person["job_title"], "Analyst");
    assert_eq!(person["contact_numbers"], numbers);
}

#[test]
fn a_name_that_both_changed_is_theirs_on_both_sides() {
    let desk = known();
    desk.edits_person(&json!({ "name": "Theirs", "job_title": "Countess" }));
    // What changed here is written before what changed there is read.
    desk.updated("name = 'Ours'");
    assert_eq!(desk.person()["name"], "Theirs");
    desk.ask();
    assert_eq!(
        desk.value("SELECT name || ' ' || custom_fields FROM customers"),
        "Theirs {\"job_title\":\"Countess\"}"
    );
    assert_eq!(desk.person()["name"], "Theirs");
}

#[test]
fn who_has_only_a_number_of_whatsapp_stays_one_customer() {
    let desk = known();
    desk.stack.db.sql("UPDATE customers SET phone = NULL");
    desk.stack
        .db
        .sql("DELETE FROM identities WHERE kind = 'phone'");
    let email = json!([{ "value": "ada@work.example", "label": "work" }]);
    desk.edits_person(&json!({ "name": "Ada Lovelace", "emails": email }));
    desk.ask();
    let names = "SELECT group_concat(name || ' ' || coalesce(email, '')) FROM customers";
    assert_eq!(desk.value(names), "Ada Lovelace ada@work.example");
}

#[test]
fn the_only_address_of_a_customer_is_corrected() {
    let desk = Desk::with(&json!({ "create_for": "all" }));
    let ada = json!({ "customers": [{ "name": "Ada", "email": "ada@hme.example" }] });
    let sync = desk
        .stack
        .call("customers-sync", "POST", "/api-customers-sync");
    let sync = sync.key(&desk.tenant.api_key).json(&ada);
    assert_eq!(sync.send(customers_sync::handler::handle).status, 200);
    desk.settle();
    desk.ask();
    let email = json!([{ "value": "ada@home.example", "label": "work" }]);
    desk.edits_person(&json!({ "emails": email }));
    desk.ask();
    let email = desk.value("SELECT group_concat(email) FROM customers");
    assert_eq!(email, "ada@home.example", "{:?}", desk.jobs());
    assert_eq!(
        desk.value("SELECT value FROM identities WHERE kind = 'email'"),
        email
    );
    assert_eq!(desk.requests("PUT /contacts"), 0, "it is the same there");
}

#[test]
fn more_changes_than_are_read_at_once_are_read_on() {
    let desk = known();
    desk.edits_person(&json!({ "name": "Ada Lovelace" }));
    desk.stack.advance(SECOND);
    let stamp = desk.stamp();
    for n in 0..300 {
        let stranger =
            json!({ "name": format!("Stranger {n}"), "emails": [], "contact_numbers": [] });
        desk.known(&stranger);
        desk.there.0.borrow_mut().persons[n + 1]["updated_at"] = stamp.clone().into();
    }
    desk.ask();
    assert_eq!(desk.value("SELECT name FROM customers"), "Ada Lovelace");
    // What was read is not read again once something is newer.
    desk.stack.advance(301 * SECOND);
    desk.edits_person(&json!({ "name": "Ada King" }));
    desk.ask();
    assert_eq!(desk.value("SELECT name FROM customers"), "Ada King");
    desk.there.requests_made();
    desk.ask();
    assert_eq!(desk.requests("GET /contacts/persons"), 1);
}

#[test]
fn a_lead_that_people_move_is_told() {
    let desk = known();
    desk.moves_lead(5);
    desk.ask();
    let detail = desk.value("SELECT detail FROM outbox WHERE event = 'crm.lead_stage_changed'");
    let detail: Value = serde_json::from_str(&detail).unwrap();
    let expected = json!({ "connector": "krayin", "lead_id": desk.lead()["id"].to_string(),
        "pipeline_id": "1", "stage_id": "5", "stage": "WON", "previous_stage_id": "1",
        "is_won": true, "is_lost": false, "by": "krayin" });
    assert_eq!(detail, expected);
    desk.ask();
    assert_eq!(desk.told("crm.lead_stage_changed"), 1);
}

#[test]
fn the_first_look_imports_nothing_and_strangers_are_left_alone() {
    let desk = Desk::new();
    desk.known(&json!({ "name": "Stranger", "emails": [], "contact_numbers": [] }));
    desk.ask();
    desk.edits_person(&json!({ "name": "Still a stranger" }));
    desk.ask();
    assert_eq!(desk.count("customers"), 0);
    assert_eq!(desk.count("crm_jobs WHERE kind = 'remote'"), 0);
    assert_eq!(
        desk.value("SELECT cursors ->> '$.leads' FROM integrations"),
        "0"
    );
}

#[test]
fn calls_of_a_while_are_one_look() {
    let desk = known();
    desk.moves_lead(2);
    let bucket = desk.stack.now().micros() / (20 * SECOND);
    desk.stack.db.sql(&format!(
        "INSERT INTO crm_jobs (business_id, connector, key, id, stream, kind, subject, priority,
           ordered_at, created_at, updated_at)
         SELECT business_id, 'krayin', 'remote:changes:{bucket}', 'job-1', 'reconcile', 'remote',
           'changes:{bucket}', 1, 0, 0, 0 FROM integrations"
    ));
    desk.run();
    assert!(desk.there.requests_made().is_empty(), "others may come");
    desk.stack.advance(21 * SECOND);
    desk.settle();
    assert_eq!(desk.told("crm.lead_stage_changed"), 1);
}

/// People write a note on a lead there.
fn noted(desk: &Desk, lead: &Value, comment: &str) {
    let stamp = desk.stamp();
    let mut state = desk.there.0.borrow_mut();
    let id = state.id();
    state.activities.push(
        json!({ "id": id, "type": "note", "title": null, "comment": comment,
        "lead_id": lead, "user": { "id": 5, "name": "Marta" }, "created_at": stamp }),
    );
}

#[test]
fn a_note_on_a_lead_is_a_note_of_the_conversation_once() {
    let desk = known();
    let lead = desk.lead()["id"].clone();
    noted(&desk, &lead, "<p>Wants <b>12</b> &amp; more</p>");
    noted(&desk, &json!(77), "of a stranger");
    desk.ask();
    let notes = desk
        .stack
        .db
        .sql("SELECT author, author_id, content FROM conversation_notes");
    let [note] = notes.try_into().unwrap();
    let note: Vec<_> = note
        .iter()
        .map(|value| value.as_text().unwrap_or_default())
        .collect();
    assert_eq!(note, ["Marta (Krayin)", "5", "Wants 12 & more"]);
    desk.ask();
    desk.stack
        .db
        .sql("UPDATE crm_jobs SET state = 'waiting', generation = generation + 1, updated_at = 0");
    desk.settle();
    assert_eq!(desk.count("conversation_notes"), 1);
}

#[test]
fn a_note_behind_many_others_comes_too() {
    let desk = known();
    let lead = desk.lead()["id"].clone();
    noted(&desk, &lead, "Call back");
    for n in 0..300 {
        noted(&desk, &json!(77), "of a stranger");
        let mut state = desk.there.0.borrow_mut();
        if n % 2 == 0 {
            let ours = json!({ "tieline": format!("message:{n}") });
            state.activities.last_mut().unwrap()["additional"] = ours;
        }
    }
    desk.ask();
    let content = desk.value("SELECT content FROM conversation_notes");
    assert_eq!(content, "Call back");
}

#[test]
fn a_note_on_a_lead_that_is_not_busy_is_found_later() {
    let desk = Desk::new();
    for n in 0..20 {
        desk.receive(&format!("wamid.{n}"), &format!("3538712345{n:02}"), "Hello");
        desk.stack.advance(SECOND);
        desk.settle();
    }
    desk.ask();
    let lead = desk.there.0.borrow().leads[0]["id"].clone();
    noted(&desk, &lead, "Call back");
    noted(&desk, &json!(77), "of a stranger");
    for _ in 0..4 {
        desk.ask();
    }
    let content = desk.value("SELECT content FROM conversation_notes");
    assert_eq!(content, "Call back");
    // Nobody's note is not looked for without end.
    for _ in 0..12 {
        desk.ask();
    }
    desk.there.requests_made();
    desk.ask();
    assert_eq!(desk.requests("GET"), 3);
    assert_eq!(desk.count("conversation_notes"), 1);
}

#[test]
fn our_own_activities_are_no_notes_of_theirs() {
    let desk = Desk::with(&super::everything());
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    desk.ask();
    desk.stack
        .db
        .sql("UPDATE messages SET channel = 'facebook'");
    desk.receive("wamid.2", ADA, "Again");
    desk.settle();
    desk.ask();
    assert_eq!(desk.count("conversation_notes"), 0);
}
