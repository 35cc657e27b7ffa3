use super::*;
use common::db::DbError;
use testkit::Failure;

const OVERVIEW: &str = "/api/operator/overview";

fn queue(overview: &Answer, name: &str) -> (i64, Option<i64>) {
    assert_eq!(overview.status, 200, "{}", overview.text());
    let queues = overview.json["queues"].as_array().unwrap();
    let one = queues.iter().find(|one| one["name"] == name).unwrap();
    (
        one["waiting"].as_i64().unwrap(),
        one["oldest_seconds"].as_i64(),
    )
}

#[test]
fn operator_overview_answers_with_what_waits_and_for_how_long() {
    let (stack, tenant) = Stack::with_tenant();
    let quiet = get(&stack, OVERVIEW);
    for name in [
        "events",
        "deliveries",
        "sends",
        "media",
        "replies",
        "crm",
        "crm_links",
        "erasures",
    ] {
        assert_eq!(queue(&quiet, name), (0, None), "{name}");
    }
    assert_eq!(
        quiet.json["parked_deliveries"],
        json!({ "waiting": 0, "dead": 0 })
    );

    let id = &tenant.business_id;
    let at = |seconds: i64| stack.now().micros() - seconds * SECOND;
    stack.happened(&tenant, "customer.updated", "c", &Value::Null);
    stack.db.sql(&format!(
        "INSERT INTO sends (business_id, message_id, state, request, due_at, created_at)
         VALUES ('{id}', 'm1', 'queued', '{{}}', {}, 0), ('{id}', 'm2', 'queued', '{{}}', {}, 0),
           ('{id}', 'm3', 'queued', '{{}}', {}, 0), ('{id}', 'm4', 'done', '{{}}', NULL, 0)",
        at(90),
        at(10),
        at(-10)
    ));
    stack.db.sql(
        "INSERT INTO parked_deliveries VALUES ('a', 'meta', 1, 'waiting', 'c', 'm', 0, 0),
           ('b', 'meta', 20, 'dead', 'c', 'm', 0, 0)",
    );
    stack.advance(5 * SECOND);
    let overview = get(&stack, OVERVIEW);
    assert_eq!(queue(&overview, "sends"), (2, Some(95)));
    assert_eq!(queue(&overview, "events"), (1, Some(5)));
    assert_eq!(
        overview.json["parked_deliveries"],
        json!({ "waiting": 1, "dead": 1 })
    );
}

#[test]
fn deliveries_and_jobs_of_crms_are_counted_by_endpoint_and_connection() {
    let (stack, tenant) = Stack::with_tenant();
    stack.conversation(&tenant);
    let (_, _) = stack.endpoint(&tenant, "https://hook.example/", &["*"]);
    for _ in 0..120 {
        stack.happened(
            &tenant,
            "customer.updated",
            testkit::CUSTOMER_ID,
            &Value::Null,
        );
    }
    stack.fan_out(&tenant);
    stack.advance(30 * SECOND);
    let (waiting, oldest) = queue(&get(&stack, OVERVIEW), "deliveries");
    assert_eq!(oldest, Some(30));
    assert_eq!(
        waiting, 100,
        "no more than so many of an endpoint are counted"
    );
}

#[test]
fn a_flood_is_counted_up_to_a_bound() {
    let (stack, tenant) = Stack::with_tenant();
    stack.db.sql(&format!(
        "WITH n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 3000)
         INSERT INTO sends (business_id, message_id, state, request, due_at, created_at)
         SELECT '{}', n, 'queued', '{{}}', n, 0 FROM n",
        tenant.business_id
    ));
    assert_eq!(queue(&get(&stack, OVERVIEW), "sends").0, 1000);
}

#[test]
fn both_databases_tell_how_full_they_are_and_one_may_be_away() {
    let (stack, _) = Stack::with_tenant();
    let databases = get(&stack, OVERVIEW).json["databases"].clone();
    for name in ["main", "search"] {
        assert!(databases[name]["bytes"].as_i64().unwrap() > 0, "{name}");
        assert_eq!(databases[name]["max_bytes"], 10_000_000_000_i64);
    }
    stack
        .search
        .fail(Failure::Before(DbError::Outage("away".into())));
    let away = get(&stack, OVERVIEW);
    assert_eq!(
        (away.status, &away.json["databases"]["search"]),
        (200, &Value::Null)
    );
    assert!(away.json["databases"]["main"].is_object());
}

#[test]
fn operator_overview_refuses_callers_without_the_platform_token() {
    asks_for_the_platform_token("GET", OVERVIEW);
}

#[test]
fn operator_overview_refuses_invalid_input() {
    let stack = Stack::new();
    let refused = get(&stack, &format!("{OVERVIEW}?of=all"));
    assert_eq!(refused.detail(), ("query.of", "unknown"));
}
