use super::*;
use std::collections::BTreeSet;

const METRICS: &str = "/metrics";

/// The samples; each metric is held to the text format.
fn samples(stack: &Stack) -> Vec<String> {
    let answer = get(stack, METRICS);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let kind = answer.header("content-type").map(ToString::to_string);
    assert_eq!(
        kind.as_deref(),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    let text = answer.text();
    assert!(text.ends_with('\n'));
    let (mut samples, mut begun, mut name) = (Vec::new(), BTreeSet::new(), "");
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            name = help.split(' ').next().unwrap();
            assert!(begun.insert(name), "{name} begins twice");
            let kind = lines.next().unwrap();
            assert!(kind.starts_with(&format!("# TYPE {name} ")), "{kind}");
            continue;
        }
        assert!(line.starts_with(name), "{line} below {name}");
        let (_, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
        samples.push(line.to_owned());
    }
    let names: BTreeSet<_> = samples
        .iter()
        .map(|one| one.rsplit_once(' ').unwrap().0)
        .collect();
    assert_eq!(names.len(), samples.len(), "a series is there twice");
    samples
}

#[track_caller]
fn has(samples: &[String], line: &str) {
    assert!(
        samples.iter().any(|one| one == line),
        "{line} in {samples:#?}"
    );
}

#[test]
fn metrics_get_answers_with_requests_queues_connections_alerts_and_databases() {
    let (stack, tenant) = Stack::with_tenant();
    let id = &tenant.business_id;
    let hour = stack.now().micros() / (3_600 * SECOND);
    stack.db.sql(
        "INSERT INTO api_totals VALUES ('customer_get', 10, 2, 1, 4321, 4, 3, 0, 1, 0, 1, 0), ('of_before', 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0)",
    );
    for (connector, broken) in [("kustomer", "1"), ("krayin", "NULL")] {
        stack.db.sql(&format!(
            "INSERT INTO integrations (business_id, connector, status, broken_until, created_at, updated_at)
             VALUES ('{id}', '{connector}', 'active', {broken}, 0, 0)"
        ));
    }
    for (hour, requests) in [(hour, 7), (hour - 1, 5), (hour - 2, 100)] {
        stack.db.sql(&format!(
            "INSERT INTO crm_hours VALUES ('{id}', 'kustomer', {hour}, {requests}, 1, 0, 3, 2, 0, 0, 0, 0, 0, 0, 0, 0)"
        ));
    }
    stack.db.sql(&format!(
        "INSERT INTO alerts (business_id, id, cause, severity, object, name, summary, began_at, raised_at)
         VALUES ('{id}', 'a1', 'queue_slow', 'warning', 'messages', 'Name of theirs\"', 's', 0, 0)"
    ));
    stack.db.sql(&format!(
        "INSERT INTO sends (business_id, message_id, state, request, due_at, created_at)
         VALUES ('{id}', 'm1', 'queued', '{{}}', {}, 0)",
        stack.now().micros() - 90 * SECOND
    ));
    let samples = samples(&stack);
    for line in [
        r#"tieline_api_requests_total{operation="customer_get",result="ok"} 7"#,
        r#"tieline_api_requests_total{operation="customer_get",result="refused"} 2"#,
        r#"tieline_api_requests_total{operation="customer_get",result="failed"} 1"#,
        r#"tieline_api_request_duration_seconds_bucket{operation="customer_get",le="0.05"} 4"#,
        r#"tieline_api_request_duration_seconds_bucket{operation="customer_get",le="0.5"} 8"#,
        r#"tieline_api_request_duration_seconds_bucket{operation="customer_get",le="5"} 9"#,
        r#"tieline_api_request_duration_seconds_bucket{operation="customer_get",le="+Inf"} 10"#,
        r#"tieline_api_request_duration_seconds_sum{operation="customer_get"} 4.321"#,
        r#"tieline_api_request_duration_seconds_count{operation="customer_get"} 10"#,
        r#"tieline_integrations{connector="kustomer",state="down"} 1"#,
        r#"tieline_integrations{connector="krayin",state="up"} 1"#,
        r#"tieline_integration_recent_requests{connector="kustomer",result="ok"} 10"#,
        r#"tieline_integration_recent_requests{connector="kustomer",result="error"} 2"#,
        r#"tieline_integration_recent_jobs{connector="kustomer",result="failed"} 4"#,
        r#"tieline_alerts_open{severity="warning"} 1"#,
        r#"tieline_queue_waiting{queue="sends"} 1"#,
        r#"tieline_queue_oldest_seconds{queue="sends"} 90"#,
        r#"tieline_parked_deliveries{state="dead"} 0"#,
    ] {
        has(&samples, line);
    }
    assert!(
        samples
            .iter()
            .any(|one| one.starts_with("tieline_database_size_bytes{"))
    );
    let all = samples.join("\n");
    for text in ["of_before", "theirs", id] {
        assert!(!all.contains(text), "{text} in {all}");
    }
}

#[test]
fn metrics_get_answers_an_empty_deployment() {
    has(
        &samples(&Stack::new()),
        r#"tieline_alerts_open{severity="critical"} 0"#,
    );
}

#[test]
fn metrics_get_refuses_callers_without_the_platform_token() {
    asks_for_the_platform_token("GET", METRICS);
}

#[test]
fn metrics_get_refuses_invalid_input() {
    let (stack, _) = Stack::with_tenant();
    assert_eq!(get(&stack, "/metrics?name=x").status, 422);
}
