//! `tieline status`, `tail`, `deliveries`, `jobs`, `recover`.

use serde_json::{Value, json};

use crate::server::{Reply, Request, Server};
use crate::terminal::{Folder, Outcome, run_with};

const DASHBOARD: &str = "/functions/v1/api/dashboard/";

/// A dashboard with sessions, and what it answers beside them by method and path.
fn dashboard(mut answer: impl FnMut(&str, &Request) -> Reply + Send + 'static) -> Server {
    Server::start(move |_, request| {
        let path = request.path.strip_prefix(DASHBOARD).unwrap().to_owned();
        match path.as_str() {
            "sessions" => Reply::json(
                201,
                &json!({"token": "session-1", "expires_at": "2026-11-23T11:00:00Z"}),
            ),
            path => answer(&format!("{} {path}", request.method), request),
        }
    })
}

fn tieline(server: &Server, command: &[&str]) -> Outcome {
    tieline_with(server, command, "")
}

fn tieline_with(server: &Server, command: &[&str], input: &str) -> Outcome {
    let server = ["--base-url", &server.url, "--admin-key", "tl_admin_1"];
    run_with(&[command, &server].concat(), input)
}

/// Methods, paths and bodies behind the session.
fn sent(server: &Server) -> Vec<String> {
    let told = |request: &Request| {
        let path = request.path.strip_prefix(DASHBOARD)?;
        let call = format!("{} {path} {}", request.method, request.body);
        (path != "sessions").then(|| call.trim().to_owned())
    };
    server.requests().iter().filter_map(told).collect()
}

fn assert_prints(outcome: &Outcome, parts: &[&str]) {
    for part in parts {
        assert!(outcome.out.contains(part), "{part}: {outcome:?}");
    }
}

fn webhooks() -> Value {
    let webhook = |id: &str, name: &str, status: &str, reason: Value, since: Value| {
        json!({"id": id, "name": name, "url": format!("https://{name}.example"), "status": status, "disabled_reason": reason,
            "failing_since": since})
    };
    json!({"webhooks": [
        webhook("w1", "CRM", "active", Value::Null, Value::Null),
        webhook("w2", "Old", "disabled", json!("by_request"), Value::Null)]})
}

/// Everything is well but what a test changes.
fn well(call: &str) -> Reply {
    match call {
        "GET integrations" => Reply::json(
            200,
            &json!({"integrations": [
            {"connector": "kustomer", "status": "active", "updated_at": null},
            {"connector": "krayin", "status": "disabled", "updated_at": null}]}),
        ),
        "GET integrations/kustomer/status" | "GET integrations/chatwoot/status" => Reply::json(
            200,
            &json!({"status": "healthy", "reasons": [], "queue": {"waiting": 2, "oldest_at": null, "failed": 0}}),
        ),
        "GET channels" => Reply::json(
            200,
            &json!({"channels": [
            {"id": "c1", "kind": "whatsapp", "name": "Shop", "status": "active", "status_reason": null},
            {"id": "c2", "kind": "chatwoot", "name": "Chat", "status": "active", "status_reason": null}]}),
        ),
        "GET webhooks" => Reply::json(200, &webhooks()),
        "GET crm-links/health" => Reply::json(
            200,
            &json!({"links": [{"name": "Prices", "state": "fresh", "failing_since": null,
            "next_fetch_at": "2026-11-24T01:00:00Z", "error": null}], "fresh": 1, "in_trouble": 0, "embedding": {"error": null}}),
        ),
        _ => Reply::status(404),
    }
}

