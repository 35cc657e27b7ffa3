//! Nothing of an erased customer is left anywhere.

use super::erase;
use super::others::OTHERS;
use common::db::DbError;
use common::erasing::forgotten_id;
use customers::handler::each_minute;
use serde_json::{Value, json};
use testkit::{Failure, Stack, Tenant, answer};

const MINUTE: i64 = 60_000_000;

/// What tells of the customer: name, number, address, texts, ids of providers and of CRMs.
const TRACES: [&str; 8] = [
    "aoife",
    "353871234567",
    "aoife@b.ie",
    "main street",
    "confession",
    "wamid.hbgm",
    "crm-77",
    "passport",
];

/// A customer who has written by WhatsApp.
fn written(number: &str) -> (Stack, Tenant, String) {
    let (stack, tenant) = Stack::with_tenant();
    let _channel = stack.whatsapp(&tenant, number);
    stack.receive_whatsapp(number, "wamid.HBgM1", "353871234567", "My confession");
    let id = stack.db.value("SELECT id FROM customers");
    (stack, tenant, id.into_text().unwrap())
}

fn tables(stack: &Stack) -> Vec<String> {
    let all = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let rows = stack.db.sql(all).into_iter().flatten();
    rows.filter_map(common::db::Value::into_text).collect()
}

/// Until then, the job itself keeps by what the customer was known.
fn second_look(stack: &Stack) {
    assert_eq!(
        traces(stack)
            .iter()
            .find(|trace| !trace.starts_with("erasures:")),
        None
    );
    stack.advance(6 * MINUTE);
    let mut minutes = 0;
    while stack.db.value("SELECT due_at FROM erasures") != common::db::Value::Null {
        assert_eq!(stack.job("", each_minute)["code"], Value::Null);
        stack.advance(MINUTE);
        minutes += 1;
        assert!(minutes < 10, "it never ends");
    }
}

/// Every place that tells of the customer.
fn traces(stack: &Stack) -> Vec<String> {
    let mut found = Vec::new();
    for table in tables(stack) {
        let rows = format!("{:?}", stack.db.sql(&format!("SELECT * FROM {table}"))).to_lowercase();
        let told = TRACES.iter().filter(|trace| rows.contains(**trace));
        found.extend(told.map(|trace| format!("{table}: {trace}")));
    }
    for (key, bytes) in stack.ports.blobs.borrow().iter() {
        let value = String::from_utf8_lossy(bytes).to_lowercase();
        let told = TRACES
            .iter()
            .filter(|trace| key.to_lowercase().contains(**trace) || value.contains(**trace));
        found.extend(told.map(|trace| format!("KV: {trace}")));
    }
    found
}

