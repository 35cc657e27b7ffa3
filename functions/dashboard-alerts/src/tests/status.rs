//! How everything fares.

use super::{Desk, HOUR, MINUTE};
use dashboard_alerts::handler::handle;
use serde_json::{Value, json};
use testkit::{Call, Connection};

impl Desk {
    fn status_call(&self) -> Call<'_> {
        self.stack
            .call("dashboard-alerts", "GET", "/api/dashboard/status")
    }

    fn status(&self) -> Value {
        let token = self.stack.session(&self.tenant);
        let answer = self.status_call().bearer(&token).send(handle);
        assert_eq!(answer.status, 200, "{}", answer.log);
        answer.json
    }

    fn connects(&self, connector: &str) {
        let connection = Connection {
            connector,
            org: "acme",
            user: "u1",
            settings: &json!({}),
            credentials: &json!({ "api_key": "k" }),
        };
        self.stack.connect(&self.tenant, &connection);
        let long_ago = self.now() - 60 * 24 * HOUR;
        self.sql(&format!("UPDATE integrations SET created_at = {long_ago}"));
    }

    /// Counts of an hour so long ago: requests, errors, milliseconds of all, jobs done, failed; all of the requests
    /// took up to a second but `slow`, which took longer than ten.
    fn hour(&self, connector: &str, ago: i64, counts: [i64; 5], slow: i64) {
        let hour = self.now() / HOUR - ago;
        let [requests, errors, ms, done, failed] = counts;
        let quick = requests - slow;
        self.sql(&format!(
            "INSERT INTO crm_hours VALUES ('{{business}}', '{connector}', {hour}, {requests}, {errors}, {ms}, {done},
             {failed}, 4000, 0, 0, 0, {quick}, 0, 0, 0)"
        ));
    }

    fn outage(&self, connector: &str, began: i64, ended: Option<i64>) {
        let ended = ended.map_or("NULL".to_owned(), |at| at.to_string());
        self.sql(&format!(
            "INSERT INTO crm_outages VALUES ('{{business}}', '{connector}', {began}, {ended})"
        ));
    }
}

#[test]
fn status_get_answers_a_business_of_which_nothing_is_known_with_ok() {
    let status = Desk::new().status();
    assert_eq!(status["status"], "ok");
    assert_eq!(status["integrations"], json!([]));
    assert_eq!(status["attention"], json!([]));
    assert_eq!(status["targets"]["uptime_percent"], 99.5);
    for (figures, span) in status["overall"]
        .as_array()
        .unwrap()
        .iter()
        .zip(["1h", "24h", "30d"])
    {
        assert_eq!(figures["span"], span);
        assert_eq!(figures["uptime_percent"], Value::Null);
        assert_eq!(figures["error_percent"], Value::Null);
        assert_eq!(figures["missed"], json!([]));
    }
}

#[test]
fn status_get_refuses_callers_without_a_session_and_other_businesses_see_nothing_of_it() {
    let desk = Desk::new();
    desk.connects("kustomer");
    desk.hour("kustomer", 0, [30, 30, 0, 0, 0], 0);
    assert_eq!(desk.status_call().send(handle).status, 401);
    let key = desk.status_call().key(&desk.tenant.api_key).send(handle);
    assert_eq!(key.status, 401);
    assert_eq!(desk.other().status()["integrations"], json!([]));
}

#[test]
fn figures_are_of_the_hours_in_their_span_and_held_against_the_targets() {
    let desk = Desk::new();
    desk.connects("kustomer");
    desk.hour("kustomer", 0, [100, 0, 20_000, 100, 0], 5);
    desk.hour("kustomer", 5, [100, 2, 40_000, 97, 3], 1);
    desk.hour("kustomer", 24 * 20, [200, 0, 20_000, 0, 0], 0);
    desk.hour("kustomer", 24 * 31, [1_000, 1_000, 0, 0, 0], 0);
    let status = desk.status();
    let [hour, day, month] = [
        "/integrations/0/figures/0",
        "/integrations/0/figures/1",
        "/integrations/0/figures/2",
    ]
    .map(|path| status.pointer(path).unwrap());
    assert_eq!(
        (&hour["requests"], &hour["mean_ms"], &hour["p95_ms"]),
        (&json!(100), &json!(200), &json!(1000))
    );
    assert_eq!(hour["missed"], json!([]));
    assert_eq!(hour["uptime_percent"], 100.0);
    assert_eq!(day["requests"], 200);
    assert_eq!(
        (&day["error_percent"], &day["sync_success_percent"]),
        (&json!(1.0), &json!(98.5))
    );
    assert_eq!(day["missed"], json!(["errors", "sync_success"]));
    assert_eq!(day["queue_seconds"], 4);
    assert_eq!(
        (&month["requests"], &month["error_percent"]),
        (&json!(400), &json!(0.5))
    );
    assert_eq!(status["integrations"][0]["status"], "warn");
    assert_eq!(status["status"], "warn");
    assert_eq!(status["attention"][0]["subject"], "integration");
    assert_eq!(status["overall"][1]["requests"], 200);
}

