use super::*;
use common::ids::ConversationId;
use common::ports::Queue;
use messaging::messages::send::{OutboundReply, SendResult, send_reply};
use testkit::answer;

fn reads(stack: &Stack, key: &str) -> Answer {
    let call = stack.call("customers", "GET", "/api-customers").key(key);
    call.send(customers::handler::handle)
}

fn settings(stack: &Stack, session: &str) -> Answer {
    let call = stack.call("dashboard", "GET", "/api/dashboard/quotas");
    call.bearer(session).send(dashboard::handler::handle)
}

fn inbox(stack: &Stack, token: &str) -> Answer {
    let call = stack.call("embed-api", "GET", "/embed/api/conversations");
    call.bearer(token).send(embed_api::handler::handle)
}

#[test]
fn operator_business_update_answers_and_all_callers_are_refused_within_a_minute() {
    let (stack, tenant) = Stack::with_tenant();
    let other = stack.tenant("Other");
    let session = stack.session(&tenant);
    let token = stack.inbox_token(&tenant, None, None).token;
    assert_eq!(reads(&stack, &tenant.api_key).status, 200);
    assert_eq!(inbox(&stack, &token).status, 200);
    suspend(&stack, &tenant, true);
    // Sessions are read each time; what is known of keys and tokens is trusted for a while.
    let refused = (403, "business_suspended");
    assert_eq!(settings(&stack, &session).refusal(), refused);
    stack.advance(59 * SECOND);
    assert_eq!(reads(&stack, &tenant.api_key).refusal(), refused);
    assert_eq!(reads(&stack, &tenant.admin_key).refusal(), refused);
    assert_eq!(inbox(&stack, &token).refusal(), refused);
    assert_eq!(reads(&stack, &other.api_key).status, 200);
    // Who has not the secret does not learn of it.
    let guessed = tenant.api_key.replace("tl_", "tl_0");
    assert_eq!(reads(&stack, &guessed).refusal().1, "invalid_api_key");
    suspend(&stack, &tenant, false);
    assert_eq!(settings(&stack, &session).status, 200);
    stack.advance(59 * SECOND);
    assert_eq!(reads(&stack, &tenant.api_key).status, 200);
    assert_eq!(inbox(&stack, &token).status, 200);
}

#[test]
fn the_list_and_the_log_say_since_when_and_why() {
    let (stack, tenant) = Stack::with_tenant();
    suspend(&stack, &tenant, true);
    let since = stack.now().to_string();
    stack.advance(60 * SECOND);
    // Again: it stays suspended since then.
    suspend(&stack, &tenant, true);
    let page = get(&stack, BUSINESSES);
    let one = &page.json["businesses"][0];
    assert_eq!(
        (
            &one["status"],
            &one["suspended_at"],
            &one["suspended_reason"]
        ),
        (&json!("suspended"), &json!(since), &json!(REASON))
    );
    suspend(&stack, &tenant, false);
    let one = get(&stack, &format!("{BUSINESSES}/{}", tenant.business_id));
    assert_eq!(
        (
            &one.json["status"],
            &one.json["suspended_at"],
            &one.json["suspended_reason"]
        ),
        (&json!("active"), &Value::Null, &Value::Null)
    );
    let log = audit(&stack, &tenant);
    let reasons = log.iter().filter(|entry| entry["reason"] == json!(REASON));
    assert_eq!(reasons.count(), 3);
}

/// A business with an account, a customer who has written, and an endpoint.
fn busy() -> (Stack, Tenant, String) {
    let (stack, tenant) = Stack::with_tenant();
    let _account = stack.whatsapp(&tenant, "1066");
    stack.ports.respond(|request| {
        Some(match request.url.contains("hook.example") {
            true => answer(200, &json!({})),
            false => answer(200, &json!({ "messages": [{ "id": "wamid.sent" }] })),
        })
    });
    let (_, _) = stack.endpoint(&tenant, "https://hook.example/", &["message.received"]);
    stack.receive_whatsapp("1066", "wamid.1", "353871234567", "Hello");
    let conversation = stack.db.value("SELECT id FROM conversations");
    (stack, tenant, conversation.into_text().unwrap())
}

fn minute(stack: &Stack) {
    stack.advance(60 * SECOND);
    stack.job("", fan_out::handler::each_minute);
    for (business, _) in stack.ports.take_wakes(Queue::Events) {
        stack.job(&business, fan_out::handler::handle);
    }
    stack.deliver_now();
    for (message, _) in stack.ports.take_wakes(Queue::Sends) {
        stack.job(&message, send_message::handler::resume);
    }
}

fn requests_to(stack: &Stack, host: &str) -> usize {
    let requests = stack.ports.take_requests();
    requests.iter().filter(|one| one.url.contains(host)).count()
}

