//! What one caller may take of what all share.

use common::Context;
use common::http::ledger::find;
use common::ports::{FetchError, OutboundRequest};
use common::time::SECOND;
use serde_json::json;
use serve::RATE_LIMIT_SECONDS;
use serve::gate::{Entry, Gate, admit, answered};
use std::cell::RefCell;
use std::path::Path;
use testkit::{Answer, PLATFORM_TOKEN, Stack, Tenant};

/// What the wrangler files say: questions a minute of a key, and of an address at the gateway.
const LIMIT: u32 = 60;
const ADDRESS_LIMIT: u32 = 120;

fn analytics(stack: &Stack, session: &str) -> Answer {
    stack
        .call("dashboard-analytics", "GET", "/api/dashboard/analytics")
        .bearer(session)
        .send(dashboard_analytics::handler::handle)
}

fn passed(answers: impl Iterator<Item = Answer>) -> usize {
    answers.filter(|answer| answer.status == 200).count()
}

#[test]
fn of_fifteen_hundred_calls_of_analytics_in_a_minute_sixty_pass() {
    let (stack, tenant) = Stack::with_tenant();
    stack.limit_by_minute(LIMIT);
    let session = stack.session(&tenant);
    let calls = || (0..1_500).map(|_| analytics(&stack, &session));
    assert_eq!(passed(calls()), 60);
    let refused = analytics(&stack, &session);
    assert_eq!(refused.refusal(), (429, "rate_limited"));
    let wait: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    stack.advance(wait * SECOND);
    assert_eq!(analytics(&stack, &session).status, 200);
}

#[test]
fn the_dashboard_is_not_locked_by_a_program_with_the_same_key_nor_by_another_business() {
    let (stack, tenant) = Stack::with_tenant();
    stack.limit_by_minute(LIMIT);
    let (session, other) = (stack.session(&tenant), stack.tenant("Other"));
    let lookup = |tenant: &Tenant| {
        let call = stack.call("customers", "GET", "/api-customers?limit=1");
        call.key(&tenant.admin_key).send(customers::handler::handle)
    };
    // Up to the question that is refused, and no further; the key opened the session, too.
    assert_eq!(passed((0..1_500).map(|_| lookup(&tenant))), 608);
    assert_eq!(lookup(&tenant).status, 429);
    assert_eq!(analytics(&stack, &session).status, 200);
    assert_eq!(lookup(&other).status, 200);
}

#[test]
fn the_operators_calls_are_counted() {
    let stack = Stack::new();
    stack.limit_requests(1);
    let list = || {
        let call = stack.call("dashboard", "GET", "/api/dashboard/parked-deliveries");
        call.bearer(PLATFORM_TOKEN).send(dashboard::handler::handle)
    };
    assert_eq!(list().status, 200);
    assert_eq!(list().refusal(), (429, "rate_limited"));
}

#[test]
fn a_job_makes_no_request_that_would_outlive_the_platforms_thirty_seconds() {
    let stack = Stack::new();
    stack
        .ports
        .respond(|_| Some(testkit::answer(200, &serde_json::Value::Null)));
    let log = stack.job("", async |cx: &Context<'_>, _: &str| {
        let ask = || {
            cx.ports.http.fetch(OutboundRequest {
                method: "GET",
                url: "https://crm.example/".into(),
                timeout_ms: 20_000,
                ..OutboundRequest::default()
            })
        };
        assert!(ask().await.is_ok());
        stack.advance(15 * SECOND);
        assert!(ask().await.is_ok());
        stack.advance(11 * SECOND);
        assert!(matches!(ask().await, Err(FetchError::NotSent(_))));
        Ok(())
    });
    assert_eq!(log["code"], serde_json::Value::Null, "{log}");
    let requests = stack.ports.take_requests();
    let timeouts: Vec<_> = requests.iter().map(|request| request.timeout_ms).collect();
    assert_eq!(timeouts, [20_000, 11_000]);
}

/// A gateway of a test: what passes it is answered with this status.
struct Gateway<'s> {
    stack: &'s Stack,
    gate: RefCell<Gate>,
}

impl<'s> Gateway<'s> {
    fn of(stack: &'s Stack) -> Self {
        Self {
            stack,
            gate: RefCell::default(),
        }
    }

