//! Leads go on with their conversations, and never back by themselves.

use super::{ADA, Desk, apart};
use serde_json::{Value, json};

fn rules(more: &Value) -> Value {
    let mut rules = json!({ "enabled": true, "on_conversation_created": 2, "on_first_response": 3,
        "on_conversation_resolved": 4 });
    for (name, value) in more.as_object().into_iter().flatten() {
        rules[name] = value.clone();
    }
    json!({ "stage_progression": rules })
}

fn stage(desk: &Desk) -> u64 {
    desk.lead()["lead_pipeline_stage_id"].as_u64().unwrap()
}

#[test]
fn a_lead_goes_from_stage_to_stage() {
    let desk = Desk::with(&rules(&json!({})));
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    assert_eq!(stage(&desk), 2);
    desk.reply("reply-1", "An answer");
    assert_eq!(stage(&desk), 3);
    desk.stands("status = 'closed'");
    assert_eq!(stage(&desk), 4);
    desk.stands("status = 'open'");
    assert_eq!(stage(&desk), 4, "not back");
    desk.there.requests_made();
    desk.receive("wamid.2", ADA, "Thanks");
    desk.settle();
    assert_eq!(desk.requests("PUT /leads"), 0);
}

#[test]
fn a_lead_goes_back_for_a_conversation_that_is_opened_again_where_that_is_set() {
    let desk = Desk::with(&rules(&json!({ "reopen": true })));
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    desk.reply("reply-1", "An answer");
    desk.stands("status = 'closed'");
    desk.stands("status = 'open'");
    assert_eq!(stage(&desk), 3);
}

#[test]
fn a_template_and_the_notice_that_people_take_over_are_no_answers() {
    let desk = Desk::with(&rules(&json!({})));
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    desk.reply("reply-1", "Hello {{1}}");
    desk.there.0.borrow_mut().leads[0]["lead_pipeline_stage_id"] = 2.into();
    desk.stack.db.sql("UPDATE crm_links SET fingerprint = replace(fingerprint, '\"3\"', '\"2\"') WHERE kind = 'lead'");
    desk.stack
        .db
        .sql("UPDATE messages SET type = 'template' WHERE id = 'reply-1'");
    desk.stands("priority = 'low'");
    assert_eq!(stage(&desk), 2);
    desk.stack
        .db
        .sql("UPDATE messages SET type = 'text' WHERE id = 'reply-1'");
    desk.stack.db.sql(
        "INSERT INTO sends (business_id, message_id, state, request, idempotency_key, created_at)
         SELECT business_id, id, 'done', '{}', 'said escalation:1', 0 FROM messages WHERE id = 'reply-1'",
    );
    desk.stands("priority = 'high'");
    assert_eq!(stage(&desk), 2);
    desk.stack.db.sql("DELETE FROM sends");
    desk.stands("priority = 'low'");
    assert_eq!(stage(&desk), 3);
}

#[test]
fn a_greeting_and_what_a_bot_writes_are_no_answers() {
    let desk = Desk::with(&rules(&json!({})));
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    desk.reply("reply-1", "Welcome");
    desk.there.0.borrow_mut().leads[0]["lead_pipeline_stage_id"] = 2.into();
    desk.stack.db.sql("UPDATE crm_links SET fingerprint = replace(fingerprint, '\"3\"', '\"2\"') WHERE kind = 'lead'");
    let detail = |detail: &str| {
        desk.stack.db.sql(&format!(
            "UPDATE messages SET detail = '{detail}' WHERE id = 'reply-1'"
        ));
    };
    detail(r#"{"sent_elsewhere":true,"automatic":true}"#);
    desk.stands("priority = 'low'");
    assert_eq!(stage(&desk), 2);
    detail(r#"{"sent_elsewhere":true}"#);
    desk.stands("priority = 'high'");
    assert_eq!(stage(&desk), 3);
}

#[test]
fn people_moved_it_further_or_closed_it_and_it_stays() {
    for theirs in [4, 5, 6] {
        apart(|| {
            let desk = Desk::with(&rules(
                &json!({ "on_conversation_resolved": 3, "on_first_response": 3 }),
            ));
            desk.receive("wamid.1", ADA, "Hello");
            desk.settle();
            desk.there.0.borrow_mut().leads[0]["lead_pipeline_stage_id"] = theirs.into();
            desk.reply("reply-1", "An answer");
            desk.stands("status = 'closed'");
            assert_eq!(stage(&desk), theirs);
            assert_eq!(desk.requests("PUT /leads"), 1, "of the conversation alone");
        });
    }
}

#[test]
fn a_closing_date_is_never_lost() {
    let desk = Desk::with(&rules(&json!({})));
    desk.there.0.borrow_mut().forgets_dates = true;
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    let date = "2027-05-05T00:00:00.000000Z";
    desk.there.0.borrow_mut().leads[0]["expected_close_date"] = date.into();
    desk.reply("reply-1", "An answer");
    assert_eq!(stage(&desk), 3);
    assert_eq!(desk.lead()["expected_close_date"], date);
}

#[test]
fn a_stage_of_another_pipeline_is_told_and_nothing_fails() {
    let desk = Desk::with(&rules(&json!({ "on_first_response": 8 })));
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    desk.reply("reply-1", "An answer");
    assert_eq!(stage(&desk), 2);
    assert_eq!(
        desk.count("crm_cache WHERE key LIKE 'trouble:unknown_stage%'"),
        1
    );
    assert!(
        desk.jobs().iter().all(|job| !job.contains("failed")),
        "{:?}",
        desk.jobs()
    );
}

#[test]
fn our_own_moves_are_events() {
    let desk = Desk::with(&rules(&json!({})));
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    let detail = desk.value("SELECT detail FROM outbox WHERE event = 'crm.lead_stage_changed'");
    let detail: Value = serde_json::from_str(&detail).unwrap();
    let expected = json!({ "connector": "krayin", "lead_id": desk.lead()["id"].to_string(),
        "pipeline_id": "1", "stage_id": "2", "stage": "FOLLOW-UP", "previous_stage_id": "1",
        "is_won": false, "is_lost": false, "by": "tieline" });
    assert_eq!(detail, expected);
}
