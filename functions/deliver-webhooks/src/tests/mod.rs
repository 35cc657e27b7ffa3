mod endpoint;
mod jobs;

use common::ports::{FetchError, OutboundRequest, OutboundResponse, Queue};
use deliver_webhooks::handler::handle;
use serde_json::{Value, json};
use testkit::{CUSTOMER_ID, Stack, Tenant, answer, refused, timed_out};

const HOOK: &str = "https://crm.example/hook";

const SECOND: i64 = 1_000_000;

const HOUR: i64 = 3600 * SECOND;

type Outcome = Result<OutboundResponse, FetchError>;

struct Hooks {
    stack: Stack,
    tenant: Tenant,
    endpoint: String,
    secret: String,
}

impl Hooks {
    /// A business with an endpoint that wants everything.
    fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        stack.conversation(&tenant);
        let (endpoint, secret) = stack.endpoint(&tenant, HOOK, &["*"]);
        Self {
            stack,
            tenant,
            endpoint,
            secret,
        }
    }

    /// So many events, handed out and not yet delivered.
    fn with_events(count: usize) -> Self {
        let hooks = Self::new();
        hooks.happen(count);
        hooks
    }

    fn happen(&self, count: usize) {
        for _ in 0..count {
            self.stack
                .happened(&self.tenant, "customer.updated", CUSTOMER_ID, &Value::Null);
        }
        self.stack.fan_out(&self.tenant);
    }

    fn message(&self) -> String {
        json!({ "business_id": self.tenant.business_id, "endpoint_id": self.endpoint }).to_string()
    }

    /// One job of this function; gives the log line.
    fn job(&self) -> Value {
        self.stack.job(&self.message(), handle)
    }

    /// One job against this answer; gives after how many seconds it asks to be woken.
    fn tried(&self, outcome: Outcome) -> Vec<u32> {
        self.stack.ports.take_wakes(Queue::Deliveries);
        self.stack.ports.will(outcome);
        let log = self.job();
        assert_eq!(log["level"], "info", "{log}");
        let wakes = self.stack.ports.take_wakes(Queue::Deliveries);
        wakes.into_iter().map(|(_, delay)| delay).collect()
    }

    fn deliveries(&self) -> Vec<(String, String)> {
        let sql = "SELECT status, coalesce(reason, '') FROM deliveries ORDER BY sequence";
        let text = |value: &common::db::Value| value.as_text().unwrap().to_owned();
        let rows = self.stack.db.sql(sql);
        rows.iter()
            .map(|row| (text(&row[0]), text(&row[1])))
            .collect()
    }

    fn value(&self, sql: &str) -> common::db::Value {
        self.stack.db.value(sql)
    }

    fn count(&self, of: &str) -> i64 {
        self.value(&format!("SELECT count(*) FROM {of}"))
            .as_integer()
            .unwrap()
    }
}

fn status(status: u16) -> Outcome {
    answer(status, &json!({ "ok": status < 300 }))
}

fn with_header(status: u16, name: &str, value: &str) -> Outcome {
    let mut response = answer(status, &Value::Null)?;
    response.headers.push((name.into(), value.into()));
    Ok(response)
}

fn header<'r>(request: &'r OutboundRequest, name: &str) -> &'r str {
    let found = request.headers.iter().find(|(known, _)| *known == name);
    found.map_or("", |(_, value)| value)
}

fn one(status: &str, reason: &str) -> [(String, String); 1] {
    [(status.into(), reason.into())]
}

