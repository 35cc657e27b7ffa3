use super::*;

#[test]
fn message_send_answers_with_what_was_sent() {
    let desk = Desk::new();
    let calls = desk.stack.db.calls();
    let answer = desk.send(&desk.text());
    assert_eq!(answer.status, 200, "{}", answer.json);
    // To read, to store, to record.
    assert_eq!(desk.stack.db.calls() - calls, 3);
    let message = &answer.json["message"];
    assert_eq!(answer.json["success"], true);
    assert_eq!(message["status"], "sent");
    assert_eq!(message["provider_id"], "wamid.1");
    assert_eq!(message["conversation_id"], desk.conversation_id);
    assert_eq!(message["customer_id"], desk.customer_id);
    assert_eq!(
        (&message["direction"], &message["type"], &message["content"]),
        (&json!("outbound"), &json!("text"), &json!("Hi!"))
    );
    assert_eq!(message["attachments"], json!([]));
    let requests = desk.stack.ports.take_requests();
    let [request] = requests.as_slice() else {
        panic!("one request: {requests:?}")
    };
    assert_eq!(
        request.url,
        "https://graph.facebook.com/v26.0/1066/messages"
    );
    let bearer = format!("Bearer {}", testkit::ACCESS_TOKEN);
    assert!(request.headers.contains(&("authorization", bearer)));
    assert_eq!(
        body_of(request),
        json!({
            "messaging_product": "whatsapp", "recipient_type": "individual", "to": "353871234567",
            "type": "text", "text": {"body": "Hi!", "preview_url": false},
            "biz_opaque_callback_data": message["id"]
        })
    );
    assert_eq!(desk.events(), "message.sent");
    let row = "SELECT status || ' ' || provider_id || ' ' || (sent_at = created_at) FROM messages";
    assert_eq!(desk.text_in(row), "sent wamid.1 1");
    let row = "SELECT state || ' ' || request FROM sends WHERE due_at IS NULL";
    assert_eq!(desk.text_in(row), "done {}");
    let counted =
        "SELECT message_count || ' ' || (last_message_at = updated_at) FROM conversations";
    assert_eq!(desk.text_in(counted), "1 1");
    assert!(!desk.stack.ports.take_wakes(Queue::Events).is_empty());
    assert!(desk.stack.ports.take_wakes(Queue::Sends).is_empty());
}

#[test]
fn a_customer_is_named_by_any_of_their_names_or_the_conversation() {
    let desk = Desk::new();
    for name in [
        json!({ "customer_id": desk.customer_id }),
        json!({ "external_id": "CRM-12345" }),
        json!({ "email": " Aoife@B.ie" }),
        json!({ "phone": "087 123 4567" }),
        json!({ "conversation_id": desk.conversation_id }),
        json!({ "customer_id": "CRM-12345", "conversation_id": desk.conversation_id }),
        json!({ "customer_id": "CRM-12345", "channel_id": desk.channel_id, "email": null }),
    ] {
        let mut body = json!({ "channel": "whatsapp", "content": "Hi!" });
        body.as_object_mut()
            .unwrap()
            .extend(name.as_object().unwrap().clone());
        let answer = desk.send(&body);
        assert_eq!(answer.status, 200, "{name} {}", answer.json);
        assert_eq!(answer.json["message"]["customer_id"], desk.customer_id);
    }
    let times = "SELECT count(DISTINCT created_at) FROM messages";
    assert_eq!(desk.stack.db.value(times), Sql::Integer(7));
}

#[test]
fn a_number_of_a_country_is_read_by_the_function_that_knows_all_of_them() {
    let desk = Desk::new();
    let made = || desk.stack.ports.call_logs.take();
    let send = |name: Value| {
        let mut body = json!({ "channel": "whatsapp", "content": "Hi!" });
        body.as_object_mut()
            .unwrap()
            .extend(name.as_object().unwrap().clone());
        let calls = desk.stack.db.calls();
        let answer = desk.send(&body);
        assert_eq!(answer.status, 200, "{name} {}", answer.json);
        assert_eq!(answer.json["message"]["customer_id"], desk.customer_id);
        desk.stack.db.calls() - calls
    };
    for national in ["087 123 4567", "00353 87 123 4567", "+353 (0)87 123 4567"] {
        // It asks no database.
        assert_eq!(send(json!({ "phone": national })), 3);
        let made = made();
        assert_eq!(made.len(), 1, "{national}");
        assert_eq!(made[0]["function"], "apply-customers");
    }
    for name in [
        json!({ "phone": " +353 (87) 123-4567" }),
        json!({ "customer_id": "CRM-12345" }),
        json!({ "conversation_id": desk.conversation_id }),
    ] {
        assert_eq!(send(name.clone()), 3);
        assert!(made().is_empty(), "{name}");
    }
}

#[test]
fn while_nobody_reads_a_number_of_a_country_those_that_say_theirs_go_on() {
    let desk = Desk::new();
    desk.stack.ports.services_are_down.set(true);
    let send = |phone: &str| {
        desk.send(&json!({ "phone": phone, "channel": "whatsapp", "content": "Hi!" }))
    };
    assert_eq!(send("087 123 4567").refusal(), (503, "unavailable"));
    assert_eq!(send(&"1".repeat(65)).refusal(), (422, "invalid_request"));
    let stored = "SELECT count(*) FROM messages";
    assert_eq!(desk.stack.db.value(stored), Sql::Integer(0));
    assert_eq!(send("+353871234567").status, 200);
    desk.stack.ports.services_are_down.set(false);
    assert_eq!(send("087 123 4567").status, 200);
}

