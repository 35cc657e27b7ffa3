use super::told::{notifications, pairs, told};
use super::{Desk, HOUR, SLACK};
use serde_json::{Value, json};
use testkit::answer;

#[test]
fn what_others_wrote_calls_nobody_at_slack() {
    let (desk, _) = told();
    desk.sql("UPDATE webhook_endpoints SET name = '<!channel> & <https://evil.example|you>\n*'");
    desk.answers(200);
    desk.minute();
    let text = desk.texts().remove(0);
    assert!(
        text.contains("&lt;!channel&gt; &amp; &lt;https://evil.example|you&gt; *"),
        "{text}"
    );
}

#[test]
fn a_url_that_may_no_more_be_called_is_not() {
    let desk = Desk::new();
    desk.stack.ports.set("ALLOW_INSECURE_URLS", "1");
    let body = json!({ "type": "slack", "name": "Local", "url": "http://127.0.0.1:9/hook" });
    desk.tells(&body);
    desk.failing_endpoint(desk.now() - HOUR);
    desk.stack.ports.set("ALLOW_INSECURE_URLS", "0");
    desk.answers(200);
    desk.minute();
    assert_eq!(desk.stack.ports.take_requests().len(), 0);
    assert_eq!(notifications(&desk), pairs(&[("raised", "failed")]));
}

#[test]
fn a_mail_goes_by_the_business_s_own_account() {
    let desk = Desk::new();
    let settings = json!({ "provider": "resend", "from_name": "Shop" });
    let _ = desk.stack.channel(
        &desk.tenant,
        "email",
        "hi@shop.example",
        &settings,
        &json!({ "api_key": "re_1" }),
    );
    desk.tells(&json!({ "type": "email", "name": "Ann", "address": "Ann@Example.com" }));
    desk.failing_endpoint(desk.now() - HOUR);
    desk.stack
        .ports
        .respond(|_| Some(answer(200, &json!({ "id": "mail-1" }))));
    desk.minutes(2);
    let requests = desk.stack.ports.take_requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].url, "https://api.resend.com/emails");
    let body: Value = serde_json::from_slice(requests[0].body.as_ref().unwrap()).unwrap();
    assert_eq!(body["to"], json!(["ann@example.com"]));
    let subject = body["subject"].as_str().unwrap();
    assert!(
        subject.starts_with("[Test business] Critical: "),
        "{subject}"
    );
    assert!(!subject.contains('\n'));
    let key = requests[0]
        .headers
        .iter()
        .find(|(name, _)| *name == "idempotency-key");
    assert!(key.unwrap().1.len() <= 80);
    assert_eq!(notifications(&desk), pairs(&[("raised", "sent")]));
}

#[test]
fn without_an_account_of_email_the_list_says_why_no_mail_was_sent() {
    let desk = Desk::new();
    desk.tells(&json!({ "type": "email", "name": "Ann", "address": "ann@example.com" }));
    desk.failing_endpoint(desk.now() - HOUR);
    desk.minutes(2);
    let only = desk.only();
    let error = only["notifications"][0]["error"].as_str().unwrap();
    assert!(error.contains("no email account"), "{error}");
}

#[test]
fn endpoints_that_subscribe_get_the_events() {
    let desk = Desk::new();
    let (hook, _) =
        desk.stack
            .endpoint(&desk.tenant, "https://ops.example/hook", &["alert.raised"]);
    desk.failing_endpoint(desk.now() - HOUR);
    desk.sql(&format!(
        "DELETE FROM webhook_endpoints WHERE id <> '{hook}'"
    ));
    let _ = desk.stack.whatsapp(&desk.tenant, "4713");
    desk.sql("UPDATE channels SET status_reason = 'no'");
    desk.minute();
    desk.answers(200);
    desk.stack.fan_out(&desk.tenant);
    desk.stack.deliver_now();
    let requests = desk.stack.ports.take_requests();
    let posted = requests
        .iter()
        .find(|request| request.url == "https://ops.example/hook");
    let body: Value = serde_json::from_slice(posted.unwrap().body.as_ref().unwrap()).unwrap();
    assert_eq!(body["event"], "alert.raised");
    let told = &body["data"]["alert"];
    let only = desk.only();
    for field in [
        "id",
        "cause",
        "severity",
        "status",
        "object",
        "summary",
        "began_at",
        "raised_at",
        "ended_at",
    ] {
        assert_eq!(told[field], only[field], "{field}");
    }
}

#[test]
fn the_secret_url_is_stored_sealed() {
    let (desk, _) = told();
    let stored = format!(
        "{:?}",
        desk.stack.db.sql("SELECT * FROM alert_destinations")
    );
    assert!(!stored.contains("secret-part") && stored.contains("hooks.slack.example"));
    assert!(SLACK.contains("secret-part"));
}
