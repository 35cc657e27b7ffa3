//! Who writes drafts.

use super::{API_KEY, Desk, SERVER, SETTINGS};
use common::db::Value as Column;
use serde_json::{Value, json};
use suggest_reply::handler::handle;
use testkit::{keeps_the_key_of_its_model_server, refuses_model_servers};

fn refuses_callers(method: &str) {
    let desk = Desk::new();
    desk.stack()
        .asks_for_a_session(desk.tenant(), ("suggest-reply", method, SETTINGS), handle);
}

#[test]
fn reply_settings_get_answers_null_until_something_is_set() {
    let desk = Desk::new();
    assert_eq!(
        desk.settings("GET", &Value::Null).json,
        json!({ "replies": null })
    );
    assert_eq!(desk.suggest().refusal(), (409, "not_set_up"));
    let set = desk.set(&json!({}));
    assert_eq!(desk.settings("GET", &Value::Null).json["replies"], set);
}

#[test]
fn reply_settings_get_refuses_callers_without_a_session() {
    refuses_callers("GET");
}

#[test]
fn reply_settings_get_refuses_invalid_input() {
    let desk = Desk::new();
    let call = desk
        .stack()
        .call("suggest-reply", "GET", &format!("{SETTINGS}?deep=1"));
    let refused = call.bearer(&desk.links.token).send(handle);
    assert_eq!(refused.detail(), ("query.deep", "unknown"));
}

#[test]
fn reply_settings_put_answers_what_is_set_and_never_the_key() {
    let desk = Desk::new();
    let set = desk.set(&json!({
        "base_url": format!(" {SERVER}/chat/completions/ "), "instructions": " Be brief. ",
        "max_tokens": null, "temperature": 0.5,
    }));
    let none = json!({ "messenger": false, "whatsapp": false, "instagram": false, "sms": false, "email": false,
        "web": false });
    let expected = json!({ "base_url": SERVER, "model": "small", "api_key": "***", "instructions": "Be brief.",
        "max_tokens": null, "temperature": 0.5, "auto_reply": none, "auto_reply_name": "Assistant", "last_failure": null,
        "updated_at": "2026-01-02T03:04:05.000000Z" });
    assert_eq!(set, expected);
    let stored = desk
        .stack()
        .db
        .value("SELECT settings || credentials FROM reply_settings");
    assert!(!stored.into_text().unwrap().contains(API_KEY));
    desk.will_say("Yes.");
    assert_eq!(desk.suggest().status, 200);
    let (body, _) = desk.asked();
    assert_eq!(
        (&body["temperature"], body.get("max_tokens")),
        (&json!(0.5), None)
    );
    let system = body["messages"][0]["content"].as_str().unwrap();
    assert!(system.starts_with(replies::prompt::SYSTEM) && system.ends_with("Be brief."));
    let other = desk.links.other();
    let call = other.stack.call("suggest-reply", "GET", SETTINGS);
    assert_eq!(
        call.bearer(&other.token).send(handle).json["replies"],
        Value::Null
    );
}

#[test]
fn replies_are_sent_by_themselves_on_the_channels_that_are_switched_on() {
    let desk = Desk::new();
    let channels = json!({ "messenger": true, "facebook": false, "sms": false });
    let set = desk.set(&json!({ "auto_reply": channels, "auto_reply_name": " Ada " }));
    let shown = json!({ "messenger": true, "whatsapp": false, "instagram": false, "sms": false, "email": false,
        "web": false });
    assert_eq!(
        (&set["auto_reply"], &set["auto_reply_name"]),
        (&shown, &json!("Ada"))
    );
    assert_eq!(
        desk.settings("GET", &Value::Null).json["replies"]["auto_reply"],
        shown
    );
    // All of it is set at once.
    assert_eq!(desk.set(&json!({}))["auto_reply"]["messenger"], false);
}

#[test]
fn a_key_stays_for_its_server_and_goes_to_no_other() {
    let desk = Desk::set_up();
    let sent_key = || {
        desk.will_say("Yes.");
        assert_eq!(desk.suggest().status, 200);
        let (_, request) = desk.asked();
        let mut headers = request.headers.into_iter();
        headers
            .find(|(name, _)| *name == "authorization")
            .map(|(_, value)| value)
    };
    let put = |body: &Value| desk.settings("PUT", body);
    keeps_the_key_of_its_model_server(put, "/replies/api_key", sent_key);
}

#[test]
fn reply_settings_put_refuses_callers_without_a_session() {
    refuses_callers("PUT");
}

#[test]
fn reply_settings_put_refuses_invalid_input() {
    let desk = Desk::new();
    let long = "x".repeat(4_001);
    for (body, path, rule) in [
        (
            json!({ "instructions": long }),
            "instructions",
            "at_most_4000_characters",
        ),
        (json!({ "max_tokens": 15 }), "max_tokens", "16_to_8192"),
        (json!({ "max_tokens": 8_193 }), "max_tokens", "16_to_8192"),
        (
            json!({ "max_tokens": "800" }),
            "max_tokens",
            "integer_or_null",
        ),
        (
            json!({ "auto_reply": ["whatsapp"] }),
            "auto_reply",
            "object",
        ),
        (
            json!({ "auto_reply": { "fax": true } }),
            "auto_reply.fax",
            "unknown",
        ),
        (
            json!({ "auto_reply": { "sms": 1 } }),
            "auto_reply.sms",
            "boolean",
        ),
        (
            json!({ "auto_reply": { "facebook": true } }),
            "auto_reply.facebook",
            "private_channel",
        ),
        (
            json!({ "auto_reply_name": " " }),
            "auto_reply_name",
            "1_to_60_characters",
        ),
        (
            json!({ "auto_reply_name": "A\nda" }),
            "auto_reply_name",
            "1_to_60_characters",
        ),
        (json!({ "temperature": 2.1 }), "temperature", "0_to_2"),
        (json!({ "temperature": -0.1 }), "temperature", "0_to_2"),
        (
            json!({ "temperature": "1" }),
            "temperature",
            "number_or_null",
        ),
    ] {
        let refused = desk.put(&body);
        assert_eq!(
            (refused.status, refused.detail()),
            (422, (path, rule)),
            "{body}"
        );
    }
    refuses_model_servers(|body| desk.settings("PUT", body));
    let count = desk.stack().db.value("SELECT count(*) FROM reply_settings");
    assert_eq!(count, Column::from(0));
}

#[test]
fn reply_settings_delete_answers_204_and_nobody_writes_drafts_any_more() {
    let desk = Desk::set_up();
    for _ in 0..2 {
        assert_eq!(desk.settings("DELETE", &Value::Null).status, 204);
        assert_eq!(desk.suggest().refusal(), (409, "not_set_up"));
    }
    assert!(desk.stack().ports.take_requests().is_empty());
}

#[test]
fn reply_settings_delete_refuses_callers_without_a_session() {
    refuses_callers("DELETE");
}

#[test]
fn reply_settings_delete_refuses_invalid_input() {
    let desk = Desk::set_up();
    let call = desk
        .stack()
        .call("suggest-reply", "DELETE", &format!("{SETTINGS}?all=1"));
    let refused = call.bearer(&desk.links.token).send(handle);
    assert_eq!(refused.detail(), ("query.all", "unknown"));
}
