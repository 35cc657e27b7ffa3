//! What is counted for the figures of a connection.

use super::there::Trouble;
use super::{ADA, Desk, SECOND};
use common::db::Value;
use serde_json::json;
use testkit::answer;

impl Desk {
    fn integers(&self, sql: &str) -> Vec<Vec<i64>> {
        let rows = self.stack.db.sql(sql);
        let integer = |value: &Value| value.as_integer().unwrap_or(-1);
        rows.iter()
            .map(|row| row.iter().map(integer).collect())
            .collect()
    }

    fn begin_a_minute(&self) {
        let minute = 60 * SECOND;
        let rest = minute - self.stack.now().micros().rem_euclid(minute);
        self.stack.advance(rest);
    }
}

#[test]
fn an_hour_counts_its_requests_and_jobs_and_how_long_they_waited() {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Hello");
    desk.stack.fan_out(&desk.tenant);
    desk.stack.advance(7 * SECOND);
    desk.settle();
    let requests = desk.there.requests_made().len();
    let [counted] = desk
        .integers(
            "SELECT requests, errors, done, failed, waited_ms >= 7000 AND waited_ms < 60000 AND typeof(waited_ms) = 'integer', up_to_100 FROM crm_hours",
        )
        .try_into()
        .unwrap();
    let requests = i64::try_from(requests).unwrap();
    assert_eq!(counted[..2], [requests, 0]);
    assert!(requests > 0 && counted[2] > 0);
    assert_eq!(counted[3..], [0, 1, requests]);
    assert_eq!(
        desk.integers(
            "SELECT h.done = d.done, h.requests = d.requests FROM crm_hours h, crm_days d"
        ),
        [[1, 1]]
    );
}

#[test]
fn what_the_crm_does_not_answer_is_an_error_and_what_is_not_there_is_none() {
    let desk = Desk::new();
    desk.there.trouble(
        "POST /v1/customers",
        Trouble::Before(answer(502, &json!("<html>"))),
    );
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    assert_eq!(desk.integers("SELECT sum(errors) FROM crm_hours"), [[1]]);
}

#[test]
fn an_outage_is_written_from_its_begin_to_its_end() {
    let desk = Desk::new();
    desk.begin_a_minute();
    let refusal = answer(401, &json!({"errors": [{"code": "unauthorized"}]}));
    desk.there
        .trouble("GET /v1/customers", Trouble::Before(refusal));
    desk.receive("wamid.1", ADA, "Hello");
    desk.stack.fan_out(&desk.tenant);
    let began = desk.stack.now().micros();
    desk.run();
    assert_eq!(
        desk.integers("SELECT began_at, ended_at FROM crm_outages"),
        [[began, -1]]
    );
    desk.stack.advance(400 * SECOND);
    desk.settle();
    let [outage] = desk
        .integers("SELECT began_at, ended_at FROM crm_outages")
        .try_into()
        .unwrap();
    assert_eq!(outage[0], began);
    assert!(outage[1] >= began + 400 * SECOND, "{outage:?}");
}

#[test]
fn outages_of_one_minute_are_one_and_switching_off_ends_it() {
    let desk = Desk::new();
    let sql = |sql: &str| drop(desk.stack.db.sql(sql));
    let minute = 60 * SECOND;
    let breaks = |at: i64| {
        sql(&format!(
            "UPDATE integrations SET broken_until = {at} + 1000000, failed_at = {at}"
        ));
    };
    let mends = |at: i64| {
        sql(&format!(
            "UPDATE integrations SET broken_until = NULL, succeeded_at = {at}, updated_at = 0"
        ));
    };
    breaks(100 * minute);
    mends(100 * minute + SECOND);
    breaks(100 * minute + 2 * SECOND);
    mends(100 * minute + 3 * SECOND);
    breaks(101 * minute);
    sql(&format!(
        "UPDATE integrations SET status = 'disabled', updated_at = {}",
        102 * minute
    ));
    let both = [
        [100 * minute, 100 * minute + 3 * SECOND],
        [101 * minute, 102 * minute],
    ];
    assert_eq!(
        desk.integers("SELECT began_at, ended_at FROM crm_outages"),
        both
    );
    // Nothing begins where nothing is asked.
    mends(103 * minute);
    breaks(104 * minute);
    assert_eq!(
        desk.integers("SELECT began_at, ended_at FROM crm_outages"),
        both
    );
}
