//! One open lead for each person, with what is known of the customer.

use super::rows::is;
use super::there::{Trouble, faulted};
use super::{ADA, Desk, SECOND, apart};
use serde_json::{Value, json};
use testkit::timed_out;

#[test]
fn a_lead_says_what_is_known_of_the_customer() {
    let settings = json!({ "lead_source_id": 2, "lead_source_by_channel": { "whatsapp": 4 },
        "lead_type_id": 1, "lead_pipeline_stage_id": 2, "owner": { "default_user_id": 5 } });
    let desk = Desk::with(&settings);
    desk.receive("wamid.1", ADA, "Hello");
    desk.stack.db.sql(
        "UPDATE customers SET email = 'ada@work.example', address = '1 Patrick Street',
           notes = 'Prefers calls', custom_fields =
           '{\"lead_value\":75000.0,\"company\":\"Acme\",\"city\":\"Cork\",\"country\":\"Ireland\"}'",
    );
    desk.settle();
    let lead = desk.lead();
    assert_eq!(lead["title"], format!("Customer {ADA}"));
    assert_eq!(lead["lead_value"], 75000);
    let description = format!(
        "Email: ada@work.example\nPhone: +{ADA}\nCompany: Acme\nAddress: 1 Patrick Street\n\
         Location: Cork, Ireland\nNotes: Prefers calls\nChannel: WhatsApp"
    );
    assert_eq!(lead["description"], description);
    assert_eq!(lead["lead_source_id"], 4);
    assert_eq!(
        (&lead["lead_type_id"], &lead["user_id"]),
        (&json!(1), &json!(5))
    );
    assert_eq!(lead["lead_pipeline_stage_id"], 2);
}

#[test]
fn an_open_lead_is_adopted_and_closed_ones_and_those_of_other_pipelines_are_not() {
    for (stage, more, is_adopted) in [
        (3, json!({}), true),
        (
            5,
            json!({ "closed_at": "2026-01-01T00:00:00.000000Z" }),
            false,
        ),
        (6, json!({}), false),
        (7, json!({}), false),
    ] {
        apart(|| {
            let desk = Desk::new();
            let email = json!([{ "value": "ada@work.example", "label": "work" }]);
            let numbers = json!([{ "value": format!("+{ADA}"), "label": "work" }]);
            let person = json!({ "name": "Ada", "emails": email, "contact_numbers": numbers });
            let person = desk.known(&person);
            let id = desk.has_lead(&person, stage, &more);
            desk.receive("wamid.1", ADA, "Hello");
            desk.settle();
            let leads = desk.there.0.borrow().leads.clone();
            assert_eq!(leads.len(), if is_adopted { 1 } else { 2 }, "{stage}");
            let theirs = leads.iter().find(|lead| is(lead, "id", &id)).unwrap();
            assert_eq!(theirs["lead_pipeline_stage_id"], stage, "left alone");
        });
    }
}

#[test]
fn a_lead_whose_answer_was_lost_is_not_made_twice() {
    for outcome in [timed_out(), faulted()] {
        apart(|| {
            let desk = Desk::new();
            desk.receive("wamid.1", ADA, "Hello");
            desk.there.trouble("POST /leads", Trouble::After(outcome));
            desk.settle();
            desk.lead();
            assert_eq!(desk.requests("POST /leads"), 1);
        });
    }
}

/// The first lead is closed, and the customer writes again in a conversation of its own.
fn closed_and_back(settings: &Value) -> Desk {
    let desk = Desk::with(settings);
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    desk.stack.advance(3600 * SECOND);
    let closed_at = desk.stack.now().to_string();
    {
        let mut state = desk.there.0.borrow_mut();
        state.leads[0]["lead_pipeline_stage_id"] = 5.into();
        state.leads[0]["closed_at"] = closed_at.into();
    }
    desk.stack
        .db
        .sql("UPDATE conversations SET status = 'closed', last_message_at = 0");
    desk.stack.advance(30 * 86_400 * SECOND);
    desk.receive("wamid.2", ADA, "Another question");
    desk.settle();
    assert_eq!(desk.count("conversations"), 2);
    desk
}

#[test]
fn a_conversation_after_a_lead_was_closed_makes_a_new_one() {
    let desk = closed_and_back(&json!({}));
    let leads = desk.there.0.borrow().leads.clone();
    assert_eq!(leads.len(), 2);
    assert_eq!(leads[0]["lead_pipeline_stage_id"], 5);
    let ids = desk.value("SELECT crm_ids FROM customers");
    assert!(
        ids.ends_with(&format!("krayin:lead:{}", leads[1]["id"])),
        "{ids}"
    );

    apart(|| {
        let desk = closed_and_back(&json!({ "new_lead_after_close": false }));
        assert_eq!(desk.there.0.borrow().leads.len(), 1);
    });
}

#[test]
fn a_lead_that_is_gone_is_made_anew_and_its_activities_with_it() {
    let desk = Desk::with(&super::everything());
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    desk.there.0.borrow_mut().leads.clear();
    desk.receive("wamid.2", ADA, "Still there?");
    desk.settle();
    let lead = desk.lead();
    let activities = desk.there.activities();
    assert_eq!(activities.len(), 3, "and none twice");
    let last = activities.last().unwrap();
    assert_eq!(last["comment"], "Still there?");
    assert_eq!(last["lead_id"], lead["id"]);
}

#[test]
fn changes_go_to_the_lead_where_people_have_not_changed_it() {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    desk.there.0.borrow_mut().leads[0]["expected_close_date"] =
        "2027-05-05T00:00:00.000000Z".into();
    desk.updated("name = 'Ada King', custom_fields = '{\"lead_value\":\"12.50\"}'");
    let lead = desk.lead();
    assert_eq!(
        (&lead["title"], &lead["lead_value"]),
        (&json!("Ada King"), &json!(12.5))
    );
    assert_eq!(
        lead["expected_close_date"], "2027-05-05T00:00:00.000000Z",
        "never lost"
    );
    desk.there.0.borrow_mut().leads[0]["title"] = "Big deal".into();
    desk.updated("name = 'Ada Lovelace'");
    assert_eq!(desk.lead()["title"], "Big deal");
}

#[test]
fn an_owner_is_the_user_with_the_assignees_address() {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Hello");
    desk.stack
        .db
        .sql("UPDATE conversations SET assignee = 'Marta@crm.test'");
    desk.settle();
    assert_eq!(desk.lead()["user_id"], 5);
    assert_eq!(desk.person()["sales_owner"]["id"], 5);
    let agents = desk.count("crm_agents WHERE connector = 'krayin'");
    assert_eq!(agents, 2, "figures know the users");
}

#[test]
fn a_stage_that_there_is_not_makes_no_leads_and_says_so() {
    for settings in [
        json!({ "lead_pipeline_stage_id": 77 }),
        json!({ "lead_pipeline_stage_id": 5 }),
        json!({ "lead_pipeline_id": 2, "lead_pipeline_stage_id": 1 }),
    ] {
        apart(|| {
            let desk = Desk::with(&settings);
            desk.receive("wamid.1", ADA, "Hello");
            desk.settle();
            assert!(desk.there.0.borrow().leads.is_empty());
            let jobs = desk.jobs();
            assert!(
                jobs.iter().any(|job| job.contains("unknown_stage")),
                "{jobs:?}"
            );
        });
    }
}
