use super::{
    DEFAULT_KEY, Desk, KEY, TOKEN, URL, hook, kustomer, refuses_callers, refuses_query,
    requests_made,
};
use common::Context;
use common::ports::Queue;
use crm::integration_get;
use serde_json::{Value, json};
use testkit::{answer, refused};

impl Desk {
    /// The secrets that are kept, as JSON.
    fn secrets(&self) -> Value {
        let mut opened = String::new();
        self.stack.job("", async |cx: &Context<'_>, _: &str| {
            let own = cx.of_business(&self.tenant.business_id);
            let integration = integration_get(&own, "kustomer").await?.unwrap();
            opened = integration.opened(&own)?.unwrap_or_default();
            Ok(())
        });
        serde_json::from_str(&opened).unwrap_or_default()
    }

    fn column(&self, name: &str) -> Value {
        let business = &self.tenant.business_id;
        let query = format!("SELECT {name} FROM integrations WHERE business_id = '{business}'");
        let value = self.stack.db.value(&query);
        value.as_text().map_or(Value::Null, Value::from)
    }
}

/// The key and the user are fine, and so are the teams; what is asked then gets these answers. Time
/// has passed, so that there is a budget.
fn then(desk: &Desk, answers: &[(u16, Value)]) {
    desk.stack.advance(60_000_000);
    let who = json!({ "data": { "type": "user", "id": "user-1",
        "attributes": { "roles": ["org.permission.customer"] },
        "relationships": { "org": { "data": { "id": "org-1" } } } } });
    for _ in 0..2 {
        desk.stack.ports.will(answer(200, &who));
    }
    desk.stack.ports.will(answer(200, &json!({ "data": [] })));
    for (status, body) in answers {
        desk.stack.ports.will(answer(*status, body));
    }
}

#[test]
fn integration_enable_answers_with_the_connection_and_makes_the_webhook() {
    let desk = Desk::connected();
    kustomer(&desk, &["org"]);
    let enabled = desk.post("enable", &Value::Null);
    assert_eq!(enabled.status, 200, "{}", enabled.text());
    let integration = &enabled.json["integration"];
    assert_eq!(integration["status"], "active");
    assert_eq!(integration["remote_organization_id"], "org-1");
    assert_eq!(integration["remote_user_id"], "user-1");
    assert_eq!(enabled.json["test"]["success"], true);
    assert_eq!(
        enabled.json["webhook"],
        json!({ "created": true, "url": URL })
    );
    assert_eq!(
        desk.secrets(),
        json!({ "api_key": KEY, "webhook_token": TOKEN })
    );
    assert_eq!(desk.column("webhook_id"), "hook-1");
    let woken = desk.stack.ports.take_wakes(Queue::Crm);
    assert_eq!(woken, [(desk.tenant.business_id.clone(), 0)]);
    let made = desk.stack.ports.take_requests().pop().unwrap();
    let body: Value = serde_json::from_slice(&made.body.unwrap()).unwrap();
    let events = ["customer", "conversation", "message"]
        .map(|what| ["create", "update"].map(|how| format!("kustomer.{what}.{how}")));
    let expected = json!({ "name": "Tieline", "url": URL, "events": events.concat() });
    assert_eq!(body, expected);
    let status = desk.call("GET", "/kustomer/status", &Value::Null).json;
    assert_eq!(
        (&status["status"], &status["webhook"]),
        (&json!("healthy"), &json!("active"))
    );
}

#[test]
fn a_webhook_that_still_answers_is_kept() {
    let desk = Desk::connected();
    kustomer(&desk, &["org"]);
    desk.post("enable", &Value::Null);
    requests_made(&desk);
    desk.stack.advance(60_000_000);
    let again = desk.post("enable", &Value::Null);
    let existing = json!({ "created": false, "reason": "exists", "url": URL });
    assert_eq!(again.json["webhook"], existing);
    assert_eq!(
        requests_made(&desk).last().unwrap(),
        "GET /v1/outbound-webhooks/hook-1"
    );
    // As after a database that was away when it had been made.
    desk.set("webhook_id = NULL");
    let mut listed = hook("hook-7", URL)["data"].clone();
    listed["attributes"]["token"].take();
    then(
        &desk,
        &[
            (200, json!({ "data": [listed] })),
            (200, hook("hook-7", URL)),
        ],
    );
    assert_eq!(desk.post("enable", &Value::Null).json["webhook"], existing);
    assert_eq!(desk.column("webhook_id"), "hook-7");
}

