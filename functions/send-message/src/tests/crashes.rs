use super::*;
use common::db::DbError;
use testkit::Failure;

fn outage() -> DbError {
    DbError::Outage("Network connection lost".into())
}

/// Calls of the database in a request with an `Idempotency-Key`, whose key is known: claim, read,
/// write, outcome (which is tried three times), answer.
const CALLS: usize = 5;

#[test]
fn whatever_call_fails_a_message_is_sent_once_at_most_and_its_end_is_told() {
    for n in 0..CALLS {
        for failure in [Failure::Before(outage()), Failure::After(outage())] {
            let desk = Desk::new();
            desk.send(&desk.text());
            desk.stack.ports.take_requests();
            desk.stack.db.sql("DELETE FROM sends");
            desk.stack.db.sql("DELETE FROM messages");
            desk.stack.db.fail_after(n, failure.clone());
            let first = desk.send_once("key", &desk.text());
            let before = desk.sent().len();
            // The claim of a request that died runs out after a minute.
            desk.stack.advance(61 * SECOND);
            let second = desk.send_once("key", &desk.text());
            let sent = before + desk.sent().len();
            let statuses = (first.status, second.status);
            assert!(
                sent <= 1,
                "call {n}, {failure:?}: sent {sent} times, {statuses:?}"
            );
            assert!(
                second.status == 200 || second.status == 202,
                "call {n}, {failure:?}: {statuses:?}"
            );
            if second.json["message"]["status"] == "sent" {
                assert_eq!(sent, 1, "call {n}, {failure:?}");
            }
            let rows = desk.stack.db.value("SELECT count(*) FROM messages");
            assert_eq!(rows, Sql::Integer(1), "call {n}, {failure:?}");
            desk.minute();
            desk.minute();
            assert!(desk.sent().is_empty());
            assert!(["sent", "uncertain"].contains(&desk.status().as_str()));
        }
    }
}

#[test]
fn a_lost_answer_of_the_write_does_not_stop_the_send() {
    let desk = Desk::new();
    desk.send(&desk.text());
    desk.stack.ports.take_requests();
    desk.stack.db.fail_after(1, Failure::After(outage()));
    let answer = desk.send(&desk.text());
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_eq!(desk.sent().len(), 1);
}

#[test]
fn a_message_that_waits_does_so_once_however_often_that_is_stored() {
    let desk = Desk::new();
    desk.send(&desk.text());
    desk.stack.db.sql("DELETE FROM messages");
    desk.stack.ports.will(testkit::refused());
    desk.stack.db.fail_after(2, Failure::After(outage()));
    let answer = desk.send(&desk.text());
    assert_eq!(answer.json["message"]["status"], "queued");
    let tries = desk.text_in("SELECT max(tries) || '' FROM sends");
    assert_eq!((tries.as_str(), desk.work_queue()), ("1", vec![5]));
}

#[test]
fn an_outcome_that_cannot_be_stored_is_logged_and_the_message_becomes_uncertain() {
    let desk = Desk::new();
    desk.send(&desk.text());
    desk.stack.db.sql("DELETE FROM messages");
    desk.stack.ports.take_requests();
    desk.stack.db.fail_after(2, Failure::Before(outage()));
    for _ in 0..2 {
        desk.stack.db.fail(Failure::Before(outage()));
    }
    let answer = desk.send(&desk.text());
    assert_eq!(
        (answer.status, &answer.json["message"]["status"]),
        (200, &json!("sent"))
    );
    let log = &answer.log;
    assert!(
        log["note"].as_str().unwrap().contains("not stored"),
        "{log}"
    );
    assert_eq!(desk.status(), "queued");
    desk.minute();
    assert_eq!((desk.status(), desk.sent().len()), ("uncertain".into(), 1));
    assert!(desk.events().ends_with("message.status_changed"));
}

