mod bodies;
mod cost;
mod sweep;
mod uploads;

use retention::handler::{each_minute, handle};
use serde_json::{Value, json};
use testkit::{Answer, PLATFORM_TOKEN, Stack, Tenant};

const PATH: &str = "/api/dashboard/retention";
const STORAGE: &str = "/api/dashboard/storage";
const MINUTE: i64 = 60_000_000;
const DAY: i64 = 86_400_000_000;

/// A business, its session and what is kept of it.
struct Kept {
    stack: Stack,
    tenant: Tenant,
    token: String,
}

impl Kept {
    fn new() -> Self {
        let (stack, tenant) = Stack::with_tenant();
        let token = stack.session(&tenant);
        Self {
            stack,
            tenant,
            token,
        }
    }

    fn call(&self, method: &str, query: &str, body: &Value) -> Answer {
        let call = self
            .stack
            .call("retention", method, &format!("{PATH}{query}"))
            .bearer(&self.token);
        call.json_unless_null(body).send(handle)
    }

    fn put(&self, body: &Value) -> Answer {
        self.call("PUT", "", body)
    }

    /// One minute of the sweep, an hour later; gives the log line.
    fn sweep(&self) -> Value {
        self.stack.advance(60 * MINUTE);
        self.minute()
    }

    fn minute(&self) -> Value {
        self.stack.advance(MINUTE);
        let log = self.stack.job("", each_minute);
        assert_eq!(log["code"], Value::Null, "{log}");
        log
    }

    fn count(&self, of: &str) -> i64 {
        let count = self.stack.db.value(&format!("SELECT count(*) FROM {of}"));
        count.as_integer().unwrap()
    }

    fn refuses_callers(&self, method: &str) {
        let route = ("retention", method, PATH);
        self.stack.asks_for_a_session(&self.tenant, route, handle);
    }
}

#[test]
fn retention_get_answers_with_the_defaults_where_nothing_was_set() {
    let defaults = json!({ "event_bodies_days": 0, "deliveries_days": 30, "uploads_days": 7,
        "updated_at": null });
    let answer = Kept::new().call("GET", "", &Value::Null);
    assert_eq!((answer.status, &answer.json["retention"]), (200, &defaults));
}

#[test]
fn retention_get_refuses_callers_without_a_session() {
    Kept::new().refuses_callers("GET");
}

#[test]
fn retention_get_refuses_invalid_input() {
    let refused = Kept::new().call("GET", "?deep=1", &Value::Null);
    assert_eq!(refused.detail(), ("query.deep", "unknown"));
}

#[test]
fn retention_put_answers_with_what_changed_and_null_restores_a_default() {
    let kept = Kept::new();
    let set = kept.put(&json!({ "event_bodies_days": 3, "deliveries_days": 90 }));
    assert_eq!(set.status, 200, "{}", set.text());
    let expected = json!({ "retention": { "event_bodies_days": 3, "deliveries_days": 90,
        "uploads_days": 7, "updated_at": "2026-01-02T03:04:05.000000Z" } });
    assert_eq!(set.json, expected);
    assert_eq!(kept.call("GET", "", &Value::Null).json, expected);
    let set = kept.put(&json!({ "uploads_days": 1, "deliveries_days": null }));
    let retention = &set.json["retention"];
    assert_eq!(retention["event_bodies_days"], 3);
    assert_eq!(retention["deliveries_days"], 30);
    assert_eq!(retention["uploads_days"], 1);
    let other = Kept {
        tenant: kept.stack.tenant("Other"),
        ..Kept::new()
    };
    assert_eq!(
        other.call("GET", "", &Value::Null).json["retention"]["uploads_days"],
        7
    );
}

#[test]
fn retention_put_refuses_callers_without_a_session() {
    Kept::new().refuses_callers("PUT");
}

#[test]
fn retention_put_refuses_invalid_input() {
    let kept = Kept::new();
    for (body, path, rule) in [
        (json!({ "colour": 1 }), "colour", "unknown"),
        (
            json!({ "event_bodies_days": -1 }),
            "event_bodies_days",
            "0_to_365",
        ),
        (
            json!({ "event_bodies_days": "1" }),
            "event_bodies_days",
            "0_to_365",
        ),
        (
            json!({ "deliveries_days": 2 }),
            "deliveries_days",
            "3_to_365",
        ),
        (
            json!({ "deliveries_days": 3.5 }),
            "deliveries_days",
            "3_to_365",
        ),
        (json!({ "uploads_days": 366 }), "uploads_days", "1_to_365"),
        (json!([]), "body", "object"),
    ] {
        let refused = kept.put(&body);
        let refusal = (refused.status, refused.detail());
        assert_eq!(refusal, (422, (path, rule)), "{body}");
    }
    assert_eq!(kept.count("retention_settings"), 0);
}

fn storage(kept: &Kept) -> Answer {
    let call = kept.stack.call("retention", "GET", STORAGE);
    call.bearer(PLATFORM_TOKEN).send(handle)
}

#[test]
fn storage_get_answers_how_full_the_database_is() {
    let kept = Kept::new();
    let answer = storage(&kept);
    let database = &answer.json["database"];
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(database["max_bytes"], 10_000_000_000_i64);
    assert_eq!(
        (&database["percent"], &database["is_nearly_full"]),
        (&json!(0), &json!(false))
    );
    let pages = kept
        .stack
        .db
        .value("PRAGMA page_count")
        .as_integer()
        .unwrap();
    assert_eq!(database["bytes"], pages * 4096);
}

#[test]
fn storage_get_refuses_callers_without_the_platform_token() {
    let kept = Kept::new();
    let call = || kept.stack.call("retention", "GET", STORAGE);
    assert_eq!(call().send(handle).refusal(), (401, "missing_token"));
    assert_eq!(
        call().bearer(&kept.token).send(handle).refusal(),
        (401, "invalid_token")
    );
}

#[test]
fn storage_get_refuses_invalid_input() {
    let kept = Kept::new();
    let call = kept
        .stack
        .call("retention", "GET", &format!("{STORAGE}?deep=1"));
    let refused = call.bearer(PLATFORM_TOKEN).send(handle);
    assert_eq!(refused.detail(), ("query.deep", "unknown"));
}

#[test]
fn the_log_warns_of_a_database_that_is_seventy_per_cent_full() {
    let kept = Kept::new();
    let pages = kept
        .stack
        .db
        .value("PRAGMA page_count")
        .as_integer()
        .unwrap();
    let full_at = |percent: i64| (pages * 4096 * 100 / percent).to_string();
    kept.stack.ports.set("DATABASE_MAX_BYTES", &full_at(69));
    assert_eq!(kept.minute()["note"], Value::Null);
    assert_eq!(storage(&kept).json["database"]["is_nearly_full"], false);
    kept.stack.ports.set("DATABASE_MAX_BYTES", &full_at(71));
    let note = kept.minute()["note"].as_str().unwrap().to_owned();
    assert!(note.starts_with("the database is 7"), "{note}");
    assert_eq!(storage(&kept).json["database"]["is_nearly_full"], true);
}
