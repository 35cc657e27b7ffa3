//! Who owns an address.

use super::{Desk, whatsapp, with};
use common::ports::{FetchError, OutboundRequest, OutboundResponse};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use testkit::{ACCOUNT_SID, answer, refused};

type Outcome = Result<OutboundResponse, FetchError>;

fn sms() -> Value {
    json!({
        "kind": "sms", "name": "S", "account_sid": ACCOUNT_SID, "phone_number": "+353871234567",
        "credentials": { "auth_token": "t" }
    })
}

fn email(provider: &str) -> Value {
    json!({
        "kind": "email", "name": "E", "provider": provider, "address": "help@acme.example",
        "credentials": { "api_key": "k", "webhook_secret": "whsec_1" }
    })
}

fn routed() -> Value {
    json!({
        "kind": "email", "name": "E", "provider": "cloudflare", "address": "help@acme.example",
        "credentials": {}
    })
}

/// A resolver whose TXT records of a domain a test changes.
#[derive(Clone, Default)]
struct Dns(Rc<RefCell<Vec<(String, String)>>>);

impl Dns {
    fn of(desk: &Desk) -> Self {
        let dns = Self::default();
        let records = dns.clone();
        desk.stack
            .ports
            .respond(move |request| Some(records.answer(request)));
        dns
    }

    fn set(&self, records: &[(&str, &str)]) {
        let owned = records
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        *self.0.borrow_mut() = owned.collect();
    }

    fn answer(&self, request: &OutboundRequest) -> Outcome {
        let base = "https://cloudflare-dns.com/dns-query?name=";
        let Some(rest) = request.url.strip_prefix(base) else {
            return refused();
        };
        let name = rest.strip_suffix("&type=TXT").unwrap();
        let records = self.0.borrow();
        let of_name = records.iter().filter(|(known, _)| known == name);
        let answers: Vec<_> = of_name
            .map(|(name, text)| {
                let (a, b) = text.split_at(text.len() / 2);
                json!({ "name": name, "type": 16, "TTL": 300, "data": format!("\"{a}\" \"{b}\"") })
            })
            .collect();
        answer(200, &json!({ "Status": 0, "Answer": answers }))
    }
}

/// The account's id, its state, and its record.
fn shown(made: &Value) -> (String, String, String) {
    let text = |name: &str| {
        made["channel"][name]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    (
        format!("/{}", text("id")),
        text("verification"),
        text("dns_record"),
    )
}

impl Desk {
    fn state(&self, id: &str) -> Value {
        let one = self.call("GET", id, &Value::Null);
        one.json["channel"]["verification"].clone()
    }

    fn verify(&self, id: &str) -> Value {
        let tested = self.call("POST", &format!("{id}/test"), &Value::Null);
        assert_eq!(tested.status, 200, "{}", tested.text());
        self.state(id)
    }
}

#[test]
fn what_has_a_url_of_its_own_may_be_connected_by_several_businesses() {
    let desk = Desk::new();
    let other = desk.other();
    for body in [sms(), email("resend"), email("postmark")] {
        let mut body = body;
        for one in [&desk, &other] {
            let made = one.create(&body);
            assert_eq!(made.status, 201, "{}", made.text());
        }
        // Once in a business.
        assert_eq!(desk.create(&body).refusal(), (409, "conflict"));
        body["address"] = json!("other@acme.example");
        desk.stack
            .db
            .sql("UPDATE channels SET deleted_at = 1, address = address || id");
    }
}

#[test]
fn a_twilio_number_is_checked_to_be_the_accounts() {
    let listed = |numbers: &Value| answer(200, &json!({ "incoming_phone_numbers": numbers }));
    let number = json!([{ "phone_number": "+353871234567", "sid": "PN1" }]);
    for (outcome, state) in [
        (listed(&number), "verified"),
        (listed(&json!([])), "pending"),
        (
            listed(&json!([{ "phone_number": "+15005550001" }])),
            "pending",
        ),
        (answer(401, &Value::Null), "assumed"),
        (answer(500, &Value::Null), "assumed"),
        (refused(), "assumed"),
    ] {
        let desk = Desk::new();
        desk.stack.ports.will(outcome);
        let made = desk.create(&sms());
        assert_eq!((made.status, shown(&made.json).1.as_str()), (201, state));
        let url = &desk.stack.ports.take_requests()[0].url;
        let path = format!(
            "/2010-04-01/Accounts/{ACCOUNT_SID}/IncomingPhoneNumbers.json?PhoneNumber=%2B353871234567"
        );
        assert!(url.ends_with(&path), "{url}");
    }
    let desk = Desk::new();
    desk.stack.ports.will(answer(
        200,
        &json!({ "short_codes": [{ "short_code": "50505" }] }),
    ));
    let made = desk.create(&with(sms(), "/phone_number", json!("50505")));
    assert_eq!(shown(&made.json).1, "verified");
}

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
    let (id, _, record) = shown(&desk.create(&routed()).json);
    dns.set(&[("acme.example", &record)]);
    assert_eq!(desk.verify(&id), "verified");
    for outcome in [
        refused(),
        answer(500, &Value::Null),
        answer(200, &json!("?")),
    ] {
        desk.stack.ports.will(outcome);
        let tested = desk.call("POST", &format!("{id}/test"), &Value::Null);
        assert_eq!(tested.json["ok"], false, "{}", tested.text());
        assert_eq!(desk.state(&id), "verified");
    }
}

