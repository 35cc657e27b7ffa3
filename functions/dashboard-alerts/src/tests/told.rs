use super::{Desk, HOUR, MINUTE, SECOND};
use dashboard_alerts::handler::each_minute;
use serde_json::{Value, json};
use testkit::{Failure, Stack, answer, refused, timed_out};

/// A business with an endpoint that fails, and somebody who is told.
pub(super) fn told() -> (Desk, String) {
    let desk = Desk::new();
    desk.slack();
    let endpoint = desk.failing_endpoint(desk.now() - HOUR);
    (desk, endpoint)
}

pub(super) fn notifications(desk: &Desk) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let alerts = desk.get("").json["alerts"].as_array().unwrap().clone();
    let all = alerts
        .iter()
        .flat_map(|alert| alert["notifications"].as_array().unwrap().clone());
    let mut all: Vec<_> = all
        .map(|one| (text(&one["event"]), text(&one["status"])))
        .collect();
    all.sort();
    all
}

pub(super) fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
    all.iter().map(owned).collect()
}

#[test]
fn an_alert_is_told_once_when_it_begins_and_once_when_it_ends() {
    let (desk, endpoint) = told();
    desk.answers(200);
    desk.minutes(5);
    let texts = desk.texts();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(
        texts[0]
            .starts_with("[Test business] Critical: Every delivery to the webhook endpoint CRM")
    );
    assert!(
        texts[0].ends_with("https://tieline.example/dashboard/alerts"),
        "{}",
        texts[0]
    );
    assert_eq!(notifications(&desk), pairs(&[("raised", "sent")]));
    desk.mend_endpoint(&endpoint);
    desk.minutes(8);
    let texts = desk.texts();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(
        texts[0].starts_with("[Test business] Resolved: "),
        "{}",
        texts[0]
    );
    assert_eq!(
        notifications(&desk),
        pairs(&[("raised", "sent"), ("resolved", "sent")])
    );
}

#[test]
fn what_fails_for_a_while_is_sent_later_and_its_failure_is_shown() {
    let (desk, _) = told();
    desk.stack.ports.will(answer(503, &json!("rollup_error")));
    desk.minute();
    let alert = desk.only();
    let first = &alert["notifications"][0];
    assert_eq!(
        (&first["status"], &first["attempts"]),
        (&json!("pending"), &json!(1))
    );
    assert_eq!(first["error"], "\"rollup_error\"");
    assert!(first["next_attempt_at"].is_string());
    desk.stack.ports.will(timed_out());
    desk.minute();
    desk.answers(200);
    desk.minutes(10);
    assert_eq!(notifications(&desk), pairs(&[("raised", "sent")]));
    assert_eq!(
        desk.texts().len(),
        3,
        "two tries that failed, and no more once it was taken"
    );
}

#[test]
fn what_is_refused_for_good_is_not_tried_again() {
    let (desk, endpoint) = told();
    desk.answers(404);
    desk.minutes(10);
    assert_eq!(desk.texts().len(), 1);
    assert_eq!(notifications(&desk), pairs(&[("raised", "failed")]));
    // Who could not be told that it began is not told that it is over.
    desk.mend_endpoint(&endpoint);
    desk.minutes(5);
    assert_eq!(notifications(&desk), pairs(&[("raised", "failed")]));
    assert_eq!(desk.texts().len(), 0);
}

#[test]
fn a_redirect_is_not_followed_and_counts_as_a_refusal() {
    let (desk, _) = told();
    desk.answers(302);
    desk.minutes(3);
    assert_eq!(notifications(&desk), pairs(&[("raised", "failed")]));
}

#[test]
fn nobody_who_answers_for_hours_is_given_up() {
    let (desk, _) = told();
    desk.stack.ports.respond(|_| Some(refused()));
    for _ in 0..300 {
        desk.minute();
    }
    assert_eq!(notifications(&desk), pairs(&[("raised", "failed")]));
    assert_eq!(desk.texts().len(), 8);
}

#[test]
fn a_server_that_asks_for_patience_gets_it() {
    let (desk, _) = told();
    let mut busy = answer(429, &json!({})).unwrap();
    busy.headers.push(("retry-after".into(), "600".into()));
    desk.stack.ports.will(Ok(busy));
    desk.answers(200);
    desk.minutes(9);
    assert_eq!(desk.texts().len(), 1);
    desk.minutes(3);
    assert_eq!(desk.texts().len(), 1);
    assert_eq!(notifications(&desk), pairs(&[("raised", "sent")]));
}

