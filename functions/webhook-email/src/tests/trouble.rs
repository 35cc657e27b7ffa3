use super::{Desk, announcement, mail};
use common::db::DbError;
use common::time::{DAY, SECOND};
use receivers::parked::MAX_TRIES;
use serde_json::{Value as Json, json};
use std::cell::Cell;
use std::rc::Rc;
use testkit::{Answer, Failure, answer, refused, timed_out};
use webhook_email::handler::resume_all;

fn outage() -> DbError {
    DbError::Outage("away".into())
}

impl Desk {
    /// A desk whose account the isolate has seen.
    fn warm() -> Self {
        let desk = Self::resend();
        desk.receive(&mail(1, "joe@example.com", "warm"));
        desk
    }

    fn announce(&self) -> Answer {
        self.post(&announcement(&mail(2, "joe@example.com", "Hi")).to_string())
    }

    fn resume(&self) -> Json {
        self.stack.job("", resume_all)
    }
}

#[test]
fn with_the_database_away_a_mail_is_kept_and_taken_in_later() {
    let desk = Desk::warm();
    desk.stack
        .ports
        .will(answer(200, &mail(2, "joe@example.com", "Hi")));
    desk.stack.db.fail(Failure::Before(outage()));
    let parked = desk.announce();
    assert_eq!((parked.status, &parked.json["kept"]), (200, &json!(true)));
    assert_eq!(desk.count("messages"), 1);
    desk.stack
        .ports
        .will(answer(200, &mail(2, "joe@example.com", "Hi")));
    desk.resume();
    desk.resume();
    assert_eq!(desk.count("messages"), 2);
    assert!(desk.stack.ports.blobs.borrow().is_empty());
}

#[test]
fn with_the_database_and_kv_away_the_provider_is_told_to_come_again() {
    let desk = Desk::warm();
    desk.stack
        .ports
        .will(answer(200, &mail(2, "joe@example.com", "Hi")));
    desk.stack.ports.blobs_are_down.set(true);
    desk.stack.db.fail(Failure::Before(outage()));
    assert_eq!(desk.announce().status, 503);
}

#[test]
fn with_resends_api_away_a_mail_waits_for_it() {
    for outcome in [
        refused(),
        timed_out(),
        answer(500, &json!({})),
        answer(429, &json!({})),
        answer(401, &json!({})),
        answer(404, &json!({})),
        answer(200, &json!("?")),
    ] {
        let desk = Desk::warm();
        let is_empty = outcome.as_ref().is_ok_and(|answer| answer.status == 200);
        desk.stack.ports.will(outcome.clone());
        let parked = desk.announce();
        assert_eq!(
            (parked.status, &parked.json["kept"]),
            (200, &json!(!is_empty)),
            "{outcome:?}"
        );
        desk.stack.ports.will(outcome);
        desk.resume();
        desk.stack
            .ports
            .will(answer(200, &mail(2, "joe@example.com", "Hi")));
        desk.resume();
        assert_eq!(desk.count("messages"), 2);
        assert!(desk.stack.ports.blobs.borrow().is_empty());
    }
}

#[test]
fn a_mail_that_resend_never_gives_is_shown_as_far_as_it_was_announced() {
    for (status, after) in [(500, DAY), (404, 3600 * SECOND)] {
        let desk = Desk::warm();
        desk.stack
            .ports
            .respond(move |_| Some(answer(status, &json!({}))));
        desk.announce();
        desk.stack.advance(after / 2);
        desk.resume();
        assert_eq!(desk.count("messages"), 1);
        desk.stack.advance(after);
        desk.resume();
        assert_eq!(desk.count("messages"), 2);
        let detail = desk.detail();
        assert_eq!(
            (&detail["incomplete"], &detail["subject"]),
            (&json!(true), &json!("Your order"))
        );
        assert!(desk.stack.ports.blobs.borrow().is_empty());
    }
}

impl Desk {
    /// The cron runs once a minute for so long.
    fn resume_each_minute(&self, minutes: i64) {
        for _ in 0..minutes {
            self.stack.advance(60 * SECOND);
            self.resume();
        }
    }
}

#[test]
fn an_acknowledged_mail_waits_for_hours_of_resends_trouble_minute_by_minute() {
    let desk = Desk::warm();
    let is_up = Rc::new(Cell::new(false));
    let answers = Rc::clone(&is_up);
    desk.stack.ports.respond(move |_| {
        Some(match answers.get() {
            true => answer(200, &mail(2, "joe@example.com", "Hi")),
            false => answer(503, &json!({})),
        })
    });
    desk.announce();
    desk.resume_each_minute(5 * 60);
    let listed = "SELECT state || ' ' || tries || ' ' || code FROM parked_deliveries";
    assert_eq!(desk.text(listed), "waiting 0 unavailable");
    is_up.set(true);
    desk.resume_each_minute(1);
    assert_eq!(desk.count("messages WHERE content = 'Hi'"), 1);
    assert_eq!(desk.count("parked_deliveries"), 0);
    assert!(desk.stack.ports.blobs.borrow().is_empty());
}

