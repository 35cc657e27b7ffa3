use super::{Desk, refuses_callers, refuses_shapes};
use common::ports::Queue;
use serde_json::{Value, json};

impl Desk {
    /// So many messages, one a second; the last is of now.
    fn messages(&self, count: i64) {
        self.stack.conversation(&self.tenant);
        let (business, now) = (&self.tenant.business_id, self.stack.now().micros());
        self.stack.db.sql(&format!(
            "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count})
             INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id,
               channel_id, channel, direction, type, content, status, updated_at)
             SELECT '{business}', {now} - ({count} - n) * 1000000, 'm' || n, 'v', 'c' || (n % 9),
               'ch', 'sms', 'inbound', 'text', 'hi', 'received', {now} FROM n"
        ));
    }

    fn backfill(&self, body: &Value) -> Value {
        let answer = self.call("POST", "/backfill", body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json["backfill"].clone()
    }

    fn count(&self, what: &str) -> i64 {
        let query = format!("SELECT count(*) FROM crm_jobs WHERE {what}");
        self.stack.db.value(&query).as_integer().unwrap()
    }
}

#[test]
fn backfill_run_answers_with_how_far_it_has_come_and_goes_on_where_it_stood() {
    let desk = Desk::new();
    desk.messages(1200);
    desk.other().messages(0);
    let first = desk.backfill(&Value::Null);
    let expected = json!({
        "since": null, "cursor": "2026-01-02T02:52:25.000000Z", "scheduled": 500, "done": 0,
        "failed": 0, "waiting": 500, "total": 1200, "finished": false
    });
    assert_eq!(first, expected);
    let woken = desk.stack.ports.take_wakes(Queue::Crm);
    assert_eq!(woken, [(desk.tenant.business_id.clone(), 0)]);
    let job = "key = 'message:m7' AND stream = 'c7' AND priority = 1 AND kind = 'message'
         AND subject = 'm7' AND ordered_at > 0 AND length(id) = 36 AND state = 'waiting'";
    assert_eq!(desk.count(job), 1);
    // What comes meanwhile is no part of it.
    desk.stack.advance(5_000_000);
    desk.stack.message(&desk.tenant, "live");
    desk.backfill(&Value::Null);
    desk.stack
        .db
        .sql("UPDATE crm_jobs SET state = 'done' WHERE subject <> 'm3'");
    desk.stack
        .db
        .sql("UPDATE crm_jobs SET state = 'failed' WHERE subject = 'm3'");
    let last = desk.backfill(&Value::Null);
    assert_eq!(
        (&last["scheduled"], &last["waiting"]),
        (&json!(1200), &json!(200))
    );
    assert_eq!((&last["done"], &last["failed"]), (&json!(999), &json!(1)));
    assert_eq!(last["finished"], false);
    desk.stack
        .db
        .sql("UPDATE crm_jobs SET state = 'done' WHERE state = 'waiting'");
    let finished = desk.backfill(&Value::Null);
    assert_eq!(
        (&finished["finished"], &finished["done"]),
        (&json!(true), &json!(1199))
    );
    assert_eq!(desk.count("true"), 1200);
}

