use super::{keys, session};
use dashboard::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, PLATFORM_TOKEN, Stack, Tenant};

fn put(stack: &Stack, body: &Value) -> Answer {
    let call = stack.call("dashboard", "PUT", "/api/dashboard/quotas");
    call.bearer(PLATFORM_TOKEN).json(body).send(handle)
}

fn set(stack: &Stack, tenant: &Tenant, quota: &str, n: i64) {
    let answer = put(
        stack,
        &json!({ "business_id": tenant.business_id, quota: n }),
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json["quotas"][quota]["limit"], n);
}

fn get(stack: &Stack, tenant: &Tenant) -> Value {
    let call = stack.call("dashboard", "GET", "/api/dashboard/quotas");
    let answer = call.bearer(&session(stack, tenant)).send(handle);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json["quotas"].clone()
}

fn refused(answer: &Answer, quota: &str, limit: i64) {
    assert_eq!(answer.refusal(), (403, "quota_exceeded"));
    let rule = format!("at_most_{limit}");
    assert_eq!(answer.detail(), (quota, &*rule));
    let message = answer.json["error"].as_str().unwrap();
    for told in [&format!("`{quota}`"), &limit.to_string(), "operator"] {
        assert!(message.contains(told), "{message}");
    }
}

#[test]
fn quotas_get_answers_with_each_quota_and_what_is_used_of_it() {
    let (stack, tenant) = Stack::with_tenant();
    let _other = stack.tenant("Other");
    let _account = stack.whatsapp(&tenant, "1");
    stack.receive_whatsapp("1", "wamid.1", "353870000001", "Hello");
    let quotas = get(&stack, &tenant);
    let used = |used: i64, limit: i64| json!({ "limit": limit, "used": used, "exceeded": false });
    assert_eq!(quotas["channels"], used(1, 5_000));
    assert_eq!(quotas["webhooks"], used(0, 50));
    assert_eq!(quotas["api_keys"], used(2, 1_000));
    assert_eq!(quotas["stored_bytes"], used(0, 50 << 30));
    let messages = json!({ "limit": 100_000, "used": 0, "received": 1, "exceeded": false });
    assert_eq!(quotas["messages_per_day"], messages);
}

#[test]
fn quotas_get_refuses_callers_without_a_session() {
    let (stack, tenant) = Stack::with_tenant();
    let call = stack.call("dashboard", "GET", "/api/dashboard/quotas");
    let answer = call.bearer(&tenant.admin_key).send(handle);
    assert_eq!(answer.refusal(), (401, "invalid_token"));
}

#[test]
fn quotas_get_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    let call = stack.call("dashboard", "GET", "/api/dashboard/quotas?of=all");
    let answer = call.bearer(&session(&stack, &tenant)).send(handle);
    assert_eq!(answer.detail(), ("query.of", "unknown"));
}

#[test]
fn quotas_put_answers_with_what_holds_and_null_is_the_default_again() {
    let (stack, tenant) = Stack::with_tenant();
    let other = stack.tenant("Other");
    set(&stack, &tenant, "channels", 3);
    set(&stack, &tenant, "api_keys", 0);
    let quotas = get(&stack, &tenant);
    assert_eq!(quotas["channels"]["limit"], 3);
    // Lowered below what there is: nothing goes, and it shows.
    assert_eq!(quotas["api_keys"]["exceeded"], true);
    assert_eq!(get(&stack, &other)["channels"]["limit"], 5_000);
    let body = json!({ "business_id": tenant.business_id, "api_keys": null });
    let quotas = put(&stack, &body).json["quotas"].clone();
    assert_eq!(quotas["api_keys"]["limit"], 1_000);
    assert_eq!(quotas["channels"]["limit"], 3);
}

#[test]
fn quotas_put_refuses_callers_without_the_platform_token() {
    let (stack, tenant) = Stack::with_tenant();
    let call = stack.call("dashboard", "PUT", "/api/dashboard/quotas");
    let answer = call.bearer(&session(&stack, &tenant)).json(&json!({}));
    assert_eq!(answer.send(handle).refusal(), (401, "invalid_token"));
}

#[test]
fn quotas_put_refuses_invalid_input() {
    let (stack, tenant) = Stack::with_tenant();
    let id = &tenant.business_id;
    for (body, path) in [
        (json!({ "channels": 1 }), "business_id"),
        (json!({ "business_id": id, "channels": -1 }), "channels"),
        (json!({ "business_id": id, "channels": "1" }), "channels"),
        (json!({ "business_id": id, "webhooks": 51 }), "webhooks"),
        (json!({ "business_id": id, "seats": 1 }), "seats"),
    ] {
        let answer = put(&stack, &body);
        assert_eq!((answer.status, answer.detail().0), (422, path), "{body}");
    }
    let nobody = json!({ "business_id": "nobody", "channels": 1 });
    assert_eq!(put(&stack, &nobody).refusal(), (404, "not_found"));
}