#[test]
fn an_event_is_posted_signed_with_the_stored_bytes_and_logged() {
    let hooks = Hooks::with_events(1);
    assert!(hooks.tried(status(200)).is_empty());
    let requests = hooks.stack.ports.take_requests();
    let [request] = requests.as_slice() else {
        panic!("{requests:?}")
    };
    assert_eq!((request.method, request.url.as_str()), ("POST", HOOK));
    assert_eq!((request.timeout_ms, request.max_bytes), (10_000, 4096));
    let body = String::from_utf8(request.body.clone().unwrap()).unwrap();
    assert_eq!(
        Some(body.as_str()),
        hooks.value("SELECT body FROM outbox").as_text()
    );
    assert_eq!(header(request, "content-type"), "application/json");
    assert_eq!(header(request, "x-webhook-event"), "customer.updated");
    for name in ["x-webhook-id", "webhook-id"] {
        assert_eq!(header(request, name), "event-1");
    }
    // 2026-01-02T03:04:05Z.
    for name in ["x-webhook-timestamp", "webhook-timestamp"] {
        assert_eq!(header(request, name), "1767323045");
    }
    let signature = common::signatures::webhook_signature(&hooks.secret, 1_767_323_045, &body);
    assert_eq!(header(request, "x-webhook-signature"), signature);
    assert_eq!(
        header(request, "webhook-signature"),
        standard(&hooks.secret, &body)
    );
    assert_eq!(hooks.deliveries(), one("delivered", ""));
    let attempts = hooks.stack.db.sql(
        "SELECT number, at, status_code, duration_ms, response_excerpt, error
         FROM delivery_attempts",
    );
    assert_eq!(
        attempts,
        [vec![
            1.into(),
            hooks.stack.now().micros().into(),
            200.into(),
            0.into(),
            r#"{"ok":true}"#.into(),
            common::db::Value::Null,
        ]]
    );
}

fn standard(secret: &str, body: &str) -> String {
    common::signatures::standard_webhook_signature(secret, "event-1", 1_767_323_045, body)
}

#[test]
fn a_short_schedule_ends_after_2_4_and_8_seconds_and_each_retry_has_the_same_bytes() {
    for trouble in [
        status(500),
        status(503),
        status(429),
        refused(),
        timed_out(),
    ] {
        let hooks = Hooks::with_events(1);
        hooks
            .stack
            .db
            .sql("UPDATE webhook_endpoints SET retries = 'short'");
        for seconds in [2, 4, 8] {
            assert_eq!(hooks.tried(trouble.clone()), [seconds]);
            assert_eq!(hooks.deliveries(), one("pending", ""));
            hooks.stack.advance(i64::from(seconds) * SECOND - 1);
            hooks.job();
            assert_eq!(
                hooks.stack.ports.requests.borrow().len(),
                seconds.ilog2() as usize
            );
            hooks.stack.advance(1);
        }
        assert!(hooks.tried(trouble).is_empty());
        assert_eq!(hooks.deliveries(), one("failed", "retries_exhausted"));
        hooks.stack.advance(24 * HOUR);
        hooks.job();
        let requests = hooks.stack.ports.take_requests();
        assert_eq!(requests.len(), 4);
        assert!(
            requests
                .iter()
                .all(|request| request.body == requests[0].body)
        );
        assert!(
            requests
                .iter()
                .all(|request| header(request, "webhook-id") == "event-1")
        );
        assert_eq!(hooks.count("delivery_attempts"), 4);
    }
}

#[test]
fn after_the_quick_retries_come_slow_ones_over_a_day_and_a_half() {
    let hooks = Hooks::with_events(1);
    for seconds in [2, 4, 8, 300, 1_800, 7_200, 28_800, 86_400] {
        // A queue holds no message that long: fan-out's cron finds what is due.
        let woken = Some(seconds).filter(|seconds| *seconds <= 60);
        assert_eq!(hooks.tried(status(503)), Vec::from_iter(woken));
        assert_eq!(hooks.deliveries(), one("pending", ""));
        hooks.stack.advance(i64::from(seconds) * SECOND - 1);
        hooks.job();
        assert_eq!(hooks.stack.ports.requests.borrow().len(), 1, "{seconds}");
        hooks.stack.ports.take_requests();
        hooks.stack.advance(1);
    }
    assert!(hooks.tried(status(503)).is_empty());
    assert_eq!(hooks.deliveries(), one("failed", "retries_exhausted"));
    assert_eq!(hooks.count("delivery_attempts"), 9);
}

