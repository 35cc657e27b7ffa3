//! Servers that refuse, and command lines that cannot be followed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::server::{Reply, Server};
use crate::terminal::{Folder, KEY, run};

const ONE: &str = "email\na@x.ie\n";

/// Answers the first request with `first` and the later ones as it should.
fn at_first(first: impl Fn() -> Reply + Send + 'static) -> Server {
    Server::start(move |number, request| match number {
        0 => first(),
        _ => Reply::all_created(request),
    })
}

#[test]
fn too_many_requests_are_waited_out_as_long_as_the_server_asks() {
    let server = at_first(|| Reply::status(429).with_header("retry-after", "7"));
    let folder = Folder::with("c.csv", ONE);
    let outcome = folder.import("c.csv", &server.url, &[]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert_eq!(outcome.waits, [Duration::from_secs(7)]);
    assert!(outcome.err.contains("retry 1 in 7.0 s"), "{}", outcome.err);
    let requests = server.requests();
    let key = |n: usize| requests[n].header("idempotency-key").map(str::to_owned);
    assert!(key(0).is_some());
    assert_eq!(key(0), key(1));
    assert_eq!(requests[0].body, requests[1].body);
}

#[test]
fn a_lost_connection_and_a_batch_still_running_are_tried_again() {
    let server = Server::start(|number, request| match number {
        0 => Reply::Hangup,
        1 => Reply::json(
            409,
            &json!({"error": "Wait.", "code": "idempotency_in_progress"}),
        ),
        2 => Reply::status(503),
        _ => Reply::all_created(request),
    });
    let folder = Folder::with("c.csv", ONE);
    let outcome = folder.import("c.csv", &server.url, &[]);
    assert_eq!((outcome.exit, outcome.waits.len()), (0, 3), "{outcome:?}");
}

#[test]
fn a_wait_longer_than_a_quarter_of_an_hour_is_left_to_the_user() {
    let server = at_first(|| Reply::status(429).with_header("retry-after", "3600"));
    let outcome = Folder::with("c.csv", ONE).import("c.csv", &server.url, &[]);
    assert_eq!((outcome.exit, outcome.waits.len()), (3, 0));
}

#[test]
fn a_server_that_stays_down_stops_the_import_after_the_tries_allowed() {
    let server = Server::start(|_, _| Reply::status(503));
    let folder = Folder::with("c.csv", ONE);
    let outcome = folder.import("c.csv", &server.url, &["--max-retries", "2"]);
    assert_eq!((outcome.exit, server.requests().len()), (3, 3));
    for part in [
        "rows 1 to 1",
        "Scripted 503",
        "req-7",
        "3 tries",
        "Run the same command again",
    ] {
        assert!(outcome.err.contains(part), "{part}: {}", outcome.err);
    }
}

#[test]
fn a_refused_batch_stops_at_once_with_the_servers_sentence() {
    for status in [400, 401, 403, 404, 422] {
        let server = at_first(move || Reply::status(status));
        let outcome = Folder::with("c.csv", ONE).import("c.csv", &server.url, &[]);
        assert_eq!((outcome.exit, server.requests().len()), (3, 1));
        let sentence = format!("the server answered {status}: Scripted {status}");
        assert!(outcome.err.contains(&sentence), "{}", outcome.err);
        assert!(outcome.err.contains("request req-7"), "{}", outcome.err);
        assert!(!outcome.err.contains(KEY) && !outcome.out.contains(KEY));
    }
}

#[test]
fn a_redirect_is_not_followed_with_the_key() {
    let server = at_first(|| Reply::status(308).with_header("location", "http://127.0.0.1:9/x"));
    let outcome = Folder::with("c.csv", ONE).import("c.csv", &server.url, &[]);
    assert_eq!((outcome.exit, server.requests().len()), (3, 1));
    assert!(
        outcome.err.contains("It points to http://127.0.0.1:9/x"),
        "{}",
        outcome.err
    );
}

#[test]
fn an_answer_that_is_not_the_apis_stops_the_import() {
    let server = at_first(|| Reply::json(200, &json!({"hello": "world"})));
    let folder = Folder::with("c.csv", ONE);
    let outcome = folder.import("c.csv", &server.url, &[]);
    assert_eq!(outcome.exit, 3);
    assert!(outcome.err.contains("Check --base-url"), "{}", outcome.err);
    assert!(folder.path("c.tieline-import.json").exists());
}

#[test]
fn a_batch_that_is_too_large_is_halved_until_it_goes_in() {
    let server = Server::start(|_, request| match request.customers().len() {
        0..=2 => Reply::all_created(request),
        _ => Reply::status(413),
    });
    let rows: String = (0..8).map(|n| format!("c{n},n{n}@x.ie\n")).collect();
    let folder = Folder::with("c.csv", format!("id,email\n{rows}"));
    let outcome = folder.import("c.csv", &server.url, &[]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let requests = server.requests();
    let sizes: Vec<usize> = requests
        .iter()
        .map(|request| request.customers().len())
        .collect();
    assert_eq!(sizes, [8, 4, 2, 2, 2, 2]);
    let mapping = folder.read("c.mapping.csv");
    let expected: String = (0..8).map(|n| format!("c{n},cus-c{n}\n")).collect();
    assert_eq!(mapping, format!("external_id,customer_id\n{expected}"));
}

#[test]
fn a_single_record_that_is_too_large_fails_alone() {
    let server = Server::start(|_, request| match request.body.contains("huge") {
        true => Reply::status(413),
        false => Reply::all_created(request),
    });
    let folder = Folder::with("c.csv", "id,email\nc1,a@x.ie\nhuge,b@x.ie\nc3,c@x.ie\n");
    let outcome = folder.import("c.csv", &server.url, &[]);
    assert_eq!(outcome.exit, 1, "{outcome:?}");
    assert!(
        folder
            .read("c.failed.csv")
            .contains("2,huge,record_too_large,")
    );
    assert_eq!(folder.read("c.mapping.csv").lines().count(), 3);
}

#[test]
fn what_cannot_be_followed_is_said_before_anything_is_sent() {
    let server = Server::start(|_, request| Reply::all_created(request));
    let folder = Folder::with("c.csv", "email,name\na@x.ie,A\n");
    folder.write("empty.csv", "");
    folder.write("utf16.csv", b"\xff\xfee\0m\0");
    folder.write("none.csv", "colour,size\nred,1\n");
    folder.write("c.xlsx", "");
    let input = folder.text("c.csv");
    let cases: [(&str, &[&str], &str); 10] = [
        ("c.csv", &["--map", "Emial=email"], "it has email, name"),
        (
            "c.csv",
            &["--map", "email=mail address"],
            "there is no field mail address",
        ),
        ("c.csv", &["--map", "email"], "write COLUMN=FIELD"),
        ("c.csv", &["--batch-size", "1001"], "1001"),
        ("c.csv", &["--report", &input], "used for something else"),
        ("empty.csv", &[], "the file is empty"),
        ("utf16.csv", &[], "save it as UTF-8"),
        ("none.csv", &[], "the columns are colour, size"),
        ("c.xlsx", &[], "name it .csv or .jsonl"),
        ("missing.csv", &[], "cannot read"),
    ];
    for (file, options, expected) in cases {
        let outcome = folder.import(file, &server.url, options);
        assert_eq!(outcome.exit, 2, "{file} {options:?}: {outcome:?}");
        assert!(
            outcome.err.contains(expected),
            "{expected}: {}",
            outcome.err
        );
    }
    assert!(server.requests().is_empty());
    let left = ["c.csv", "c.xlsx", "empty.csv", "none.csv", "utf16.csv"];
    assert_eq!(folder.files(), left);
}

#[test]
fn server_and_key_may_come_from_the_file_of_the_local_stack() {
    let server = Server::start(|_, request| Reply::all_created(request));
    let folder = Folder::with("c.csv", ONE);
    let dev = json!({"base_url": server.url, "api_key": "tl_dev_key", "origin": "x"});
    folder.write("dev.json", dev.to_string());
    let (file, dev) = (folder.text("c.csv"), folder.text("dev.json"));
    assert_eq!(run(&["import", &file, "--dev-json", &dev]).exit, 0);
    assert_eq!(server.requests()[0].header("x-api-key"), Some("tl_dev_key"));
    assert_eq!(
        server.requests()[0].json()["customers"][0]["name"],
        Value::Null
    );
}
