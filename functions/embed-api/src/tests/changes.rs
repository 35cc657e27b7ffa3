use super::{Desk, ids};
use common::time::SECOND;
use serde_json::{Value, json};
use testkit::{Answer, Stack};

fn sequence(desk: &Desk) -> i64 {
    desk.get("conversations").json["sequence"].as_i64().unwrap()
}

fn changes(desk: &Desk, token: &str, after: i64) -> Answer {
    desk.get_by(token, &format!("changes?after={after}"))
}

fn write(stack: &Stack, id: &str, from: &str) {
    stack.receive_whatsapp("1001", id, from, "Hello");
}

#[test]
fn inbox_changes_answers_at_once_when_there_is_something() {
    let desk = Desk::new();
    let after = sequence(&desk);
    let id = desk.receive("353871234567", "Hello");
    let before = desk.stack.now();
    let answer = changes(&desk, &desk.token, after);
    assert_eq!(ids(&answer), [id]);
    assert_eq!(desk.stack.now(), before, "nothing was waited for");
    assert_eq!(answer.json["sequence"].as_i64(), Some(sequence(&desk)));
    assert_eq!(answer.json["conversations"][0]["unread_count"], 1);
}

#[test]
fn a_request_is_held_until_something_happens() {
    let desk = Desk::new();
    let after = sequence(&desk);
    desk.stack.ports.meanwhile(|_| {});
    desk.stack
        .ports
        .meanwhile(|stack| write(stack, "wamid.m", "353871234567"));
    let before = desk.stack.now();
    let answer = changes(&desk, &desk.token, after);
    assert_eq!(ids(&answer).len(), 1);
    let waited = desk.stack.now().micros() - before.micros();
    assert!(waited < 2 * SECOND, "{waited}");
    assert_eq!(answer.json["counts"]["unread"], 1);
    // And again, from there on.
    desk.stack
        .ports
        .meanwhile(|stack| write(stack, "wamid.n", "353877654321"));
    let next = changes(
        &desk,
        &desk.token,
        answer.json["sequence"].as_i64().unwrap(),
    );
    assert_eq!(ids(&next).len(), 1);
    assert_ne!(ids(&next), ids(&answer));
}

#[test]
fn a_request_is_answered_after_25_seconds_in_which_nothing_happened() {
    let desk = Desk::new();
    let after = sequence(&desk);
    let (before, calls) = (desk.stack.now(), desk.stack.db.calls());
    let answer = changes(&desk, &desk.token, after);
    let waited = (desk.stack.now().micros() - before.micros()) / SECOND;
    assert!((25..27).contains(&waited), "{waited}");
    assert_eq!(answer.json["conversations"], json!([]));
    assert_eq!(answer.json["sequence"], after);
    assert_eq!(answer.json["has_more"], false);
    let calls = desk.stack.db.calls() - calls;
    assert!(calls <= 30, "{calls} calls in 25 s");
}

#[test]
fn a_thousand_inboxes_of_a_business_read_as_much_as_one() {
    let desk = Desk::new();
    let after = sequence(&desk);
    let token = desk.token.clone();
    changes(&desk, &token, after);
    write(&desk.stack, "wamid.m", "353871234567");
    desk.stack.advance(SECOND);
    let calls = desk.stack.db.calls();
    for _ in 0..1000 {
        assert_eq!(ids(&changes(&desk, &token, after)).len(), 1);
    }
    // One of the feed and one of the token's, which is remembered for 20 s.
    assert!(
        desk.stack.db.calls() - calls <= 2,
        "{}",
        desk.stack.db.calls() - calls
    );
}

#[test]
fn every_change_of_a_conversation_is_told() {
    let desk = Desk::new();
    let id = desk.receive("353871234567", "Hello");
    let message = desk.newest_message(&id);
    let customer = desk.customer_of(&id);
    let mut after = sequence(&desk);
    let mut changed = |what: &str| {
        desk.stack.advance(SECOND);
        let answer = changes(&desk, &desk.token, after);
        assert_eq!(ids(&answer), [id.as_str()], "{what}");
        after = answer.json["sequence"].as_i64().unwrap();
        answer.json["conversations"][0].clone()
    };
    desk.post("notes", &json!({"conversation_id": id, "content": "x"}));
    changed("a note");
    desk.post(
        "read",
        &json!({"conversation_id": id, "message_id": message}),
    );
    assert_eq!(changed("reading")["unread_count"], 0);
    desk.stack
        .db
        .sql("UPDATE conversations SET status = 'closed'");
    desk.stack
        .happened(&desk.tenant, "conversation.status_changed", &id, &json!({}));
    assert_eq!(changed("a status")["status"], "closed");
    desk.stack
        .happened(&desk.tenant, "message.status_changed", &message, &json!({}));
    changed("a message's status");
    desk.stack.db.sql("UPDATE customers SET name = 'New name'");
    desk.stack
        .happened(&desk.tenant, "customer.updated", &customer, &Value::Null);
    assert_eq!(changed("a customer's name")["customer"]["name"], "New name");
}

