//! `tieline kustomer`.

use serde_json::{Value, json};

use crate::server::{Reply, Request, Server};
use crate::terminal::{Outcome, run};

const SESSION: &str = "/functions/v1/api/dashboard/sessions";
const BASE: &str = "/functions/v1/api/dashboard/integrations/kustomer";

/// A dashboard whose sessions are numbered, and what it answers beside them.
fn dashboard(mut answer: impl FnMut(usize, &Request) -> Reply + Send + 'static) -> Server {
    let (mut sessions, mut calls) = (0, 0);
    Server::start(move |_, request| {
        if request.path == SESSION {
            sessions += 1;
            let token = format!("session-{sessions}");
            return Reply::json(
                201,
                &json!({"token": token, "expires_at": "2026-11-21T11:00:00Z"}),
            );
        }
        calls += 1;
        answer(calls - 1, request)
    })
}

fn kustomer(server: &Server, command: &[&str]) -> Outcome {
    let server = ["--base-url", &server.url, "--admin-key", "tl_admin_1"];
    run(&[&["kustomer"], command, &server].concat())
}

fn stands(scheduled: u64, done: u64, waiting: u64) -> Value {
    let finished = scheduled == 1200 && waiting == 0;
    json!({"backfill": {"since": null, "cursor": null, "scheduled": scheduled, "done": done,
        "failed": scheduled - done - waiting, "waiting": waiting, "total": 1200,
        "finished": finished}})
}

/// Bodies of the calls behind the session.
fn sent(server: &Server) -> Vec<Value> {
    let requests = server.requests().into_iter();
    let requests = requests.filter(|request| request.path != SESSION);
    requests.map(|request| request.json()).collect()
}

