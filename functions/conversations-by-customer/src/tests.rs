use conversations_by_customer::handler::handle;
use serde_json::{Value as Json, json};
use testkit::{Answer, Stack, Tenant};

/// A business to which Joe wrote, whom its CRM knows as CRM-1.
fn stack() -> (Stack, Tenant) {
    let (stack, tenant) = Stack::with_tenant();
    let _channel = stack.whatsapp(&tenant, "1001");
    let business = &tenant.business_id;
    for n in 1..=3 {
        stack.receive_whatsapp(
            "1001",
            &format!("wamid.{n}"),
            "353871234567",
            &format!("m{n}"),
        );
    }
    stack
        .db
        .sql("UPDATE customers SET external_id = 'CRM-1', email = 'joe@example.com'");
    for (kind, value) in [("external_id", "CRM-1"), ("email", "joe@example.com")] {
        stack.db.sql(&format!(
            "INSERT INTO identities SELECT '{business}', '{kind}', '{value}', '', id FROM customers"
        ));
    }
    (stack, tenant)
}

fn ask(stack: &Stack, tenant: &Tenant, query: &str) -> Answer {
    let path = format!("/api-conversations-by-customer?{query}");
    stack
        .call("conversations-by-customer", "GET", &path)
        .key(&tenant.api_key)
        .send(handle)
}

#[test]
fn conversations_by_customer_answers_the_customer_and_every_conversation() {
    let (stack, tenant) = stack();
    let id = stack
        .db
        .value("SELECT id FROM customers")
        .into_text()
        .unwrap();
    for query in [
        "external_id=CRM-1".to_owned(),
        "customer_id=CRM-1".to_owned(),
        format!("customer_id={id}"),
        "email=JOE@example.com".to_owned(),
        "phone=%2B353871234567".to_owned(),
    ] {
        let all = format!("{query}&include_messages=true&include_attachments=true");
        let answer = ask(&stack, &tenant, &all);
        assert_eq!(answer.status, 200, "{query}");
        assert_eq!(answer.json["customer"]["external_id"], "CRM-1");
        let conversation = &answer.json["conversations"][0];
        assert_eq!(
            conversation["whatsapp_account_id"],
            conversation["channel_id"]
        );
        assert_eq!(conversation["status"], "open");
        assert_eq!(conversation["message_count"], 3);
        let contents: Vec<_> = conversation["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m["content"].clone())
            .collect();
        assert_eq!(contents, ["m1", "m2", "m3"]);
        assert_eq!(conversation["messages"][0]["attachments"], json!([]));
        assert_eq!(
            (&answer.json["has_more"], &answer.json["next_cursor"]),
            (&json!(false), &Json::Null)
        );
    }
    let bare = ask(&stack, &tenant, "external_id=CRM-1");
    assert_eq!(bare.json["conversations"][0]["messages"], Json::Null);
}

#[test]
fn conversations_by_customer_refuses_callers_without_a_key() {
    let (stack, _) = stack();
    let path = "/api-conversations-by-customer?external_id=CRM-1";
    let answer = stack
        .call("conversations-by-customer", "GET", path)
        .send(handle);
    assert_eq!(answer.refusal(), (401, "missing_api_key"));
}

#[test]
fn conversations_by_customer_refuses_invalid_input() {
    let (stack, tenant) = stack();
    for query in [
        "",
        "external_id=1&email=a@b.example",
        "customer_id=1&email=a@b.example",
        "email=nobody",
        "phone=abc",
        "external_id=CRM-1&limit=101",
        "external_id=CRM-1&cursor=x",
        "external_id=CRM-1&include_messages=2",
    ] {
        assert_eq!(
            ask(&stack, &tenant, query).refusal(),
            (422, "invalid_request"),
            "{query}"
        );
    }
}

#[test]
fn a_customer_of_another_business_is_not_there() {
    let (stack, tenant) = stack();
    let id = stack
        .db
        .value("SELECT id FROM customers")
        .into_text()
        .unwrap();
    let other = stack.tenant("Another business");
    for query in [format!("customer_id={id}"), "external_id=CRM-1".into()] {
        assert_eq!(
            ask(&stack, &other, &query).refusal(),
            (404, "not_found"),
            "{query}"
        );
    }
    assert_eq!(
        ask(&stack, &tenant, "external_id=CRM-2").refusal(),
        (404, "not_found")
    );
}

#[test]
fn pages_give_every_conversation_once_the_latest_first() {
    let (stack, tenant) = stack();
    let accounts = ["1002", "1003", "1004", "1005"];
    for account in accounts {
        let _channel = stack.whatsapp(&tenant, account);
        stack.advance(1_000_000);
        stack.receive_whatsapp(account, "wamid.1", "353871234567", account);
    }
    let mut seen = Vec::new();
    let mut query = "external_id=CRM-1&include_messages=true&limit=2".to_owned();
    loop {
        let answer = ask(&stack, &tenant, &query);
        for conversation in answer.json["conversations"].as_array().unwrap() {
            seen.push(
                conversation["messages"][0]["content"]
                    .as_str()
                    .unwrap()
                    .to_owned(),
            );
        }
        let Some(cursor) = answer.json["next_cursor"].as_str() else {
            break;
        };
        query = format!("external_id=CRM-1&include_messages=true&limit=2&cursor={cursor}");
    }
    assert_eq!(seen, ["1005", "1004", "1003", "1002", "m1"]);
}

#[test]
fn of_a_long_thread_the_newest_messages_come() {
    let (stack, tenant) = stack();
    for n in 4..=210 {
        stack.receive_whatsapp(
            "1001",
            &format!("wamid.{n}"),
            "353871234567",
            &format!("m{n}"),
        );
    }
    let before = stack.db.calls();
    let answer = ask(&stack, &tenant, "external_id=CRM-1&include_messages=true");
    let messages = answer.json["conversations"][0]["messages"]
        .as_array()
        .unwrap();
    assert_eq!(
        (messages.len(), &messages[0]["content"]),
        (200, &json!("m11"))
    );
    assert_eq!(answer.json["conversations"][0]["message_count"], 210);
    assert_eq!(
        stack.db.calls() - before,
        3,
        "the key, the page, the note of the key"
    );
}

#[test]
fn attachments_come_with_a_link() {
    let (stack, tenant) = stack();
    let id = "019b0000-0000-7000-8000-000000000009";
    stack.db.sql(&format!(
        "INSERT INTO attachments (business_id, id, message_id, state, filename, type, size,
           created_at)
         SELECT business_id, '{id}', id, 'ready', 'a.pdf', 'application/pdf', 5, 0
         FROM messages WHERE content = 'm3'"
    ));
    let query = "external_id=CRM-1&include_messages=true&include_attachments=true";
    let answer = ask(&stack, &tenant, query);
    assert!(answer.text().contains(&format!(
        "https://tieline.example/api/download-media?id={id}&"
    )));
}