#[test]
fn what_was_sent_and_not_written_down_is_sent_again_once() {
    let (desk, _) = told();
    desk.answers(200);
    // The database is away after the claim: tokens, claim of businesses, sends, read, write, due, claim.
    desk.stack.advance(MINUTE);
    let outage = Failure::Before(common::db::DbError::from_message("Network connection lost"));
    desk.stack.db.fail_after(7, outage);
    let log = desk.stack.job("", each_minute);
    assert_ne!(log["code"], Value::Null, "{log}");
    desk.stack.db.recover();
    assert_eq!(desk.texts().len(), 1, "it was sent");
    desk.minutes(10);
    assert_eq!(desk.texts().len(), 1, "and again, since nobody knew");
    assert_eq!(notifications(&desk), pairs(&[("raised", "sent")]));
}

/// Has something happen before a later batch: of one minute of one business, the first claims it, the second reads, and the
/// third writes.
fn before_batch(stack: &Stack, n: u32, happen: Box<dyn FnOnce()>) {
    let then = stack.clone();
    stack.db.before_next_batch(move || match n {
        1 => happen(),
        _ => before_batch(&then, n - 1, happen),
    });
}

/// As if another had waited out the lease, and did everything.
fn another_looks(desk: &Desk, before: u32) {
    let stack = desk.stack.clone();
    let looks = move || {
        stack.db.sql("UPDATE businesses SET watch_at = 0");
        stack.advance(SECOND);
        stack.job("", each_minute);
    };
    before_batch(&desk.stack, before, Box::new(looks));
    desk.stack.advance(MINUTE);
    let log = desk.stack.job("", each_minute);
    assert_eq!(log["code"], Value::Null, "{log}");
}

#[test]
fn two_that_look_at_once_raise_and_tell_once() {
    for before in [2, 3] {
        let (desk, _) = told();
        desk.answers(200);
        another_looks(&desk, before);
        assert_eq!(desk.open().len(), 1);
        assert_eq!(desk.events(), ["alert.raised webhook_failing"]);
        assert_eq!(desk.texts().len(), 1);
    }
}

#[test]
fn two_that_look_at_once_resolve_and_tell_once() {
    for before in [2, 3] {
        let (desk, endpoint) = told();
        desk.answers(200);
        desk.minute();
        desk.mend_endpoint(&endpoint);
        desk.minutes(2);
        another_looks(&desk, before);
        assert_eq!(desk.open(), []);
        let told = [
            "alert.raised webhook_failing",
            "alert.resolved webhook_failing",
        ];
        assert_eq!(desk.events(), told);
        assert_eq!(desk.texts().len(), 2);
    }
}

#[test]
fn nothing_goes_anywhere_before_a_destination_is_set_and_what_began_before_is_not_told() {
    let desk = Desk::new();
    desk.answers(200);
    desk.failing_endpoint(desk.now() - HOUR);
    desk.minute();
    assert_eq!(desk.open().len(), 1);
    desk.slack();
    desk.minutes(3);
    assert_eq!(desk.stack.ports.take_requests().len(), 0);
}

#[test]
fn whoever_was_deleted_is_told_nothing_any_more() {
    let (desk, _) = told();
    desk.stack.ports.will(refused());
    desk.minute();
    let id = desk.only()["notifications"][0]["destination_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let deleted = desk.call("DELETE", &format!("/destinations/{id}"), &Value::Null);
    assert_eq!(deleted.status, 204);
    desk.texts();
    desk.answers(200);
    desk.minutes(5);
    assert_eq!(desk.texts().len(), 0);
    assert_eq!(notifications(&desk), pairs(&[("raised", "skipped")]));
}

#[test]
fn businesses_take_turns_where_many_are_due() {
    let desk = Desk::new();
    for n in 0..60 {
        let _ = desk.stack.tenant(&format!("Business {n}"));
    }
    let waiting = || {
        desk.stack
            .db
            .value("SELECT count(*) FROM businesses WHERE watch_at = 0")
    };
    desk.minute();
    assert_eq!(waiting(), 11.into());
    desk.minute();
    assert_eq!(waiting(), 0.into());
}

#[test]
fn businesses_that_need_more_than_a_minute_allows_are_the_next_minutes() {
    let desk = Desk::new();
    let fail = |desk: &Desk| desk.failing_endpoint(desk.now() - HOUR);
    fail(&desk);
    for _ in 0..55 {
        fail(&desk.other());
    }
    // The first minute of an hour, in which more is to be done.
    desk.stack
        .advance(HOUR - desk.now().rem_euclid(HOUR) - MINUTE);
    let raised = || {
        desk.stack
            .db
            .value("SELECT count(*) FROM alerts")
            .as_integer()
            .unwrap()
    };
    desk.minute();
    assert!((30..50).contains(&raised()), "{}", raised());
    desk.minute();
    assert_eq!(raised(), 56);
}