#[test]
fn a_backfill_goes_on_until_all_is_done() {
    let steps = [
        (500, 0, 500),
        (1000, 300, 700),
        (1200, 900, 300),
        (1200, 900, 300),
        (1200, 1200, 0),
    ];
    let server = dashboard(move |n, request| {
        assert_eq!(
            (request.method.as_str(), request.path.as_str()),
            ("POST", &*format!("{BASE}/backfill"))
        );
        let (scheduled, done, waiting) = steps[n];
        Reply::json(200, &stands(scheduled, done, waiting))
    });
    let outcome = kustomer(&server, &["backfill", "--since", "2026-01-31", "--restart"]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let lines: Vec<_> = outcome.err.lines().collect();
    assert!(
        lines[0].contains("`tieline kustomer backfill` goes on"),
        "{lines:?}"
    );
    assert_eq!(lines[1], "0 of 1,200 messages done, 0 failed, 500 waiting");
    assert_eq!(
        lines.len(),
        5,
        "what did not change is not said again: {lines:?}"
    );
    assert_eq!(
        outcome.out.trim(),
        "1,200 of 1,200 messages done, 0 failed, 0 waiting"
    );
    let since = "2026-01-31T00:00:00Z";
    let sent = sent(&server);
    assert_eq!(sent[0], json!({"since": since, "restart": true}));
    assert_eq!(sent[1..], vec![json!({"since": since}); 4]);
    let waits: Vec<_> = outcome.waits.iter().map(|wait| wait.as_millis()).collect();
    assert_eq!(waits, [200, 200, 5000, 5000]);
}

#[test]
fn messages_that_failed_are_told_and_quiet_says_the_end_alone() {
    let server = dashboard(|_, _| Reply::json(200, &stands(1200, 1199, 0)));
    let outcome = kustomer(&server, &["backfill", "--quiet"]);
    assert_eq!(outcome.exit, 1);
    assert!(outcome.out.contains("1 failed"), "{}", outcome.out);
    assert_eq!(outcome.err.lines().count(), 1, "{}", outcome.err);
    assert_eq!(sent(&server), [json!({})]);
}

#[test]
fn a_session_that_ends_meanwhile_is_begun_anew() {
    let server = dashboard(|n, request| match (n, request.header("authorization")) {
        (0, Some("Bearer session-1")) => Reply::status(401),
        (1, Some("Bearer session-2")) => Reply::json(200, &stands(1200, 1200, 0)),
        other => panic!("{other:?}"),
    });
    assert_eq!(kustomer(&server, &["backfill"]).exit, 0);
}

#[test]
fn a_server_that_is_away_is_asked_again_and_then_it_says_how_to_go_on() {
    let server = dashboard(|n, _| match n {
        0 => Reply::Hangup,
        1 => Reply::json(200, &stands(500, 0, 500)),
        _ => Reply::status(503),
    });
    let outcome = kustomer(&server, &["backfill", "--restart", "--max-retries", "2"]);
    assert_eq!(outcome.exit, 3, "{outcome:?}");
    assert!(outcome.err.contains("retry 1 in"), "{}", outcome.err);
    let last = outcome.err.lines().last().unwrap();
    assert!(
        last.contains("`tieline kustomer backfill` goes on"),
        "{last}"
    );
    let restarts = sent(&server)
        .iter()
        .filter(|body| body["restart"] == true)
        .count();
    assert_eq!(restarts, 2, "the first call and its repetition");
}

#[test]
fn what_is_refused_ends_it_with_the_reason() {
    let server = dashboard(|_, _| Reply::status(409));
    let outcome = kustomer(&server, &["backfill"]);
    assert_eq!(outcome.exit, 1);
    assert!(outcome.err.contains("Scripted 409"), "{}", outcome.err);
    let date = kustomer(&server, &["backfill", "--since", "yesterday"]);
    assert_eq!(date.exit, 2);
}

fn status(word: &str) -> Value {
    json!({"status": word, "reasons": [{"code": "bad_key", "message": "The key\u{1b} is refused.", "at": null}],
        "budget": {"per_minute": 100, "per_day": 10000, "used_today": 1207, "blocked_until": null},
        "queue": {"waiting": 12, "oldest_at": null, "failed": 3}, "last_success_at": null,
        "last_error": null, "broken_until": null, "webhook": "active", "reconciled_to": null,
        "backfill": null})
}

#[test]
fn the_status_is_told_and_its_exit_code_tells_whether_it_works() {
    for (word, exit) in [
        ("healthy", 0),
        ("degraded", 0),
        ("down", 1),
        ("disabled", 1),
    ] {
        let server = dashboard(move |_, _| Reply::json(200, &status(word)));
        let outcome = kustomer(&server, &["status"]);
        assert_eq!(outcome.exit, exit, "{outcome:?}");
        for part in [
            &format!("Kustomer is {word}."),
            "The key  is refused. [bad_key]",
            "1,207 of 10,000 today, 100 a minute",
        ] {
            assert!(outcome.out.contains(part), "{part}: {}", outcome.out);
        }
        let json = kustomer(&server, &["status", "--json"]);
        assert_eq!(
            serde_json::from_str::<Value>(&json.out).unwrap(),
            status(word)
        );
    }
}

#[test]
fn the_test_tells_what_the_key_may_and_what_is_wrong() {
    let works = json!({"success": true,
        "connection": {"organization_id": "o1", "user": {"id": "u1", "name": "Tieline"}, "base_url": "https://x"},
        "roles": {"present": ["customers:read"], "missing": [{"needed_for": "notes:write", "role": "org.permission.note.create",
            "turns_off": "Notes are not written."}], "excess": ["org.admin"]},
        "warnings": [{"code": "unknown_team", "message": "The team t9 does not exist."}],
        "teams": [{"id": "t1", "name": "Support"}]});
    let server = dashboard(move |_, _| Reply::json(200, &works));
    let outcome = kustomer(&server, &["test"]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    for part in [
        "It works.",
        "organisation o1, as Tieline (u1)",
        "may customers:read",
        "lacks org.permission.note.create, for notes:write. Notes are not written.",
        "does not need org.admin",
        "The team t9 does not exist. [unknown_team]",
        "team Support (t1)",
    ] {
        assert!(outcome.out.contains(part), "{part}: {}", outcome.out);
    }
    let fails = json!({"success": false, "error": {"code": "bad_key", "message": "Kustomer does not know this API key."}});
    let server = dashboard(move |_, _| Reply::json(200, &fails));
    let outcome = kustomer(&server, &["test"]);
    assert_eq!(outcome.exit, 1);
    assert!(
        outcome
            .out
            .contains("It does not work: Kustomer does not know"),
        "{}",
        outcome.out
    );
}

#[test]
fn help_on_the_backfill_says_how_to_go_on() {
    let outcome = run(&["kustomer", "backfill", "--help"]);
    assert_eq!(outcome.exit, 0);
    for part in [
        "--since <DATE>",
        "--restart",
        "Interrupt it whenever you like",
    ] {
        assert!(outcome.out.contains(part), "{part}: {}", outcome.out);
    }
}
