mod kept;
mod order;

use common::signatures::standard_webhook_signature;
use serde_json::{Value, json};
use testkit::{Answer, Call, LINKED_PAGE, Links};
use webhook_crm_links::handler::handle;

const URL: &str = "https://crm.example/hook";
const TOKEN: &str = "the-token-of-the-other-side";
/// An id of ours that is nobody's.
const NOBODY: &str = "01900000-0000-7000-8000-00000000ffff";

/// A link that records are pushed to.
pub(super) struct Pushed {
    pub(super) links: Links,
    pub(super) id: String,
    pub(super) secret: String,
}

impl Pushed {
    pub(super) fn new() -> Self {
        let links = Links::new();
        let link = json!({
            "page_id": LINKED_PAGE, "channels": ["messenger"], "name": "Products", "url": URL,
            "type": "webhook", "api_key": TOKEN, "is_active": true,
        });
        let added = links.call("POST", "crm-links", &link);
        assert_eq!(added.status, 201, "{}", added.text());
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            id: text(&added.json["crm_link"]["id"]),
            secret: text(&added.json["signing_secret"]),
            links,
        }
    }

    /// Pushes a body, with headers.
    pub(super) fn post(
        &self,
        id: &str,
        body: &[u8],
        of: impl FnOnce(Call<'_>) -> Call<'_>,
    ) -> Answer {
        let path = format!("/api/webhooks/crm-links/{id}");
        let call = self.links.stack.call("webhook-crm-links", "POST", &path);
        of(call.body(body)).send(handle)
    }

    /// Pushes a body as Standard Webhooks signs it, sent so many seconds ago.
    pub(super) fn signed(&self, name: &str, body: &str, seconds_ago: i64) -> Answer {
        let at = self.links.stack.now().micros() / 1_000_000 - seconds_ago;
        let signature = standard_webhook_signature(&self.secret, name, at, body);
        self.post(&self.id, body.as_bytes(), |call| {
            let call = call
                .header("webhook-id", name)
                .header("webhook-timestamp", &at.to_string());
            call.header("webhook-signature", &signature)
        })
    }

    /// Pushes this, signed, and has it put in.
    pub(super) fn push(&self, name: &str, body: &Value, seconds_ago: i64) {
        let taken = self.signed(name, &body.to_string(), seconds_ago);
        assert_eq!(taken.status, 202, "{}", taken.text());
        self.links.run();
    }

    pub(super) fn with_token(&self, token: &str, body: &Value) -> Answer {
        self.post(&self.id, body.to_string().as_bytes(), |call| {
            call.bearer(token)
        })
    }
}

pub(super) fn bicycle(id: &str, colour: &str) -> Value {
    json!({ "id": id, "name": format!("A {colour} bicycle") })
}

#[test]
fn crm_link_receive_answers_and_what_was_pushed_is_searched() {
    let pushed = Pushed::new();
    let body = json!({ "records": [bicycle("b-1", "blue"), bicycle("b-2", "red")] });
    let taken = pushed.signed("msg-1", &body.to_string(), 0);
    assert_eq!(
        (taken.status, taken.json),
        (202, json!({ "received": true }))
    );
    pushed.links.run();
    assert_eq!(pushed.links.found("blue bicycle")[0], "b-1");
    let link = pushed.links.link(&pushed.id);
    assert_eq!(
        (&link["state"], &link["last_fetch"]["records"]),
        (&json!("fresh"), &json!(2))
    );
    assert_eq!(link["next_fetch_at"], Value::Null);
    assert_eq!(pushed.links.events()[0].0, "crm_link.refreshed");

    pushed.push("msg-2", &json!({ "records": [bicycle("b-1", "green")] }), 0);
    let stored = pushed.links.stored();
    assert!(
        stored.contains("A green bicycle") && !stored.contains("A blue bicycle"),
        "{stored}"
    );
    assert_eq!(pushed.links.link(&pushed.id)["last_fetch"]["records"], 2);
    pushed.push("msg-3", &json!({ "remove": ["b-1", 7] }), 0);
    assert!(
        !pushed
            .links
            .found("green bicycle")
            .contains(&"b-1".to_owned())
    );
    let fetch = pushed.links.link(&pushed.id)["last_fetch"].clone();
    assert_eq!(
        (&fetch["records"], &fetch["removed"]),
        (&json!(1), &json!(1))
    );
}

