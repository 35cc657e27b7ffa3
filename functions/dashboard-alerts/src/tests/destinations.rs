use super::{Desk, NOBODY, SECOND, SLACK, refuses_callers, refuses_ids};
use serde_json::{Value, json};
use testkit::{answer, refused};

#[test]
fn alert_destination_create_answers_with_the_destination_and_never_its_url() {
    let desk = Desk::new();
    let body = json!({ "type": "slack", "name": " On call ", "url": SLACK });
    let made = desk.call("POST", "/destinations", &body);
    assert_eq!(made.status, 201, "{}", made.text());
    let destination = &made.json["destination"];
    assert_eq!(
        (
            &destination["name"],
            &destination["type"],
            &destination["address"]
        ),
        (
            &json!("On call"),
            &json!("slack"),
            &json!("hooks.slack.example")
        )
    );
    assert!(!made.text().contains("secret-part"));
    let mail = json!({ "type": "email", "name": "Ann", "address": "Ann@Example.com" });
    let made = desk.call("POST", "/destinations", &mail);
    assert_eq!(made.json["destination"]["address"], "ann@example.com");
}

#[test]
fn alert_destination_create_refuses_callers_without_a_session() {
    refuses_callers("POST", "/destinations");
}

#[test]
fn alert_destination_create_refuses_invalid_input() {
    let desk = Desk::new();
    let slack = |url: &str| json!({ "type": "slack", "name": "n", "url": url });
    for (body, code, path) in [
        (json!({}), "invalid_request", "type"),
        (
            json!({ "type": "pager", "name": "n" }),
            "invalid_request",
            "type",
        ),
        (
            json!({ "type": "slack", "url": SLACK }),
            "invalid_request",
            "name",
        ),
        (
            json!({ "type": "slack", "name": " ", "url": SLACK }),
            "invalid_request",
            "name",
        ),
        (
            json!({ "type": "slack", "name": "n" }),
            "invalid_request",
            "url",
        ),
        (
            json!({ "type": "slack", "name": "n", "address": "a@b.example" }),
            "invalid_request",
            "url",
        ),
        (
            json!({ "type": "email", "name": "n", "url": SLACK }),
            "invalid_request",
            "address",
        ),
        (
            json!({ "type": "email", "name": "n", "address": "nobody" }),
            "invalid_request",
            "address",
        ),
        (
            json!({ "type": "email", "name": "n", "address": "a@b.example\r\nBcc: c@d.example" }),
            "invalid_request",
            "address",
        ),
        (slack("http://hooks.slack.example/x"), "unsafe_url", "url"),
        (slack("https://127.0.0.1/x"), "unsafe_url", "url"),
        (slack("https://[::1]/x"), "unsafe_url", "url"),
        (
            slack("https://169.254.169.254/latest/meta-data"),
            "unsafe_url",
            "url",
        ),
        (slack("https://2130706433/"), "unsafe_url", "url"),
        (slack("https://localhost/"), "unsafe_url", "url"),
        (slack("https://printer.local/"), "unsafe_url", "url"),
        (
            slack("https://u:p@hooks.slack.example/"),
            "unsafe_url",
            "url",
        ),
        (slack("https://tieline.example/api"), "unsafe_url", "url"),
        (slack("file:///etc/passwd"), "unsafe_url", "url"),
    ] {
        let answer = desk.call("POST", "/destinations", &body);
        assert_eq!(
            (answer.refusal(), answer.detail().0),
            ((422, code), path),
            "{body}"
        );
    }
    assert_eq!(desk.get("/destinations").json["destinations"], json!([]));
}

#[test]
fn a_business_has_at_most_twenty_destinations() {
    let desk = Desk::new();
    for _ in 0..20 {
        desk.slack();
    }
    let body = json!({ "type": "slack", "name": "n", "url": SLACK });
    assert_eq!(
        desk.call("POST", "/destinations", &body).refusal(),
        (403, "quota_exceeded")
    );
    desk.other().slack();
}

#[test]
fn alert_destination_list_answers_with_those_of_the_business_oldest_first() {
    let desk = Desk::new();
    desk.other().slack();
    let first = desk.slack();
    desk.stack.advance(SECOND);
    let ids = [first, desk.slack()];
    let list = desk.get("/destinations");
    let listed = list.json["destinations"].as_array().unwrap().clone();
    let listed: Vec<_> = listed
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        (list.status, listed),
        (200, vec![ids[0].as_str(), ids[1].as_str()])
    );
    assert!(!list.text().contains("secret-part"));
}

