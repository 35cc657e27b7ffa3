//! The operations, called as the document says and as it warns of, and their answers held against
//! it.

use super::live::{Live, body_of, documented};
use super::strict_doc;
use crate::errors::takes_idempotency_key;
use crate::operations::entry;
use common::db::DbError;
use common::http::ledger::ROUTES;
use common::http::{Access, Body, Method};
use serde_json::{Value, json};
use testkit::{Call, Failure};

#[test]
fn every_documented_call_is_answered_as_documented() {
    let doc = strict_doc();
    for route in ROUTES {
        let live = Live::new();
        let answer = live.send(route.function, live.valid(route));
        documented(&doc, route, &answer, "as documented");
        // No function answers the gateway's question here.
        let usual = entry(route.operation).unwrap().answers[0].status;
        let expected = if route.operation == "health" {
            503
        } else {
            usual
        };
        assert_eq!(
            answer.status,
            expected,
            "{} {}",
            route.operation,
            answer.text()
        );
    }
}

#[test]
fn a_page_of_customers_is_answered_as_documented() {
    let doc = strict_doc();
    let live = Live::new();
    let route = ROUTES
        .iter()
        .find(|route| route.operation == "customer_get")
        .unwrap();
    for query in ["", "?limit=1"] {
        let call = live
            .call(route, &format!("{}{query}", route.path))
            .key(&live.tenant.api_key);
        let answer = live.send(route.function, call);
        assert!(answer.json["customers"].is_array());
        documented(&doc, route, &answer, "a page");
    }
}

#[test]
fn every_wrong_call_is_refused_as_documented() {
    let doc = strict_doc();
    let live = Live::new();
    let other_key = {
        let body = json!({ "name": "Other", "scopes": ["sso:write"] });
        let call = live
            .stack
            .call("dashboard", "POST", "/api/dashboard/api-keys");
        let made = live.send("dashboard", call.bearer(&live.session).json(&body));
        made.json["api_key"].as_str().unwrap().to_owned()
    };
    for route in ROUTES {
        let target = live.target(route);
        let call = || live.call(route, &target);
        let valid = || live.valid(route);
        let refused = |call: Call<'_>, expected: u16, what: &str| {
            let answer = live.send(route.function, call);
            documented(&doc, route, &answer, what);
            assert_eq!(
                answer.status,
                expected,
                "{} {what}: {}",
                route.operation,
                answer.text()
            );
        };
        let joint = if target.contains('?') { '&' } else { '?' };
        let unknown = format!("{target}{joint}emial=x");
        refused(
            live.authorised(route, live.call(route, &unknown)),
            422,
            "an unknown parameter",
        );
        refused(
            live.stack.call(route.function, "PUT", route.path),
            405,
            "a wrong method",
        );
        if route.access != Access::Public {
            refused(call(), 401, "nobody");
            refused(call().key("tl_x").bearer("x"), 401, "a bad credential");
        }
        if matches!(route.access, Access::Key(_)) {
            refused(call().key(&other_key), 403, "a key without the scope");
            live.stack.limit_requests(0);
            refused(valid(), 429, "too many requests");
            live.stack.limit_requests(u32::MAX);
        }
        if let Body::Json(cap) = route.body {
            let sent = |body: Vec<u8>| live.authorised(route, call()).body(body);
            refused(sent(vec![b' '; cap + 1]), 413, "a large body");
            refused(
                sent(b"{}".to_vec()).header("content-type", "text/plain"),
                415,
                "no JSON",
            );
            let broken = live
                .authorised(route, call())
                .chunks(vec![Err("cut".into())]);
            refused(broken, 400, "a body that breaks off");
        }
        if body_of(route).is_some() {
            let sent = |body: &str| live.authorised(route, call()).body(body);
            refused(sent("{"), 400, "half of JSON");
            refused(sent("\u{fffd}"), 400, "no JSON");
            refused(sent("7"), 422, "another shape");
            refused(
                sent("{}").header("idempotency-key", "é"),
                422,
                "a bad idempotency key",
            );
            let many = vec![json!({}); 1001];
            let keys = vec!["x"; 1001];
            let many = json!({ "customers": many, "ids": keys }).to_string();
            refused(
                sent(&many),
                422,
                "too many records, or fields that are unknown",
            );
        }
    }
}

#[test]
fn a_repeated_call_is_answered_as_documented() {
    let doc = strict_doc();
    let live = Live::new();
    for route in ROUTES.iter().filter(|route| takes_idempotency_key(route)) {
        let target = live.target(route);
        let body = body_of(route);
        let send = |body: &Option<Value>| {
            let call = live.authorised(route, live.call(route, &target));
            let call = call.header("idempotency-key", route.operation);
            live.send(
                route.function,
                match body {
                    Some(body) => call.json(body),
                    None => call,
                },
            )
        };
        let first = send(&body);
        let again = send(&body);
        assert_eq!((again.status, again.text()), (first.status, first.text()));
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        documented(&doc, route, &again, "repeated");
        if route.body == Body::None {
            continue;
        }
        let other = send(&Some(json!({ "other": "body" })));
        assert_eq!(other.refusal(), (422, "idempotency_key_reused"));
        documented(&doc, route, &other, "another body");
    }
}

#[test]
fn an_outage_is_answered_as_documented() {
    let doc = strict_doc();
    for route in ROUTES.iter().filter(|route| route.access != Access::Public) {
        let live = Live::new();
        let mut call = live.valid(route);
        if route.method == Method::Post {
            call = call.header("idempotency-key", "outage");
        }
        live.stack
            .db
            .fail(Failure::Before(DbError::Outage("away".into())));
        let answer = live.send(route.function, call);
        assert_eq!(
            answer.refusal(),
            (503, "unavailable"),
            "{}",
            route.operation
        );
        assert!(answer.header("retry-after").is_some());
        documented(&doc, route, &answer, "an outage");
    }
}
