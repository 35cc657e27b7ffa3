use super::session;
use dashboard::handler::handle;
use serde_json::{Value, json};
use testkit::{Answer, PLATFORM_TOKEN, Stack};

fn parked(stack: &Stack, query: &str) -> Answer {
    let target = format!("/api/dashboard/parked-deliveries{query}");
    let call = stack.call("dashboard", "GET", &target);
    call.bearer(PLATFORM_TOKEN).send(handle)
}

#[test]
fn parked_list_answers_page_by_page_what_failed_when_it_was_replayed() {
    let stack = Stack::new();
    assert_eq!(parked(&stack, "").json["deliveries"], json!([]));
    for (key, state) in [("a", "waiting"), ("b", "dead"), ("c", "waiting")] {
        stack.db.sql(&format!(
            "INSERT INTO parked_deliveries VALUES
             ('inbound/meta/{key}', 'meta', 3, '{state}', 'internal', 'It broke.', 1, 2)"
        ));
    }
    let first = parked(&stack, "?limit=2").json;
    let states = |page: &Value| -> Vec<String> {
        let rows = page["deliveries"].as_array().unwrap().iter();
        rows.map(|row| row["state"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(states(&first), ["waiting", "dead"]);
    assert_eq!(
        first["deliveries"][1],
        json!({
            "key": "inbound/meta/b",
            "receiver": "meta",
            "state": "dead",
            "tries": 3,
            "code": "internal",
            "message": "It broke.",
            "first_tried_at": "1970-01-01T00:00:00.000001Z",
            "last_tried_at": "1970-01-01T00:00:00.000002Z",
        })
    );
    let cursor = first["next_cursor"].as_str().unwrap();
    let last = parked(&stack, &format!("?limit=2&cursor={cursor}")).json;
    assert_eq!(
        (states(&last), &last["has_more"]),
        (vec!["waiting".to_owned()], &json!(false))
    );
}

#[test]
fn parked_list_refuses_callers_without_the_platform_token() {
    let (stack, tenant) = Stack::with_tenant();
    let path = "/api/dashboard/parked-deliveries";
    let call = || stack.call("dashboard", "GET", path);
    assert_eq!(call().send(handle).refusal(), (401, "missing_token"));
    let session = session(&stack, &tenant);
    assert_eq!(
        call().bearer(&session).send(handle).refusal(),
        (401, "invalid_token")
    );
}

#[test]
fn parked_list_refuses_invalid_input() {
    let stack = Stack::new();
    for query in ["?limit=0", "?limit=101", "?cursor=*", "?state=dead"] {
        let answer = parked(&stack, query);
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{query}");
    }
}
