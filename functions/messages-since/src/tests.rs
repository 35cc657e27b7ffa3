use common::db::Value;
use messages_since::handler::handle;
use serde_json::{Value as Json, json};
use testkit::{Answer, Stack, Tenant};

/// A business with an account, to which messages come.
fn stack() -> (Stack, Tenant) {
    let (stack, tenant) = Stack::with_tenant();
    let _channel = stack.whatsapp(&tenant, "1001");
    (stack, tenant)
}

fn ask(stack: &Stack, tenant: &Tenant, query: &str) -> Answer {
    let path = format!("/api-messages-since?{query}");
    stack
        .call("messages-since", "GET", &path)
        .key(&tenant.api_key)
        .send(handle)
}

fn contents(answer: &Answer) -> Vec<&str> {
    let messages = answer.json["messages"].as_array().unwrap();
    messages
        .iter()
        .map(|m| m["content"].as_str().unwrap())
        .collect()
}

const LONG_AGO: &str = "since=2020-01-01T00:00:00Z";

#[test]
fn messages_since_answers_the_messages_in_the_order_of_their_commits() {
    let (stack, tenant) = stack();
    for n in 1..=3 {
        stack.receive_whatsapp(
            "1001",
            &format!("wamid.{n}"),
            "353871234567",
            &format!("m{n}"),
        );
    }
    let answer = ask(
        &stack,
        &tenant,
        &format!("{LONG_AGO}&include_attachments=true"),
    );
    assert_eq!(
        (answer.status, contents(&answer)),
        (200, vec!["m1", "m2", "m3"])
    );
    assert_eq!(answer.json["has_more"], false);
    let first = &answer.json["messages"][0];
    for (field, value) in [
        ("direction", json!("inbound")),
        ("status", json!("received")),
        ("channel", json!("whatsapp")),
        ("platform", json!("whatsapp")),
        ("type", json!("text")),
        ("created_at", json!("2026-01-02T03:04:05.000000Z")),
        ("sent_at", json!("2026-01-02T03:03:20.000000Z")),
        ("attachments", json!([])),
        ("external_id", Json::Null),
    ] {
        assert_eq!(first[field], value, "{field}");
    }
    assert_eq!(first["customer"]["phone"], "+353871234567");
    let second = &answer.json["messages"][1]["created_at"];
    assert_eq!(*second, "2026-01-02T03:04:05.000001Z");
}

#[test]
fn messages_since_refuses_callers_without_the_scope() {
    let (stack, _) = stack();
    let path = format!("/api-messages-since?{LONG_AGO}");
    let answer = stack.call("messages-since", "GET", &path).send(handle);
    assert_eq!(answer.refusal(), (401, "missing_api_key"));
}

#[test]
fn messages_since_refuses_invalid_input() {
    let (stack, tenant) = stack();
    for query in [
        "",
        "since=2025-11-04",
        "since=yesterday",
        "since=2025-11-04T09:00:00",
        "since=2025-11-04T09:00:00Z&cursor=MTE",
        "cursor=!!",
        "cursor=LTE",
        "since=2025-11-04T09:00:00Z&limit=0",
        "since=2025-11-04T09:00:00Z&limit=1001",
        "since=2025-11-04T09:00:00Z&limit=abc",
        "since=2025-11-04T09:00:00Z&channel=fax",
        "since=2025-11-04T09:00:00Z&direction=up",
        "since=2025-11-04T09:00:00Z&include_attachments=perhaps",
    ] {
        assert_eq!(
            ask(&stack, &tenant, query).refusal(),
            (422, "invalid_request"),
            "{query}"
        );
    }
    for query in [
        "since=2025-11-04T10:00:00%2B01:00",
        "since=2025-11-04T10:00:00+01:00",
    ] {
        assert_eq!(ask(&stack, &tenant, query).status, 200, "{query}");
    }
}

#[test]
fn pages_give_every_message_once_by_cursor_and_by_time() {
    let (stack, tenant) = stack();
    for n in 0..25 {
        stack.receive_whatsapp(
            "1001",
            &format!("wamid.{n}"),
            "353871234567",
            &format!("m{n}"),
        );
    }
    let all: Vec<String> = (0..25).map(|n| format!("m{n}")).collect();
    let mut by_cursor = Vec::new();
    let mut query = format!("{LONG_AGO}&limit=10");
    loop {
        let answer = ask(&stack, &tenant, &query);
        by_cursor.extend(contents(&answer).into_iter().map(str::to_owned));
        query = format!(
            "cursor={}&limit=10",
            answer.json["next_cursor"].as_str().unwrap()
        );
        if answer.json["has_more"] == false {
            break;
        }
    }
    assert_eq!(by_cursor, all);
    assert_eq!(contents(&ask(&stack, &tenant, &query)), Vec::<&str>::new());
    stack.receive_whatsapp("1001", "wamid.late", "353871234567", "late");
    assert_eq!(contents(&ask(&stack, &tenant, &query)), ["late"]);

    let mut by_time = Vec::new();
    let mut since = "2020-01-01T00:00:00Z".to_owned();
    loop {
        let answer = ask(&stack, &tenant, &format!("since={since}&limit=7"));
        let messages = answer.json["messages"].as_array().unwrap();
        let Some(last) = messages.last() else { break };
        since = last["created_at"].as_str().unwrap().to_owned();
        by_time.extend(contents(&answer).into_iter().map(str::to_owned));
    }
    assert_eq!(by_time[..25], all);
    assert_eq!(by_time[25], "late");
}