#[test]
fn a_record_or_a_list_of_records_is_a_push_and_a_token_proves_it() {
    let pushed = Pushed::new();
    assert_eq!(
        pushed.with_token(TOKEN, &bicycle("b-1", "blue")).status,
        202
    );
    let list = json!([bicycle("b-2", "red"), bicycle("b-3", "green")]);
    let taken = pushed.post(&pushed.id, list.to_string().as_bytes(), |call| {
        call.key(TOKEN)
    });
    assert_eq!(taken.status, 202, "{}", taken.text());
    pushed.links.run();
    for (key, question) in [("b-1", "blue"), ("b-2", "red"), ("b-3", "green")] {
        assert_eq!(pushed.links.found(question)[0], key);
    }
}

#[test]
fn crm_link_receive_refuses_callers_that_prove_nothing_or_something_else() {
    let pushed = Pushed::new();
    let body = json!([bicycle("b-1", "blue")]).to_string();
    let unproven = (401, "invalid_signature");
    assert_eq!(
        pushed
            .post(&pushed.id, body.as_bytes(), |call| call)
            .refusal(),
        unproven
    );
    for token in [
        "",
        "x",
        "the-token-of-the-other-sid",
        pushed.secret.as_str(),
    ] {
        let refused = pushed.post(&pushed.id, body.as_bytes(), |call| call.bearer(token));
        assert_eq!(refused.refusal(), unproven, "{token}");
    }
    let other = Pushed::new();
    let now = pushed.links.stack.now().micros() / 1_000_000;
    let right = standard_webhook_signature(&pushed.secret, "msg-1", now, &body);
    let forged = [
        ("msg-1", now, "v1,AAAA".to_owned()),
        ("msg-2", now, right.clone()),
        ("msg-1", now + 1, right.clone()),
        ("msg-1", now, right.replace("v1,", "v2,")),
        (
            "msg-1",
            now - 301,
            standard_webhook_signature(&pushed.secret, "msg-1", now - 301, &body),
        ),
        (
            "msg-1",
            now + 301,
            standard_webhook_signature(&pushed.secret, "msg-1", now + 301, &body),
        ),
        (
            "msg-1",
            now,
            standard_webhook_signature(&other.secret, "msg-1", now, "[]"),
        ),
    ];
    for (id, at, signature) in forged {
        let refused = pushed.post(&pushed.id, body.as_bytes(), |call| {
            let call = call
                .header("webhook-id", id)
                .header("webhook-timestamp", &at.to_string());
            call.header("webhook-signature", &signature)
        });
        assert_eq!(refused.refusal(), unproven, "{id} {at} {signature}");
    }
    let changed = pushed.post(&pushed.id, body.replace("blue", "red").as_bytes(), |call| {
        let call = call
            .header("webhook-id", "msg-1")
            .header("webhook-timestamp", &now.to_string());
        call.header("webhook-signature", &right)
    });
    assert_eq!(changed.refusal(), unproven);
    assert!(!pushed.links.stored().contains("knowledge_pushes"));
}

#[test]
fn crm_link_receive_refuses_invalid_input() {
    let pushed = Pushed::new();
    for (body, refusal) in [
        ("", (400, "malformed_json")),
        ("{", (400, "malformed_json")),
        ("not json", (400, "malformed_json")),
        ("\"text\"", (422, "invalid_request")),
        ("7", (422, "invalid_request")),
        ("null", (422, "invalid_request")),
    ] {
        let refused = pushed.signed("msg-1", body, 0);
        assert_eq!(refused.refusal(), refusal, "{body}");
    }
    let refused = pushed.post(&pushed.id, b"[\"\xff\"]", |call| call.bearer(TOKEN));
    assert_eq!(refused.refusal(), (400, "malformed_json"));
    let fetched = pushed
        .links
        .add("https://crm.example/api", &json!({ "api_key": TOKEN }));
    for id in ["nothing", NOBODY, fetched.as_str()] {
        let refused = pushed.post(id, b"[]", |call| call.bearer(TOKEN));
        assert_eq!(refused.refusal(), (404, "not_found"), "{id}");
    }
    let long = format!("[{{\"id\": 1, \"text\": \"{}\"}}]", "x".repeat(970 * 1024));
    assert_eq!(
        pushed
            .with_token(TOKEN, &serde_json::from_str(&long).unwrap())
            .status,
        413
    );
    assert!(!pushed.links.stored().contains("knowledge_pushes"));
}

