//! Imports that stop part-way and go on.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use crate::server::{Reply, Server};
use crate::terminal::{Folder, KEY, run};

const STATE: &str = "c.tieline-import.json";

/// Ten rows, of which every fifth fails.
fn ten_rows() -> Folder {
    let rows = (1..=10).map(|n| {
        let name = if n % 5 == 0 { "bad" } else { "ok" };
        format!("c{n},{name},n{n}@x.ie\n")
    });
    Folder::with(
        "c.csv",
        format!("id,name,email\n{}", rows.collect::<String>()),
    )
}

/// A server that is down from its third request until it is let up again.
fn down_from_the_third() -> (Server, Arc<AtomicBool>) {
    let up = Arc::new(AtomicBool::new(false));
    let is_up = Arc::clone(&up);
    let server = Server::start(move |number, request| {
        if number < 2 || is_up.load(Ordering::SeqCst) {
            Reply::all_created(request)
        } else {
            Reply::status(500)
        }
    });
    (server, up)
}

const BATCHES: [&str; 4] = ["--batch-size", "3", "--max-retries", "0"];

fn is_complete(folder: &Folder) {
    let mapped = [1, 2, 3, 4, 6, 7, 8, 9].map(|n| format!("c{n},cus-c{n}\n"));
    let mapping = folder.read("c.mapping.csv");
    assert_eq!(
        mapping,
        format!("external_id,customer_id\n{}", mapped.concat())
    );
    let report = folder.read("c.failed.csv");
    let rows: Vec<&str> = report
        .lines()
        .filter_map(|line| line.split(',').next())
        .collect();
    assert_eq!(rows, ["row", "5", "10"]);
    assert!(!folder.path(STATE).exists());
}

#[test]
fn the_same_command_goes_on_where_the_import_stopped() {
    let (server, up) = down_from_the_third();
    let folder = ten_rows();
    let stopped = folder.import("c.csv", &server.url, &BATCHES);
    assert_eq!(stopped.exit, 3, "{stopped:?}");
    assert!(
        stopped
            .err
            .contains("Done up to row 6: 5 created, 1 failed"),
        "{}",
        stopped.err
    );
    assert!(!folder.read(STATE).contains(KEY));

    up.store(true, Ordering::SeqCst);
    let resumed = folder.import("c.csv", &server.url, &BATCHES);
    assert_eq!(resumed.exit, 1, "{resumed:?}");
    assert!(resumed.err.contains("Going on at row 7"), "{}", resumed.err);
    assert!(resumed.out.contains("10 rows done"), "{}", resumed.out);
    is_complete(&folder);

    let requests = server.requests();
    assert_eq!(requests[2].body, requests[3].body);
    let key = |n: usize| requests[n].header("idempotency-key").map(str::to_owned);
    assert_eq!(key(2), key(3));
}

#[test]
fn a_key_renewed_meanwhile_goes_on_under_idempotency_keys_of_its_own() {
    let (server, up) = down_from_the_third();
    let folder = ten_rows();
    folder.import("c.csv", &server.url, &BATCHES);
    up.store(true, Ordering::SeqCst);
    let file = folder.text("c.csv");
    let command = [
        "import",
        &file,
        "--base-url",
        &server.url,
        "--api-key",
        "tl_new_key",
    ];
    assert_eq!(run(&[&command[..], &BATCHES].concat()).exit, 1);
    is_complete(&folder);
    let requests = server.requests();
    let key = |n: usize| requests[n].header("idempotency-key").map(str::to_owned);
    assert_ne!(key(2), key(3));
}

#[test]
fn rows_written_by_a_batch_that_was_not_finished_are_not_doubled() {
    let (server, up) = down_from_the_third();
    let folder = ten_rows();
    folder.import("c.csv", &server.url, &BATCHES);
    for file in ["c.mapping.csv", "c.failed.csv"] {
        folder.write(file, folder.read(file) + "c7,half a ro");
    }
    up.store(true, Ordering::SeqCst);
    folder.import("c.csv", &server.url, &BATCHES);
    is_complete(&folder);
}

#[test]
fn a_program_killed_while_it_waits_for_an_answer_goes_on() {
    let (arrived, arrival) = mpsc::channel();
    let (let_go, released) = mpsc::channel::<()>();
    let server = Server::start(move |number, request| {
        if number == 2 {
            arrived.send(()).unwrap();
            released.recv().unwrap();
        }
        Reply::all_created(request)
    });
    let folder = ten_rows();
    let mut program = Command::new(env!("CARGO_BIN_EXE_tieline"))
        .args(["import", &folder.text("c.csv"), "--base-url", &server.url])
        .args(BATCHES)
        .env("TIELINE_API_KEY", KEY)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    arrival.recv().unwrap();
    program.kill().unwrap();
    program.wait().unwrap();
    let_go.send(()).unwrap();

    let resumed = folder.import("c.csv", &server.url, &BATCHES);
    assert_eq!(resumed.exit, 1, "{resumed:?}");
    is_complete(&folder);
    let requests = server.requests();
    let key = |n: usize| requests[n].header("idempotency-key").map(str::to_owned);
    assert_eq!(key(2), key(3));
}