#[test]
fn a_key_beyond_the_quota_is_refused_and_one_that_is_revoked_makes_room() {
    let (stack, tenant) = Stack::with_tenant();
    let token = session(&stack, &tenant);
    set(&stack, &tenant, "api_keys", 3);
    let body = json!({ "name": "K", "scopes": ["customers:read"] });
    let make = || keys(&stack, "POST", "", &token, &body);
    let made = make();
    assert_eq!(made.status, 201);
    refused(&make(), "api_keys", 3);
    let suffix = format!("/{}", made.json["key"]["id"].as_str().unwrap());
    for _ in 0..2 {
        // Again: it is revoked once.
        assert_eq!(
            keys(&stack, "DELETE", &suffix, &token, &Value::Null).status,
            204
        );
    }
    assert_eq!(make().status, 201);
    refused(&make(), "api_keys", 3);
}

#[test]
fn an_account_and_an_endpoint_beyond_the_quota_are_refused() {
    let (stack, tenant) = Stack::with_tenant();
    let token = session(&stack, &tenant);
    set(&stack, &tenant, "channels", 1);
    set(&stack, &tenant, "webhooks", 1);
    let account = |id: &str| {
        let body = json!({ "kind": "whatsapp", "name": "A", "phone_number_id": id,
            "credentials": { "access_token": "t", "app_secret": "an app secret of a test, long",
                "verify_token": "a verify token of a test, long" } });
        let call = stack.call("dashboard-channels", "POST", "/api/dashboard/channels");
        let call = call.bearer(&token).json(&body);
        call.send(dashboard_channels::handler::handle)
    };
    let first = account("106540352242922");
    assert_eq!(first.status, 201, "{}", first.text());
    refused(&account("106540352242923"), "channels", 1);
    let target = format!(
        "/api/dashboard/channels/{}",
        first.json["channel"]["id"].as_str().unwrap()
    );
    let call = stack.call("dashboard-channels", "DELETE", &target);
    let gone = call
        .bearer(&token)
        .send(dashboard_channels::handler::handle);
    assert_eq!(gone.status, 204);
    assert_eq!(account("106540352242923").status, 201);

    let endpoint = || {
        let body = json!({ "name": "E", "url": "https://crm.example/hook", "events": ["message.received"] });
        let call = stack.call("dashboard-webhooks", "POST", "/api/dashboard/webhooks");
        let call = call.bearer(&token).json(&body);
        call.send(dashboard_webhooks::handler::handle)
    };
    assert_eq!(endpoint().status, 201);
    refused(&endpoint(), "webhooks", 1);
}

#[test]
fn a_file_that_would_go_beyond_the_quota_is_refused_and_what_is_there_is_counted() {
    let (stack, tenant) = Stack::with_tenant();
    set(&stack, &tenant, "stored_bytes", 20);
    let upload = |text: &str| {
        let form = format!(
            "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n{text}\r\n--b--\r\n"
        );
        stack
            .call("upload-attachment", "POST", "/api-upload-attachment")
            .key(&tenant.api_key)
            .header("content-type", "multipart/form-data; boundary=b")
            .chunks(vec![Ok(form.into_bytes())])
            .send(upload_attachment::handler::handle)
    };
    let first = upload("fifteen letters");
    assert_eq!(first.status, 200, "{}", first.text());
    refused(&upload("six...."), "stored_bytes", 20);
    assert_eq!(upload("five.").status, 200);
    assert_eq!(get(&stack, &tenant)["stored_bytes"]["used"], 20);
    stack.db.sql("DELETE FROM attachments WHERE size = 15");
    assert_eq!(get(&stack, &tenant)["stored_bytes"]["used"], 5);
}

#[test]
fn a_message_beyond_the_days_quota_is_refused_and_what_comes_in_is_flagged() {
    let (stack, tenant) = Stack::with_tenant();
    let _account = stack.whatsapp(&tenant, "1");
    stack.receive_whatsapp("1", "wamid.1", "353870000001", "Hello");
    stack.ports.respond(|_| {
        Some(testkit::answer(
            200,
            &json!({ "messages": [{ "id": "wamid.S" }] }),
        ))
    });
    let send = || {
        let body = json!({ "phone": "+353870000001", "channel": "whatsapp", "content": "Hi" });
        let call = stack.call("send-message", "POST", "/api-send-message");
        let call = call.key(&tenant.api_key).json(&body);
        call.send(send_message::handler::handle)
    };
    set(&stack, &tenant, "messages_per_day", 1);
    assert_eq!(send().status, 200);
    let over = send();
    refused(&over, "messages_per_day", 1);
    // 3:04:05 in the morning.
    assert_eq!(over.header("retry-after"), Some("75355"));
    stack.receive_whatsapp("1", "wamid.2", "353870000001", "Still there?");
    let messages = json!({ "limit": 1, "used": 1, "received": 2, "exceeded": true });
    assert_eq!(get(&stack, &tenant)["messages_per_day"], messages);
    stack.advance(75_355_000_000);
    assert_eq!(send().status, 200);
}