#[test]
fn alert_destination_list_refuses_callers_without_a_session() {
    refuses_callers("GET", "/destinations");
}

#[test]
fn alert_destination_list_refuses_invalid_input() {
    assert_eq!(
        Desk::new().get("/destinations?all=1").detail(),
        ("query.all", "unknown")
    );
}

#[test]
fn alert_destination_delete_answers_with_nothing_and_it_is_gone() {
    let desk = Desk::new();
    let path = format!("/destinations/{}", desk.slack());
    let foreign = desk.other().call("DELETE", &path, &Value::Null);
    assert_eq!(foreign.refusal(), (404, "not_found"));
    assert_eq!(desk.call("DELETE", &path, &Value::Null).status, 204);
    assert_eq!(desk.call("DELETE", &path, &Value::Null).status, 404);
    assert_eq!(desk.get("/destinations").json["destinations"], json!([]));
}

#[test]
fn alert_destination_delete_refuses_callers_without_a_session() {
    refuses_callers("DELETE", &format!("/destinations/{NOBODY}"));
}

#[test]
fn alert_destination_delete_refuses_invalid_input() {
    refuses_ids("DELETE", "/destinations/", "");
}

#[test]
fn alert_destination_test_answers_with_what_the_other_side_said() {
    let desk = Desk::new();
    let path = format!("/destinations/{}/test", desk.slack());
    let test = || desk.call("POST", &path, &Value::Null);
    let said = |status: u16, body: &'static [u8]| {
        let mut said = answer(status, &Value::Null).unwrap();
        said.body = body.to_vec();
        desk.stack.ports.will(Ok(said));
    };
    said(200, b"ok");
    let good = test();
    assert_eq!(
        good.json,
        json!({ "sent": true, "status": 200, "answer": "ok" })
    );
    let texts = desk.texts();
    assert_eq!(texts.len(), 1);
    assert!(texts[0].contains("Nothing is wrong"), "{texts:?}");
    said(404, b"no_service\n\x00<b>");
    assert_eq!(
        test().json,
        json!({ "sent": false, "status": 404, "answer": "no_service  <b>" })
    );
    said(403, b"");
    assert_eq!(test().json["answer"], "It answered 403 and nothing else.");
    desk.stack.ports.will(refused());
    let silent = test().json;
    assert_eq!(
        (&silent["sent"], &silent["status"]),
        (&json!(false), &Value::Null)
    );
    desk.other().slack();
    assert_eq!(
        desk.other().call("POST", &path, &Value::Null).refusal(),
        (404, "not_found")
    );
}

#[test]
fn a_test_of_a_mail_says_what_its_provider_answered() {
    let desk = Desk::new();
    let id = desk.tells(&json!({ "type": "email", "name": "Ann", "address": "ann@example.com" }));
    let path = format!("/destinations/{id}/test");
    let none = desk.call("POST", &path, &Value::Null).json;
    assert_eq!(
        (&none["sent"], &none["status"]),
        (&json!(false), &Value::Null)
    );
    let receives = json!({ "provider": "cloudflare" });
    let _ = desk.stack.channel(
        &desk.tenant,
        "email",
        "in@shop.example",
        &receives,
        &json!({}),
    );
    let settings = json!({ "provider": "postmark" });
    let _ = desk.stack.channel(
        &desk.tenant,
        "email",
        "hi@shop.example",
        &settings,
        &json!({ "api_key": "pm" }),
    );
    let taken = json!({ "ErrorCode": 0, "Message": "OK", "MessageID": "b7bc2f4a-e38e-4336-af7d-e6c392c2f817" });
    desk.stack.ports.will(answer(200, &taken));
    let good = desk.call("POST", &path, &Value::Null).json;
    assert_eq!(
        (&good["sent"], &good["status"]),
        (&json!(true), &json!(200))
    );
    let refusal = json!({ "ErrorCode": 406, "Message": "The address is inactive." });
    desk.stack.ports.will(answer(422, &refusal));
    let bad = desk.call("POST", &path, &Value::Null).json;
    assert_eq!(
        bad,
        json!({ "sent": false, "status": 422, "answer": "The address is inactive." })
    );
}

#[test]
fn alert_destination_test_refuses_callers_without_a_session() {
    refuses_callers("POST", &format!("/destinations/{NOBODY}/test"));
}

#[test]
fn alert_destination_test_refuses_invalid_input() {
    refuses_ids("POST", "/destinations/", "/test");
}
