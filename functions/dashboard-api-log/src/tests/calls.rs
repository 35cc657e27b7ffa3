//! The calls, as they are read.

use super::{MINUTE, call_with, get, key_id, list, member, texts};
use common::db::DbError;
use dashboard_api_log::handler::handle;
use serde_json::{Value, json};
use testkit::{Failure, Stack};

#[test]
fn api_call_list_answers_with_calls_newest_first_and_who_made_them() {
    let (stack, tenant) = Stack::with_tenant();
    let (member_id, token) = member(&stack, &tenant, "viewer");
    let found = call_with(&stack, &tenant.api_key, 200);
    stack.advance(MINUTE);
    let refused = get(&stack, &token, "usage?from=x");
    stack.write_usage();
    let page = list(&stack, &token, "");
    assert_eq!(page["has_more"], false);
    assert_eq!(page["next_cursor"], Value::Null);
    assert_eq!(
        page["calls"],
        json!([{
            "at": "2026-01-02T03:05:05.000000Z", "key_id": null, "key_name": null,
            "member_id": member_id, "member_name": "Mia",
            "function": "dashboard-api-log", "operation": "usage_get", "method": "GET",
            "path": "/api/dashboard/usage", "status": 422, "ms": 0,
            "request_id": refused.header("x-request-id").unwrap(), "error": "invalid_request",
        }, {
            "at": "2026-01-02T03:04:05.000000Z",
            "key_id": key_id(&tenant.api_key), "key_name": "First API key",
            "member_id": null, "member_name": null,
            "function": "customers", "operation": "customer_get", "method": "GET",
            "path": "/api-customers", "status": 200, "ms": 0,
            "request_id": found.header("x-request-id").unwrap(), "error": null,
        }])
    );
}

#[test]
fn api_call_list_refuses_callers_without_a_session() {
    let (stack, tenant) = Stack::with_tenant();
    let target = ("dashboard-api-log", "GET", "/api/dashboard/api-log");
    stack.asks_for_a_session(&tenant, target, handle);
}

#[test]
fn api_call_list_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    let token = stack.session(&tenant);
    for (query, rule) in [
        ("limit=201", ("query.limit", "1_to_200")),
        ("cursor=x", ("query.cursor", "next_cursor")),
        ("after=x", ("query.after", "tail")),
        // 2^53 and -1, which no page gave.
        (
            "cursor=OTAwNzE5OTI1NDc0MDk5Mg",
            ("query.cursor", "next_cursor"),
        ),
        ("after=LTE", ("query.after", "tail")),
        ("after=MA&cursor=MA", ("query.after", "without_cursor")),
        ("status=6xx", ("query.status", "status")),
        ("status=99", ("query.status", "status")),
        ("status=xx", ("query.status", "status")),
        ("operation=customer", ("query.operation", "known_operation")),
        ("key_id=a%20b", ("query.key_id", "1_to_64_characters")),
        ("error=%F0%9F%98%80", ("query.error", "1_to_64_characters")),
        ("since=yesterday", ("query.since", "date_time")),
        ("until=2026", ("query.until", "date_time")),
        ("deep=1", ("query.deep", "unknown")),
    ] {
        let answer = get(&stack, &token, &format!("api-log?{query}"));
        assert_eq!(answer.detail(), rule, "{query}");
    }
}

#[test]
fn pages_have_each_call_once_and_none_of_another_business() {
    let (stack, tenant) = Stack::with_tenant();
    let other = stack.tenant("Other");
    let (token, others) = (stack.session(&tenant), stack.session(&other));
    stack.write_usage();
    stack.db.sql("DELETE FROM api_calls");
    let mut made = Vec::new();
    for n in 0..7 {
        stack.advance(1_000_000);
        let call = call_with(&stack, &tenant.api_key, 200);
        made.push(call.header("x-request-id").unwrap().to_owned());
        call_with(&stack, &other.api_key, 404);
        if n % 3 == 0 {
            stack.write_usage();
        }
    }
    made.reverse();
    let paged = |filter: &str| {
        let (mut ids, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = list(&stack, &token, &format!("limit=2{filter}{cursor}"));
            ids.extend(texts(&page, "request_id"));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return ids,
            }
        }
    };
    assert_eq!(paged(""), made);
    assert_eq!(paged("&status=2xx"), made);
    assert_eq!(paged("&status=4xx"), Vec::<String>::new());
    let theirs = list(&stack, &others, "");
    assert_eq!(texts(&theirs, "error"), ["not_found"; 7]);
    // Nor by the ids of the other.
    let asked = [
        format!("key_id={}", key_id(&other.api_key)),
        format!("request_id={}", texts(&theirs, "request_id")[0]),
    ];
    for query in asked {
        assert_eq!(list(&stack, &token, &query)["calls"], json!([]), "{query}");
        assert_ne!(list(&stack, &others, &query)["calls"], json!([]), "{query}");
    }
}

