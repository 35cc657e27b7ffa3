mod changes;
mod secrets;

use common::http::Response;
use dashboard::handler::session_create;
use dashboard_webhooks::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, CUSTOMER_ID, Call, Stack, Tenant, answer};

const HOOK: &str = "https://crm.example/hook";

pub(super) const HOUR: i64 = 3_600_000_000;

/// An id of ours that is nobody's.
pub(super) const NOBODY: &str = "01900000-0000-7000-8000-00000000ffff";

/// Sends a call to the function that has its route: the log of deliveries is another's.
fn sent(stack: &Stack, method: &str, path: &str, of: impl FnOnce(Call<'_>) -> Call<'_>) -> Answer {
    let path = format!("/api/dashboard/{path}");
    if path.contains("/deliveries") || path.ends_with("/recover") {
        let call = stack.call("dashboard-deliveries", method, &path);
        return of(call).send(dashboard_deliveries::handler::handle);
    }
    of(stack.call("dashboard-webhooks", method, &path)).send(handle)
}

/// The settings of one business, as its people have them open.
pub(super) struct Settings {
    pub(super) stack: Stack,
    pub(super) tenant: Tenant,
    token: String,
}

impl Settings {
    pub(super) fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        Self::of(stack, tenant)
    }

    fn of(stack: Stack, tenant: Tenant) -> Self {
        let answer = stack
            .call("dashboard", "POST", "/api/dashboard/sessions")
            .key(&tenant.admin_key)
            .send(async |cx: &common::Context<'_>, _| {
                Ok(Response::json(201, &session_create(cx).await?))
            });
        let token = answer.json["token"].as_str().unwrap().to_owned();
        Self {
            stack,
            tenant,
            token,
        }
    }

    /// The same deployment, as another business has it open.
    pub(super) fn other(&self) -> Self {
        Self::of(self.stack.clone(), self.stack.tenant("Other"))
    }

    pub(super) fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        sent(&self.stack, method, path, |call| {
            call.bearer(&self.token).json(body)
        })
    }

    pub(super) fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &Value::Null)
    }

    pub(super) fn post(&self, path: &str) -> Answer {
        self.call("POST", path, &json!({}))
    }

    fn create(&self) -> Answer {
        let body = json!({ "name": "CRM", "url": HOOK, "events": ["customer.updated"] });
        self.call("POST", "webhooks", &body)
    }

    /// Makes an endpoint; gives its path.
    pub(super) fn endpoint(&self) -> String {
        let made = self.create();
        assert_eq!(made.status, 201, "{}", made.text());
        format!("webhooks/{}", made.json["webhook"]["id"].as_str().unwrap())
    }

    /// An event, delivered against this answer.
    pub(super) fn happen(&self, status: u16) {
        self.stack
            .happened(&self.tenant, "customer.updated", CUSTOMER_ID, &Value::Null);
        self.deliver(status);
    }

    pub(super) fn deliver(&self, status: u16) {
        let body = json!({ "told": status });
        self.stack
            .ports
            .respond(move |_| Some(answer(status, &body)));
        self.stack.fan_out(&self.tenant);
        self.stack.deliver_now();
    }
}

/// Refuses a caller without a session, and one with a key in its place.
pub(super) fn refuses_callers(method: &str, path: &str) {
    let (stack, tenant) = Stack::with_tenant();
    let refused = |of: for<'c> fn(Call<'c>, &str) -> Call<'c>, code: &str| {
        let answer = sent(&stack, method, path, |call| {
            of(call.json(&json!({})), &tenant.admin_key)
        });
        assert_eq!(answer.refusal(), (401, code));
    };
    refused(|call, _| call, "missing_token");
    refused(|call, key| call.key(key), "missing_token");
    refused(|call, key| call.bearer(key), "invalid_token");
}

