//! Addresses that a record in their domain proves.

use super::super::{Desk, with};
use super::{Dns, email, routed, shown};
use common::time::SECOND;
use dashboard_channels::handler::each_minute;
use serde_json::{Value, json};
use testkit::{answer, refused, timed_out};

#[test]
fn an_address_of_email_routing_is_claimed_by_a_record_in_its_domain() {
    let desk = Desk::new();
    let other = desk.other();
    let dns = Dns::of(&desk);
    let made = desk.create(&routed());
    let (id, state, record) = shown(&made.json);
    assert_eq!((made.status, state.as_str()), (201, "pending"));
    assert!(record.starts_with("tieline-verify=") && record.len() >= 40);
    // What is not proven blocks nobody, and the record of one business is not that of another.
    let theirs = other.create(&routed());
    let (their_id, state, their_record) = shown(&theirs.json);
    assert_eq!((theirs.status, state.as_str()), (201, "pending"));
    assert_ne!(record, their_record);
    dns.set(&[
        ("acme.example", "v=spf1 -all"),
        ("acme.example", &record),
        ("sub.acme.example", &their_record),
    ]);
    assert_eq!(other.verify(&their_id), "pending");
    assert_eq!(desk.verify(&id), "verified");
    let known = desk.call("GET", &id, &Value::Null);
    assert_eq!(known.json["channel"]["dns_record"], json!(record));
    // A record that is there already counts when an account is connected.
    let second = with(routed(), "/address", json!("sales@acme.example"));
    assert_eq!(shown(&desk.create(&second).json).1, "verified");
}

#[test]
fn a_proven_owner_takes_over_from_whoever_proves_nothing() {
    let desk = Desk::new();
    let other = desk.other();
    let dns = Dns::of(&desk);
    let (id, _, record) = shown(&desk.create(&routed()).json);
    // Connected before anybody was asked.
    desk.stack
        .db
        .sql("UPDATE channels SET verification = 'assumed'");
    let (their_id, state, their_record) = shown(&other.create(&routed()).json);
    assert_eq!(state, "pending");
    assert_eq!(desk.state(&id), "assumed");
    dns.set(&[("acme.example", &their_record)]);
    assert_eq!(other.verify(&their_id), "verified");
    assert_eq!(desk.state(&id), "pending");
    // Connecting it twice changes nothing.
    dns.set(&[("acme.example", &record)]);
    assert_eq!(desk.create(&routed()).refusal(), (409, "conflict"));
    assert_eq!(other.state(&their_id), "verified");
    // Who has a record there, too, is not pushed out by another.
    dns.set(&[("acme.example", &their_record), ("acme.example", &record)]);
    assert_eq!(desk.verify(&id), "pending");
    assert_eq!(other.state(&their_id), "verified");
    dns.set(&[("acme.example", &record)]);
    assert_eq!(desk.verify(&id), "verified");
    assert_eq!(other.state(&their_id), "pending");
}

#[test]
fn a_resolver_that_is_away_proves_nothing_and_takes_nothing() {
    let desk = Desk::new();
    let dns = Dns::of(&desk);
    let away = [
        refused(),
        timed_out(),
        answer(500, &Value::Null),
        answer(200, &json!("?")),
        answer(200, &json!({ "Status": 2 })),
    ];
    for (number, outcome) in away.clone().into_iter().enumerate() {
        let body = with(
            routed(),
            "/address",
            json!(format!("{number}@acme.example")),
        );
        desk.stack.ports.will(outcome);
        let made = desk.create(&body).json;
        assert_eq!(shown(&made).1, "pending");
        let why = made["channel"]["verification_error"].as_str().unwrap();
        assert!(why.contains("resolver did not tell"), "{why}");
    }
    let (id, _, record) = shown(&desk.create(&routed()).json);
    dns.set(&[("acme.example", &record)]);
    assert_eq!(desk.verify(&id), "verified");
    for outcome in away {
        desk.stack.ports.will(outcome);
        assert_eq!(desk.verify(&id), "verified");
    }
}

