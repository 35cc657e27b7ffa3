//! Claims that meet others, and those that are asked about again.

use super::super::{Desk, with};
use super::{Dns, routed, shown};
use common::time::{DAY, SECOND};
use dashboard_channels::handler::each_minute;
use serde_json::{Value, json};

#[test]
fn of_two_proven_claims_at_once_one_gets_the_address_and_neither_is_lost() {
    for is_update in [false, true] {
        let desk = Desk::new();
        let other = desk.other();
        let dns = Dns::of(&desk);
        let (their_id, _, their_record) = shown(&other.create(&routed()).json);
        let (id, _, record) = shown(&desk.create(&routed()).json);
        if !is_update {
            assert_eq!(desk.call("DELETE", &id, &Value::Null).status, 204);
        }
        dns.set(&[("acme.example", &their_record), ("acme.example", &record)]);
        let db = desk.stack.db.clone();
        let theirs = their_id.trim_start_matches('/').to_owned();
        desk.stack.db.before_next_batch(move || {
            db.sql(&format!(
                "UPDATE channels SET verification = 'verified', updated_at = updated_at + 1
                 WHERE id = '{theirs}'"
            ));
        });
        let state = match is_update {
            true => desk.verify(&id),
            false => json!(shown(&desk.create(&routed()).json).1),
        };
        assert_eq!(
            (state, other.state(&their_id)),
            (json!("pending"), json!("verified"))
        );
    }
}

#[test]
fn a_claim_that_comes_to_nothing_takes_the_address_from_nobody() {
    let desk = Desk::new();
    let other = desk.other();
    let dns = Dns::of(&desk);
    let (id, ..) = shown(&desk.create(&routed()).json);
    desk.stack
        .db
        .sql("UPDATE channels SET verification = 'assumed'");
    let (their_id, _, their_record) = shown(&other.create(&routed()).json);
    dns.set(&[("acme.example", &their_record)]);
    let db = desk.stack.db.clone();
    let theirs = their_id.trim_start_matches('/').to_owned();
    desk.stack.db.before_next_batch(move || {
        db.sql(&format!(
            "UPDATE channels SET updated_at = updated_at + 1 WHERE id = '{theirs}'"
        ));
    });
    assert_eq!(other.verify(&their_id), "pending");
    assert_eq!(desk.state(&id), "assumed");
    assert_eq!(other.verify(&their_id), "verified");
    let lost = desk.call("GET", &id, &Value::Null).json;
    assert_eq!(lost["channel"]["verification"], "pending");
    let why = lost["channel"]["verification_error"].as_str().unwrap();
    assert!(why.contains("Another business"), "{why}");
}

#[test]
fn what_is_pending_is_asked_about_again_by_the_clock() {
    let desk = Desk::new();
    let dns = Dns::of(&desk);
    let tick = || {
        desk.stack.ports.take_requests();
        let log = desk.stack.job("", each_minute);
        assert_eq!(log["code"], Value::Null, "{log}");
        desk.stack.ports.take_requests().len()
    };
    let (id, _, record) = shown(&desk.create(&routed()).json);
    let (broken, ..) = shown(
        &desk
            .create(&with(routed(), "/address", json!("b@acme.example")))
            .json,
    );
    let broken = broken.trim_start_matches('/');
    desk.stack.db.sql(&format!(
        "UPDATE channels SET credentials = 'nothing sealed' WHERE id = '{broken}'"
    ));
    assert_eq!(tick(), 0, "not at once");
    desk.stack.advance(61 * SECOND);
    // One that cannot be opened is no obstacle to the other.
    assert_eq!(tick(), 1);
    assert_eq!(tick(), 0, "not twice");
    assert_eq!(desk.state(&id), "pending");
    desk.stack.advance(61 * SECOND);
    dns.set(&[("acme.example", &record)]);
    assert_eq!(tick(), 1);
    assert_eq!(desk.state(&id), "verified");
    desk.stack.db.sql(&format!(
        "UPDATE channels SET deleted_at = 1 WHERE id = '{broken}'"
    ));
    desk.stack.advance(DAY);
    assert_eq!(tick(), 0, "nothing is pending any more");
    // The longer it is not there, the rarer it is looked for; once a day at least.
    dns.set(&[]);
    let _pending = desk
        .other()
        .create(&with(routed(), "/address", json!("c@else.example")));
    let mut asked = 0;
    for _ in 0..(2 * 24 * 60) {
        desk.stack.advance(60 * SECOND);
        asked += tick();
    }
    assert!((5..40).contains(&asked), "{asked}");
    desk.stack.advance(30 * DAY);
    assert_eq!(tick(), 1);
    desk.stack.advance(DAY);
    assert_eq!(tick(), 1);
}

#[test]
fn the_clock_takes_eight_claims_a_minute_and_the_others_next() {
    let desk = Desk::new();
    let _dns = Dns::of(&desk);
    for number in 0..10 {
        let body = with(
            routed(),
            "/address",
            json!(format!("{number}@acme.example")),
        );
        assert_eq!(desk.create(&body).status, 201);
    }
    desk.stack.advance(61 * SECOND);
    for expected in [8, 2, 0] {
        desk.stack.ports.take_requests();
        desk.stack.job("", each_minute);
        assert_eq!(desk.stack.ports.take_requests().len(), expected);
    }
}
