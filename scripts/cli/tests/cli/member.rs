//! `tieline member`.

use serde_json::{Value, json};

use crate::server::{Reply, Request, Server};
use crate::terminal::{Outcome, run};

const MEMBERS: &str = "/functions/v1/api/dashboard/members";
const LINK: &str = "https://t.example/dashboard/sign-in#token";

fn member(n: usize, role: &str) -> Value {
    json!({"id": format!("m{n}"), "email": format!("a{n}@example.com"), "name": format!("Ann\u{1b} {n}"), "role": role,
        "created_at": "2026-11-23T10:00:00Z", "signed_in_at": null})
}

/// A dashboard with two pages of members.
fn dashboard() -> Server {
    Server::start(|_, request| {
        let Some(path) = request.path.strip_prefix(MEMBERS) else {
            return Reply::json(
                201,
                &json!({"token": "session-1", "expires_at": "2026-11-23T11:00:00Z"}),
            );
        };
        match (request.method.as_str(), path) {
            ("GET", "?limit=200") => Reply::json(
                200,
                &json!({"members": [member(1, "owner")], "has_more": true, "next_cursor": "c"}),
            ),
            ("GET", "?limit=200&cursor=c") => Reply::json(
                200,
                &json!({"members": [member(2, "agent")], "has_more": false, "next_cursor": null}),
            ),
            ("POST", "") if request.body.contains("a1@") => Reply::status(409),
            ("POST", "") => Reply::json(
                201,
                &json!({"member": member(3, "agent"), "sign_in_url": LINK}),
            ),
            ("POST", "/m2/sign-in-link") => Reply::json(
                200,
                &json!({"member": member(2, "agent"), "sign_in_url": null}),
            ),
            ("POST", "/m1/sign-in-link") => Reply::json(
                200,
                &json!({"member": member(1, "owner"), "sign_in_url": LINK}),
            ),
            ("PATCH", "/m2") => Reply::json(200, &member(2, "admin")),
            ("DELETE", "/m2") => Reply::json(204, &Value::Null),
            ("DELETE", "/m1") => Reply::status(409),
            _ => Reply::status(404),
        }
    })
}

fn tieline(server: &Server, command: &[&str]) -> Outcome {
    let server = ["--base-url", &server.url, "--admin-key", "tl_admin_1"];
    run(&[&["member"], command, &server].concat())
}

fn changes(server: &Server) -> Vec<(String, String)> {
    let told = |request: &Request| {
        let path = request.path.strip_prefix(MEMBERS)?;
        (request.method != "GET")
            .then(|| (format!("{} {path}", request.method), request.body.clone()))
    };
    server.requests().iter().filter_map(told).collect()
}

#[test]
fn an_invitation_prints_the_link_alone_on_a_line() {
    let server = dashboard();
    let outcome = tieline(&server, &["invite", "a3@example.com", "--role", "agent"]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert_eq!(
        outcome.out.lines().collect::<Vec<_>>(),
        ["a3@example.com is a member, as agent.", LINK]
    );
    assert!(outcome.err.contains("15 minutes"), "{}", outcome.err);
    let body: Value = serde_json::from_str(&changes(&server)[0].1).unwrap();
    assert_eq!(
        body,
        json!({"email": "a3@example.com", "name": "a3", "role": "agent"})
    );
    let json = tieline(&server, &["invite", "a3@example.com", "--json"]);
    assert_eq!(
        serde_json::from_str::<Value>(&json.out).unwrap()["sign_in_url"],
        LINK
    );
    let known = tieline(&server, &["invite", "a1@example.com"]);
    assert_eq!(known.exit, 1);
    assert!(known.err.contains("Scripted 409"), "{}", known.err);
    assert_eq!(
        tieline(&server, &["invite", "a3@example.com", "--role", "king"]).exit,
        2
    );
}

#[test]
fn members_are_listed_over_all_pages() {
    let outcome = tieline(&dashboard(), &["list"]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let lines: Vec<_> = outcome.out.lines().collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(
        lines[2].contains("a2@example.com  Ann  2  agent  never"),
        "{}",
        lines[2]
    );
    assert_eq!(
        tieline(&dashboard(), &["list", "--json"])
            .out
            .lines()
            .count(),
        2
    );
}

#[test]
fn a_member_is_found_by_address_or_id_and_changed_only_where_that_changes_something() {
    let server = dashboard();
    assert_eq!(
        tieline(&server, &["role", " A2@Example.com", "admin"]).exit,
        0
    );
    assert_eq!(
        changes(&server),
        [("PATCH /m2".to_owned(), json!({"role": "admin"}).to_string())]
    );
    let same = tieline(&server, &["role", "m1", "owner"]);
    assert!(same.out.contains("is owner already"), "{same:?}");
    assert_eq!(changes(&server).len(), 1);
    let stranger = tieline(&server, &["role", "who@example.com", "admin"]);
    assert_eq!(stranger.exit, 1);
    assert!(
        stranger.err.contains("who@example.com is no member"),
        "{}",
        stranger.err
    );
}

#[test]
fn a_link_is_printed_or_was_sent_and_a_removal_is_refused_for_the_last_owner() {
    let server = dashboard();
    assert_eq!(
        tieline(&server, &["link", "a1@example.com"]).out.trim(),
        LINK
    );
    let sent = tieline(&server, &["link", "a2@example.com"]);
    assert!(sent.out.contains("sent to them by email"), "{sent:?}");
    let removed = tieline(&server, &["remove", "a2@example.com"]);
    assert_eq!(
        (removed.exit, removed.out.contains("no member any more")),
        (0, true),
        "{removed:?}"
    );
    assert_eq!(tieline(&server, &["remove", "m1"]).exit, 1);
}