#[test]
fn a_record_of_another_text_type_or_name_proves_nothing() {
    let desk = Desk::new();
    let dns = Dns::of(&desk);
    let (id, _, record) = shown(&desk.create(&routed()).json);
    let longer = format!("{record}0");
    for (name, text) in [
        (
            "acme.example",
            "tieline-verify=0123456789abcdef0123456789abcdef",
        ),
        ("acme.example", longer.as_str()),
        ("acme.example", &record["tieline-verify=".len()..]),
        ("mail.acme.example", record.as_str()),
    ] {
        dns.set(&[(name, text)]);
        assert_eq!(desk.verify(&id), "pending", "{name} {text}");
    }
    let alias = json!({ "Status": 0, "Answer": [{ "type": 5, "data": record }] });
    desk.stack.ports.will(answer(200, &alias));
    assert_eq!(desk.verify(&id), "pending");
    let tested = desk.call("POST", &format!("{id}/test"), &Value::Null).json;
    let why = tested["error"].as_str().unwrap();
    assert!(
        why.contains("lacks the TXT record") && why.contains(&record),
        "{why}"
    );
}

#[test]
fn a_reply_domain_is_used_once_it_is_proven() {
    let desk = Desk::new();
    let dns = Dns::of(&desk);
    let body = with(routed(), "/reply_domain", json!("in.acme.example"));
    let made = desk.create(&body).json;
    let (id, _, record) = shown(&made);
    assert_eq!(made["channel"]["reply_domain"], "in.acme.example");
    let used = "SELECT settings ->> 'reply_domain' FROM channels";
    assert_eq!(desk.stack.db.value(used), common::db::Value::Null);
    dns.set(&[("acme.example", &record)]);
    assert_eq!(desk.verify(&id), "verified");
    let tested = desk.call("POST", &format!("{id}/test"), &Value::Null).json;
    let why = tested["error"].as_str().unwrap();
    assert!(
        why.contains("`in.acme.example` lacks the TXT record"),
        "{why}"
    );
    // The clock finds it, too.
    dns.set(&[("in.acme.example", &record)]);
    desk.stack.advance(61 * SECOND);
    desk.stack.job("", each_minute);
    assert_eq!(desk.stack.db.value(used), "in.acme.example".into());
    let known = desk.call("GET", &id, &Value::Null).json;
    assert_eq!(known["channel"]["verification_error"], Value::Null);
    // Another domain is another claim, and the same again is none.
    let patch = |domain: Value| {
        let patched = desk.call("PATCH", &id, &json!({ "reply_domain": domain }));
        assert_eq!(patched.status, 200, "{}", patched.text());
        assert_eq!(patched.json["channel"]["reply_domain"], domain);
        assert_eq!(patched.json["channel"]["verification"], "verified");
        !patched.json["channel"]["verification_error"].is_null()
    };
    assert!(!patch(json!("in.acme.example")));
    assert!(patch(json!("in.other.example")));
    assert_eq!(desk.stack.db.value(used), common::db::Value::Null);
    assert!(patch(json!("in.other.example")));
    assert!(!patch(Value::Null));
}

#[test]
fn a_reply_domain_from_before_proofs_stays_in_use() {
    let desk = Desk::new();
    let _dns = Dns::of(&desk);
    let (id, ..) = shown(&desk.create(&routed()).json);
    desk.stack.db.sql(
        r#"UPDATE channels SET verification = 'assumed', verification_error = NULL, verify_at = NULL,
             settings = '{"provider":"cloudflare","reply_domain":"in.acme.example"}'"#,
    );
    assert_eq!(desk.verify(&id), "assumed");
    let renamed = desk.call("PATCH", &id, &json!({ "name": "New" }));
    assert_eq!(renamed.status, 200);
    let used = "SELECT settings ->> 'reply_domain' FROM channels";
    assert_eq!(desk.stack.db.value(used), "in.acme.example".into());
}

#[test]
fn an_account_that_comes_to_be_routed_is_claimed_then() {
    let desk = Desk::new();
    let dns = Dns::of(&desk);
    let (id, state, record) = shown(&desk.create(&email("resend")).json);
    assert_eq!((state.as_str(), record.as_str()), ("assumed", ""));
    let change = json!({ "provider": "cloudflare" });
    let (_, state, record) = shown(&desk.call("PATCH", &id, &change).json);
    assert_eq!(state, "pending");
    dns.set(&[("acme.example", &record)]);
    assert_eq!(desk.verify(&id), "verified");
}