/// What is not an id of ours, or is nobody's, or another business's, is not found.
pub(super) fn refuses_ids(method: &str, suffix: &str, body: &Value) {
    let settings = Settings::new();
    let theirs = settings.other().endpoint();
    for path in [&theirs, "webhooks/nothing", &format!("webhooks/{NOBODY}")] {
        let answer = settings.call(method, &format!("{path}{suffix}"), body);
        assert_eq!(answer.refusal(), (404, "not_found"), "{path}{suffix}");
    }
}

#[test]
fn webhook_create_answers_with_the_endpoint_and_a_secret_shown_once() {
    let settings = Settings::new();
    let body = json!({ "name": " CRM ", "url": HOOK,
        "events": ["message.received", "customer.updated", "message.received"] });
    let made = settings.call("POST", "webhooks", &body);
    assert_eq!(made.status, 201);
    let webhook = &made.json["webhook"];
    assert_eq!(
        (&webhook["name"], &webhook["url"]),
        (&json!("CRM"), &json!(HOOK))
    );
    assert_eq!(
        webhook["events"],
        json!(["message.received", "customer.updated"])
    );
    assert_eq!(
        (&webhook["status"], &webhook["disabled_reason"]),
        (&json!("active"), &Value::Null)
    );
    let secret = made.json["secret"].as_str().unwrap();
    // 32 bytes in base64.
    assert!(secret.starts_with("whsec_") && secret.len() == 6 + 44 && secret.ends_with('='));
    assert!(!settings.get("webhooks").text().contains(secret));
    let stored = format!(
        "{:?}",
        settings.stack.db.sql("SELECT * FROM webhook_endpoints")
    );
    assert!(!stored.contains(&secret[6..]));
    let star = json!({ "name": "n", "url": HOOK, "events": ["*"] });
    assert_eq!(settings.call("POST", "webhooks", &star).status, 201);
    assert_ne!(settings.create().json["secret"], made.json["secret"]);
}

#[test]
fn webhook_create_refuses_callers_without_a_session() {
    refuses_callers("POST", "webhooks");
}

#[test]
fn webhook_create_refuses_invalid_input() {
    let settings = Settings::new();
    let body = |name: &str, url: &str, events: Value| json!({ "name": name, "url": url, "events": events });
    let good = json!(["message.received"]);
    let cases = [
        (body(" ", HOOK, good.clone()), "invalid_request", "name"),
        (
            body(&"n".repeat(201), HOOK, good.clone()),
            "invalid_request",
            "name",
        ),
        (body("n", HOOK, json!([])), "invalid_request", "events"),
        (
            body("n", HOOK, json!(vec!["*"; 51])),
            "invalid_request",
            "events",
        ),
        (
            body("n", HOOK, json!(["*", "message.lost"])),
            "invalid_request",
            "events[1]",
        ),
        (
            body("n", HOOK, json!(["webhook.test"])),
            "invalid_request",
            "events[0]",
        ),
        (body("n", HOOK, json!("*")), "invalid_request", "events"),
        (
            body("n", "http://crm.example/", good.clone()),
            "unsafe_url",
            "url",
        ),
        (
            body("n", "https://127.0.0.1/", good.clone()),
            "unsafe_url",
            "url",
        ),
        (
            body("n", "https://2130706433/", good.clone()),
            "unsafe_url",
            "url",
        ),
        (
            body("n", "https://localhost./", good.clone()),
            "unsafe_url",
            "url",
        ),
        (
            body("n", "https://u:p@crm.example/", good.clone()),
            "unsafe_url",
            "url",
        ),
        (
            json!({ "name": "n", "url": HOOK }),
            "invalid_request",
            "events",
        ),
        (
            json!({ "name": "n", "url": HOOK, "events": ["*"], "secret": "s" }),
            "invalid_request",
            "secret",
        ),
    ];
    for (body, code, path) in cases {
        let answer = settings.call("POST", "webhooks", &body);
        assert_eq!(
            (answer.refusal(), answer.detail().0),
            ((422, code), path),
            "{body}"
        );
    }
}

