use super::causes::resolves;
use super::{Desk, HOUR, MINUTE};
use serde_json::json;
use testkit::Connection;

const DAY: i64 = 24 * HOUR;

fn connected() -> Desk {
    let desk = Desk::new();
    let connection = Connection {
        connector: "kustomer",
        org: "acme",
        user: "u1",
        settings: &json!({}),
        credentials: &json!({ "api_key": "k" }),
    };
    desk.stack.connect(&desk.tenant, &connection);
    desk
}

fn one(cause: &str, object: &str) -> Vec<(String, String)> {
    vec![(cause.to_owned(), object.to_owned())]
}

impl Desk {
    /// What a day's jobs have come to.
    fn day(&self, day: i64, done: i64, failed: i64) {
        self.sql(&format!(
            "INSERT INTO crm_days (business_id, connector, day, done, failed)
             VALUES ('{{business}}', 'kustomer', {day}, {done}, {failed})
             ON CONFLICT DO UPDATE SET done = excluded.done, failed = excluded.failed"
        ));
    }

    fn today(&self) -> i64 {
        self.now().div_euclid(DAY)
    }
}

#[test]
fn a_crm_that_does_not_answer_is_raised_and_resolved() {
    let desk = connected();
    desk.minute();
    assert_eq!(desk.open(), []);
    let until = desk.now() + HOUR;
    desk.sql(&format!(
        "UPDATE integrations SET failures = 5, broken_until = {until},
           broken_reason = '{{\"code\":\"unauthorized\",\"message\":\"The key is refused.\"}}'"
    ));
    desk.minutes(3);
    assert_eq!(desk.open(), one("integration_down", "kustomer"));
    let alert = desk.only();
    assert_eq!(alert["severity"], "critical");
    let summary = alert["summary"].as_str().unwrap();
    assert!(summary.ends_with("The key is refused."), "{summary}");
    // While it is tried again, it is still down.
    desk.sql("UPDATE integrations SET broken_until = 1");
    desk.minutes(5);
    assert_eq!(desk.open(), one("integration_down", "kustomer"));
    desk.sql("UPDATE integrations SET failures = 0, broken_until = NULL, broken_reason = NULL");
    resolves(&desk, "integration_down");
}

#[test]
fn a_connection_that_is_disabled_is_not_down() {
    let desk = connected();
    desk.sql("UPDATE integrations SET status = 'disabled', failures = 9, broken_reason = '{}'");
    desk.minutes(2);
    assert_eq!(desk.open(), []);
}

#[test]
fn many_failed_jobs_of_an_hour_are_raised_and_resolved_when_the_hour_is_over() {
    let desk = connected();
    let today = desk.today();
    // Those of the night, before anybody looked.
    desk.day(today, 1000, 900);
    desk.minute();
    desk.day(today, 1094, 904);
    desk.minute();
    assert_eq!(desk.open(), [], "4 of 98");
    desk.day(today, 1094, 905);
    desk.minute();
    assert_eq!(desk.open(), one("integration_errors", "kustomer"));
    let summary = desk.only()["summary"].as_str().unwrap().to_owned();
    assert!(
        summary.starts_with("5 of 99 jobs for kustomer"),
        "{summary}"
    );
    desk.minutes(50);
    assert_eq!(desk.open(), one("integration_errors", "kustomer"));
    desk.minutes(20);
    assert_eq!(desk.open(), []);
}

#[test]
fn an_hour_goes_over_midnight_and_few_jobs_are_no_rate() {
    let desk = connected();
    // 23:30.
    desk.stack
        .advance(DAY - desk.now().rem_euclid(DAY) - 30 * MINUTE);
    let today = desk.today();
    desk.day(today, 500, 0);
    desk.minute();
    desk.day(today, 510, 0);
    desk.minutes(35);
    desk.day(today + 1, 0, 9);
    desk.minute();
    assert_eq!(desk.open(), [], "19 jobs");
    desk.day(today + 1, 0, 10);
    desk.minute();
    assert_eq!(desk.open(), one("integration_errors", "kustomer"));
    assert!(
        desk.only()["summary"]
            .as_str()
            .unwrap()
            .starts_with("10 of 20 ")
    );
}

#[test]
fn four_fifths_of_a_days_requests_are_raised_and_resolved_on_the_next_day() {
    let desk = connected();
    let today = desk.today();
    let minutes = {
        let limits = |name: &str| {
            let all = connectors::CONNECTORS.iter();
            all.clone()
                .find(|one| one.name() == name)
                .unwrap()
                .limits()
                .minutes_a_day()
        };
        limits("kustomer")
    };
    let used = |n: i64| {
        desk.sql(&format!(
            "INSERT INTO crm_budgets (business_id, connector, per_minute, tokens, filled_at, day, used)
             VALUES ('{{business}}', 'kustomer', 100, 0, 0, {today}, {n})
             ON CONFLICT DO UPDATE SET used = excluded.used"
        ));
    };
    used(80 * minutes - 1);
    desk.minute();
    assert_eq!(desk.open(), []);
    used(80 * minutes);
    desk.minute();
    assert_eq!(desk.open(), one("crm_budget", "kustomer"));
    desk.stack.advance(DAY);
    resolves(&desk, "crm_budget");
}

#[test]
fn jobs_that_wait_for_five_minutes_are_raised_and_those_of_a_backfill_are_not() {
    let desk = connected();
    let now = desk.now();
    let job = |key: &str, stream: &str, priority: i64| {
        desk.sql(&format!(
            "INSERT INTO crm_jobs (business_id, connector, key, id, stream, kind, subject, priority,
               ordered_at, created_at, updated_at)
             VALUES ('{{business}}', 'kustomer', '{key}', '{key}', '{stream}', 'message', 's', {priority},
               {now}, {now}, {now})"
        ));
    };
    job("message:1", "past", 1);
    // Its stream had another one before, that somebody waited for.
    desk.sql("UPDATE crm_streams SET priority = 0");
    desk.minutes(6);
    assert_eq!(desk.open(), []);
    job("message:2", "live", 0);
    desk.minute();
    assert_eq!(desk.open(), one("queue_slow", "jobs:kustomer"));
    desk.sql("UPDATE crm_jobs SET state = 'done'");
    desk.sql("UPDATE crm_streams SET due_at = NULL");
    resolves(&desk, "queue_slow");
}