#[test]
fn what_has_its_job_already_gets_no_second_one() {
    let desk = Desk::new();
    desk.messages(3);
    desk.job("x", "done", None);
    desk.stack
        .db
        .sql("UPDATE crm_jobs SET key = 'message:m2', priority = 0");
    let stands = desk.backfill(&Value::Null);
    assert_eq!(
        (&stands["scheduled"], &stands["waiting"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(desk.count("true"), 3);
    desk.stack.db.sql("UPDATE crm_jobs SET state = 'done'");
    let anew = desk.backfill(&json!({ "restart": true }));
    assert_eq!(
        (&anew["scheduled"], &anew["finished"]),
        (&json!(3), &json!(true))
    );
    assert_eq!(desk.count("state = 'done'"), 3);
}

#[test]
fn it_begins_where_it_is_told_and_changes_that_for_nobody() {
    let desk = Desk::new();
    desk.messages(10);
    let since = json!({ "since": "2026-01-02T04:04:02+01:00" });
    let stands = desk.backfill(&since);
    assert_eq!(
        (&stands["since"], &stands["total"]),
        (&json!("2026-01-02T03:04:02.000000Z"), &json!(4))
    );
    assert_eq!(desk.count("subject IN ('m7', 'm8', 'm9', 'm10')"), 4);
    assert_eq!(desk.backfill(&since)["scheduled"], 4);
    assert_eq!(desk.backfill(&json!({}))["scheduled"], 4);
    let other = json!({ "since": "2026-01-02T03:04:00Z" });
    let refused = desk.call("POST", "/backfill", &other);
    assert_eq!(
        (refused.status, refused.detail()),
        (409, ("since", "same_or_restart"))
    );
    let anew = json!({ "since": "2026-01-02T03:04:00Z", "restart": true });
    assert_eq!(desk.backfill(&anew)["total"], 6);
    assert_eq!(desk.count("true"), 6);
}

#[test]
fn no_more_jobs_are_made_while_many_wait() {
    let desk = Desk::new();
    desk.messages(3000);
    for scheduled in [500, 1000, 1500, 2000, 2000] {
        assert_eq!(desk.backfill(&Value::Null)["scheduled"], scheduled);
    }
    desk.stack.ports.take_wakes(Queue::Crm);
    desk.stack
        .db
        .sql("UPDATE crm_jobs SET state = 'done' WHERE subject = 'm1'");
    assert_eq!(desk.backfill(&Value::Null)["scheduled"], 2500);
}

#[test]
fn of_two_calls_at_once_each_page_is_counted_once() {
    let desk = Desk::new();
    desk.messages(700);
    desk.backfill(&Value::Null);
    let db = desk.stack.db.clone();
    // As if another had made the rest.
    desk.stack.db.before_next_batch(move || {
        db.sql(
            "UPDATE integrations SET backfill = json_set(backfill, '$.scheduled', 700, '$.total', 700,
               '$.until', 9, '$.cursor',
               9)",
        );
    });
    let stands = desk.backfill(&Value::Null);
    assert_eq!(stands["scheduled"], 700);
    assert_eq!(desk.count("true"), 500);
}

#[test]
fn backfill_run_refuses_callers_without_a_session() {
    refuses_callers("POST", "/backfill", &Value::Null);
}

#[test]
fn backfill_run_refuses_invalid_input() {
    let bodies = [
        (json!([]), ("body", "object")),
        (json!({ "since": "2026-01-02" }), ("since", "date_time")),
        (json!({ "restart": "yes" }), ("restart", "boolean")),
        (json!({ "limit": 5 }), ("limit", "unknown")),
    ];
    refuses_shapes("POST", "/backfill", &bodies);
    let desk = Desk::new();
    desk.stack
        .db
        .sql("UPDATE integrations SET status = 'disabled'");
    let refused = desk.call("POST", "/backfill", &Value::Null);
    assert_eq!(
        (refused.status, refused.detail()),
        (409, ("status", "active"))
    );
    desk.stack.db.sql("DELETE FROM integrations");
    assert_eq!(desk.call("POST", "/backfill", &Value::Null).status, 409);
}

#[test]
fn backfill_get_answers_with_how_far_it_has_come_and_makes_nothing() {
    let desk = Desk::new();
    let get = |desk: &Desk| desk.call("GET", "/backfill", &Value::Null).json;
    assert_eq!(get(&desk), json!({ "backfill": null }));
    desk.messages(600);
    let stands = desk.backfill(&Value::Null);
    assert_eq!(get(&desk)["backfill"], stands);
    assert_eq!(get(&desk)["backfill"], stands);
    assert_eq!(get(&desk.other()), json!({ "backfill": null }));
}

#[test]
fn backfill_get_refuses_callers_without_a_session() {
    refuses_callers("GET", "/backfill", &Value::Null);
}

#[test]
fn backfill_get_refuses_invalid_input() {
    let refused = Desk::new().call("GET", "/backfill?since=1", &Value::Null);
    assert_eq!(refused.detail(), ("query.since", "unknown"));
}
