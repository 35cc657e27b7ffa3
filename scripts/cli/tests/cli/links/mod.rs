//! `tieline links`.

mod authorize;
mod given;
mod refresh;
mod shown;
mod upload;

use serde_json::{Value, json};

use crate::server::{Reply, Request, Server};
use crate::terminal::{Outcome, run_with};

const DASHBOARD: &str = "/functions/v1/api/dashboard/";
/// Seen nowhere but in a request's body.
const TOKEN: &str = "shppa_do-not-print";
const ID: &str = "0197c1f4-8a3e-7cc1-b4a2-5d1f6e0a9b3c";

/// A dashboard; `answer` gets the number of the call behind the session, from 0, and its path.
fn dashboard(mut answer: impl FnMut(usize, &str) -> Reply + Send + 'static) -> Server {
    let mut calls = 0;
    Server::start(move |_, request| {
        let path = request.path.strip_prefix(DASHBOARD).unwrap();
        if path == "sessions" {
            let ends = "2026-11-23T11:00:00Z";
            return Reply::json(201, &json!({"token": "session-1", "expires_at": ends}));
        }
        calls += 1;
        answer(calls - 1, path)
    })
}

fn links_with(server: &Server, command: &[&str], input: &str) -> Outcome {
    let server = ["--base-url", &server.url, "--admin-key", "tl_admin_1"];
    let outcome = run_with(&[&["links"], command, &server].concat(), input);
    let printed = [outcome.out.as_str(), &outcome.err].concat();
    assert!(!printed.contains("do-not-print"), "{outcome:?}");
    outcome
}

fn links(server: &Server, command: &[&str]) -> Outcome {
    links_with(server, command, "")
}

/// The calls behind the session.
fn sent(server: &Server) -> Vec<Request> {
    let requests = server.requests().into_iter();
    let requests = requests.filter(|request| !request.path.ends_with("/sessions"));
    requests.collect()
}

fn link(name: &str, last_fetch: &Value, next_fetch_at: &str) -> Value {
    json!({"id": ID, "page_id": "123456789", "name": name, "url": "https://crm.example.com/api/customers",
        "type": "api", "channels": ["facebook", "messenger"], "api_key": "***", "description": "",
        "is_active": true, "state": "fresh", "schedule_minutes": 30, "auth": {"type": "bearer"},
        "fields": {}, "identity": {}, "last_fetch": last_fetch, "next_fetch_at": next_fetch_at,
        "created_at": "2026-11-23T09:00:00.000000Z", "updated_at": "2026-11-23T09:00:00.000000Z"})
}

fn fetch(at: &str, status: &str) -> Value {
    json!({"at": at, "status": status, "records": 1200, "changed": 3, "removed": 1, "masked": 2,
        "bytes": 1_250_000, "ms": 3450})
}