#[test]
fn each_filter_finds_its_calls() {
    let (stack, tenant) = Stack::with_tenant();
    let (member_id, token) = member(&stack, &tenant, "viewer");
    let first = call_with(&stack, &tenant.api_key, 200);
    stack.write_usage();
    stack.advance(10 * MINUTE);
    call_with(&stack, &tenant.api_key, 404);
    stack.write_usage();
    stack.advance(120 * MINUTE);
    call_with(&stack, &tenant.api_key, 500);
    get(&stack, &token, "usage");
    stack.write_usage();
    let statuses = |query: &str| -> Vec<i64> {
        let page = list(&stack, &token, query);
        let calls = page["calls"].as_array().unwrap().iter();
        calls.map(|call| call["status"].as_i64().unwrap()).collect()
    };
    let request = format!("request_id={}", first.header("x-request-id").unwrap());
    for (query, expected) in [
        ("", vec![200, 500, 404, 200]),
        ("status=5xx", vec![500]),
        ("status=404", vec![404]),
        ("error=not_found", vec![404]),
        ("operation=usage_get", vec![200]),
        (&*format!("member_id={member_id}"), vec![200]),
        (
            &*format!("key_id={}", key_id(&tenant.api_key)),
            vec![500, 404, 200],
        ),
        (&*request, vec![200]),
        ("since=2026-01-02T03:14:05Z", vec![200, 500, 404]),
        ("until=2026-01-02T03:14:05Z", vec![200]),
        (
            "since=0001-01-01T00:00:00Z&until=9999-12-31T00:00:00Z",
            vec![200, 500, 404, 200],
        ),
        ("since=9999-12-31T00:00:00Z", vec![]),
        (
            "since=2026-01-02T03:14:05Z&until=2026-01-02T03:14:06Z",
            vec![404],
        ),
    ] {
        assert_eq!(statuses(query), expected, "{query}");
    }
}

#[test]
fn a_tail_gives_what_is_written_since_and_loses_nothing() {
    let (stack, tenant) = Stack::with_tenant();
    let token = stack.session(&tenant);
    let tail = |page: &Value| page["tail"].as_str().unwrap().to_owned();
    let empty = list(&stack, &token, "");
    assert_eq!(empty["calls"], json!([]));
    for status in [200, 404, 500] {
        call_with(&stack, &tenant.api_key, status);
    }
    stack.write_usage();
    // Five: the session, the list, and the three calls, of which the list is not kept.
    let filter = "operation=customer_get&limit=2";
    let news = list(&stack, &token, &format!("{filter}&after={}", tail(&empty)));
    assert_eq!(texts(&news, "error"), ["not_found", ""]);
    assert_eq!(
        (&news["has_more"], &news["next_cursor"]),
        (&json!(true), &Value::Null)
    );
    let more = list(&stack, &token, &format!("{filter}&after={}", tail(&news)));
    assert_eq!(texts(&more, "error"), ["internal"]);
    assert_eq!(more["has_more"], false);
    let none = list(&stack, &token, &format!("{filter}&after={}", tail(&more)));
    assert_eq!((&none["calls"], tail(&none)), (&json!([]), tail(&more)));
}

#[test]
fn a_rare_call_is_found_over_several_pages_each_of_which_looks_through_a_bounded_part() {
    let (stack, tenant) = Stack::with_tenant();
    let token = stack.session(&tenant);
    stack.write_usage();
    stack.db.sql("DELETE FROM api_calls");
    let insert = |from: u32, count: u32, status: u32| {
        stack.db.sql(&format!(
            "WITH RECURSIVE s(n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM s WHERE n < {})
             INSERT INTO api_calls (business_id, n, at, operation, status, ms, request_id)
             SELECT '{}', n, n, 'customer_get', {status}, 1, 'req_' || n FROM s",
            from + count - 1,
            tenant.business_id
        ));
    };
    insert(1, 1, 500);
    insert(2, 25_000, 200);
    let (mut query, mut pages) = ("status=5xx".to_owned(), Vec::new());
    loop {
        let page = list(&stack, &token, &query);
        pages.push(page["calls"].as_array().unwrap().len());
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        query = format!("status=5xx&cursor={next}");
    }
    assert_eq!(pages, [0, 0, 1]);
    // The same forwards.
    insert(30_000, 1, 503);
    let (mut after, mut found) = ("MA".to_owned(), 0);
    loop {
        let page = list(&stack, &token, &format!("status=503&after={after}"));
        found += page["calls"].as_array().unwrap().len();
        page["tail"].as_str().unwrap().clone_into(&mut after);
        if page["has_more"] == false {
            break;
        }
    }
    assert_eq!(found, 1);
}

#[test]
fn without_the_database_there_is_no_page() {
    let (stack, tenant) = Stack::with_tenant();
    let token = stack.session(&tenant);
    let outage = Failure::Before(DbError::Outage("away".into()));
    stack.db.fail_after(1, outage);
    assert_eq!(get(&stack, &token, "api-log").status, 503);
}