    fn enter(&self, path: &str, key: Option<&str>, address: &str) -> Result<Entry, u16> {
        let header = |_: &str| key.map(str::to_owned);
        let now = self.stack.now();
        let visit = self.gate.borrow().visit(&find("GET", path), &header, now);
        let entered = admit(&self.gate, self.stack, visit, Some(address), now);
        testkit::run(entered).map_err(|error| error.status())
    }

    fn ask(&self, path: &str, key: Option<&str>, address: &str, status: u16) -> u16 {
        match self.enter(path, key, address) {
            Ok(entry) => {
                let now = self.stack.now();
                testkit::run(answered(&self.gate, self.stack, entry, status, now));
                status
            }
            Err(status) => status,
        }
    }
}

#[test]
fn an_address_without_a_valid_key_is_limited_and_the_keys_in_use_behind_it_are_not() {
    let stack = Stack::new();
    stack.limit_by_minute(ADDRESS_LIMIT);
    let gateway = Gateway::of(&stack);
    let (here, there) = ("192.0.2.7", "192.0.2.8");
    let customers = "/api-customers";
    assert_eq!(gateway.ask(customers, Some("in use"), here, 200), 200);
    let mut statuses = Vec::new();
    for n in 0..5_000 {
        let made_up = format!("tl_{n}");
        statuses.push(gateway.ask(customers, Some(&made_up), here, 401));
        statuses.push(gateway.ask("/docs", None, here, 200));
    }
    let through = statuses.iter().filter(|status| **status != 429).count();
    assert!((1_100..1_300).contains(&through), "{through}");
    for _ in 0..2_000 {
        assert_eq!(gateway.ask(customers, Some("in use"), here, 200), 200);
    }
    assert_eq!(gateway.ask(customers, Some("new"), here, 200), 429);
    assert_eq!(gateway.ask(customers, Some("new"), there, 200), 200);
    stack.advance(i64::from(RATE_LIMIT_SECONDS) * SECOND);
    assert_eq!(gateway.ask("/docs", None, here, 200), 200);
}

#[test]
fn keys_that_are_taken_do_not_count_against_their_address() {
    let stack = Stack::new();
    stack.limit_by_minute(ADDRESS_LIMIT);
    let gateway = Gateway::of(&stack);
    for n in 0..5_000 {
        let key = format!("a valid key {n}");
        let status = gateway.ask("/api-customers", Some(&key), "192.0.2.7", 200);
        assert_eq!(status, 200, "key {n}");
    }
}

#[test]
fn guesses_that_are_made_at_once_are_counted_before_they_are_answered() {
    let stack = Stack::new();
    stack.limit_by_minute(ADDRESS_LIMIT);
    let gateway = Gateway::of(&stack);
    let guess = |n: usize| gateway.enter("/api-customers", Some(&format!("tl_{n}")), "192.0.2.7");
    let entered = (0..5_000).filter(|n| guess(*n).is_ok()).count();
    assert!((1_100..1_300).contains(&entered), "{entered}");
}

#[test]
fn a_key_in_constant_use_stays_known() {
    let stack = Stack::new();
    stack.limit_by_minute(ADDRESS_LIMIT);
    let gateway = Gateway::of(&stack);
    let here = "192.0.2.7";
    let mut of_key = vec![gateway.ask("/api-customers", Some("in use"), here, 200)];
    for minute in 1..30 {
        for n in 0..1_300 {
            let made_up = format!("tl_{minute}_{n}");
            gateway.ask("/api-customers", Some(&made_up), here, 401);
        }
        of_key.push(gateway.ask("/api-customers", Some("in use"), here, 200));
        stack.advance(59 * SECOND);
    }
    assert_eq!(of_key, [200; 30]);
}

#[test]
fn the_files_of_the_inboxs_page_are_not_counted() {
    let stack = Stack::new();
    stack.limit_by_minute(ADDRESS_LIMIT);
    let gateway = Gateway::of(&stack);
    for _ in 0..5_000 {
        let status = gateway.ask("/embed/assets/1/inbox/inbox.js", None, "192.0.2.7", 200);
        assert_eq!(status, 200);
    }
}