#[test]
fn a_number_learnt_on_the_channel_comes_before_the_phone_and_an_id_between_them() {
    let desk = Desk::new();
    let (business, customer) = (&desk.tenant.business_id, &desk.customer_id);
    desk.stack.db.sql(&format!(
        "INSERT INTO identities VALUES ('{business}', 'whatsapp_user', 'IE.99', '', '{customer}')"
    ));
    desk.send(&desk.text());
    let sent = desk.sent();
    assert_eq!(
        (&sent[0]["recipient"], sent[0].get("to")),
        (&json!("IE.99"), None)
    );
    desk.stack
        .db
        .sql("UPDATE customers SET whatsapp_number = '+15550001'");
    desk.send(&desk.text());
    assert_eq!(desk.sent()[0]["to"], "15550001");
}

#[test]
fn a_template_reaches_who_never_wrote_and_begins_a_conversation() {
    let desk = Desk::new();
    desk.stack.db.sql("DELETE FROM conversations");
    let free = desk.send(&desk.text());
    assert_eq!(free.refusal(), (422, "outside_window"));
    assert!(free.json["error"].as_str().unwrap().contains("template"));
    let template = json!({ "name": "order_ready", "language": "en_IE", "components": [
        { "type": "body", "parameters": [{ "type": "text", "text": "42" }] }
    ] });
    let answer = desk.send(&json!({
        "customer_id": "CRM-12345", "channel": "whatsapp", "content": "Order 42 is ready.",
        "template": template
    }));
    assert_eq!(answer.status, 200, "{}", answer.json);
    assert_eq!(answer.json["message"]["type"], "template");
    assert_eq!(answer.json["message"]["content"], "Order 42 is ready.");
    let sent = desk.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0]["template"]["language"], json!({ "code": "en_IE" }));
    assert_eq!(sent[0]["template"]["components"], template["components"]);
    assert_eq!(desk.events(), "conversation.created message.sent");
    // The next goes on with it.
    desk.send(&json!({
        "customer_id": "CRM-12345", "channel": "whatsapp", "template": template
    }));
    let counted = "SELECT group_concat(message_count) FROM conversations";
    assert_eq!(desk.text_in(counted), "2");
}

#[test]
fn the_window_is_a_day_and_counts_from_the_customers_last_message_to_the_account() {
    let desk = Desk::new();
    desk.stack.advance(24 * 3600 * SECOND - SECOND);
    assert_eq!(desk.send(&desk.text()).status, 200);
    desk.stack.advance(SECOND);
    assert_eq!(desk.send(&desk.text()).refusal(), (422, "outside_window"));
    // It counts in a conversation that is closed too.
    let now = desk.stack.now().micros();
    desk.stack.db.sql(&format!(
        "UPDATE conversations SET status = 'closed', last_inbound_at = {now}"
    ));
    let answer = desk.send(&desk.text());
    assert_eq!(answer.status, 200);
    assert_ne!(
        answer.json["message"]["conversation_id"],
        desk.conversation_id
    );
    let other = desk.stack.whatsapp(&desk.tenant, "1067");
    let mut body = desk.text();
    body["channel_id"] = json!(other);
    assert_eq!(desk.send(&body).refusal(), (422, "outside_window"));
}

#[test]
fn a_reply_quotes_the_message_that_it_answers() {
    let desk = Desk::new();
    let first = desk.send(&desk.text());
    let mut body = desk.text();
    body["reply_to"] = first.json["message"]["id"].clone();
    assert_eq!(desk.send(&body).status, 200);
    assert_eq!(
        desk.sent()[1]["context"],
        json!({ "message_id": "wamid.1" })
    );
    let kept = desk.text_in("SELECT reply_to FROM messages WHERE reply_to IS NOT NULL");
    assert_eq!(kept, first.json["message"]["id"].as_str().unwrap());
}

#[test]
fn the_conversations_account_sends_else_that_of_an_open_one_else_the_oldest_active_one() {
    let desk = Desk::new();
    let second = desk.stack.whatsapp(&desk.tenant, "1067");
    desk.stack
        .db
        .sql("UPDATE channels SET created_at = 9, status = 'disabled' WHERE address = '1066'");
    let mut body = desk.text();
    body["conversation_id"] = json!(desk.conversation_id);
    assert_eq!(desk.send(&body).refusal(), (409, "conflict"));
    desk.stack
        .db
        .sql("UPDATE channels SET status = 'active' WHERE address = '1066'");
    assert_eq!(desk.send(&body).status, 200);
    let url = desk.stack.ports.take_requests()[0].url.clone();
    assert!(url.contains("/1066/"), "{url}");
    body = desk.text();
    body["template"] = json!({ "name": "a", "language": "en" });
    assert_eq!(desk.send(&body).status, 200);
    let url = desk.stack.ports.take_requests()[0].url.clone();
    assert!(url.contains("/1066/"), "{url}");
    desk.stack
        .db
        .sql("UPDATE conversations SET status = 'closed'");
    assert_eq!(desk.send(&body).status, 200);
    let url = desk.stack.ports.take_requests()[0].url.clone();
    assert!(url.contains("/1067/"), "{url}");
    let begun = format!("SELECT count(*) FROM conversations WHERE channel_id = '{second}'");
    assert_eq!(desk.stack.db.value(&begun), Sql::Integer(1));
}
