//! Bad input and broken parts, over the real stack.

use e2e::{Answer, Client, Stack, contents, wait_for};
use serde_json::json;

fn sync(crm: &Client, body: &[u8]) -> Answer {
    crm.post_bytes("/functions/v1/api-customers-sync", body)
}

#[test]
fn bad_bodies_get_their_status_and_the_next_request_is_served() {
    let crm = Stack::shared().crm("Bad bodies");
    let deep = format!("{{\"customers\":{}", "[".repeat(10_000));
    let large = vec![b' '; 6 * 1024 * 1024];
    let notes = "n".repeat(10_000_000);
    let note =
        json!({ "customers": [{ "name": "N", "email": "n@b.ie", "notes": notes }] }).to_string();
    let many = json!({ "customers": vec![json!({}); 1001] }).to_string();
    let cases: [(&[u8], (u16, &str)); 8] = [
        (b"", (400, "malformed_json")),
        (b"not json", (400, "malformed_json")),
        (
            b"{\"customers\":[{\"name\":\"\xff\"}]}",
            (400, "malformed_json"),
        ),
        (deep.as_bytes(), (400, "malformed_json")),
        (&large, (413, "body_too_large")),
        (note.as_bytes(), (413, "body_too_large")),
        (b"{\"customers\":[]}", (422, "invalid_request")),
        (many.as_bytes(), (422, "too_many_records")),
    ];
    for (body, expected) in cases {
        assert_eq!(sync(&crm, body).refusal(), expected);
    }
    assert_eq!(
        sync(&crm, br#"{"customers":[{"name":"A","email":"a@b.ie"}]}"#).status,
        200
    );
}

#[test]
fn a_panic_ends_its_request_alone() {
    let state = tempfile::tempdir().unwrap();
    let stack = Stack::start(state.path(), Some("panics"));
    let crm = stack.crm("Panics");
    assert_eq!(crm.get("/api-customers?limit=7").json, 7);
    for _ in 0..3 {
        assert_eq!(
            crm.get("/api-customers?limit=13").refusal(),
            (500, "internal")
        );
        assert_eq!(crm.get("/api-customers?limit=8").json, 8);
    }
    // What the platform writes comes by another way than the answer.
    wait_for("the log to tell where", || {
        stack.log().contains("told to panic").then_some(())
    });
}

#[test]
fn what_was_answered_is_there_after_a_kill() {
    let state = tempfile::tempdir().unwrap();
    let stack = Stack::start(state.path(), None);
    let tenant = stack.tenant("Killed");
    let crm = stack.client().header("x-api-key", &tenant.api_key);
    assert_eq!(
        sync(&crm, br#"{"customers":[{"name":"A","email":"a@b.ie"}]}"#).status,
        200
    );
    stack.kill();
    let stack = Stack::start(state.path(), None);
    let crm = stack.client().header("x-api-key", &tenant.api_key);
    assert_eq!(crm.get("/api-customers?email=a@b.ie").json["name"], "A");
}

#[test]
fn no_secret_is_in_the_database_or_the_log() {
    let state = tempfile::tempdir().unwrap();
    let stack = Stack::start(state.path(), None);
    let tenant = stack.tenant("Secrets");
    let admin = stack
        .client()
        .header("x-api-key", &tenant.admin_key)
        .header("idempotency-key", "s1");
    let opened = admin.post("/api/dashboard/sessions", &json!({}));
    let token = opened.json["token"].as_str().unwrap().to_owned();
    let crm = stack.client().header("x-api-key", &tenant.api_key);
    sync(
        &crm,
        br#"{"customers":[{"name":"Private Person","email":"private@b.ie"}]}"#,
    );
    crm.get("/api-customers?email=private@b.ie");
    crm.get("/api-customers?email=private%40b.ie&nope=private");
    let log = stack.log();
    let secrets = [&tenant.api_key, &tenant.admin_key, &token]
        .map(|s| s.rsplit('_').next().unwrap().to_owned());
    for private in secrets.iter().map(String::as_str).chain([
        stack.platform_token(),
        "private@b.ie",
        "Private",
    ]) {
        assert!(!log.contains(private), "{private} is in the log");
    }
    drop(stack);
    let stored = contents(state.path());
    for secret in &secrets {
        assert!(!stored.contains(secret.as_str()), "{secret} is stored");
    }
    assert!(
        stored.contains("private@b.ie"),
        "the files read are the database's"
    );
}
