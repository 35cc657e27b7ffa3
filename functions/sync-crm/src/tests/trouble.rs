use super::there::Trouble;
use super::{ADA, Desk, SECOND, apart};
use common::ports::Queue;
use serde_json::json;
use testkit::{answer, refused, timed_out};

#[test]
fn a_lost_answer_makes_nothing_twice() {
    let mut cut = answer(201, &json!({}));
    if let Ok(response) = &mut cut {
        response.body = b"{\"data\":{\"id\":".to_vec();
    }
    for request in [
        "POST /v1/customers",
        "POST /v1/conversations",
        "POST /v1/conversations/conversation-1/messages",
    ] {
        for outcome in [timed_out(), answer(502, &json!("<html>")), cut.clone()] {
            apart(|| {
                let desk = Desk::new();
                desk.there.trouble(request, Trouble::After(outcome.clone()));
                desk.receive("wamid.1", ADA, "Hello");
                desk.settle();
                let kinds = ["customer", "conversation", "message"];
                let made = kinds.map(|kind| desk.there.all(kind).len());
                assert_eq!(made, [1, 1, 1], "{request} {outcome:?}");
            });
        }
    }
}

#[test]
fn what_fails_is_tried_again_and_holds_its_own_customer_up_alone() {
    let desk = Desk::new();
    desk.there
        .trouble("POST /v1/customers", Trouble::Before(refused()));
    desk.receive("wamid.1", ADA, "first");
    desk.receive("wamid.2", ADA, "second");
    desk.stack.fan_out(&desk.tenant);
    desk.run();
    desk.receive("wamid.3", "353879999999", "of somebody else");
    desk.stack.fan_out(&desk.tenant);
    desk.run();
    let lines = |desk: &Desk| -> Vec<String> {
        let all = desk.there.all("message");
        all.iter()
            .map(|one| one["attributes"]["preview"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(lines(&desk), ["of somebody else"]);
    desk.stack.advance(10 * SECOND);
    desk.settle();
    assert_eq!(lines(&desk), ["of somebody else", "first", "second"]);
}

#[test]
fn what_it_will_not_have_is_a_dead_letter_and_the_rest_goes_on() {
    let desk = Desk::new();
    let invalid = answer(
        400,
        &json!({"errors": [{"status": 400, "code": "bad_request",
        "detail": "should NOT have additional properties", "source": {"pointer": "/preview"}}]}),
    );
    desk.there.trouble(
        "POST /v1/conversations/conversation-1/messages",
        Trouble::Before(invalid),
    );
    desk.receive("wamid.1", ADA, "bad");
    desk.receive("wamid.2", ADA, "good");
    desk.settle();
    let [message] = desk.there.all("message").try_into().unwrap();
    assert_eq!(message["attributes"]["preview"], "good");
    let failed: Vec<_> = desk
        .jobs()
        .into_iter()
        .filter(|job| job[1] == "failed")
        .collect();
    assert_eq!(failed.len(), 1);
    assert!(failed[0][2].contains("/preview"), "{failed:?}");
    let today = desk.stack.db.sql("SELECT done, failed FROM crm_days");
    assert_eq!(today[0][1].as_integer(), Some(1));
}

#[test]
fn a_refused_key_opens_the_breaker_and_says_so() {
    let desk = Desk::new();
    let refusal = || {
        answer(
            401,
            &json!({"errors": [{"code": "unauthorized", "message": "expired"}]}),
        )
    };
    desk.there
        .trouble("GET /v1/customers", Trouble::Before(refusal()));
    desk.receive("wamid.1", ADA, "Hello");
    desk.stack.fan_out(&desk.tenant);
    desk.run();
    assert_eq!(desk.there.requests_made().len(), 1);
    for _ in 0..3 {
        desk.run();
    }
    assert!(desk.there.requests_made().is_empty(), "it is left alone");
    let reason = desk
        .stack
        .db
        .value("SELECT broken_reason FROM integrations");
    assert!(reason.as_text().unwrap().contains("bad_key"), "{reason:?}");
    desk.stack.advance(400 * SECOND);
    desk.settle();
    assert_eq!(desk.there.all("message").len(), 1);
    let broken = desk.stack.db.value("SELECT broken_until FROM integrations");
    assert_eq!(broken, common::db::Value::Null);
}

#[test]
fn a_service_that_always_fails_is_a_dead_letter_and_no_end_of_all() {
    let desk = Desk::new();
    desk.receive("wamid.0", ADA, "Hello");
    desk.settle();
    desk.stack.ports.services_are_down.set(true);
    desk.reply("theirs-1", "An answer");
    desk.run();
    desk.receive("wamid.1", "353879999999", "of somebody else");
    desk.stack.fan_out(&desk.tenant);
    desk.run();
    let made = desk.there.all("message");
    assert!(
        made.iter()
            .any(|one| one["attributes"]["preview"] == "of somebody else")
    );
    desk.stack.ports.services_are_down.set(false);
    desk.stack.advance(60 * SECOND);
    desk.settle();
    assert_eq!(desk.count("messages WHERE direction = 'outbound'"), 1);
}

#[test]
fn what_is_asked_is_logged_where_it_is_wanted_without_what_is_private() {
    let desk = Desk::with(&json!({"debug": true}));
    desk.receive("wamid.1", ADA, "My secret is 42");
    desk.stack.fan_out(&desk.tenant);
    let log = desk.run().to_string();
    assert!(log.contains("POST /v1/conversations"), "{log}");
    let stored = format!(
        "{log}{:?}",
        desk.stack.db.sql("SELECT requests FROM crm_attempts")
    );
    for private in [ADA, "My secret", crate::kustomer::KUSTOMER_KEY, "Customer"] {
        assert!(!stored.contains(private), "{private}: {stored}");
    }
}

#[test]
fn an_hour_away_loses_nothing_and_hammers_nobody() {
    let desk = Desk::new();
    for n in 0..40 {
        let from = format!("35387000{n:04}");
        desk.receive(&format!("wamid.{n}.1"), &from, "one");
        desk.receive(&format!("wamid.{n}.2"), &from, "two");
    }
    desk.stack.fan_out(&desk.tenant);
    for _ in 0..2000 {
        desk.there.trouble("", Trouble::Before(refused()));
    }
    let began = desk.stack.now();
    let mut requests_made = 0;
    while desk.stack.now().micros() - began.micros() < 3600 * SECOND {
        let log = desk.run();
        assert_eq!(log["level"], "info", "{log}");
        desk.stack.ports.take_wakes(Queue::Crm);
        requests_made += desk.there.requests_made().len();
        desk.stack.advance(20 * SECOND);
    }
    assert!(
        requests_made < 100,
        "{requests_made} requests in an hour of nobody there"
    );
    desk.there.0.borrow_mut().clear_trouble();
    desk.stack.advance(3600 * SECOND);
    desk.settle();
    assert_eq!(desk.there.all("customer").len(), 40);
    assert_eq!(desk.there.all("message").len(), 80);
    let failed = desk
        .jobs()
        .into_iter()
        .filter(|job| job[1] == "failed")
        .count();
    assert_eq!(failed, 0);
    for customer in desk.there.all("conversation") {
        let of = |one: &&serde_json::Value| {
            one["relationships"]["conversation"]["data"]["id"] == customer["id"]
        };
        let lines: Vec<_> = desk
            .there
            .all("message")
            .iter()
            .filter(of)
            .map(|one| one["attributes"]["preview"].clone())
            .collect();
        assert_eq!(lines, ["one", "two"]);
    }
}

#[test]
fn a_job_that_was_cut_off_is_taken_over_and_looks_before_it_makes() {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Hello");
    desk.stack.fan_out(&desk.tenant);
    // As one that died after it had made the customer.
    desk.there
        .trouble("POST /v1/conversations", Trouble::Before(timed_out()));
    desk.run();
    desk.stack
        .db
        .sql("UPDATE crm_streams SET lease = 'somebody', due_at = due_at + 120000000");
    desk.stack.advance(10 * SECOND);
    desk.run();
    assert!(desk.there.all("message").is_empty(), "the lease holds");
    desk.stack.advance(600 * SECOND);
    desk.settle();
    assert_eq!(desk.there.all("message").len(), 1);
    assert_eq!(desk.there.all("customer").len(), 1);
}

#[test]
fn switched_off_nothing_is_asked_and_switched_on_it_goes_on() {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Hello");
    desk.stack.fan_out(&desk.tenant);
    desk.stack
        .db
        .sql("UPDATE integrations SET status = 'disabled'");
    desk.run();
    assert!(desk.there.requests_made().is_empty());
    desk.stack
        .db
        .sql("UPDATE integrations SET status = 'active'");
    desk.settle();
    assert_eq!(desk.there.all("message").len(), 1);
}

#[test]
fn a_file_that_it_will_not_have_holds_no_message_back() {
    let desk = Desk::new();
    let refusal = answer(
        422,
        &json!({"errors": [{"code": "invalid", "message": "no such type"}]}),
    );
    desk.there
        .trouble("POST /v1/attachments", Trouble::Before(refusal));
    desk.receive("wamid.1", ADA, "Look");
    let id = "019b0000-0000-7000-8000-000000000009";
    desk.stack.db.sql(&format!(
        "INSERT INTO attachments (business_id, id, message_id, state, filename, type, size,
           created_at)
         SELECT business_id, '{id}', id, 'ready', 'a.pdf', 'application/pdf', 5, 0 FROM messages"
    ));
    let key = format!("{}/{id}", desk.tenant.business_id);
    let bytes = b"bytes".to_vec();
    desk.stack.ports.blobs.borrow_mut().insert(key, bytes);
    desk.settle();
    let requests_made = desk.there.requests_made();
    assert!(
        requests_made.contains(&"POST /v1/attachments".to_owned()),
        "{requests_made:?}"
    );
    assert_eq!(desk.there.all("message").len(), 1);
}

#[test]
fn a_large_file_goes_there_from_its_parts_once_the_isolate_has_room_for_it() {
    let desk = Desk::new();
    let refusal = answer(422, &json!({"errors": [{"code": "invalid"}]}));
    desk.there
        .trouble("POST /v1/attachments", Trouble::Before(refusal));
    desk.receive("wamid.1", ADA, "Look");
    let id = "019b0000-0000-7000-8000-000000000009";
    let size = 4 * 1024 * 1024 + 1;
    desk.stack.db.sql(&format!(
        "INSERT INTO attachments (business_id, id, message_id, state, filename, type, size,
           created_at)
         SELECT business_id, '{id}', id, 'ready', 'a.pdf', 'application/pdf', {size}, 0 FROM messages"
    ));
    for (n, length) in [size - 1, 1].into_iter().enumerate() {
        let key = format!("{}/{id}.{n}", desk.tenant.business_id);
        let mut blobs = desk.stack.ports.blobs.borrow_mut();
        blobs.insert(key, vec![b'x'; length]);
    }
    let others = common::in_flight::hold(common::in_flight::MAX_BYTES, desk.stack.now()).unwrap();
    desk.stack.fan_out(&desk.tenant);
    desk.run();
    let attach = "POST /v1/attachments".to_owned();
    assert!(!desk.there.requests_made().contains(&attach));
    assert!(desk.there.all("message").is_empty());
    drop(others);
    desk.settle();
    assert!(desk.there.requests_made().contains(&attach));
    assert_eq!(desk.there.all("message").len(), 1);
}