/// Writes the customer into every table that may hold something of them.
fn write_everywhere(stack: &Stack, tenant: &Tenant, id: &str) {
    let business = &tenant.business_id;
    let text = |sql: &str| stack.db.value(sql).into_text().unwrap();
    let (conversation, message) = (
        text("SELECT id FROM conversations"),
        text("SELECT id FROM messages"),
    );
    let channel = text("SELECT id FROM channels");
    let sql = |sql: String| stack.db.sql(&sql);
    sql("UPDATE customers SET name = 'Aoife', first_name = 'Aoife', last_name = 'Aoife',
           email = 'aoife@b.ie', phone = '+353871234567', external_id = 'CRM-77', address = 'Main Street 1',
           notes = 'confession', tags = '[\"confession\"]', custom_fields = '{\"a\":\"confession\"}',
           other_external_ids = '[{\"external_id\":\"CRM-778\",\"external_system\":\"b\"}]'"
        .into());
    for (kind, value) in [
        ("email", "aoife@b.ie"),
        ("external_id", "CRM-77"),
        ("phone", "+353871234567"),
        ("whatsapp_user", "US.confession"),
        ("sms_sender", "Aoife"),
        ("facebook", "confession-psid"),
        ("instagram", "confession-igsid"),
    ] {
        sql(format!(
            "INSERT OR IGNORE INTO identities VALUES ('{business}', '{kind}', '{value}', '', '{id}')"
        ));
    }
    sql(format!(
        "INSERT INTO identities VALUES ('{business}', 'external_id', 'CRM-778', 'b', '{id}')"
    ));
    sql(format!(
        "INSERT INTO identity_handles VALUES ('{business}', 'instagram', 'confession-igsid', 'aoife')"
    ));
    sql("UPDATE conversations SET contact = '+353871234567', tags = '[\"confession\"]'".into());
    sql(
        "UPDATE messages SET detail = '{\"raw_id\":\"raw\",\"a\":\"confession\"}', channel = 'email',
           error = '{\"code\":\"1\",\"message\":\"353871234567\"}'"
            .into(),
    );
    for (key, attachment) in [("raw", None), ("file", Some("file"))] {
        stack
            .ports
            .blobs
            .borrow_mut()
            .insert(format!("{business}/{key}"), b"My confession".to_vec());
        if let Some(attachment) = attachment {
            sql(format!(
                "INSERT INTO attachments (business_id, id, message_id, state, filename, type, created_at)
                 VALUES ('{business}', '{attachment}', '{message}', 'ready', 'passport.pdf', 'a/b', 0)"
            ));
        }
    }
    sql(format!(
        "INSERT INTO sends (business_id, message_id, state, request, created_at)
         VALUES ('{business}', '{message}', 'done', '{{\"to\":\"353871234567\"}}', 0)"
    ));
    for table in ["unmatched_statuses", "message_revisions"] {
        let (columns, values) = match table {
            "unmatched_statuses" => ("status, at, error", "'read', 0, 'confession'"),
            _ => ("edits, content, is_deleted", "1, 'confession', 0"),
        };
        sql(format!(
            "INSERT INTO {table} (business_id, channel_id, provider_id, {columns}, created_at)
             VALUES ('{business}', '{channel}', 'wamid.HBgM1', {values}, 0)"
        ));
    }
    sql(format!(
        "INSERT INTO email_ids VALUES ('{business}', '{channel}', '<aoife@b.ie>', 'wamid.HBgM1', 0)"
    ));
    for number in ["+353871234567", "aoife@b.ie", "Aoife"] {
        sql(format!(
            "INSERT INTO opt_outs VALUES ('{business}', '{number}', '{channel}', 1, 0)"
        ));
    }
    sql(format!(
        "INSERT INTO conversation_notes (business_id, id, conversation_id, author, content, created_at)
         VALUES ('{business}', 'n', '{conversation}', 'Ann', 'My confession', 0)"
    ));
    sql(format!(
        "INSERT INTO escalations (business_id, id, conversation_id, source, reason, priority, created_at)
         VALUES ('{business}', 'e', '{conversation}', 'api', 'My confession', 'high', 0)"
    ));
    sql(format!(
        "INSERT INTO conversation_ratings VALUES ('{business}', '{conversation}', 1, 'My confession', 0)"
    ));
    sql("UPDATE conversations SET thread = 'confession-thread'".into());
    sql(format!(
        "INSERT INTO source_contacts (business_id, channel_id, remote_id, customer_id, fingerprint, updated_at)
         VALUES ('{business}', '{channel}', '46', '{id}', '{{\"name\":\"Aoife\"}}', 0)"
    ));
    write_events(stack, tenant, [id, &conversation, &message]);
    sql(format!(
        "INSERT INTO integrations (business_id, connector, status, created_at, updated_at)
         VALUES ('{business}', 'kustomer', 'disabled', 0, 0)"
    ));
    for (kind, local) in [
        ("customer", id),
        ("conversation", &conversation),
        ("message", &message),
        ("note", "n"),
    ] {
        sql(format!(
            "INSERT INTO crm_links VALUES ('{business}', 'kustomer', '{kind}', '{local}', 'remote-confession', 1, '', 0, 0)"
        ));
    }
    sql(format!(
        "INSERT INTO crm_agents VALUES ('{business}', 'kustomer', 'u1', 'Aoife', 'aoife@b.ie')"
    ));
    for stream in [id, "remote:remote-confession"] {
        sql(format!(
            "INSERT INTO crm_streams (business_id, connector, stream) VALUES ('{business}', 'kustomer', '{stream}')"
        ));
    }
    for (key, stream) in [("customer:1", id), ("remote:1", "remote:remote-confession")] {
        sql(format!(
            "INSERT INTO crm_jobs (business_id, connector, key, id, stream, kind, subject, detail, state,
               ordered_at, created_at, updated_at)
             VALUES ('{business}', 'kustomer', '{key}', '{key}', '{stream}', 'customer', '{id}',
               '{{\"name\":\"Aoife\"}}', 'done', 0, 0, 0)"
        ));
        sql(format!(
            "INSERT INTO crm_attempts VALUES ('{business}', 'kustomer', '{key}', 1, 0, 0, 'done',
               '[\"GET /customers?email=aoife@b.ie\"]', NULL)"
        ));
    }
    sql(format!(
        "INSERT INTO crm_cache VALUES ('{business}', 'kustomer', 'history:{id}', '\"confession\"', 9e15)"
    ));
    for (key, response) in [
        (
            "a",
            r#"{"details":[{"external_id":"CRM-77","customer_id":"x"},{"external_id":"other"}]}"#,
        ),
        (
            "z",
            r#"{"error":"The record has external_id CRM-778, but its phone is another's."}"#,
        ),
    ] {
        let response = response.replace('\'', "''");
        sql(format!(
            "INSERT INTO idempotency (business_id, key, request_hash, claimed_at, expires_at, status, response)
             VALUES ('{business}', '{key}', '', 0, 9e15, 200, '{response}')"
        ));
    }
}