#[test]
fn what_no_reader_reads_is_refused_or_told_and_holds_up_no_other() {
    let pushed = Pushed::new();
    let deep = format!(
        "{{\"records\": {}1{}}}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let odd = [
        deep.as_str(),
        r#"{"records": "none"}"#,
        r#"{"records": [1, null, "x"]}"#,
        r#"{"records": [], "remove": {"a": 1}}"#,
        r#"{"remove": [null, {}, [], true]}"#,
        r#"[[[]], {}, {"id": null}]"#,
    ];
    for (n, body) in odd.iter().enumerate() {
        let taken = pushed.signed(&format!("msg-{n}"), body, 0);
        assert!(
            matches!(taken.status, 202 | 400 | 422),
            "{n}: {}",
            taken.text()
        );
        for log in pushed.links.run() {
            assert_eq!(log["code"], Value::Null, "{n}: {log}");
        }
    }
    pushed.push("msg-z", &json!([bicycle("b-1", "blue")]), 0);
    assert_eq!(pushed.links.found("blue bicycle")[0], "b-1");
    assert_eq!(pushed.links.link(&pushed.id)["state"], "fresh");
}

#[test]
fn a_push_to_a_link_that_is_off_is_searched_once_it_is_on() {
    let pushed = Pushed::new();
    let turn = |is_active: bool| {
        let body = json!({ "page_id": LINKED_PAGE, "url": URL, "is_active": is_active });
        assert_eq!(
            pushed.links.call("PUT", "crm-links/status", &body).status,
            200
        );
    };
    turn(false);
    let taken = pushed.signed("msg-1", &json!([bicycle("b-1", "blue")]).to_string(), 0);
    assert_eq!(taken.status, 202);
    // It is turned on before anybody put it in.
    turn(true);
    pushed.links.run();
    pushed.links.tick();
    assert_eq!(pushed.links.found("blue bicycle"), ["b-1"]);
    turn(false);
    pushed.push("msg-2", &json!([bicycle("b-2", "red")]), 0);
    assert!(pushed.links.found("bicycle").is_empty());
    turn(true);
    assert_eq!(pushed.links.found("red bicycle")[0], "b-2");
}

#[test]
fn with_the_database_away_the_sender_is_told_to_come_again() {
    let pushed = Pushed::new();
    let outage = || common::db::DbError::Outage("D1 is down".into());
    for calls in 0..2 {
        pushed
            .links
            .stack
            .db
            .fail_after(calls, testkit::Failure::Before(outage()));
        let refused = pushed.with_token(TOKEN, &bicycle("b-1", "blue"));
        assert_eq!(refused.status, 503, "{}", refused.text());
    }
}

#[test]
fn a_push_that_cannot_be_put_in_is_told_and_holds_up_no_other() {
    let pushed = Pushed::new();
    let word = |n: usize| json!(format!("word {n}"));
    let heavy: Vec<_> = (0..9_000)
        .map(|n| json!({ "id": n, "a": word(n) }))
        .collect();
    let taken = pushed.signed("msg-1", &json!(heavy).to_string(), 2);
    assert_eq!(taken.status, 202);
    pushed.push("msg-2", &json!([bicycle("b-1", "blue")]), 0);
    let link = pushed.links.link(&pushed.id);
    assert_eq!(link["state"], "failing");
    assert!(
        link["last_fetch"]["error"]
            .as_str()
            .unwrap()
            .contains("several"),
        "{link}"
    );
    assert_eq!(pushed.links.found("blue bicycle"), ["b-1"]);
    assert_eq!(link["last_fetch"]["records"], 1);
}