#[test]
fn connecting_and_changing_an_account_counts_as_testing_it_does() {
    let (stack, tenant) = Stack::with_tenant();
    stack.limit_by_minute(LIMIT);
    let session = stack.session(&tenant);
    for (method, path) in [
        ("POST", "/api/dashboard/channels"),
        ("PATCH", "/api/dashboard/channels/none"),
    ] {
        let ask = || {
            let call = stack.call("dashboard-channels", method, path);
            let call = call.bearer(&session).json(&json!({}));
            call.send(dashboard_channels::handler::handle)
        };
        let passed = (0..200).filter(|_| ask().status != 429).count();
        assert_eq!(passed, 60, "{method}");
        stack.advance(i64::from(RATE_LIMIT_SECONDS) * SECOND);
    }
}

/// Makes one of what a quota is of.
fn make(stack: &Stack, session: &str, quota: &str) -> Answer {
    let (function, path, body) = match quota {
        "channels" => (
            "dashboard-channels",
            "/api/dashboard/channels",
            json!({
                "kind": "email", "name": "E", "provider": "resend", "address": "a@acme.example",
                "credentials": { "api_key": "k", "webhook_secret": "whsec_of-24-characters-at-least" }
            }),
        ),
        "webhooks" => (
            "dashboard-webhooks",
            "/api/dashboard/webhooks",
            json!({ "name": "W", "url": "https://crm.example/hook", "events": ["message.received"] }),
        ),
        _ => (
            "dashboard",
            "/api/dashboard/api-keys",
            json!({ "name": "K", "scopes": ["customers:read"] }),
        ),
    };
    let call = stack
        .call(function, "POST", path)
        .bearer(session)
        .json(&body);
    match quota {
        "channels" => call.send(dashboard_channels::handler::handle),
        "webhooks" => call.send(dashboard_webhooks::handler::handle),
        _ => call.send(dashboard::handler::handle),
    }
}

#[test]
fn of_requests_at_once_no_more_pass_than_a_quota_has() {
    for (quota, rule) in [
        ("channels", "at_most_7"),
        ("webhooks", "at_most_7"),
        ("api_keys", "at_most_7"),
    ] {
        let (stack, tenant) = Stack::with_tenant();
        let (session, business) = (stack.session(&tenant), tenant.business_id.clone());
        let used = |n: i64| {
            format!(
                "INSERT INTO usage_counts (business_id, kind, day, n) VALUES ('{business}', '{quota}', 0, {n})
                 ON CONFLICT (business_id, kind, day) DO UPDATE SET n = excluded.n"
            )
        };
        stack.db.sql(&format!(
            "INSERT INTO quotas (business_id, kind, n, updated_at) VALUES ('{business}', '{quota}', 7, 0)"
        ));
        stack.db.sql(&used(6));
        // Another request takes the last one between the check and the insert.
        let (db, taken) = (stack.db.clone(), used(7));
        stack.db.before_next_batch(move || drop(db.sql(&taken)));
        let refused = make(&stack, &session, quota);
        assert_eq!(refused.refusal(), (403, "quota_exceeded"), "{quota}");
        assert_eq!(refused.detail(), (quota, rule));
        stack.db.sql(&used(6));
        assert_eq!(make(&stack, &session, quota).status, 201, "{quota}");
        assert_eq!(make(&stack, &session, quota).status, 403, "{quota}");
    }
}

#[test]
fn the_limits_of_these_tests_are_those_of_the_wrangler_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (file, limit) in [
        ("wrangler.toml", ADDRESS_LIMIT),
        ("functions/dashboard-analytics/wrangler.toml", LIMIT),
    ] {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        let line = format!("simple = {{ limit = {limit}, period = {RATE_LIMIT_SECONDS} }}");
        assert!(text.contains(&line), "{file}");
    }
}

#[test]
fn what_only_our_own_pages_call_is_not_shared_with_other_origins() {
    let (stack, tenant) = Stack::with_tenant();
    let answer = analytics(&stack, &stack.session(&tenant));
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[test]
fn every_answer_says_that_the_origin_is_reached_by_https_alone() {
    let (stack, tenant) = Stack::with_tenant();
    let answer = analytics(&stack, &stack.session(&tenant));
    let header = answer.header("strict-transport-security");
    assert_eq!(header, Some("max-age=31536000"));
}
