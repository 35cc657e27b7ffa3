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

/// So many claims of a desk to addresses of a domain.
fn claims(desk: &Desk, domain: &str, count: usize) {
    for number in 0..count {
        let address = json!(format!("{number}@{domain}"));
        let made = desk.create(&with(routed(), "/address", address));
        assert_eq!(made.status, 201);
    }
}

/// The domains that a run of the cron asks about, in their order.
fn asked(desk: &Desk) -> Vec<String> {
    desk.stack.ports.take_requests();
    let log = desk.stack.job("", each_minute);
    assert_eq!(log["code"], Value::Null, "{log}");
    let requests = desk.stack.ports.take_requests();
    let domain = |url: &str| url.split(['=', '&']).nth(1).unwrap_or_default().to_owned();
    let mut domains: Vec<_> = requests
        .iter()
        .map(|request| domain(&request.url))
        .collect();
    domains.sort();
    domains
}

#[test]
fn the_clock_takes_eight_claims_a_minute_and_the_others_next() {
    let desk = Desk::new();
    let _dns = Dns::of(&desk);
    for number in 0..5 {
        claims(&desk.other(), &format!("acme{number}.example"), 2);
    }
    desk.stack.advance(61 * SECOND);
    for expected in [8, 2, 0] {
        assert_eq!(asked(&desk).len(), expected);
    }
}

#[test]
fn the_claims_of_one_business_do_not_hold_up_those_of_another() {
    let desk = Desk::new();
    let _dns = Dns::of(&desk);
    let other = desk.other();
    claims(&desk, "many.example", 20);
    desk.stack.advance(SECOND);
    claims(&other, "one.example", 1);
    desk.stack.advance(61 * SECOND);
    assert_eq!(
        asked(&desk),
        ["many.example", "many.example", "one.example"]
    );
    // Two a minute, until each was asked about.
    for _ in 0..9 {
        desk.stack.advance(20 * SECOND);
        let of_many = asked(&desk);
        assert!(of_many.len() <= 3, "{of_many:?}");
    }
    let first = "SELECT count(*) FROM channels WHERE verify_at = created_at + 60000000";
    let mut minutes = 0;
    while desk.stack.db.value(first).as_integer() != Some(0) {
        desk.stack.advance(60 * SECOND);
        asked(&desk);
        minutes += 1;
        assert!(minutes < 20);
    }
}