#[test]
fn a_batch_size_learnt_from_the_server_is_remembered() {
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    let server = Server::start(move |_, request| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        match request.customers().len() {
            _ if number == 3 => Reply::status(500),
            0..=4 => Reply::all_created(request),
            _ => Reply::status(413),
        }
    });
    let folder = ten_rows();
    let options = ["--max-retries", "0"];
    assert_eq!(folder.import("c.csv", &server.url, &options).exit, 3);
    assert_eq!(folder.import("c.csv", &server.url, &options).exit, 1);
    let refused = server
        .requests()
        .iter()
        .filter(|r| r.customers().len() > 4)
        .count();
    assert_eq!(refused, 2);
    is_complete(&folder);
}

#[test]
fn a_changed_file_is_refused_until_it_is_to_begin_anew() {
    let (server, up) = down_from_the_third();
    let folder = ten_rows();
    folder.import("c.csv", &server.url, &BATCHES);
    up.store(true, Ordering::SeqCst);
    folder.write("c.csv", folder.read("c.csv").replace("c1,ok", "c1,OK"));
    let sent = server.requests().len();

    let refused = folder.import("c.csv", &server.url, &BATCHES);
    assert_eq!((refused.exit, server.requests().len()), (2, sent));
    assert!(
        refused.err.contains("the file has changed"),
        "{}",
        refused.err
    );

    let anew = folder.import(
        "c.csv",
        &server.url,
        &[&BATCHES[..], &["--restart"]].concat(),
    );
    assert_eq!(anew.exit, 1, "{anew:?}");
    assert_eq!(server.requests().len(), sent + 4);
    is_complete(&folder);
}

#[test]
fn an_import_does_not_change_its_options_or_server_half_way() {
    let (server, _) = down_from_the_third();
    let folder = ten_rows();
    folder.import("c.csv", &server.url, &BATCHES);
    let report = folder.text("other.csv");
    let sent = server.requests().len();
    for (url, options, expected) in [
        (
            server.url.as_str(),
            vec!["--system", "crm"],
            "--map, --system or --delimiter",
        ),
        (
            &server.url,
            vec!["--report", &report],
            "--report was another file",
        ),
        (
            &server.url,
            vec!["--mapping", &report],
            "--mapping was another file",
        ),
        (
            "http://127.0.0.1:9/functions/v1",
            vec![],
            "not to http://127.0.0.1:9/functions/v1",
        ),
    ] {
        let refused = folder.import("c.csv", url, &options);
        assert_eq!(refused.exit, 2, "{refused:?}");
        assert!(refused.err.contains(expected), "{}", refused.err);
    }
    folder.write("c.jsonl", "{}\n");
    let refused = folder.import("c.jsonl", &server.url, &[]);
    assert!(
        refused
            .err
            .contains("an import of c.csv stopped after row 6"),
        "{}",
        refused.err
    );
    assert_eq!(server.requests().len(), sent);
}

#[test]
fn an_import_that_never_began_binds_nobody() {
    let down = Server::start(|_, _| Reply::status(401));
    let folder = ten_rows();
    assert_eq!(folder.import("c.csv", &down.url, &BATCHES).exit, 3);
    let server = Server::start(|_, request| Reply::all_created(request));
    assert_eq!(folder.import("c.csv", &server.url, &BATCHES).exit, 1);
    is_complete(&folder);
}

#[test]
fn a_dry_run_leaves_an_unfinished_import_alone() {
    let (server, up) = down_from_the_third();
    let folder = ten_rows();
    folder.import("c.csv", &server.url, &BATCHES);
    up.store(true, Ordering::SeqCst);
    let report = folder.text("c.failed.csv");
    let refused = folder.import("c.csv", &server.url, &["--dry-run", "--report", &report]);
    assert_eq!(refused.exit, 2);
    assert_eq!(folder.import("c.csv", &server.url, &["--dry-run"]).exit, 1);
    assert_eq!(folder.import("c.csv", &server.url, &BATCHES).exit, 1);
    is_complete(&folder);
}

#[test]
fn a_state_that_cannot_be_read_is_refused() {
    let (server, _) = down_from_the_third();
    let folder = ten_rows();
    folder.write(STATE, "{\"version\": 99}");
    let refused = folder.import("c.csv", &server.url, &BATCHES);
    assert_eq!(refused.exit, 2);
    assert!(refused.err.contains("--restart"), "{}", refused.err);
}