/// Events about each of these, with body, detail, and an endpoint's answer to it.
fn write_events(stack: &Stack, tenant: &Tenant, subjects: [&str; 3]) {
    let business = &tenant.business_id;
    let (endpoint, _) = stack.endpoint(tenant, "https://crm.example/hook", &["*"]);
    let detail = json!({ "escalation": { "id": "e", "reason": "My confession" }, "status": "failed",
        "error": { "message": "353871234567" } });
    for subject in subjects {
        for body in ["'My confession'", "NULL"] {
            let n = stack.happened(tenant, "conversation.escalated", subject, &detail);
            stack.db.sql(&format!(
                "UPDATE outbox SET body = {body} WHERE sequence = {n}"
            ));
            stack.db.sql(&format!(
                "INSERT INTO deliveries (business_id, id, endpoint_id, sequence, event, event_id, status,
                   created_at, updated_at)
                 VALUES ('{business}', 'd{n}', '{endpoint}', {n}, 'a', 'b', 'delivered', 0, 0)"
            ));
            stack.db.sql(&format!(
                "INSERT INTO delivery_attempts VALUES ('{business}', 'd{n}', 1, 0, 200, 1, 'My confession', NULL)"
            ));
        }
    }
    stack
        .db
        .sql("UPDATE businesses SET fanned_out = (SELECT max(sequence) FROM outbox)");
}

#[test]
fn nothing_of_an_erased_customer_is_left_in_any_table_or_in_kv() {
    let (stack, tenant, id) = written("30001");
    write_everywhere(&stack, &tenant, &id);
    // What an erasure notes of them while it runs.
    stack.db.sql(&format!(
        "INSERT INTO erasures (business_id, customer_id, names, started_at)
         VALUES ('{}', 'x', '{{\"contacts\":[\"aoife@b.ie\"]}}', 0)",
        tenant.business_id
    ));
    let before = traces(&stack);
    stack.db.sql("DELETE FROM erasures");
    for table in tables(&stack) {
        let is_written = before
            .iter()
            .any(|trace| trace.starts_with(&format!("{table}:")));
        assert!(
            is_written || OTHERS.contains(&&*table),
            "write the customer into {table}"
        );
    }
    assert!(before.iter().any(|trace| trace.starts_with("KV:")));
    let erased = erase(&stack, &tenant, &format!("?id={id}"));
    assert_eq!(
        (erased.status, &erased.json["status"]),
        (200, &json!("done"))
    );
    second_look(&stack);
    assert_eq!(traces(&stack), Vec::<String>::new());
    // What others said, and that something was said, stays.
    let count = |of: &str| stack.db.value(&format!("SELECT count(*) FROM {of}"));
    assert_eq!(count("messages"), 1.into());
    assert_eq!(
        count("idempotency WHERE response LIKE '%\"other\"%'"),
        1.into()
    );
    let provider = stack.db.value("SELECT provider_id FROM messages");
    assert_eq!(provider.into_text(), Some(forgotten_id("wamid.HBgM1")));
}

