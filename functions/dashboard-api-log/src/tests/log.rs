//! What is written of calls, and what never is.

use super::{MINUTE, call_with, key_id, list, member};
use common::http::{Request, Response};
use common::time::DAY;
use serde_json::json;
use testkit::Stack;

#[test]
fn neither_a_body_nor_a_query_nor_a_path_nor_a_cause_is_in_the_log() {
    let (stack, tenant) = Stack::with_tenant();
    for status in [200, 404, 500] {
        call_with(&stack, &tenant.api_key, status);
    }
    let write = stack.call(
        "customers-sync",
        "POST",
        "/functions/v1/api-customers-sync?dry_run=true",
    );
    let answer = write
        .key(&tenant.api_key)
        .json(&json!({ "records": [{ "email": "of-the-body@b.ie" }] }))
        .send(async |_: &common::Context<'_>, _: Request| {
            Ok(Response::json(200, &json!({ "said": "of the answer" })))
        });
    assert_eq!(answer.status, 200);
    stack.write_usage();
    let mut written = String::new();
    for table in ["api_calls", "api_usage", "api_hours", "api_totals"] {
        let rows = stack.db.sql(&format!("SELECT * FROM {table}"));
        assert!(!rows.is_empty(), "{table}");
        written.push_str(&format!("{rows:?}"));
    }
    assert!(
        written.contains("customers_sync") && written.contains("internal"),
        "{written}"
    );
    let secret = tenant.api_key.rsplit('_').next().unwrap();
    for text in [
        "ann",
        "b.ie",
        "of the answer",
        "of-the-body",
        "dry_run",
        "private cause",
        "/",
        secret,
    ] {
        assert!(!written.contains(text), "{text} in {written}");
    }
}

#[test]
fn what_a_caller_may_not_do_is_in_the_log_and_who_is_nobody_is_not() {
    let (stack, tenant) = Stack::with_tenant();
    let session = stack.session(&tenant);
    let open = stack.call("dashboard", "POST", "/api/dashboard/sessions");
    let refused = open
        .key(&tenant.api_key)
        .send(async |_: &common::Context<'_>, _: Request| Ok(Response::empty(201)));
    assert_eq!(refused.refusal(), (403, "insufficient_scope"));
    let guessed = call_with(&stack, "tk_0000_guess", 200);
    assert_eq!(guessed.status, 401);
    stack.write_usage();
    let calls = list(&stack, &session, "status=4xx");
    assert_eq!(calls["calls"].as_array().unwrap().len(), 1);
    assert_eq!(calls["calls"][0]["error"], "insufficient_scope");
    assert_eq!(calls["calls"][0]["key_id"], key_id(&tenant.api_key));
    let counted = stack
        .db
        .value("SELECT calls FROM api_totals WHERE operation = 'customer_get'");
    assert_eq!(counted.as_integer(), Some(1));
}

#[test]
fn beyond_a_bound_of_each_minute_calls_are_counted_and_not_kept() {
    let (stack, tenant) = Stack::with_tenant();
    for _ in 0..150 {
        call_with(&stack, &tenant.api_key, 200);
    }
    call_with(&stack, &tenant.api_key, 404);
    stack.write_usage();
    let count = |of: &str| stack.db.value(&format!("SELECT {of}")).as_integer();
    assert_eq!(count("count(*) FROM api_calls"), Some(121));
    assert_eq!(count("sum(calls) FROM api_usage"), Some(151));
    assert_eq!(count("sum(kept) FROM api_usage"), Some(121));
    assert_eq!(count("calls FROM api_hours"), Some(151));
    stack.advance(MINUTE);
    call_with(&stack, &tenant.api_key, 200);
    stack.write_usage();
    assert_eq!(count("count(*) FROM api_calls"), Some(122));
}

#[test]
fn beyond_a_bound_of_each_day_only_what_was_refused_or_failed_is_kept_and_then_nothing() {
    let (stack, tenant) = Stack::with_tenant();
    let kept = |expected| {
        for status in [200, 404] {
            call_with(&stack, &tenant.api_key, status);
        }
        stack.write_usage();
        let all = stack.db.value("SELECT count(*) FROM api_calls");
        assert_eq!(all.as_integer(), Some(expected));
    };
    kept(2);
    stack.db.sql("UPDATE api_usage SET kept = 10000");
    kept(3);
    stack.db.sql("UPDATE api_usage SET kept = 20000");
    kept(3);
    stack.advance(DAY);
    kept(5);
}

#[test]
fn what_is_written_later_is_later_in_the_log_whenever_it_came() {
    let (stack, tenant) = Stack::with_tenant();
    let session = stack.session(&tenant);
    stack.write_usage();
    call_with(&stack, &tenant.api_key, 200);
    call_with(&stack, &tenant.api_key, 404);
    stack.write_usage();
    let tail = list(&stack, &session, "")["tail"].clone();
    // Another isolate, whose clock is behind, writes what came earlier.
    stack.advance(-MINUTE);
    call_with(&stack, &tenant.api_key, 500);
    stack.write_usage();
    stack.advance(MINUTE);
    let after = format!("after={}", tail.as_str().unwrap());
    let news = list(&stack, &session, &after);
    assert_eq!(news["calls"].as_array().unwrap().len(), 1);
    assert_eq!(news["calls"][0]["status"], 500);
}

#[test]
fn whoever_watches_the_log_does_not_fill_it() {
    let (stack, tenant) = Stack::with_tenant();
    let (_, token) = member(&stack, &tenant, "viewer");
    for _ in 0..3 {
        list(&stack, &token, "");
    }
    stack.write_usage();
    assert_eq!(list(&stack, &token, "")["calls"], json!([]));
    let counted = stack.db.value("SELECT sum(calls) FROM api_usage");
    assert_eq!(counted.as_integer(), Some(3));
}
