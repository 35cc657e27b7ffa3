use super::*;
use testkit::{refused, timed_out};

fn graph_error(code: i64) -> Value {
    json!({ "error": { "message": "no", "code": code, "error_data": { "details": "Because." } } })
}

#[test]
fn a_refusal_is_told_with_its_code_and_kept_with_the_message() {
    let desk = Desk::new();
    desk.stack.ports.will(answer(400, &graph_error(131_047)));
    let refused = desk.send(&desk.text());
    assert_eq!(refused.refusal(), (422, "provider_rejected"));
    assert_eq!(refused.detail(), ("provider", "131047"));
    assert!(refused.json["error"].as_str().unwrap().contains("Because."));
    let id = desk.text_in("SELECT id FROM messages");
    assert_eq!(
        refused.json["details"][1],
        json!({ "path": "message_id", "rule": id })
    );
    let row = "SELECT status || error || (failed_at IS NOT NULL) FROM messages";
    assert_eq!(
        desk.text_in(row),
        r#"failed{"code":"131047","message":"Because."}1"#
    );
    assert_eq!(desk.events(), "message.status_changed");
    let detail: Value =
        serde_json::from_str(&desk.text_in("SELECT detail FROM outbox WHERE detail NOT NULL"))
            .unwrap();
    assert_eq!(
        detail,
        json!({
            "status": "failed", "previous_status": "queued",
            "error": { "code": "131047", "message": "Because." }
        })
    );
    desk.minute();
    assert_eq!(desk.sent().len(), 1);
}

#[test]
fn a_dead_token_is_noted_at_the_account_until_a_message_goes_through() {
    let desk = Desk::new();
    desk.stack.ports.will(answer(401, &graph_error(190)));
    assert_eq!(
        desk.send(&desk.text()).refusal(),
        (422, "provider_rejected")
    );
    let account = "SELECT status || ' ' || coalesce(status_reason, '-') FROM channels";
    assert_eq!(desk.text_in(account), "active 190: Because.");
    assert_eq!(desk.send(&desk.text()).status, 200);
    assert_eq!(desk.text_in(account), "active -");
}

#[test]
fn what_was_certainly_not_taken_is_tried_again() {
    let unavailable = || answer(503, &json!({}));
    for (outcome, delay) in [
        (refused(), 5),
        (answer(500, &graph_error(131_000)), 5),
        (answer(400, &graph_error(131_056)), 6),
        (answer(200, &graph_error(130_429)), 5),
        (answer(429, &json!({})), 5),
        (unavailable(), 5),
    ] {
        let desk = Desk::new();
        desk.stack.ports.will(outcome);
        let queued = desk.send(&desk.text());
        assert_eq!(queued.status, 202);
        assert_eq!(queued.json["message"]["status"], "queued");
        assert_eq!(queued.json["success"], true);
        assert_eq!(desk.events(), "Null");
        desk.stack.advance(i64::from(delay) * SECOND);
        assert_eq!(desk.work_queue(), [delay]);
        assert_eq!((desk.status(), desk.sent().len()), ("sent".into(), 2));
        assert_eq!(desk.events(), "message.sent");
    }
}

#[test]
fn what_may_have_been_taken_is_uncertain_and_never_sent_again() {
    let html = || answer(502, &json!("<html>"));
    for outcome in [timed_out(), html(), answer(200, &json!({}))] {
        let desk = Desk::new();
        desk.stack.ports.will(outcome);
        let unsure = desk.send(&desk.text());
        assert_eq!(unsure.status, 202);
        assert_eq!(unsure.json["message"]["status"], "uncertain");
        assert_eq!(unsure.json["message"]["error"]["code"], "uncertain");
        assert_eq!(desk.events(), "message.status_changed");
        for _ in 0..3 {
            desk.minute();
        }
        assert_eq!((desk.status(), desk.sent().len()), ("uncertain".into(), 1));
    }
}

#[test]
fn an_error_without_more_to_it_is_tried_twice() {
    let desk = Desk::new();
    desk.stack.ports.will(answer(500, &graph_error(1)));
    desk.stack.ports.will(answer(500, &graph_error(1)));
    assert_eq!(desk.send(&desk.text()).status, 202);
    desk.stack.advance(5 * SECOND);
    desk.work_queue();
    assert_eq!((desk.status(), desk.sent().len()), ("failed".into(), 2));
}

#[test]
fn an_upload_that_fails_sends_nothing() {
    let desk = Desk::new();
    let mut body = desk.text();
    body["attachments"] = json!([desk.attachment(1, "image/png", 10)]);
    desk.stack.ports.will(timed_out());
    let queued = desk.send(&body);
    assert_eq!(
        (queued.status, &queued.json["message"]["status"]),
        (202, &json!("queued"))
    );
    assert!(desk.sent().is_empty());
    desk.stack.ports.will(answer(400, &graph_error(131_053)));
    desk.stack.advance(5 * SECOND);
    desk.work_queue();
    assert_eq!((desk.status(), desk.sent().len()), ("failed".into(), 0));
}

#[test]
fn a_part_that_is_refused_takes_those_after_it_along_and_one_that_waits_holds_them_back() {
    let desk = Desk::new();
    let mut body = desk.text();
    body["attachments"] = json!([desk.attachment(1, "audio/ogg", 10)]);
    desk.stack.ports.will(answer(400, &graph_error(131_026)));
    assert_eq!(desk.send(&body).refusal(), (422, "provider_rejected"));
    let statuses = "SELECT group_concat(status) FROM messages";
    assert_eq!(desk.text_in(statuses), "failed,failed");
    assert_eq!(desk.sent().len(), 1);

    let desk = Desk::new();
    let mut body = desk.text();
    body["attachments"] = json!([desk.attachment(1, "audio/ogg", 10)]);
    desk.stack.ports.will(refused());
    assert_eq!(desk.send(&body).status, 202);
    assert_eq!(desk.text_in(statuses), "queued,queued");
    desk.stack.advance(5 * SECOND);
    desk.work_queue();
    assert_eq!(desk.text_in(statuses), "sent,sent");
    let types: Vec<_> = desk.sent().iter().map(|m| m["type"].clone()).collect();
    assert_eq!(types, ["text", "text", "audio"]);
}

#[test]
fn statuses_that_came_before_the_answer_are_applied_with_it() {
    let desk = Desk::new();
    let (business, channel) = (&desk.tenant.business_id, &desk.channel_id);
    for (status, at) in [("sent", 5), ("delivered", 7)] {
        desk.stack.db.sql(&format!(
            "INSERT INTO unmatched_statuses VALUES
               ('{business}', '{channel}', 'wamid.1', '{status}', {at}, NULL, 0)"
        ));
    }
    assert_eq!(desk.send(&desk.text()).status, 200);
    let row = "SELECT status || ' ' || sent_at || ' ' || delivered_at FROM messages";
    assert_eq!(desk.text_in(row), "delivered 5 7");
    assert_eq!(desk.events(), "message.sent message.status_changed");
    let left = "SELECT count(*) FROM unmatched_statuses";
    assert_eq!(desk.stack.db.value(left), Sql::Integer(0));
}

#[test]
fn an_id_that_another_message_has_is_not_taken_from_it() {
    let desk = Desk::new();
    for _ in 0..2 {
        desk.stack.ports.will(answer(
            200,
            &json!({ "messages": [{ "id": "wamid.same" }] }),
        ));
        assert_eq!(desk.send(&desk.text()).status, 200);
    }
    let statuses = "SELECT group_concat(status || coalesce(provider_id, '-')) FROM messages";
    assert_eq!(desk.text_in(statuses), "sentwamid.same,sent-");
}