#[test]
fn a_caller_whose_clock_is_ahead_misses_nothing() {
    let (stack, tenant) = stack();
    stack.receive_whatsapp("1001", "wamid.1", "353871234567", "before");
    let ahead = ask(&stack, &tenant, "since=2030-01-01T00:00:00Z");
    assert_eq!((ahead.status, contents(&ahead).len()), (200, 0));
    stack.advance(1);
    stack.receive_whatsapp("1001", "wamid.2", "353871234567", "after");
    let cursor = ahead.json["next_cursor"].as_str().unwrap();
    assert_eq!(
        contents(&ask(&stack, &tenant, &format!("cursor={cursor}"))),
        ["after"]
    );
}

#[test]
fn filters_leave_the_rest_out() {
    let (stack, tenant) = stack();
    stack.receive_whatsapp("1001", "wamid.1", "353871234567", "in");
    stack.receive_whatsapp("1001", "wamid.2", "353871234567", "out");
    stack
        .db
        .sql("UPDATE messages SET direction = 'outbound' WHERE content = 'out'");
    for (filter, expected) in [
        ("direction=inbound", vec!["in"]),
        ("direction=outbound", vec!["out"]),
        ("channel=whatsapp", vec!["in", "out"]),
        ("channel=messenger", vec![]),
        ("channel=web", vec![]),
    ] {
        let answer = ask(&stack, &tenant, &format!("{LONG_AGO}&{filter}"));
        assert_eq!(contents(&answer), expected, "{filter}");
    }
}

#[test]
fn a_page_larger_than_a_value_of_the_database_comes_whole() {
    let (stack, tenant) = stack();
    let long = "€".repeat(4096);
    for n in 0..250 {
        stack.receive_whatsapp("1001", &format!("wamid.{n}"), "353871234567", &long);
    }
    let answer = ask(&stack, &tenant, &format!("{LONG_AGO}&limit=1000"));
    assert_eq!(contents(&answer).len(), 250);
    assert!(answer.text().len() > 2_000_000);
}

#[test]
fn attachments_come_with_a_link_that_nobody_can_write_into_a_message() {
    let (stack, tenant) = stack();
    stack.receive_whatsapp("1001", "wamid.1", "353871234567", "\u{1f}0123456789");
    let message = stack
        .db
        .value("SELECT id FROM messages")
        .into_text()
        .unwrap();
    let id = "019b0000-0000-7000-8000-000000000009";
    stack.db.sql(&format!(
        "INSERT INTO attachments (business_id, id, message_id, state, filename, type, size,
           created_at)
         VALUES ('{}', '{id}', '{message}', 'ready', 'a\"b.pdf', 'application/pdf', 5, 0)",
        tenant.business_id
    ));
    let answer = ask(
        &stack,
        &tenant,
        &format!("{LONG_AGO}&include_attachments=true"),
    );
    assert_eq!(contents(&answer), ["\u{1f}0123456789"]);
    let attachment = &answer.json["messages"][0]["attachments"][0];
    assert_eq!(attachment["filename"], "a\"b.pdf");
    let link = attachment["download_url"].as_str().unwrap();
    assert!(link.starts_with(&format!(
        "https://tieline.example/api/download-media?id={id}&"
    )));
    assert_eq!(attachment["url"], attachment["download_url"]);
}

#[test]
fn nobody_reads_another_businesss_messages_and_a_page_is_one_call() {
    let (stack, tenant) = stack();
    stack.receive_whatsapp("1001", "wamid.1", "353871234567", "ours");
    let other = stack.tenant("Another business");
    assert_eq!(contents(&ask(&stack, &other, LONG_AGO)), Vec::<&str>::new());
    ask(&stack, &tenant, LONG_AGO);
    let before = stack.db.calls();
    ask(&stack, &tenant, LONG_AGO);
    assert_eq!(stack.db.calls() - before, 1);
    assert_eq!(
        stack.db.value("SELECT count(*) FROM messages"),
        Value::Integer(1)
    );
}