#[test]
fn a_reply_domain_is_used_once_it_is_proven() {
    let desk = Desk::new();
    let dns = Dns::of(&desk);
    let body = with(routed(), "/reply_domain", json!("in.acme.example"));
    let made = desk.create(&body).json;
    let (id, ..) = shown(&made);
    let channel = &made["channel"];
    assert_eq!(channel["reply_domain"], "in.acme.example");
    assert_eq!(channel["reply_domain_verification"], "pending");
    let record = channel["reply_domain_dns_record"]
        .as_str()
        .unwrap()
        .to_owned();
    let used = "SELECT settings ->> 'reply_domain' FROM channels";
    assert_eq!(desk.stack.db.value(used), common::db::Value::Null);
    dns.set(&[("in.acme.example", &record)]);
    desk.verify(&id);
    let one = desk.call("GET", &id, &Value::Null).json;
    assert_eq!(one["channel"]["reply_domain_verification"], "verified");
    assert_eq!(desk.stack.db.value(used), "in.acme.example".into());
    // Another domain is another claim, and the same again is none.
    let patch = |domain: Value| {
        let patched = desk.call("PATCH", &id, &json!({ "reply_domain": domain }));
        assert_eq!(patched.status, 200, "{}", patched.text());
        patched.json["channel"]["reply_domain_verification"].clone()
    };
    assert_eq!(patch(json!("in.acme.example")), "verified");
    assert_eq!(patch(json!("in.other.example")), "pending");
    assert_eq!(patch(Value::Null), Value::Null);
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

#[test]
fn an_account_of_the_deployments_meta_app_is_claimed_by_its_token() {
    let desk = Desk::new();
    let other = desk.other();
    desk.stack.ports.set("META_APP_SECRET", "ours");
    let mut body = whatsapp();
    body["credentials"]
        .as_object_mut()
        .unwrap()
        .remove("app_secret");
    let graph = |outcome: Outcome| desk.stack.ports.will(outcome);
    graph(answer(400, &json!({ "error": { "code": 100 } })));
    let made = desk.create(&body);
    let (id, state, _) = shown(&made.json);
    assert_eq!((made.status, state.as_str()), (201, "pending"));
    graph(answer(200, &json!({ "id": "another" })));
    assert_eq!(desk.verify(&id), "pending");
    graph(answer(200, &json!({ "id": "106540352242922" })));
    let theirs = other.create(&body);
    assert_eq!(
        (theirs.status, shown(&theirs.json).1.as_str()),
        (201, "verified")
    );
    // Two tokens that Meta accepts are no reason to take it from who has it.
    graph(answer(200, &json!({ "id": "106540352242922" })));
    assert_eq!(desk.verify(&id), "pending");
    // Whoever has an app of his own is known by its secret.
    desk.stack.ports.set("META_APP_SECRET", "");
    let own = other.create(&with(whatsapp(), "/phone_number_id", json!("2")));
    assert_eq!(shown(&own.json).1, "assumed");
}