/// A text in place of the body.
pub(super) fn send_text(settings: &Settings, method: &str, path: &str, body: &str) -> Answer {
    sent(&settings.stack, method, path, |call| {
        call.bearer(&settings.token).chunks(vec![Ok(body.into())])
    })
}

/// 400 for what is no JSON, 422 for JSON of another shape.
pub(super) fn refuses_shapes(settings: &Settings, method: &str, path: &str) {
    for body in ["{", r#"{"name":"n"} x"#, "nothing"] {
        let answer = send_text(settings, method, path, body);
        assert_eq!(answer.refusal(), (400, "malformed_json"), "{path} {body}");
    }
    for (body, detail) in [
        ("null", ("body", "object")),
        ("[]", ("body", "object")),
        (r#"{"other":1}"#, ("other", "unknown")),
    ] {
        let answer = send_text(settings, method, path, body);
        assert_eq!(answer.status, 422, "{path} {body}");
        assert_eq!(answer.detail(), detail, "{path} {body}");
    }
}

#[test]
fn a_body_that_is_no_json_is_400_and_json_of_another_shape_422() {
    let settings = Settings::new();
    let path = settings.endpoint();
    let send = |method: &str, path: &str, body: &str| send_text(&settings, method, path, body);
    refuses_shapes(&settings, "PATCH", &path);
    refuses_shapes(&settings, "POST", &format!("{path}/rotate-secret"));
    // The shape is looked at before the endpoint is.
    let unknown = send("PATCH", &format!("webhooks/{NOBODY}"), r#"{"name":1}"#);
    assert_eq!(unknown.detail(), ("name", "text"));
    for (hours, status) in [("1.5", 422), ("\"1\"", 422), ("null", 200)] {
        let body = format!(r#"{{"overlap_hours":{hours}}}"#);
        let answer = send("POST", &format!("{path}/rotate-secret"), &body);
        assert_eq!(answer.status, status, "{hours}");
    }
}

#[test]
fn a_business_has_at_most_fifty_endpoints() {
    let settings = Settings::new();
    let first = settings.endpoint();
    for _ in 1..50 {
        settings.endpoint();
    }
    assert_eq!(settings.create().detail(), ("webhooks", "at_most_50"));
    assert_eq!(settings.other().create().status, 201);
    settings.call("DELETE", &first, &Value::Null);
    assert_eq!(settings.create().status, 201);
}

#[test]
fn webhook_list_answers_with_the_endpoints_of_the_business_oldest_first() {
    let settings = Settings::new();
    settings.other().endpoint();
    let paths = [settings.endpoint(), settings.endpoint()];
    let list = settings.get("webhooks");
    let ids = list.json["webhooks"].as_array().unwrap().iter();
    let listed: Vec<_> = ids
        .map(|webhook| format!("webhooks/{}", webhook["id"].as_str().unwrap()))
        .collect();
    assert_eq!((list.status, listed.as_slice()), (200, paths.as_slice()));
}

#[test]
fn webhook_list_refuses_callers_without_a_session() {
    refuses_callers("GET", "webhooks");
}

#[test]
fn webhook_list_refuses_invalid_input() {
    assert_eq!(
        Settings::new().get("webhooks?all=1").detail(),
        ("query.all", "unknown")
    );
}

#[test]
fn webhook_get_answers_with_one_endpoint_and_never_its_secret() {
    let settings = Settings::new();
    let path = settings.endpoint();
    let one = settings.get(&path);
    assert_eq!(one.status, 200, "{}", one.text());
    assert_eq!(
        one.json["webhook"],
        settings.get("webhooks").json["webhooks"][0]
    );
    assert!(!one.text().contains("whsec_"));
}

#[test]
fn webhook_get_refuses_callers_without_a_session() {
    refuses_callers("GET", &format!("webhooks/{NOBODY}"));
}

#[test]
fn webhook_get_refuses_invalid_input() {
    refuses_ids("GET", "", &Value::Null);
    let refused = Settings::new().get(&format!("webhooks/{NOBODY}?all=1"));
    assert_eq!(refused.detail(), ("query.all", "unknown"));
}