#[test]
fn a_webhook_that_kustomer_switched_off_is_made_anew() {
    let desk = Desk::connected();
    kustomer(&desk, &["org"]);
    desk.post("enable", &Value::Null);
    requests_made(&desk);
    let mut off = hook("hook-1", URL);
    off["data"]["attributes"]["enabled"] = json!(false);
    let list = json!({ "data": [off["data"]] });
    let answers = [
        (200, off.clone()),
        (200, list),
        (200, off),
        (204, Value::Null),
        (201, hook("hook-2", URL)),
    ];
    then(&desk, &answers);
    let again = desk.post("enable", &Value::Null);
    assert_eq!(again.json["webhook"]["created"], true);
    assert_eq!(desk.column("webhook_id"), "hook-2");
    let requests_made = requests_made(&desk);
    assert_eq!(requests_made[6], "DELETE /v1/outbound-webhooks/hook-1");
}

#[test]
fn without_the_role_or_with_too_many_it_is_enabled_and_says_how_to_make_it_by_hand() {
    let forbidden = (
        403,
        json!({ "errors": [{ "message": "org.permission.outbound_webhook" }] }),
    );
    let none = (200, json!({ "data": [] }));
    let five = (0..5).map(|n| hook(&format!("h{n}"), "https://x.example")["data"].clone());
    let five = five.collect::<Vec<_>>();
    let cases = [
        (vec![forbidden.clone(), forbidden.clone()], "missing_role"),
        (vec![none.clone(), forbidden.clone()], "missing_role"),
        (vec![(200, json!({ "data": five }))], "webhook_limit"),
        (vec![none.clone(), (500, Value::Null)], "unclear"),
        (
            vec![
                none,
                (400, json!({ "errors": [{ "code": "bad_request" }] })),
            ],
            "bad_request",
        ),
    ];
    for (answers, reason) in cases {
        let desk = Desk::connected();
        then(&desk, &answers);
        let enabled = desk.post("enable", &Value::Null);
        assert_eq!(enabled.json["integration"]["status"], "active", "{reason}");
        let webhook = &enabled.json["webhook"];
        assert_eq!(
            (&webhook["created"], &webhook["reason"]),
            (&json!(false), &json!(reason))
        );
        let message = webhook["message"].as_str().unwrap();
        assert!(
            message.contains(URL) && message.contains("credentials.webhook_secret"),
            "{message}"
        );
        let status = desk.call("GET", "/kustomer/status", &Value::Null).json;
        assert_eq!(status["reasons"][0]["code"], "webhook_missing");
        // Made by hand, it is nobody else's affair.
        let secret = json!({ "credentials": { "webhook_secret": TOKEN } });
        assert_eq!(desk.put(&secret).status, 200);
        then(&desk, std::slice::from_ref(&forbidden));
        let again = desk.post("enable", &Value::Null);
        assert_eq!(again.json["webhook"]["reason"], "by_hand");
        assert_eq!(desk.secrets()["webhook_token"], TOKEN);
    }
}

#[test]
fn a_key_that_may_make_a_webhook_and_not_look_at_it_makes_one_once() {
    let desk = Desk::connected();
    let forbidden = (403, Value::Null);
    then(&desk, &[forbidden.clone(), (201, hook("hook-1", URL))]);
    let enabled = desk.post("enable", &Value::Null);
    assert_eq!(enabled.json["webhook"]["created"], true);
    requests_made(&desk);
    then(&desk, &[forbidden]);
    let again = desk.post("enable", &Value::Null);
    assert_eq!(again.json["webhook"]["reason"], "by_hand");
    assert_eq!(requests_made(&desk).len(), 4);
    assert_eq!(desk.column("webhook_id"), "hook-1");
}

#[test]
fn what_the_test_finds_wrong_is_refused_and_nothing_is_enabled() {
    let cases = [
        (
            answer(401, &Value::Null),
            (422, ("credentials.api_key", "bad_key")),
        ),
        (answer(404, &Value::Null), (422, ("subdomain", "not_found"))),
        (refused(), (422, ("subdomain", "unreached"))),
        (answer(502, &Value::Null), (503, ("kustomer", "unclear"))),
    ];
    for (outcome, expected) in cases {
        let desk = Desk::connected();
        desk.stack.ports.will(outcome);
        let refused = desk.post("enable", &Value::Null);
        assert_eq!((refused.status, refused.detail()), expected);
        assert_eq!(desk.column("status"), "disabled");
    }
    let desk = Desk::connected();
    desk.put(&json!({ "organization_id": "org-2" }));
    then(&desk, &[]);
    let refused = desk.post("enable", &Value::Null);
    assert_eq!(refused.detail(), ("organization_id", "wrong_organization"));
}