#[test]
fn a_status_of_what_is_well_is_a_table_and_no_complaint() {
    let server = dashboard(|call, _| well(call));
    let outcome = tieline(&server, &["status"]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert_prints(
        &outcome,
        &[
            "integration  kustomer  healthy   2 waiting, 0 failed",
            "integration  krayin    disabled",
            "integration  chatwoot  healthy",
            "channel      Shop      active    whatsapp",
            "webhook      CRM       active    https://CRM.example",
            "CRM link     Prices    fresh     next fetch 2026-11-24T01:00:00Z",
            "Nothing needs attention.",
        ],
    );
    assert_eq!(tieline(&server, &["status", "--quiet"]).out, "");
}

#[test]
fn what_needs_attention_is_told_and_makes_the_exit_code() {
    let server = dashboard(|call, _| match call {
        "GET integrations/kustomer/status" => Reply::json(
            200,
            &json!({"status": "down",
            "reasons": [{"code": "bad_key", "message": "The key\u{1b} is refused.", "at": null}], "queue": {"waiting": 9, "failed": 1}}),
        ),
        "GET channels" => Reply::json(
            200,
            &json!({"channels": [{"kind": "whatsapp", "name": "Shop", "status": "active",
            "status_reason": "Meta refuses the token."}]}),
        ),
        "GET webhooks" => Reply::json(
            200,
            &json!({"webhooks": [
            {"id": "w1", "name": "CRM", "url": "x", "status": "disabled", "disabled_reason": "gone", "failing_since": null},
            {"id": "w2", "name": "ERP", "url": "x", "status": "active", "disabled_reason": null, "failing_since": "2026-11-23T10:00:00Z"}]}),
        ),
        "GET crm-links/health" => Reply::json(
            200,
            &json!({"links": [{"name": "Prices", "state": "failing", "error": "No answer.",
            "failing_since": "2026-11-23T10:00:00Z"}], "embedding": {"error": "The embedder is away."}}),
        ),
        "GET status" => Reply::json(
            200,
            &json!({
            "status": "warn",
            "integrations": [{"connector": "kustomer", "status": "warn", "figures": [
                {"span": "24h", "uptime_percent": 99.4, "requests": 40, "mean_ms": 200, "p95_ms": 500, "error_percent": 0.0,
                 "jobs_done": 9, "jobs_failed": 0, "sync_success_percent": 100.0, "queue_seconds": 3, "missed": ["uptime"]}]}],
            "api": [{"span": "1h", "uptime_percent": null, "p95_ms": null, "missed": []}],
            "queues": [{"name": "deliveries", "status": "warn", "oldest_seconds": 700}],
            "attention": [
                {"subject": "integration", "name": "kustomer", "summary": "It missed a target."},
                {"subject": "webhook", "name": "CRM", "summary": "Deliveries fail."},
                {"subject": "queue", "name": "deliveries", "summary": "The oldest\u{1b} has waited for 11 minutes."}]}),
        ),
        other => well(other),
    });
    let outcome = tieline(&server, &["status", "--quiet"]);
    assert_eq!(outcome.exit, 1);
    assert_eq!(
        outcome.out,
        "! kustomer is down: The key  is refused.\n! the channel Shop (whatsapp): Meta refuses the token.\n\
         ! the webhook CRM is disabled: gone\n! the webhook ERP fails since 2026-11-23T10:00:00Z\n\
         ! the CRM link Prices is failing: No answer.\n! CRM links are not embedded: The embedder is away.\n\
         ! deliveries: The oldest  has waited for 11 minutes.\n"
    );
    assert_prints(
        &tieline(&server, &["status"]),
        &[
            "kustomer     24h   99.4 %  500 ms  0.0 %   100.0 %  3 s   uptime",
            "(the API)    1h    -       -",
            "deliveries  700 s   warn",
        ],
    );
    let json: Value = serde_json::from_str(&tieline(&server, &["status", "--json"]).out).unwrap();
    assert_eq!(json["attention"].as_array().unwrap().len(), 7);
    assert_eq!(
        (
            &json["integrations"][0]["status"],
            &json["status"]["integrations"][0]["figures"][0]["span"]
        ),
        (&json!("down"), &json!("24h"))
    );
}

fn delivery(id: &str, sequence: i64, status: &str, attempts: &[(i64, &str)]) -> Value {
    let attempts: Vec<_> = attempts.iter().enumerate().map(|(n, (code, error))| {
        let error = (!error.is_empty()).then_some(error);
        let code = (*code > 0).then_some(code);
        json!({"number": n + 1, "at": "2026-11-23T10:00:00Z", "status_code": code, "duration_ms": 12, "response_excerpt": null, "error": error})
    }).collect();
    let reason = (status == "failed").then_some("retries_exhausted");
    json!({"id": id, "webhook_id": "w1", "event": "message.received", "sequence": sequence, "status": status,
        "failure_reason": reason, "created_at": "2026-11-23T10:00:00Z", "attempts": attempts})
}

#[test]
fn deliveries_of_all_endpoints_are_listed_over_their_pages() {
    let server = dashboard(|call, _| match call {
        "GET webhooks/w1/deliveries?limit=50&status=failed" => Reply::json(
            200,
            &json!({"next_cursor": "c1",
            "deliveries": (0..50).map(|n| delivery(&format!("d{n}"), 100 - n, "failed", &[(500, "")])).collect::<Vec<_>>()}),
        ),
        "GET webhooks/w1/deliveries?limit=10&status=failed&cursor=c1" => Reply::json(
            200,
            &json!({"next_cursor": null,
            "deliveries": [delivery("last", 1, "failed", &[(0, "connection\u{7} refused")])]}),
        ),
        call if call.starts_with("GET webhooks/w2") => {
            Reply::json(200, &json!({"deliveries": [], "next_cursor": null}))
        }
        other => well(other),
    });
    let outcome = tieline(
        &server,
        &["deliveries", "list", "--status", "failed", "--limit", "60"],
    );
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert_eq!(outcome.out.lines().count(), 52);
    assert_prints(&outcome, &["1: connection  refused [retries_exhausted]"]);
    let outcome = tieline(
        &server,
        &["deliveries", "list", "--status", "failed", "--limit", "50"],
    );
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert_eq!(outcome.out.lines().count(), 51);
    assert_prints(
        &outcome,
        &["1: 500 in 12 ms [retries_exhausted]", "CRM", "d49"],
    );
    let none = tieline(
        &server,
        &[
            "deliveries",
            "list",
            "--webhook",
            "old",
            "--status",
            "failed",
        ],
    );
    assert_eq!(none.out.trim(), "There is no such delivery.");
    let unknown = tieline(&server, &["deliveries", "list", "--webhook", "ERP"]);
    assert_eq!(unknown.exit, 2);
    assert!(
        unknown
            .err
            .contains("no webhook ERP: there is CRM (w1), Old (w2)"),
        "{}",
        unknown.err
    );
}

#[test]
fn a_replay_goes_on_after_one_that_is_refused() {
    let server = dashboard(|call, _| match call {
        "POST deliveries/d1/replay" => Reply::status(410),
        "POST deliveries/d2/replay" => Reply::json(200, &json!({"delivery": {}})),
        _ => Reply::status(404),
    });
    let outcome = tieline(&server, &["deliveries", "replay", "d1", "d2"]);
    assert_eq!((outcome.exit, outcome.out.trim()), (1, "d2: made again."));
    assert!(
        outcome.err.contains("d1: the server answered 410"),
        "{}",
        outcome.err
    );
}

#[test]
fn a_recovery_is_of_all_active_endpoints_or_of_those_that_are_named() {
    let mut calls = 0;
    let server = dashboard(move |call, _| match call {
        "POST webhooks/w1/recover" => {
            calls += 1;
            Reply::json(200, &json!({"count": if calls == 1 { 100_000 } else { 1 }}))
        }
        "POST webhooks/w2/recover" => Reply::status(409),
        other => well(other),
    });
    let outcome = tieline(&server, &["recover", "--since", "2026-11-21"]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert_eq!(outcome.out.trim(), "CRM: 100,001 deliveries made again.");
    assert!(
        outcome.err.contains("Old is disabled, and was left alone."),
        "{}",
        outcome.err
    );
    let body = r#"POST webhooks/w1/recover {"since":"2026-11-21T00:00:00Z"}"#;
    assert_eq!(sent(&server)[1..], [body, body]);
    let named = tieline(
        &server,
        &["recover", "--since", "24h", "--webhook", "Old", "--json"],
    );
    assert_eq!(named.exit, 1, "{named:?}");
    assert!(named.err.contains("Stopped at Old."), "{}", named.err);
    assert_eq!(tieline(&server, &["recover", "--since", "soon"]).exit, 2);
    assert_eq!(tieline(&server, &["recover"]).exit, 2);
}

fn job(state: &str) -> Value {
    json!({"id": "j1", "kind": "message", "subject": "m1", "stream": "cus-1", "state": state, "priority": "live", "tries": 3,
        "failures": 1, "error": {"code": "bad_request", "message": "The team is gone.", "at": null},
        "created_at": "2026-11-23T10:00:00Z", "updated_at": "2026-11-23T10:05:00Z"})
}

#[test]
fn jobs_are_listed_and_one_is_shown_with_its_attempts() {
    let server = dashboard(|call, _| match call {
        "GET integrations/kustomer/jobs?limit=20&state=failed" => {
            Reply::json(200, &json!({"jobs": [job("failed")], "next_cursor": null}))
        }
        "GET integrations/kustomer/jobs/j1" => {
            let mut one = job("failed");
            one["detail"] = json!({"event": "x"});
            one["attempts"] = json!([{"number": 1, "at": "2026-11-23T10:01:00Z", "duration_ms": 40, "outcome": "failed",
                "requests": ["create message 400"], "error": {"code": "bad_request", "message": "No."}}]);
            Reply::json(200, &json!({"job": one}))
        }
        _ => Reply::status(404),
    });
    let listed = tieline(&server, &["jobs", "list", "kustomer", "--state", "failed"]);
    assert_eq!(listed.exit, 0, "{listed:?}");
    assert_prints(
        &listed,
        &["failed  message  m1       3      The team is gone. [bad_request]  j1"],
    );
    let lines = tieline(
        &server,
        &["jobs", "list", "kustomer", "--state", "failed", "--json"],
    );
    assert_eq!(
        serde_json::from_str::<Value>(&lines.out).unwrap(),
        job("failed")
    );
    let shown = tieline(&server, &["jobs", "show", "kustomer", "j1"]);
    assert_eq!(shown.exit, 1, "it failed: {shown:?}");
    assert_prints(
        &shown,
        &[
            "\"event\": \"x\"",
            "attempt 1  2026-11-23T10:01:00Z  failed in 40 ms  No. [bad_request]\n  create message 400",
        ],
    );
    assert_eq!(tieline(&server, &["jobs", "list", "hubspot"]).exit, 1);
}

#[test]
fn jobs_are_edited_retried_and_given_up() {
    let server = dashboard(|call, _| match call {
        "PATCH integrations/kustomer/jobs/j1" | "POST integrations/kustomer/jobs/j1/retry" => {
            Reply::json(200, &json!({"job": {}}))
        }
        "POST integrations/kustomer/retry-failed" => Reply::json(200, &json!({"count": 2})),
        "DELETE integrations/kustomer/jobs/j1" => Reply::json(204, &Value::Null),
        _ => Reply::status(404),
    });
    let edited = tieline_with(
        &server,
        &["jobs", "edit", "kustomer", "j1", "--detail", "-"],
        r#"{"a": 1}"#,
    );
    assert_eq!(edited.exit, 0, "{edited:?}");
    let retried = tieline(&server, &["jobs", "retry", "kustomer", "j1", "j2"]);
    assert_eq!((retried.exit, retried.out.trim()), (1, "j1: done again."));
    let all = [
        "jobs",
        "retry",
        "kustomer",
        "--failed",
        "--since",
        "2026-11-21",
        "--code",
        "bad_request",
    ];
    assert_eq!(tieline(&server, &all).out.trim(), "2 jobs done again.");
    assert_eq!(
        tieline(&server, &["jobs", "cancel", "kustomer", "j1"]).exit,
        0
    );
    assert_eq!(
        sent(&server),
        [
            r#"PATCH integrations/kustomer/jobs/j1 {"detail":{"a":1}}"#,
            "POST integrations/kustomer/jobs/j1/retry",
            "POST integrations/kustomer/jobs/j2/retry",
            r#"POST integrations/kustomer/retry-failed {"code":"bad_request","since":"2026-11-21T00:00:00Z"}"#,
            "DELETE integrations/kustomer/jobs/j1",
        ]
    );
    let folder = Folder::with("list.json", "[1]");
    folder.write("none.json", "{");
    for (file, sentence) in [
        ("list.json", "neither a JSON object nor null"),
        ("none.json", "is no JSON"),
        ("gone.json", "cannot read"),
    ] {
        let refused = tieline(
            &server,
            &[
                "jobs",
                "edit",
                "kustomer",
                "j1",
                "--detail",
                &folder.text(file),
            ],
        );
        assert_eq!(refused.exit, 2, "{refused:?}");
        assert!(refused.err.contains(sentence), "{}", refused.err);
    }
    // Some, or all that failed, and not both or neither.
    for wrong in [
        &["jobs", "retry", "kustomer"][..],
        &["jobs", "retry", "kustomer", "j1", "--failed"],
    ] {
        assert_eq!(tieline(&server, wrong).exit, 2, "{wrong:?}");
    }
}

fn call(request: &str, status: i64) -> Value {
    json!({"at": "2026-11-23T10:00:00Z", "key_name": "CRM", "member_name": null, "operation": "customer_get", "status": status,
        "ms": 12, "request_id": request, "error": (status >= 400).then_some("not_found")})
}

#[test]
fn the_log_of_calls_is_followed_from_where_it_stands() {
    let mut looks = 0;
    let server = dashboard(move |path, _| {
        looks += 1;
        let page = |calls: &[Value], tail: &str, more: bool| {
            Reply::json(
                200,
                &json!({"calls": calls, "has_more": more, "next_cursor": null, "tail": tail}),
            )
        };
        match (looks, path) {
            (1, "GET api-log?limit=2") => page(&[call("r2", 200), call("r1", 404)], "t2", true),
            (2, "GET api-log?after=t2&limit=200") => page(&[call("r3", 200)], "t3", true),
            (3, "GET api-log?after=t3&limit=200") => page(&[call("r4", 200)], "t4", false),
            (4, "GET api-log?after=t4&limit=200") => Reply::status(503),
            (5, "GET api-log?after=t4&limit=200") => page(&[call("r5", 200)], "t5", false),
            other => panic!("{other:?}"),
        }
    });
    let outcome = tieline(&server, &["tail", "--last", "2", "--for", "9"]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let requests: Vec<_> = outcome
        .out
        .lines()
        .filter_map(|line| line.split("  ").find(|word| word.starts_with('r')))
        .collect();
    assert_eq!(requests, ["r1", "r2", "r3", "r4", "r5"]);
    assert_prints(
        &outcome,
        &["404     12 ms  customer_get  CRM  r1  [not_found]"],
    );
    assert!(outcome.err.contains("looking again"), "{}", outcome.err);
    assert_eq!(outcome.waits.len(), 3);
}

#[test]
fn a_server_without_a_log_is_followed_by_deliveries_each_told_when_it_comes_further() {
    let mut looks = 0;
    let server = dashboard(move |path, _| {
        if path.starts_with("GET webhooks/w2") {
            return Reply::json(200, &json!({"deliveries": []}));
        }
        if !path.starts_with("GET webhooks/w1") {
            return well(path);
        }
        looks += 1;
        let (old, tried) = (
            delivery("d1", 1, "delivered", &[(200, "")]),
            delivery("d2", 2, "pending", &[(500, "")]),
        );
        let deliveries = match looks {
            1 => vec![old],
            2 => vec![tried, old],
            3 => vec![tried, old],
            _ => vec![delivery("d2", 2, "delivered", &[(500, ""), (200, "")]), old],
        };
        Reply::json(200, &json!({"deliveries": deliveries}))
    });
    let outcome = tieline(
        &server,
        &["tail", "--last", "0", "--every", "1", "--for", "3"],
    );
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let lines: Vec<_> = outcome.out.lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines[0].contains("pending  message.received  CRM  1: 500 in 12 ms  d2"),
        "{}",
        lines[0]
    );
    assert!(
        lines[1].contains("delivered  message.received  CRM  2: 200 in 12 ms  d2"),
        "{}",
        lines[1]
    );
    assert!(outcome.err.contains("no log of calls"), "{}", outcome.err);
}