#[test]
fn more_than_a_twentieth_of_slow_requests_misses_the_target_and_few_requests_are_no_rate() {
    let desk = Desk::new();
    desk.connects("kustomer");
    desk.hour("kustomer", 0, [100, 0, 0, 0, 0], 6);
    let figures = &desk.status()["integrations"][0]["figures"][0];
    assert_eq!(figures["p95_ms"], Value::Null);
    assert_eq!(figures["missed"], json!(["response"]));
    let few = Desk::new();
    few.connects("kustomer");
    few.hour("kustomer", 0, [19, 19, 0, 0, 19], 19);
    assert_eq!(
        few.status()["integrations"][0]["figures"][0]["missed"],
        json!([])
    );
}

#[test]
fn uptime_is_the_share_of_minutes_without_an_outage() {
    let desk = Desk::new();
    desk.connects("kustomer");
    let now = desk.now() / MINUTE * MINUTE;
    // Three minutes of the hour: two that ended, and one that was begun.
    desk.outage("kustomer", now - 30 * MINUTE, Some(now - 29 * MINUTE + 1));
    desk.outage("kustomer", now - 10 * MINUTE, Some(now - 10 * MINUTE + 1));
    desk.outage("kustomer", now - 40 * 24 * HOUR, Some(now - 39 * 24 * HOUR));
    let figures = &desk.status()["integrations"][0]["figures"];
    assert_eq!(figures[0]["uptime_percent"], 95.0);
    assert_eq!(figures[0]["missed"], json!(["uptime"]));
    assert_eq!(figures[1]["uptime_percent"], 99.79);
    assert_eq!(figures[1]["missed"], json!([]));
    // One that lasts is counted up to now, and a connection is measured since it was made.
    desk.outage("kustomer", now - 5 * MINUTE, None);
    assert_eq!(
        desk.status()["integrations"][0]["figures"][0]["uptime_percent"],
        85.0
    );
    desk.sql(&format!(
        "UPDATE integrations SET created_at = {}",
        now - 2 * MINUTE
    ));
    assert_eq!(
        desk.status()["integrations"][0]["figures"][2]["uptime_percent"],
        0.0
    );
}

#[test]
fn what_is_down_needs_attention_and_an_alert_of_it_takes_its_place() {
    let desk = Desk::new();
    desk.connects("kustomer");
    let until = desk.now() + HOUR;
    desk.sql(&format!(
        "UPDATE integrations SET failures = 5, broken_until = {until},
           broken_reason = '{{\"code\":\"bad_key\",\"message\":\"<b>The key is refused.</b>\"}}'"
    ));
    let status = desk.status();
    assert_eq!(status["status"], "down");
    assert_eq!(status["integrations"][0]["reason"]["code"], "bad_key");
    let [item] = status["attention"].as_array().unwrap().as_slice() else {
        panic!("{status}");
    };
    assert_eq!(item["status"], "down");
    assert!(
        item["summary"]
            .as_str()
            .unwrap()
            .ends_with("<b>The key is refused.</b>")
    );
    desk.minutes(3);
    let status = desk.status();
    assert_eq!(status["alerts"].as_array().unwrap().len(), 1);
    let subjects: Vec<_> = status["attention"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["subject"])
        .collect();
    assert_eq!(subjects, ["alert"]);
}

#[test]
fn accounts_endpoints_and_queues_that_need_attention_are_told() {
    let desk = Desk::new();
    drop(desk.stack.whatsapp(&desk.tenant, "1550001"));
    desk.sql("UPDATE channels SET status_reason = 'The token expired.'");
    let waits = desk.now() - 10 * MINUTE;
    desk.sql(&format!(
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         VALUES ('{{business}}', 1, 'e1', 'customer.created', 'c1', {waits})"
    ));
    let status = desk.status();
    let found: Vec<_> = status["attention"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            (
                item["subject"].as_str().unwrap(),
                item["status"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(found, [("channel", "down"), ("queue", "warn")]);
    assert_eq!(
        status["queues"][0],
        json!({ "name": "events", "status": "warn", "oldest_seconds": 600 })
    );
}

#[test]
fn status_get_refuses_invalid_input() {
    let desk = Desk::new();
    let token = desk.stack.session(&desk.tenant);
    let path = "/api/dashboard/status?span=1h";
    let call = desk.stack.call("dashboard-alerts", "GET", path);
    assert_eq!(call.bearer(&token).send(handle).status, 422);
}