#[test]
fn the_deployments_key_speaks_for_one_business() {
    let desk = Desk::new();
    desk.stack.ports.set("KUSTOMER_API_KEY", DEFAULT_KEY);
    desk.stack.ports.set("KUSTOMER_SUBDOMAIN", "acme");
    kustomer(&desk, &["org"]);
    assert_eq!(desk.post("enable", &Value::Null).status, 200);
    assert_eq!(desk.secrets(), json!({ "webhook_token": TOKEN }));
    let other = desk.other();
    requests_made(&desk);
    let refused = other.post("enable", &Value::Null);
    let taken = (409, ("credentials.api_key", "deployment_key_in_use"));
    assert_eq!((refused.status, refused.detail()), taken);
    let refused = other.post("test", &Value::Null);
    assert_eq!((refused.status, refused.detail()), taken);
    assert_eq!(
        requests_made(&desk),
        Vec::<String>::new(),
        "nothing is asked by another's key"
    );
    let key = json!({ "credentials": { "api_key": KEY } });
    assert_eq!(other.put(&key).status, 200);
    assert_eq!(other.post("enable", &Value::Null).status, 200);
    let refused = other.put(&json!({ "credentials": { "api_key": null } }));
    assert_eq!((refused.status, refused.detail()), taken);
    assert_eq!(desk.post("disable", &Value::Null).status, 200);
    // It is free now, but nothing says that it is the other's.
    let refused = other.put(&json!({ "credentials": { "api_key": null } }));
    let anybodys = (409, ("credentials.api_key", "deployment_key_without_owner"));
    assert_eq!((refused.status, refused.detail()), anybodys);
    // Where the deployment says whose it is, it is nobody else's, free or not.
    desk.stack
        .ports
        .set("KUSTOMER_BUSINESS_ID", &desk.tenant.business_id);
    let given_up = other.put(&json!({ "credentials": { "api_key": null } }));
    assert_eq!(given_up.status, 200);
    let refused = other.post("test", &Value::Null);
    assert_eq!(
        (refused.status, refused.detail()),
        (409, ("api_key", "set"))
    );
    assert_eq!(other.post("disable", &Value::Null).status, 200);
    assert_eq!(desk.post("enable", &Value::Null).status, 200);
}

#[test]
fn where_there_are_two_businesses_the_deployments_key_is_nobodys_until_it_says_whose() {
    let desk = Desk::new();
    desk.stack.ports.set("KUSTOMER_API_KEY", DEFAULT_KEY);
    desk.stack.ports.set("KUSTOMER_SUBDOMAIN", "acme");
    kustomer(&desk, &["org"]);
    let other = desk.other();
    let anybodys = (409, ("credentials.api_key", "deployment_key_without_owner"));
    for one in [&desk, &other] {
        for call in ["test", "enable"] {
            let refused = one.post(call, &Value::Null);
            assert_eq!((refused.status, refused.detail()), anybodys, "{call}");
        }
    }
    assert_eq!(requests_made(&desk), Vec::<String>::new());
    let id = &other.tenant.business_id;
    desk.stack.ports.set("KUSTOMER_BUSINESS_ID", id);
    assert_eq!(other.post("enable", &Value::Null).status, 200);
}

#[test]
fn integration_enable_refuses_callers_without_a_session() {
    refuses_callers("POST", "/kustomer/enable");
}

#[test]
fn integration_enable_refuses_invalid_input() {
    refuses_query("POST", "/kustomer/enable");
    let missing = Desk::new().post("enable", &Value::Null);
    assert_eq!(
        (missing.status, missing.detail()),
        (409, ("api_key", "set"))
    );
}

#[test]
fn integration_disable_answers_at_once_however_often() {
    let desk = Desk::connected();
    kustomer(&desk, &["org"]);
    let nothing = desk.other().post("disable", &Value::Null);
    assert_eq!(nothing.json["integration"]["status"], "disabled");
    desk.post("enable", &Value::Null);
    requests_made(&desk);
    for _ in 0..2 {
        let disabled = desk.post("disable", &Value::Null);
        assert_eq!(disabled.json["integration"]["status"], "disabled");
        assert_eq!(
            disabled.json["integration"]["credentials"]["api_key"]["set"],
            true
        );
    }
    assert!(requests_made(&desk).is_empty());
}

#[test]
fn integration_disable_refuses_callers_without_a_session() {
    refuses_callers("POST", "/kustomer/disable");
    let desk = Desk::connected();
    desk.set("status = 'active'");
    desk.other().post("disable", &Value::Null);
    assert_eq!(desk.column("status"), "active");
}

#[test]
fn integration_disable_refuses_invalid_input() {
    refuses_query("POST", "/kustomer/disable");
}
