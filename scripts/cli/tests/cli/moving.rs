//! `tieline business move` and `tieline business databases`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::server::{Reply, Server};
use crate::terminal::{Outcome, run};

const PATH: &str = "/functions/v1/api/operator/businesses/biz-1/move";

fn business(server: &Server, command: &[&str]) -> Outcome {
    let server = ["--base-url", &server.url, "--platform-token", "platform-1"];
    run(&[&["business"], command, &server].concat())
}

fn answer(database: u32, closed_ms: Option<u64>, under_way: &Value) -> Value {
    json!({"business_id": "biz-1", "database": database, "closed_ms": closed_ms, "move": under_way})
}

fn step(database: u32, state: &str, change: &Value) -> Reply {
    let mut under_way = json!({"to": 1, "state": state, "is_closed": false, "table": null,
        "tables_done": 0, "tables": 72, "rows": 0, "wait_seconds": 0});
    for (name, value) in change.as_object().unwrap() {
        under_way[name] = value.clone();
    }
    Reply::json(200, &answer(database, None, &under_way))
}

fn done(database: u32, closed_ms: Option<u64>) -> Reply {
    Reply::json(200, &answer(database, closed_ms, &Value::Null))
}

/// A deployment in which a move takes six calls.
fn deployment() -> Server {
    Server::start(|n, _| match n {
        0 => step(0, "draining", &json!({"wait_seconds": 12})),
        1 | 2 => {
            let change = json!({"is_closed": true, "table": "messages", "tables_done": 12,
                "rows": 12_345 * n});
            step(0, "copying", &change)
        }
        3 | 4 => step(1, "deleting", &json!({"tables_done": 40})),
        5 => done(1, Some(3271)),
        _ => Reply::status(500),
    })
}

