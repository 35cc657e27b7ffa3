//! The operations, called as the document says and as it warns of, and their answers held against
//! it.

use super::live::{Live, documented};
use super::{check, strict_doc};
use crate::entry::{CSV, FORM, FORM_ENCODED};
use crate::errors::takes_idempotency_key;
use crate::operations::entry;
use common::db::DbError;
use common::http::ledger::public_routes;
use common::http::{Access, Body, Method, Route, Scope};
use serde_json::{Value, json};
use testkit::{Call, Failure, answer, refused, timed_out};

fn route(operation: &str) -> &'static Route {
    let mut routes = public_routes();
    routes.find(|route| route.operation == operation).unwrap()
}

#[test]
fn every_documented_call_is_answered_as_documented() {
    let doc = strict_doc();
    for route in public_routes() {
        let live = Live::new();
        let answer = live.send(route.function, live.valid(route));
        documented(&doc, route, &answer, "as documented");
        let expected = entry(route.operation).unwrap().answers[0].status;
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
    let route = route("customer_get");
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
    let key_with = |scope: &str| {
        let body = json!({ "name": "Other", "scopes": [scope] });
        let call = live
            .stack
            .call("dashboard", "POST", "/api/dashboard/api-keys");
        let made = live.send("dashboard", call.bearer(&live.session).json(&body));
        made.json["api_key"].as_str().unwrap().to_owned()
    };
    let other_keys = [key_with("sso:write"), key_with("attachments:write")];
    for route in public_routes() {
        let is_sso = route.access == Access::Key(Scope::SsoWrite);
        let [of_sso, of_files] = &other_keys;
        let other_key = if is_sso { of_files } else { of_sso };
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
        // What a provider adds to its query is its affair.
        if route.access != Access::Provider {
            refused(
                live.authorised(route, live.call(route, &unknown)),
                422,
                "an unknown parameter",
            );
        }
        refused(
            live.stack.call(route.function, "TRACE", route.path),
            405,
            "a wrong method",
        );
        match (route.access, route.operation) {
            (Access::Public, _) => {}
            (Access::Provider, "meta_handshake") => refused(
                live.call(route, route.path),
                403,
                "a handshake without a token",
            ),
            (Access::Provider, "crm_link_authorized") => refused(
                live.call(route, "/oauth/callback/crm-links/nobody"),
                400,
                "a visit that was not begun here",
            ),
            (Access::Provider, "sign_in_return") => refused(
                live.call(route, route.path),
                400,
                "a visit that was not begun in this browser",
            ),
            _ => {
                refused(call(), 401, "nobody");
                refused(call().key("tl_x").bearer("x"), 401, "a bad credential");
            }
        }
        if matches!(route.access, Access::Key(_)) {
            refused(call().key(other_key), 403, "a key without the scope");
        }
        if !matches!(route.access, Access::Public | Access::Provider) {
            live.stack.limit_requests(0);
            refused(valid(), 429, "too many requests");
            live.stack.limit_requests(u32::MAX);
        }
        let Some(shape) = entry(route.operation).unwrap().request.as_ref() else {
            continue;
        };
        let (Body::Json(cap) | Body::Form(cap) | Body::Raw(cap)) = route.body else {
            panic!("{} takes no body", route.operation);
        };
        let sent = |body: &str| live.with_body(route, live.authorised(route, call()), body);
        refused(sent(&" ".repeat(cap + 1)), 413, "a large body");
        // A file may be of many types.
        if route.access != Access::Provider && shape.media != CSV {
            refused(
                sent("{}").header("content-type", "text/plain"),
                415,
                "another type",
            );
        }
        let broken = sent("").chunks(vec![Err("cut".into())]);
        refused(broken, 400, "a body that breaks off");
        if takes_idempotency_key(route) {
            refused(
                sent("{}").header("idempotency-key", "é"),
                422,
                "a bad idempotency key",
            );
        }
        if shape.media == FORM {
            refused(sent("<html>"), 415, "a type that is not taken");
            continue;
        }
        // Whose signature to look for stands in Kustomer's body: what cannot be read has none.
        if [CSV, FORM_ENCODED].contains(&shape.media) || route.operation == "crm_event_receive" {
            continue;
        }
        refused(sent("{"), 400, "half of JSON");
        refused(sent("\u{fffd}"), 400, "no JSON");
        if route.access == Access::Provider {
            continue;
        }
        refused(sent("7"), 422, "another shape");
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

#[test]
fn what_is_posted_to_an_endpoint_is_as_documented() {
    let doc = strict_doc();
    let live = Live::new();
    let requests = live.stack.ports.take_requests();
    let posted = requests
        .iter()
        .filter(|request| request.url.contains("crm.example.com"));
    let event = &doc["webhooks"]["event"]["post"];
    let schema = &event["requestBody"]["content"]["application/json"]["schema"];
    let keys = |event: &Value| -> Vec<String> {
        let data = event["data"].as_object().unwrap();
        data.keys().cloned().collect()
    };
    let mut names = Vec::new();
    for request in posted {
        let body: Value = serde_json::from_slice(request.body.as_ref().unwrap()).unwrap();
        check(&doc, schema, &body, "an event");
        for header in event["parameters"].as_array().unwrap() {
            let name = header["name"].as_str().unwrap().to_ascii_lowercase();
            let is_sent = request.headers.iter().any(|(sent, _)| *sent == name);
            assert!(is_sent, "{name}");
        }
        if body["event"] == "message.received" {
            let example = crate::webhooks::example().unwrap();
            assert_eq!(keys(&body), keys(&serde_json::to_value(example).unwrap()));
        }
        names.push(body["event"].as_str().unwrap().to_owned());
    }
    names.sort_unstable();
    let expected = [
        "conversation.created",
        "customer.created",
        "customer.updated",
        "message.received",
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_repeated_call_is_answered_as_documented() {
    let doc = strict_doc();
    let live = Live::new();
    for route in public_routes().filter(|route| takes_idempotency_key(route)) {
        let target = live.target(route);
        let call = || {
            live.call(route, &target)
                .header("idempotency-key", route.operation)
        };
        let send = || live.send(route.function, live.repeatable(route, call()));
        let first = send();
        let again = send();
        assert_eq!((again.status, again.text()), (first.status, first.text()));
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        documented(&doc, route, &again, "repeated");
        if route.body == Body::None {
            continue;
        }
        let other = live.authorised(route, call());
        let other = live.with_body(route, other, "{\"other\":\"body\"}");
        let other = live.send(route.function, other);
        assert_eq!(other.refusal(), (422, "idempotency_key_reused"));
        documented(&doc, route, &other, "another body");
    }
}

/// Audited routes of which the example changes nothing: nothing is there that it could, or they only ask.
const UNCHANGED: [&str; 6] = [
    "alert_destination_test",
    "crm_jobs_retry_failed",
    "crm_link_embedder_delete",
    "crm_link_preview",
    "knowledge_search",
    "webhook_recover",
];

#[test]
fn what_changes_something_leaves_an_entry_in_the_audit_log() {
    let mut wrong = Vec::new();
    for route in public_routes().filter(|route| route.is_audited()) {
        let live = Live::new();
        let count = || {
            let of = "SELECT count(*) FROM audit_log WHERE error IS NULL AND operation";
            let entries = live
                .stack
                .db
                .value(&format!("{of} = '{}'", route.operation));
            entries.as_integer().unwrap()
        };
        let (call, before) = (live.valid(route), count());
        let answer = live.send(route.function, call);
        let expected = i64::from(!UNCHANGED.contains(&route.operation));
        if count() - before != expected {
            wrong.push(format!("{} {}", route.operation, answer.text()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_a_provider_does_to_a_message_is_answered_as_documented() {
    let doc = strict_doc();
    let route = route("message_send");
    let refusal = json!({ "error": { "code": 131_026, "message": "Undeliverable" } });
    for (outcome, status, code) in [
        (refused(), 202, "queued"),
        (timed_out(), 202, "uncertain"),
        (answer(400, &refusal), 422, "provider_rejected"),
    ] {
        let live = Live::new();
        live.stack.ports.will(outcome);
        let answer = live.send(route.function, live.valid(route));
        assert_eq!(answer.status, status, "{}", answer.text());
        let answered_code = answer.json["code"].as_str();
        let stands = || answer.json["message"]["status"].as_str();
        assert_eq!(answered_code.or_else(stands), Some(code));
        documented(&doc, route, &answer, code);
    }
    let live = Live::new();
    live.stack.advance(25 * 3600 * 1_000_000);
    let late = live.send(route.function, live.valid(route));
    assert_eq!(late.refusal(), (422, "outside_window"));
    documented(&doc, route, &late, "outside the window");
}

#[test]
fn a_file_in_part_unchanged_altered_and_too_late_is_answered_as_documented() {
    let doc = strict_doc();
    let live = Live::new();
    let route = route("attachment_download");
    let target = live.target(route);
    let send = |call: Call<'_>, status: u16| {
        let answer = live.send(route.function, call);
        assert_eq!(answer.status, status, "{}", answer.text());
        documented(&doc, route, &answer, "a download");
        answer.header("etag").map(str::to_owned)
    };
    let etag = send(live.call(route, &target), 200).unwrap();
    send(
        live.call(route, &target).header("if-none-match", &etag),
        304,
    );
    send(live.call(route, &target).header("range", "bytes=0-3"), 206);
    send(live.call(route, &target).header("range", "bytes=99-"), 416);
    send(live.call(route, &format!("{target}0")), 403);
    live.stack.advance(8 * 86_400 * 1_000_000);
    send(live.call(route, &target), 403);
}

#[test]
fn an_outage_is_answered_as_documented() {
    let doc = strict_doc();
    // The health of the deployment says itself what is down.
    let may_fail = |route: &&Route| route.access != Access::Public && route.operation != "health";
    for route in public_routes().filter(may_fail) {
        let live = Live::new();
        // What the call names is there before the outage.
        let _named = live.target(route);
        live.stack
            .db
            .fail(Failure::Before(DbError::Outage("away".into())));
        // Else what a provider sent would be kept there.
        live.stack.ports.blobs_are_down.set(true);
        let send = || {
            let mut call = live.valid(route);
            if route.method == Method::Post {
                call = call.header("idempotency-key", "outage");
            }
            live.send(route.function, call)
        };
        let mut answer = send();
        if answer.status == 200 {
            // It asks for nothing, and its key was still trusted.
            live.stack.advance(60 * 1_000_000);
            answer = send();
        }
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
