use super::Desk;
use serde_json::{Value, json};
use testkit::{ACCOUNT_SID, answer, refused, timed_out};

const TOKEN: &str = "0123456789abcdef";

impl Desk {
    /// A number at Twilio, with further fields and secrets; gives its id.
    fn sms(&self, more: &Value, secrets: &Value) -> String {
        let mut body = json!({
            "kind": "sms", "name": "Shop", "phone_number": "+15005550001", "account_sid": ACCOUNT_SID,
            "credentials": { "auth_token": TOKEN }
        });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        for (name, value) in secrets.as_object().unwrap() {
            body["credentials"][name] = value.clone();
        }
        let listed = json!([{ "phone_number": "+15005550001" }]);
        let number = json!({ "incoming_phone_numbers": listed });
        self.stack.ports.will(answer(200, &number));
        let made = self.call("POST", "", &body);
        assert_eq!(made.status, 201, "{}", made.text());
        assert!(!made.text().contains(TOKEN));
        // Whose the number is was asked.
        assert_eq!(self.stack.ports.take_requests().len(), 1);
        made.json["channel"]["id"].as_str().unwrap().to_owned()
    }

    fn test(&self, id: &str) -> Value {
        let tested = self.call("POST", &format!("/{id}/test"), &Value::Null);
        assert_eq!(tested.status, 200);
        assert!(!tested.text().contains(TOKEN), "{}", tested.text());
        tested.json
    }
}

fn account(status: &str) -> Value {
    json!({ "sid": ACCOUNT_SID, "friendly_name": "Corner Shop", "status": status, "type": "Full" })
}

#[test]
fn a_number_at_twilio_is_tested_by_its_account() {
    let desk = Desk::new();
    let id = desk.sms(&json!({}), &json!({}));
    desk.stack.ports.will(answer(200, &account("active")));
    let detail = json!({ "friendly_name": "Corner Shop", "status": "active", "type": "Full" });
    assert_eq!(desk.test(&id), json!({ "ok": true, "detail": detail }));
    let request = desk.stack.ports.take_requests().remove(0);
    let url = format!("https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT_SID}.json");
    assert_eq!((request.method, request.url), ("GET", url));
    assert!(request.headers[0].1.starts_with("Basic "));
    desk.stack.ports.will(answer(200, &account("suspended")));
    let tested = desk.test(&id);
    assert_eq!(tested["ok"], false);
    assert!(tested["error"].as_str().unwrap().contains("not active"));
}

#[test]
fn an_api_key_is_tested_beside_the_token() {
    let desk = Desk::new();
    let (key, secret) = (
        json!({ "api_key_sid": "SK1" }),
        json!({ "api_key_secret": "s" }),
    );
    let id = desk.sms(&key, &secret);
    desk.stack.ports.will(answer(200, &account("active")));
    desk.stack
        .ports
        .will(answer(200, &json!({ "messages": [] })));
    assert_eq!(desk.test(&id)["ok"], true);
    let requests = desk.stack.ports.take_requests();
    assert!(requests[1].url.ends_with("/Messages.json?PageSize=1"));
    assert_ne!(requests[0].headers, requests[1].headers);
    desk.stack.ports.will(answer(200, &account("active")));
    desk.stack.ports.will(answer(401, &Value::Null));
    let tested = desk.test(&id);
    assert!(tested["error"].as_str().unwrap().contains("API key"));
}

#[test]
fn a_test_of_a_number_says_what_is_wrong_and_never_quotes_the_token() {
    let desk = Desk::new();
    let id = desk.sms(&json!({}), &json!({}));
    let error = |code: i64| json!({ "code": code, "message": format!("No {TOKEN}") });
    for (outcome, sentence) in [
        (answer(401, &error(20003)), "refuses the auth token"),
        (answer(404, &error(20404)), "does not know"),
        (answer(500, &Value::Null), "status 500"),
        (answer(200, &json!("what")), "cannot be read"),
        (refused(), "could not be reached"),
        (timed_out(), "within 10 seconds"),
    ] {
        desk.stack.ports.will(outcome);
        let tested = desk.test(&id);
        assert_eq!(tested["ok"], false);
        let error = tested["error"].as_str().unwrap();
        assert!(error.contains(sentence), "{error}");
    }
}

#[test]
fn a_flag_is_true_or_false_and_nothing_else() {
    let desk = Desk::new();
    let id = desk.sms(&json!({ "delete_media": true }), &json!({}));
    let patch = |value: Value| {
        desk.call(
            "PATCH",
            &format!("/{id}"),
            &json!({ "delete_media": value }),
        )
    };
    assert_eq!(
        patch(json!("false")).json["channel"]["delete_media"],
        "false"
    );
    assert_eq!(patch(json!(true)).json["channel"]["delete_media"], "true");
    for other in [json!("yes"), json!(1), json!([])] {
        assert_eq!(patch(other).detail(), ("delete_media", "boolean"));
    }
    assert_eq!(patch(Value::Null).status, 200);
}