#[test]
fn a_move_is_called_for_until_nothing_is_under_way_and_says_what_is_done() {
    let server = deployment();
    let outcome = business(&server, &["move", "biz-1", "--to", "1"]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert_eq!(
        outcome.out,
        "Business biz-1 is in database 1; it was closed for 3.2 s.\n"
    );
    let lines: Vec<_> = outcome.err.lines().collect();
    let expected = [
        "draining: waiting for what is under way",
        "copying messages, 12,345 rows (the business is closed meanwhile)",
        "copying messages, 24,690 rows (the business is closed meanwhile)",
        "the business is in database 1, deleting what it left",
    ];
    assert_eq!(lines, expected);
    assert_eq!(outcome.waits, [Duration::from_secs(12)]);
    let requests = server.requests();
    assert_eq!(requests.len(), 6);
    for (n, request) in requests.iter().enumerate() {
        assert_eq!(
            (request.method.as_str(), request.path.as_str()),
            ("POST", PATH)
        );
        assert_eq!(request.header("authorization"), Some("Bearer platform-1"));
        let asked = match n {
            0 => json!({"to": 1}),
            _ => json!({"to": 1, "continues": true}),
        };
        assert_eq!(request.json(), asked);
    }
}

#[test]
fn a_move_is_cancelled_until_nothing_is_under_way() {
    let server = Server::start(|n, _| match n {
        0 => step(0, "cancelling", &json!({"is_closed": true})),
        1 => step(0, "cancelling", &json!({"tables_done": 12})),
        _ => done(0, None),
    });
    let outcome = business(&server, &["move", "biz-1", "--cancel"]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert_eq!(
        outcome.out,
        "Business biz-1 is in database 0, and no move of it is under way.\n"
    );
    let lines: Vec<_> = outcome.err.lines().collect();
    let closed = "cancelling (the business is closed meanwhile)";
    assert_eq!(lines, [closed, "cancelling"]);
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    for request in requests {
        assert_eq!(request.path, PATH);
        assert_eq!(request.json(), json!({"cancel": true}));
    }
}

#[test]
fn json_is_the_last_answer_as_it_came() {
    let outcome = business(&deployment(), &["move", "biz-1", "--to", "1", "--json"]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let printed: Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!(printed, answer(1, Some(3271), &Value::Null));
    let quiet = ["move", "biz-1", "--to", "1", "--json", "--quiet"];
    let outcome = business(&deployment(), &quiet);
    assert_eq!((outcome.exit, outcome.err.as_str()), (0, ""));
}

#[test]
fn json_tells_for_how_long_the_business_was_closed_whichever_answer_told_it() {
    let deleting = json!({"to": 0, "state": "deleting", "is_closed": false, "table": null,
        "tables_done": 40, "tables": 44, "rows": 12_345, "wait_seconds": 0});
    let server = Server::start(move |n, _| match n {
        0 => Reply::json(200, &answer(1, Some(3271), &deleting)),
        _ => done(1, None),
    });
    let outcome = business(&server, &["move", "biz-1", "--to", "1", "--json"]);
    let printed: Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!(printed, answer(1, Some(3271), &Value::Null));
}

#[test]
fn what_the_server_refuses_is_told_and_not_asked_again() {
    let refusals = [
        (404, "not_found", "There is no such business."),
        (
            409,
            "move_under_way",
            "The business is being moved to database 2.",
        ),
    ];
    for (status, code, error) in refusals {
        let server = Server::start(move |_, _| {
            let body = json!({"error": error, "code": code, "request_id": "req-7"});
            Reply::json(status, &body)
        });
        let outcome = business(&server, &["move", "biz-1", "--to", "1"]);
        assert_eq!(outcome.exit, 1, "{outcome:?}");
        let sentence = error.trim_end_matches('.');
        let expected = format!(
            "tieline: the server answered {status}: {sentence} (code {code}, request req-7)\n"
        );
        assert_eq!((outcome.out.as_str(), outcome.err), ("", expected));
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn a_call_that_fails_is_repeated_and_the_move_goes_on() {
    let server = Server::start(|n, _| match n {
        0 => step(0, "draining", &json!({})),
        1 => Reply::status(503).with_header("retry-after", "7"),
        2 => Reply::Hangup,
        _ => done(1, Some(340)),
    });
    let outcome = business(&server, &["move", "biz-1", "--to", "1"]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert!(
        outcome.out.contains("it was closed for 340 ms"),
        "{outcome:?}"
    );
    assert!(outcome.err.contains("retry 1 in 7.0 s"), "{outcome:?}");
    assert_eq!(
        outcome.waits,
        [Duration::from_secs(7), Duration::from_millis(500)]
    );
    let requests = server.requests();
    assert_eq!(requests.len(), 4);
    for request in requests {
        assert_eq!(request.json()["to"], 1);
    }
}

#[test]
fn a_server_that_stays_away_stops_it_and_says_how_it_goes_on() {
    let server = Server::start(|_, _| Reply::status(503));
    let command = ["move", "biz-1", "--to", "1", "--max-retries", "1"];
    let outcome = business(&server, &command);
    assert_eq!((outcome.exit, server.requests().len()), (3, 2));
    for part in ["the same command goes on", "cron goes on by itself"] {
        assert!(outcome.err.contains(part), "{outcome:?}");
    }
}

#[test]
fn a_move_that_somebody_else_cancelled_shows_in_the_exit_code() {
    let server = Server::start(|n, _| match n {
        0 => step(0, "cancelling", &json!({})),
        _ => done(0, None),
    });
    let outcome = business(&server, &["move", "biz-1", "--to", "1"]);
    assert_eq!(outcome.exit, 1, "{outcome:?}");
    assert_eq!(outcome.out, "Business biz-1 is in database 0.\n");
    assert!(outcome.err.contains("It was not moved"), "{outcome:?}");
}

#[test]
fn a_move_has_a_database_or_is_cancelled_and_never_both() {
    let server = deployment();
    let wrong: [&[&str]; 5] = [
        &["move", "biz-1"],
        &["move", "biz-1", "--to", "1", "--cancel"],
        &["move", "biz-1", "--to", "one"],
        &["move", "biz-1", "--to=-1"],
        &["move", "--to", "1"],
    ];
    for command in wrong {
        assert_eq!(business(&server, command).exit, 2, "{command:?}");
    }
    assert!(server.requests().is_empty());
}

#[test]
fn help_on_a_move_says_that_it_may_be_interrupted() {
    let outcome = run(&["business", "move", "--help"]);
    for part in ["Interrupt it", "cron goes on", "503", "--to <N>"] {
        assert!(outcome.out.contains(part), "{part}: {}", outcome.out);
    }
}

/// A deployment with two databases and one of which nothing is known.
fn databases() -> Server {
    Server::start(|_, request| {
        assert_eq!(request.method, "GET");
        let of = |number, bytes: u64, max: u64, businesses, takes_new| {
            json!({"number": number, "bytes": bytes, "max_bytes": max, "businesses": businesses,
                "takes_new": takes_new})
        };
        let all = [
            of(0, 9_170_000_000, 10_000_000_000, 1200, false),
            of(1, 4_718_592, 10_000_000_000, 3, true),
            of(2, 0, 0, 0, false),
        ];
        Reply::json(200, &json!({ "databases": all }))
    })
}

#[test]
fn databases_are_listed_with_how_full_they_are() {
    let server = databases();
    let outcome = business(&server, &["databases"]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let lines: Vec<_> = outcome.out.lines().collect();
    let expected = [
        "DATABASE  SIZE     FULL  BUSINESSES  NEW",
        "0         9.1 GB   91 %  1,200       no",
        "1         4.7 MB   0 %   3           yes",
        "2         0 bytes  –     0           no",
    ];
    assert_eq!(lines, expected);
    let request = &server.requests()[0];
    assert_eq!(request.path, "/functions/v1/api/operator/databases");
    assert_eq!(request.header("authorization"), Some("Bearer platform-1"));
}

#[test]
fn databases_are_printed_as_json_as_it_came() {
    let outcome = business(&databases(), &["databases", "--json"]);
    let printed: Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!(printed["databases"][1]["bytes"], 4_718_592);
    let server = Server::start(|_, _| Reply::status(401));
    let outcome = business(&server, &["databases"]);
    assert_eq!(outcome.exit, 1, "{outcome:?}");
    assert!(outcome.err.contains("--platform-token"), "{outcome:?}");
}
