//! `tieline business` and `tieline key`.

use serde_json::json;

use crate::server::{Reply, Server};
use crate::terminal::run;

fn business() -> Server {
    Server::start(|_, _| {
        let business = json!({"id": "biz-1", "name": "Acme", "default_region": "IE",
            "created_at": "2026-11-21T10:00:00.000000Z"});
        let body = json!({"business": business, "api_key": "tl_a_1", "admin_key": "tl_b_2"});
        Reply::json(201, &body)
    })
}

fn create(server: &Server, more: &[&str]) -> crate::terminal::Outcome {
    let command = ["business", "create", "Acme", "--base-url", &server.url];
    run(&[&command[..], &["--platform-token", "platform-1"], more].concat())
}

#[test]
fn a_business_is_created_with_the_platform_token() {
    let server = business();
    let outcome = create(&server, &["--region", "ie"]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let request = &server.requests()[0];
    assert_eq!(request.method, "POST");
    assert_eq!(request.path, "/functions/v1/api/dashboard/businesses");
    assert_eq!(request.header("authorization"), Some("Bearer platform-1"));
    assert_eq!(
        request.json(),
        json!({"name": "Acme", "default_region": "IE"})
    );
    for part in ["biz-1", "tl_a_1", "tl_b_2", "shown this once"] {
        assert!(outcome.out.contains(part), "{}", outcome.out);
    }
}

#[test]
fn json_is_printed_as_it_came() {
    let server = business();
    let outcome = create(&server, &["--json"]);
    let printed: serde_json::Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!(printed["business"]["id"], "biz-1");
}

#[test]
fn a_refused_token_is_told_without_the_token() {
    let server = Server::start(|_, _| Reply::status(401));
    let outcome = create(&server, &[]);
    assert_eq!(outcome.exit, 1);
    assert!(outcome.err.contains("Scripted 401"), "{}", outcome.err);
    assert!(
        outcome
            .err
            .contains("--platform-token or TIELINE_PLATFORM_TOKEN"),
        "{}",
        outcome.err
    );
    assert!(!outcome.err.contains("platform-1"));
}

/// A dashboard with one session and one key.
fn dashboard() -> Server {
    Server::start(|_, request| {
        let key = json!({"id": "key-1", "name": "crm", "scopes": ["customers:read"],
            "created_at": "2026-11-21T10:00:00.000000Z", "expires_at": null,
            "last_used_at": null, "revoked_at": null});
        let path = request
            .path
            .trim_start_matches("/functions/v1/api/dashboard/");
        match (request.method.as_str(), path) {
            ("POST", "sessions") => Reply::json(
                201,
                &json!({"token": "session-1", "expires_at": "2026-11-21T11:00:00.000000Z"}),
            ),
            ("POST", "api-keys") => Reply::json(201, &json!({"key": key, "api_key": "tl_n_3"})),
            ("GET", "api-keys") => Reply::json(200, &json!({"keys": [key]})),
            ("DELETE", "api-keys/key-1") => Reply::json(204, &json!(null)),
            _ => Reply::status(404),
        }
    })
}

fn key(server: &Server, command: &[&str]) -> crate::terminal::Outcome {
    let server = [
        "--base-url",
        server.url.as_str(),
        "--admin-key",
        "tl_admin_1",
    ];
    run(&[&["key"], command, &server].concat())
}

#[test]
fn a_key_is_created_in_a_session_of_the_admin_key() {
    let server = dashboard();
    let time = "2027-06-30T00:00:00Z";
    let scopes = ["--scope", "customers:read", "--scope", "customers:write"];
    let command = [&["create", "crm", "--expires-at", time], &scopes[..]].concat();
    let outcome = key(&server, &command);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert!(outcome.out.contains("tl_n_3"), "{}", outcome.out);
    let requests = server.requests();
    assert_eq!(requests[0].header("x-api-key"), Some("tl_admin_1"));
    assert_eq!(
        requests[1].header("authorization"),
        Some("Bearer session-1")
    );
    let scopes = ["customers:read", "customers:write"];
    let expected = json!({"name": "crm", "scopes": scopes, "expires_at": time});
    assert_eq!(requests[1].json(), expected);
}

#[test]
fn keys_are_listed_in_columns() {
    let outcome = key(&dashboard(), &["list"]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let lines: Vec<&str> = outcome.out.lines().collect();
    assert!(
        lines[0].starts_with("ID     NAME  SCOPES"),
        "{}",
        outcome.out
    );
    assert!(
        lines[1].starts_with("key-1  crm   customers:read"),
        "{}",
        outcome.out
    );
}

#[test]
fn a_key_is_revoked_by_its_id() {
    let server = dashboard();
    assert_eq!(key(&server, &["revoke", "key-1"]).exit, 0);
    assert_eq!(server.requests()[1].method, "DELETE");
    let unknown = key(&server, &["revoke", "../x"]);
    assert_eq!(unknown.exit, 1);
    assert!(server.requests()[3].path.ends_with("/api-keys/..%2Fx"));
}

#[test]
fn an_unknown_scope_or_a_bare_date_is_refused_here() {
    let server = dashboard();
    assert_eq!(
        key(&server, &["create", "crm", "--scope", "customers"]).exit,
        2
    );
    assert_eq!(key(&server, &["create", "crm"]).exit, 2);
    let date = [
        "create",
        "crm",
        "--scope",
        "admin",
        "--expires-at",
        "2027-06-30",
    ];
    assert_eq!(key(&server, &date).exit, 2);
    assert!(server.requests().is_empty());
}