#[test]
fn an_endpoint_that_is_down_for_five_days_is_disabled_while_its_deliveries_are_still_tried() {
    let hooks = Hooks::with_events(1);
    hooks.tried(status(500));
    for _ in 0..5 {
        hooks.stack.advance(24 * HOUR);
        hooks.happen(1);
        assert_eq!(
            hooks.value("SELECT status FROM webhook_endpoints"),
            "active".into()
        );
        hooks.stack.ports.respond(|_| Some(status(500)));
        hooks.job();
    }
    assert_eq!(
        hooks.value("SELECT disabled_reason FROM webhook_endpoints"),
        "failing".into()
    );
}

#[test]
fn a_retry_that_succeeds_ends_it_and_signs_at_its_own_time() {
    let hooks = Hooks::with_events(1);
    hooks.tried(status(502));
    hooks.stack.advance(2 * SECOND);
    assert!(hooks.tried(status(204)).is_empty());
    assert_eq!(hooks.deliveries(), one("delivered", ""));
    let requests = hooks.stack.ports.take_requests();
    assert_eq!(header(&requests[1], "x-webhook-timestamp"), "1767323047");
    let body = String::from_utf8(requests[1].body.clone().unwrap()).unwrap();
    let signature = common::signatures::webhook_signature(&hooks.secret, 1_767_323_047, &body);
    assert_eq!(header(&requests[1], "x-webhook-signature"), signature);
    assert_eq!(
        hooks
            .value("SELECT failing_since FROM webhook_endpoints")
            .as_integer(),
        None
    );
}

#[test]
fn a_longer_retry_after_is_honoured() {
    let hooks = Hooks::with_events(1);
    assert_eq!(hooks.tried(with_header(429, "retry-after", "30")), [30]);
    hooks.stack.advance(30 * SECOND);
    assert_eq!(hooks.tried(with_header(503, "retry-after", "1")), [4]);
}

#[test]
fn a_refusal_and_a_redirect_are_final() {
    for (code, reason) in [
        (400, "refused"),
        (401, "refused"),
        (404, "refused"),
        (302, "redirect"),
    ] {
        let hooks = Hooks::with_events(1);
        let outcome = with_header(code, "location", "http://169.254.169.254/");
        assert!(hooks.tried(outcome).is_empty());
        assert_eq!(hooks.deliveries(), one("failed", reason));
        assert_eq!(
            hooks.stack.ports.take_requests().len(),
            1,
            "it is not followed"
        );
    }
}

#[test]
fn an_answers_excerpt_is_text_that_can_be_shown() {
    let hooks = Hooks::with_events(1);
    let mut body = b"line\r\n\x00\x1b[31m\tok ".to_vec();
    body.extend("é".repeat(4096).as_bytes());
    hooks.tried(Ok(OutboundResponse {
        status: 400,
        body,
        is_cut: true,
        ..Default::default()
    }));
    let excerpt = hooks.value("SELECT response_excerpt FROM delivery_attempts");
    let excerpt = excerpt.as_text().unwrap();
    assert!(excerpt.starts_with("line\n[31m\tok éé") && excerpt.ends_with('é'));
    assert!(excerpt.len() <= 4096);
}

#[test]
fn no_url_and_no_secret_is_in_an_attempts_error_or_the_log() {
    let hooks = Hooks::with_events(1);
    let reason = format!("cannot reach {HOOK}?token={}", hooks.secret);
    let errors = [
        (
            FetchError::NotSent(reason.clone()),
            "no connection could be made",
        ),
        (FetchError::Unsure(reason), "the connection broke"),
        (
            FetchError::Unsure("the operation was aborted due to timeout".into()),
            "no answer within 10 seconds",
        ),
    ];
    for (n, (reason, error)) in errors.into_iter().enumerate() {
        hooks.tried(Err(reason));
        let last = "SELECT error FROM delivery_attempts ORDER BY number DESC";
        assert_eq!(hooks.value(last), error.into());
        hooks.stack.advance((2 << n) * SECOND);
    }
    let stored = hooks.stack.db.sql("SELECT * FROM webhook_endpoints");
    assert!(
        !format!("{stored:?}").contains(&hooks.secret[6..]),
        "it is sealed"
    );
}