#[test]
fn what_comes_in_while_suspended_is_stored_and_delivered_afterwards() {
    let (stack, tenant, _) = busy();
    suspend(&stack, &tenant, true);
    stack.receive_whatsapp("1066", "wamid.2", "353871234567", "Anybody there?");
    minute(&stack);
    minute(&stack);
    assert_eq!(requests_to(&stack, "hook.example"), 0);
    let pending = "SELECT count(*) FROM deliveries WHERE status = 'pending' AND attempts = 0";
    assert_eq!(stack.db.value(pending).as_integer(), Some(2));
    suspend(&stack, &tenant, false);
    minute(&stack);
    assert_eq!(requests_to(&stack, "hook.example"), 2);
    let done = "SELECT count(*) FROM deliveries WHERE status = 'delivered'";
    assert_eq!(stack.db.value(done).as_integer(), Some(2));
}

#[test]
fn a_wake_that_comes_while_suspended_delivers_nothing_and_gives_nothing_up() {
    let (stack, tenant, _) = busy();
    stack.fan_out(&tenant);
    suspend(&stack, &tenant, true);
    stack.deliver_now();
    assert_eq!(requests_to(&stack, "hook.example"), 0);
    let pending = "SELECT count(*) FROM deliveries WHERE status = 'pending'";
    assert_eq!(stack.db.value(pending).as_integer(), Some(1));
}

#[test]
fn the_days_of_a_suspension_disable_no_endpoint() {
    let (stack, tenant, _) = busy();
    stack
        .db
        .sql("UPDATE webhook_endpoints SET failing_since = 1");
    suspend(&stack, &tenant, true);
    suspend(&stack, &tenant, false);
    let failing = stack
        .db
        .value("SELECT failing_since FROM webhook_endpoints");
    assert_eq!(failing.as_integer(), None);
}

fn say(stack: &Stack, tenant: &Tenant, conversation: &str) -> SendResult {
    let mut said = None;
    stack.job("", async |cx: &common::Context<'_>, _: &str| {
        let reply = OutboundReply {
            text: "From the CRM".into(),
            ..OutboundReply::new(ConversationId::unchecked(conversation), "kustomer:1")
        };
        said = Some(send_reply(&cx.of_business(&tenant.business_id), &reply).await?);
        Ok(())
    });
    said.unwrap()
}

fn status(stack: &Stack) -> String {
    let status = "SELECT status FROM messages WHERE direction = 'outbound'";
    stack.db.value(status).into_text().unwrap()
}

#[test]
fn what_a_crm_says_while_suspended_waits_and_is_sent_once_afterwards() {
    let (stack, tenant, conversation) = busy();
    suspend(&stack, &tenant, true);
    for _ in 0..2 {
        let SendResult::Message { status, .. } = say(&stack, &tenant, &conversation) else {
            panic!("it was refused")
        };
        assert_eq!(status, "queued");
    }
    minute(&stack);
    assert_eq!(
        (status(&stack), requests_to(&stack, "/messages")),
        ("queued".into(), 0)
    );
    suspend(&stack, &tenant, false);
    minute(&stack);
    minute(&stack);
    assert_eq!(
        (status(&stack), requests_to(&stack, "/messages")),
        ("sent".into(), 1)
    );
}

#[test]
fn what_was_queued_before_waits_also_when_it_is_woken_for() {
    let (stack, tenant, conversation) = busy();
    stack.ports.will(testkit::refused());
    say(&stack, &tenant, &conversation);
    assert_eq!(status(&stack), "queued");
    let wakes = stack.ports.take_wakes(Queue::Sends);
    suspend(&stack, &tenant, true);
    stack.advance(60 * SECOND);
    stack.ports.take_requests();
    for (message, _) in &wakes {
        stack.job(message, send_message::handler::resume);
    }
    assert_eq!(
        (status(&stack), requests_to(&stack, "/messages")),
        ("queued".into(), 0)
    );
    suspend(&stack, &tenant, false);
    minute(&stack);
    assert_eq!(status(&stack), "sent");
}

#[test]
fn nothing_is_replied_by_itself_to_what_came_while_suspended() {
    let (stack, tenant, _) = busy();
    let settings = r#"{"whatsapp":1}"#;
    stack.db.sql(&format!(
        "INSERT INTO reply_settings (business_id, id, settings, credentials, auto_reply, created_at, updated_at)
         VALUES ('{}', 'r', '{{}}', '', '{settings}', 1, 1)",
        tenant.business_id
    ));
    suspend(&stack, &tenant, true);
    stack.fan_out(&tenant);
    assert_eq!(
        stack
            .db
            .value("SELECT count(*) FROM auto_replies")
            .as_integer(),
        Some(0)
    );
    suspend(&stack, &tenant, false);
    stack.receive_whatsapp("1066", "wamid.3", "353871234567", "Hello again");
    stack.fan_out(&tenant);
    assert_eq!(
        stack
            .db
            .value("SELECT count(*) FROM auto_replies")
            .as_integer(),
        Some(1)
    );
}