#[test]
fn a_mail_that_resend_does_not_have_is_shown_as_announced_after_an_hour_of_minutes() {
    let desk = Desk::warm();
    desk.stack.ports.respond(|_| Some(answer(404, &json!({}))));
    desk.announce();
    desk.resume_each_minute(50);
    assert_eq!(desk.count("messages"), 1);
    desk.resume_each_minute(15);
    assert_eq!(desk.count("messages"), 2);
    assert_eq!(desk.detail()["incomplete"], json!(true));
    assert!(desk.stack.ports.blobs.borrow().is_empty());
}

#[test]
fn what_fails_as_unavailable_for_a_week_is_given_up_in_the_end() {
    let desk = Desk::warm();
    desk.stack.ports.respond(|_| Some(answer(503, &json!({}))));
    // Its time is ahead of ours, so that no patience ends.
    let body = announcement(&mail(2, "joe@example.com", "Hi")).to_string();
    desk.post(&body.replace("2026-01-02T03:04:00.000Z", "2036-01-02T03:04:00.000Z"));
    desk.resume_each_minute(MAX_TRIES);
    desk.stack.advance(7 * DAY);
    desk.resume_each_minute(MAX_TRIES);
    let listed = "SELECT state || ' ' || tries FROM parked_deliveries";
    assert_eq!(desk.text(listed), format!("dead {MAX_TRIES}"));
}

#[test]
fn one_that_cannot_be_taken_in_does_not_stand_before_the_others() {
    let desk = Desk::warm();
    desk.stack.ports.respond(|request| {
        let is_bad = !request.url.contains("000000000099");
        Some(match is_bad {
            true => answer(500, &json!({})),
            false => answer(200, &mail(99, "joe@example.com", "the good one")),
        })
    });
    for n in 50..90 {
        desk.post(&announcement(&mail(n, "joe@example.com", "stuck")).to_string());
    }
    let good = announcement(&mail(99, "joe@example.com", "the good one")).to_string();
    desk.stack.db.fail(Failure::Before(outage()));
    desk.post(&good);
    assert_eq!(desk.stack.ports.blobs.borrow().len(), 41);
    for _ in 0..3 {
        desk.resume();
        desk.stack.advance(60 * SECOND);
    }
    assert_eq!(desk.count("messages WHERE content = 'the good one'"), 1);
    assert_eq!(desk.stack.ports.blobs.borrow().len(), 40);
}

#[test]
fn what_is_parked_for_an_account_that_is_gone_is_given_up_in_the_end() {
    let desk = Desk::warm();
    desk.stack.ports.will(timed_out());
    desk.announce();
    desk.stack.db.sql("UPDATE channels SET deleted_at = 1");
    desk.stack.advance(31 * SECOND);
    for _ in 1..MAX_TRIES {
        desk.resume();
    }
    let key = || desk.stack.ports.blobs.borrow().keys().next().cloned();
    assert!(key().unwrap().starts_with("inbound/email/"));
    let log = desk.resume();
    assert!(log["note"].as_str().unwrap().contains("given up"), "{log}");
    assert!(key().unwrap().starts_with("dead-inbound/email/"));
}

#[test]
fn a_replaced_secret_counts_at_once() {
    let desk = Desk::resend();
    let at = desk.stack.now().micros() / common::time::SECOND;
    assert_eq!(
        desk.post_signed(super::SECRET, at, r#"{"type":"x"}"#)
            .status,
        200
    );
    desk.stack.advance(common::time::SECOND);
    let new = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz";
    let credentials = json!({ "api_key": "re_key", "webhook_secret": new });
    let stack = &desk.stack;
    stack.replace_credentials(&desk.tenant, &desk.channel_id, &credentials);
    assert_eq!(desk.post_signed(new, at, r#"{"type":"x"}"#).status, 200);
    let old = desk.post_signed(super::SECRET, at, r#"{"type":"x"}"#);
    assert_eq!(old.refusal(), (401, "invalid_signature"));
}

#[test]
fn an_account_disabled_meanwhile_loses_nothing_that_was_acknowledged() {
    let desk = Desk::warm();
    desk.stack.ports.will(timed_out());
    assert_eq!(desk.announce().json["kept"], json!(true));
    desk.stack.db.sql("UPDATE channels SET status = 'disabled'");
    desk.stack.advance(60 * SECOND);
    desk.stack
        .ports
        .will(answer(200, &mail(2, "joe@example.com", "Hi")));
    desk.resume();
    assert_eq!(desk.count("messages"), 2);
    assert!(desk.stack.ports.blobs.borrow().is_empty());
}