#[test]
fn a_message_that_its_provider_repeats_after_the_erasure_is_not_taken_in_again() {
    let (stack, tenant, id) = written("30002");
    erase(&stack, &tenant, &format!("?id={id}"));
    stack.receive_whatsapp("30002", "wamid.HBgM1", "353871234567", "My confession");
    assert_eq!(stack.db.value("SELECT count(*) FROM messages"), 1.into());
    // What they write anew is a new customer's.
    stack.receive_whatsapp("30002", "wamid.HBgM2", "353871234567", "Hello again");
    let customers = "SELECT count(DISTINCT customer_id) FROM messages";
    assert_eq!(stack.db.value(customers), 2.into());
}

#[test]
fn endpoints_are_told_that_a_customer_was_erased_and_not_who_it_was() {
    let (stack, tenant, id) = written("30003");
    stack.endpoint(&tenant, "https://crm.example/hook", &["customer.erased"]);
    stack.ports.respond(|_| Some(answer(200, &Value::Null)));
    stack.ports.take_requests();
    erase(&stack, &tenant, &format!("?id={id}"));
    stack.fan_out(&tenant);
    // Whatever the job does after the event was built.
    assert_eq!(erase(&stack, &tenant, &format!("?id={id}")).status, 404);
    stack.deliver_now();
    let requests = stack.ports.take_requests();
    let body = requests
        .last()
        .and_then(|request| request.body.clone())
        .unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["event"], "customer.erased");
    assert_eq!(body["data"]["customer_id"], id.as_str());
    assert_eq!(body["data"]["customer"]["name"], Value::Null);
    assert!(
        TRACES.iter().all(|trace| !body.to_string().contains(trace)),
        "{body}"
    );
}

/// So many files that the customer sent, in as many messages.
fn with_files(stack: &Stack, tenant: &Tenant, count: usize) {
    let business = &tenant.business_id;
    stack.db.sql(&format!(
        "INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id, channel_id,
           channel, direction, type, content, status, provider_id, updated_at)
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count})
         SELECT business_id, created_at + n, 'm' || n, conversation_id, customer_id, channel_id, channel,
           direction, 'image', 'My confession', status, 'wamid.HBgM-' || n, updated_at FROM messages, n"
    ));
    stack.db.sql(&format!(
        "INSERT INTO attachments (business_id, id, message_id, state, filename, type, size, created_at)
         SELECT '{business}', 'f-' || id, id, 'ready', 'passport.jpg', 'image/jpeg', 10, 0 FROM messages
         WHERE id GLOB 'm*'"
    ));
    let mut blobs = stack.ports.blobs.borrow_mut();
    for n in 1..=count {
        blobs.insert(format!("{business}/f-m{n}"), b"confession".to_vec());
    }
}

#[test]
fn a_file_in_parts_goes_with_all_of_them_and_one_of_unknown_size_too() {
    for (number, size) in [("30007", "9000000"), ("30008", "NULL")] {
        let (stack, tenant, id) = written(number);
        with_files(&stack, &tenant, 20);
        let key = format!("{}/f-m7", tenant.business_id);
        stack.db.sql(&format!(
            "UPDATE attachments SET size = {size} WHERE id = 'f-m7'"
        ));
        for part in 0..3 {
            let mut blobs = stack.ports.blobs.borrow_mut();
            blobs.insert(format!("{key}.{part}"), vec![1]);
        }
        assert_eq!(erase(&stack, &tenant, &format!("?id={id}")).status, 200);
        assert!(stack.ports.blobs.borrow().is_empty(), "{size}");
    }
}