#[test]
fn several_changes_of_one_conversation_are_one_row() {
    let desk = Desk::new();
    let after = sequence(&desk);
    desk.receive("353871234567", "One");
    desk.receive("353871234567", "Two");
    let answer = changes(&desk, &desk.token, after);
    assert_eq!(ids(&answer).len(), 1);
    assert_eq!(
        answer.json["conversations"][0]["last_message"]["content"],
        "Two"
    );
}

#[test]
fn a_token_for_one_customer_is_told_of_that_customer_alone() {
    let desk = Desk::new();
    let own = desk.receive("353871234567", "Hello");
    let token = desk.bound_to(&own);
    let after = sequence(&desk);
    desk.stack
        .ports
        .meanwhile(|stack| write(stack, "wamid.m", "353877654321"));
    let quiet = changes(&desk, &token, after);
    assert_eq!(quiet.json["conversations"], json!([]));
    let after = quiet.json["sequence"].as_i64().unwrap();
    assert_eq!(
        after,
        sequence(&desk),
        "what was another's is not looked at again"
    );
    desk.stack
        .ports
        .meanwhile(|stack| write(stack, "wamid.n", "353871234567"));
    let answer = changes(&desk, &token, after);
    assert_eq!(ids(&answer), [own.as_str()]);
    assert_eq!(answer.json.get("counts"), None);
    // Also where it has to be read anew.
    let behind = changes(&desk, &token, 0);
    assert_eq!(ids(&behind), [own]);
}

#[test]
fn another_business_is_told_nothing() {
    let desk = Desk::new();
    let other = desk.stack.tenant("Another business");
    let token = desk.stack.inbox_token(&other, None, None).token;
    let after = sequence(&desk);
    desk.stack
        .ports
        .meanwhile(|stack| write(stack, "wamid.m", "353877654321"));
    let answer = changes(&desk, &token, after);
    assert_eq!(answer.json["conversations"], json!([]));
}

#[test]
fn an_inbox_that_was_away_catches_up_page_by_page() {
    let desk = Desk::new();
    let first = desk.receive("353871234567", "One");
    let business = &desk.tenant.business_id;
    desk.stack.db.sql(&format!(
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100)
         SELECT '{business}', 100 + i, 'e' || i, 'customer.created', 'c' || i, 0 FROM n"
    ));
    let last = desk.receive("353877654321", "Two");
    let (mut after, mut seen, mut pages) = (0, Vec::new(), 0);
    loop {
        let answer = changes(&desk, &desk.token, after);
        seen.extend(ids(&answer));
        after = answer.json["sequence"].as_i64().unwrap();
        pages += 1;
        if answer.json["has_more"] == false {
            break;
        }
    }
    assert_eq!(seen, [first, last]);
    assert_eq!((after, pages), (sequence(&desk), 3));
}

#[test]
fn a_burst_of_events_is_read_on_without_a_pause() {
    let desk = Desk::new();
    let after = sequence(&desk);
    changes(&desk, &desk.token, after);
    let business = &desk.tenant.business_id;
    desk.stack.db.sql(&format!(
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1600)
         SELECT '{business}', {after} + i, 'e' || i, 'customer.created', 'c' || i, 0 FROM n"
    ));
    let id = desk.receive("353877654321", "Two");
    let before = desk.stack.now();
    let answer = changes(&desk, &desk.token, after);
    assert_eq!(ids(&answer), [id]);
    let waited = desk.stack.now().micros() - before.micros();
    assert!(waited < SECOND, "{waited}");
}

#[test]
fn inbox_changes_refuses_invalid_input() {
    let desk = Desk::new();
    for query in [
        "",
        "?after=x",
        "?after=-1",
        "?after=9007199254740993",
        "?after=1&page=2",
    ] {
        let answer = desk.get(&format!("changes{query}"));
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{query}");
    }
}