#[test]
fn a_request_that_died_while_sending_is_uncertain_when_it_is_made_again() {
    let desk = Desk::new();
    let first = desk.send_once("key", &desk.text()).json["message"].clone();
    // As the database was the moment before the answer came.
    desk.stack.db.sql(
        "UPDATE sends SET state = 'sending', due_at = (SELECT created_at + 60000000 FROM messages);
         ",
    );
    desk.stack
        .db
        .sql("UPDATE messages SET status = 'queued', provider_id = NULL, sent_at = NULL");
    desk.stack
        .db
        .sql("UPDATE idempotency SET status = NULL, response = NULL");
    let running = desk.send_once("key", &desk.text());
    assert_eq!(running.refusal(), (409, "idempotency_in_progress"));
    desk.stack.advance(61 * SECOND);
    let again = desk.send_once("key", &desk.text());
    assert_eq!(again.status, 202, "{}", again.json);
    assert_eq!(again.json["message"]["id"], first["id"]);
    assert_eq!(again.json["message"]["created_at"], first["created_at"]);
    assert_eq!(again.json["message"]["status"], "uncertain");
    assert_eq!(desk.sent().len(), 1);
    // From then on the answer is the same.
    let replayed = desk.send_once("key", &desk.text());
    assert_eq!(replayed.header("idempotent-replayed"), Some("true"));
    assert_eq!(replayed.json, again.json);
}

#[test]
fn a_repeat_is_answered_with_all_messages_of_the_first() {
    let desk = Desk::new();
    let mut body = desk.text();
    body["attachments"] = json!([
        desk.attachment(1, "audio/ogg", 10),
        "https://a.example/b.pdf"
    ]);
    let first = desk.send_once("key", &body);
    desk.stack.db.sql("DELETE FROM idempotency");
    let again = desk.send_once("key", &body);
    assert_eq!(again.json, first.json);
    assert_eq!(desk.sent().len(), 3);
}

#[test]
fn a_repeat_replays_success_and_refusal_and_another_body_is_refused() {
    let desk = Desk::new();
    let first = desk.send_once("a", &desk.text());
    let again = desk.send_once("a", &desk.text());
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!((again.status, &again.json), (200, &first.json));
    let mut other = desk.text();
    other["content"] = json!("Other");
    assert_eq!(
        desk.send_once("a", &other).refusal(),
        (422, "idempotency_key_reused")
    );

    let error = json!({ "error": { "message": "no", "code": 131_026 } });
    desk.stack.ports.will(answer(400, &error));
    let first = desk.send_once("b", &desk.text());
    let again = desk.send_once("b", &desk.text());
    assert_eq!(first.refusal(), (422, "provider_rejected"));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!((again.status, &again.json), (422, &first.json));
    assert_eq!(desk.sent().len(), 2);
    // What was refused before anything was written may be mended.
    let bad = json!({ "customer_id": "CRM-12345", "channel": "whatsapp" });
    assert_eq!(desk.send_once("c", &bad).status, 422);
    assert_eq!(desk.send_once("c", &desk.text()).status, 200);
}

#[test]
fn a_key_is_good_for_another_message_after_a_day_and_for_each_business() {
    let desk = Desk::new();
    let text = json!({
        "customer_id": "CRM-12345", "channel": "whatsapp",
        "template": { "name": "a", "language": "en" }
    });
    desk.send_once("key", &text);
    let other = desk.stack.tenant("Other");
    let theirs = Desk::of(
        desk.stack.clone(),
        other,
        "2001",
        "019a0000-0000-7000-8000-0000000000c2",
    );
    assert_eq!(theirs.send_once("key", &text).status, 200);
    assert_eq!(desk.sent().len(), 2);
    desk.stack.advance(24 * 3600 * SECOND);
    assert_eq!(desk.send_once("key", &text).status, 200);
    assert_eq!(desk.sent().len(), 1);
}

#[test]
fn a_conversation_that_begins_meanwhile_is_gone_on_with() {
    let desk = Desk::new();
    let template = json!({
        "customer_id": "CRM-12345", "channel": "whatsapp",
        "template": { "name": "a", "language": "en" }
    });
    desk.stack
        .db
        .sql("UPDATE conversations SET status = 'closed'");
    let db = desk.stack.db.clone();
    desk.send(&desk.text());
    desk.stack
        .db
        .sql("UPDATE conversations SET status = 'closed'");
    desk.stack.db.before_next_batch(move || {
        let db = db.clone();
        db.clone().before_next_batch(move || {
            db.sql(&format!(
                "UPDATE conversations SET status = 'open' WHERE id = '{CONVERSATION}'"
            ));
        });
    });
    let answer = desk.send(&template);
    assert_eq!(answer.json["message"]["conversation_id"], CONVERSATION);
}
