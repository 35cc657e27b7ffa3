use super::*;

#[test]
fn message_send_refuses_callers_without_the_scope() {
    let desk = Desk::new();
    let call = || {
        desk.stack
            .call("send-message", "POST", "/api-send-message")
            .json(&desk.text())
    };
    assert_eq!(call().send(handle).refusal(), (401, "missing_api_key"));
    let reader = format!(
        "UPDATE api_keys SET scopes = 'messages:read' WHERE business_id = '{}'
           AND scopes <> 'admin'",
        desk.tenant.business_id
    );
    desk.stack.db.sql(&reader);
    desk.stack.advance(31 * SECOND);
    let refused = call().key(&desk.tenant.api_key).send(handle);
    assert_eq!(refused.refusal(), (403, "insufficient_scope"));
    assert!(desk.sent().is_empty());
}

#[test]
fn message_send_refuses_invalid_input() {
    let desk = Desk::new();
    let to = |more: Value| {
        let mut body = json!({ "customer_id": "CRM-12345", "channel": "whatsapp" });
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    let template = |name: &str, language: &str| {
        to(json!({ "template": { "name": name, "language": language } }))
    };
    let cases = [
        (
            json!({ "channel": "whatsapp", "content": "x" }),
            "customer_id",
            "required",
        ),
        (
            to(json!({ "content": "x", "email": "a@b.ie" })),
            "customer_id",
            "exactly_one",
        ),
        (
            to(json!({ "content": "x", "customer_id": "" })),
            "customer_id",
            "1_to_512_characters",
        ),
        (
            json!({ "email": "no", "channel": "whatsapp", "content": "x" }),
            "email",
            "email",
        ),
        (
            json!({ "phone": "no", "channel": "whatsapp", "content": "x" }),
            "phone",
            "phone",
        ),
        (
            to(json!({ "content": "x", "channel": "pigeon" })),
            "channel",
            "known_channel",
        ),
        (
            to(json!({ "content": "x", "channel": "sms" })),
            "channel",
            "connected",
        ),
        (
            to(json!({ "content": "x", "channel": "messenger" })),
            "channel",
            "connected",
        ),
        (to(json!({})), "content", "required"),
        (
            to(json!({ "content": " \n", "attachments": [] })),
            "content",
            "required",
        ),
        (
            to(json!({ "content": "é".repeat(4097) })),
            "content",
            "at_most_4096",
        ),
        (to(json!({ "content": 7 })), "content", "text"),
        (
            to(json!({ "content": "x", "contnt": "y" })),
            "contnt",
            "unknown",
        ),
        (
            to(json!({ "content": "x", "attachments": [1] })),
            "attachments",
            "texts",
        ),
        (
            to(json!({ "template": { "name": "a", "language": "en", "components": {} } })),
            "template.components",
            "array",
        ),
        (
            to(json!({ "template": { "nmae": "a" } })),
            "template.nmae",
            "unknown",
        ),
        (
            to(json!({ "content": "x", "subject": "s" })),
            "subject",
            "of_email",
        ),
        (
            to(json!({ "attachments": vec!["https://a.example/b.png"; 11] })),
            "attachments",
            "at_most_10",
        ),
        (
            to(json!({ "attachments": ["nonsense"] })),
            "attachments[0]",
            "id_or_url",
        ),
        (
            to(json!({ "attachments": ["https://a.example/b.gif"] })),
            "attachments[0]",
            "media_type",
        ),
        (
            to(json!({ "attachments": ["https://a.example/b.png", "https://a.example/b.png"] })),
            "attachments[1]",
            "once",
        ),
        (template("", "en"), "template.name", "1_to_512_characters"),
        (template("a", ""), "template.language", "1_to_15_characters"),
        (
            to(json!({
                "template": { "name": "a", "language": "en" },
                "attachments": ["https://a.example/b.png"]
            })),
            "attachments",
            "without_template",
        ),
    ];
    for (body, path, rule) in cases {
        let answer = desk.send(&body);
        assert_eq!(answer.status, 422, "{body}");
        assert_eq!(answer.detail(), (path, rule), "{body}");
    }
    let call = desk
        .stack
        .call("send-message", "POST", "/api-send-message")
        .key(&desk.tenant.api_key);
    assert_eq!(
        call.body("{").send(handle).refusal(),
        (400, "malformed_json")
    );
    assert!(desk.sent().is_empty());
    assert_eq!(
        desk.stack.db.value("SELECT count(*) FROM messages"),
        Sql::Integer(0)
    );
    assert_eq!(
        desk.send(&to(json!({ "content": "é".repeat(4096) })))
            .status,
        200
    );
}

#[test]
fn urls_that_point_inside_are_refused() {
    let desk = Desk::new();
    for url in [
        "http://a.example/b.png",
        "ftp://a.example/b.png",
        "https://localhost/b.png",
        "https://localhost./b.png",
        "https://127.0.0.1/b.png",
        "https://0x7f.1/b.png",
        "https://2130706433/b.png",
        "https://0177.0.0.1/b.png",
        "https://[::ffff:127.0.0.1]/b.png",
        "https://169.254.169.254/b.png",
        "https://a@b.example/b.png",
        "https://metadata.google.internal/b.png",
        "https://a.example/b c.png",
    ] {
        let mut body = desk.text();
        body["attachments"] = json!([url]);
        assert_eq!(desk.send(&body).refusal(), (422, "unsafe_url"), "{url}");
    }
}

#[test]
fn what_is_another_business_s_is_not_found() {
    let desk = Desk::new();
    let other = desk.stack.tenant("Other");
    let theirs = Desk::of(
        desk.stack.clone(),
        other,
        "2001",
        "019a0000-0000-7000-8000-0000000000c2",
    );
    let message = theirs.send(&theirs.text()).json["message"]["id"].clone();
    let attachment = theirs.attachment(1, "image/png", 10);
    desk.stack.ports.take_requests();
    let with = |name: &str, value: &Value| {
        let mut body = desk.text();
        body[name] = value.clone();
        desk.send(&body)
    };
    for (name, value) in [
        ("customer_id", json!(theirs.customer_id)),
        ("conversation_id", json!(theirs.conversation_id)),
        ("channel_id", json!(theirs.channel_id)),
        ("reply_to", message),
        ("attachments", json!([attachment])),
        ("customer_id", json!("CRM-54321")),
        ("conversation_id", json!("nonsense")),
        ("channel_id", json!("019a0000-0000-7000-8000-00000000ffff")),
        ("reply_to", json!("wamid.1")),
    ] {
        let answer = with(name, &value);
        assert_eq!(answer.refusal(), (404, "not_found"), "{name} {value}");
        assert_eq!(answer.detail().0, name);
    }
    assert!(desk.sent().is_empty());
}

#[test]
fn what_belongs_to_another_customer_is_refused() {
    let desk = Desk::new();
    let first = desk.send(&desk.text()).json["message"]["id"].clone();
    let business = &desk.tenant.business_id;
    desk.stack.db.sql(&format!(
        "INSERT INTO customers (business_id, id, phone, revision, created_at, updated_at)
         VALUES ('{business}', '019a0000-0000-7000-8000-00000000beef', '+15550002', 1, 0, 0)"
    ));
    let with = |name: &str, value: &Value| {
        let mut body = desk.text();
        body["customer_id"] = json!("019a0000-0000-7000-8000-00000000beef");
        body["template"] = json!({ "name": "a", "language": "en" });
        body[name] = value.clone();
        desk.send(&body)
    };
    let answer = with("conversation_id", &json!(desk.conversation_id));
    assert_eq!(answer.detail(), ("conversation_id", "of_customer"));
    assert_eq!(
        with("reply_to", &first).detail(),
        ("reply_to", "of_customer")
    );
    desk.stack.db.sql("UPDATE customers SET phone = NULL");
    assert_eq!(
        with("content", &json!("x")).detail(),
        ("customer_id", "reachable")
    );
    desk.stack.db.sql("UPDATE messages SET provider_id = NULL");
    let mut body = desk.text();
    body["reply_to"] = first;
    assert_eq!(desk.send(&body).detail(), ("reply_to", "sent"));
}

#[test]
fn an_external_id_of_two_customers_is_ambiguous_and_an_erased_customer_is_gone() {
    let desk = Desk::new();
    let business = &desk.tenant.business_id;
    let other = "019a0000-0000-7000-8000-00000000beef";
    desk.stack.db.sql(&format!(
        "INSERT INTO customers (business_id, id, phone, revision, created_at, updated_at)
         VALUES ('{business}', '{other}', '+15550002', 1, 0, 0)"
    ));
    desk.stack.db.sql(&format!(
        "INSERT INTO identities VALUES ('{business}', 'external_id', 'CRM-12345', 'sap', '{other}')"
    ));
    assert_eq!(
        desk.send(&desk.text()).refusal(),
        (409, "ambiguous_external_id")
    );
    desk.stack.db.sql("UPDATE customers SET erased_at = 1");
    assert_eq!(desk.send(&desk.text()).refusal(), (404, "not_found"));
}

#[test]
fn a_business_without_an_account_is_told_so() {
    let desk = Desk::new();
    desk.stack.db.sql("UPDATE channels SET deleted_at = 1");
    assert_eq!(desk.send(&desk.text()).detail(), ("channel", "connected"));
    desk.stack
        .db
        .sql("UPDATE channels SET deleted_at = NULL, credentials = NULL");
    assert_eq!(desk.send(&desk.text()).refusal(), (409, "conflict"));
}