#[test]
fn fifteen_hundred_files_go_though_the_erasure_is_broken_off_three_times() {
    let (stack, tenant, id) = written("30004");
    with_files(&stack, &tenant, 1500);
    stack
        .db
        .sql("UPDATE customers SET name = 'Aoife', phone = '+353871234567'");
    let outage = || DbError::Outage("Network connection lost".into());
    // Its first slices are done, and then the database is away.
    stack.db.fail_after(36, Failure::Before(outage()));
    let begun = erase(&stack, &tenant, &format!("?id={id}"));
    assert_eq!(
        (begun.status, &begun.json["status"]),
        (200, &json!("running"))
    );
    assert!(stack.ports.blobs.borrow().len() < 1500);
    // Nobody finds them from the first moment on.
    assert_eq!(
        super::get(&stack, &tenant, &format!("?id={id}")).status,
        404
    );
    let minute = |stack: &Stack| {
        stack.advance(2 * MINUTE);
        stack.job("", each_minute)["code"].clone()
    };
    // The slice that was broken off is done again, which takes three calls.
    for calls in [7, 13] {
        let before = stack.ports.blobs.borrow().len();
        stack.db.fail_after(calls, Failure::After(outage()));
        assert_eq!(minute(&stack), "unavailable");
        assert!(stack.ports.blobs.borrow().len() < before);
    }
    let mut minutes = 0;
    while stack.db.value("SELECT done_at FROM erasures") == common::db::Value::Null {
        assert_eq!(minute(&stack), Value::Null);
        minutes += 1;
        assert!(minutes < 10, "it never ends");
    }
    second_look(&stack);
    assert_eq!(traces(&stack), Vec::<String>::new());
    assert!(stack.ports.blobs.borrow().is_empty());
    assert_eq!(stack.db.value("SELECT count(*) FROM messages"), 1501.into());
    // It is nobody's work any more.
    let calls = stack.db.calls();
    assert_eq!(minute(&stack), Value::Null);
    assert_eq!(stack.db.calls() - calls, 1);
}

#[test]
fn what_was_under_way_when_a_customer_was_erased_goes_at_the_second_look() {
    let (stack, tenant, id) = written("30006");
    stack.endpoint(&tenant, "https://crm.example/hook", &["*"]);
    assert_eq!(
        erase(&stack, &tenant, &format!("?id={id}")).json["status"],
        "done"
    );
    // A delivery that was being built, and a job that had just found them at their CRM.
    let business = &tenant.business_id;
    stack
        .db
        .sql("UPDATE outbox SET body = 'My confession' WHERE event <> 'customer.erased'");
    stack.db.sql(&format!(
        "INSERT INTO integrations (business_id, connector, status, created_at, updated_at)
         VALUES ('{business}', 'kustomer', 'active', 0, 0)"
    ));
    stack.db.sql(&format!(
        "INSERT INTO crm_links VALUES ('{business}', 'kustomer', 'customer', '{id}', 'confession', 1, '', 0, 0)"
    ));
    assert!(!traces(&stack).is_empty());
    // It is done: nobody erases them twice.
    assert_eq!(erase(&stack, &tenant, &format!("?id={id}")).status, 404);
    stack.advance(6 * MINUTE);
    assert_eq!(stack.job("", each_minute)["code"], Value::Null);
    assert_eq!(traces(&stack), Vec::<String>::new());
    assert_eq!(
        stack.db.value("SELECT names FROM erasures").into_text(),
        Some("{}".into())
    );
}

#[test]
fn an_erasure_does_not_touch_another_customer() {
    let (stack, tenant, id) = written("30005");
    stack.receive_whatsapp("30005", "wamid.other", "353879999999", "Theirs");
    let other = stack.tenant("Other");
    assert_eq!(erase(&stack, &other, &format!("?id={id}")).status, 404);
    assert_eq!(erase(&stack, &tenant, &format!("?id={id}")).status, 200);
    let left = "SELECT group_concat(content || provider_id) FROM messages WHERE content <> ''";
    assert_eq!(stack.db.value(left), "Theirswamid.other".into());
}
