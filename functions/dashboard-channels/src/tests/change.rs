use super::{Desk, handle, whatsapp, with};
use common::Context;
use common::db::{DbError, Value as Column};
use common::http::Request;
use serde_json::{Value, json};
use testkit::Failure;

#[test]
fn channel_list_answers_with_the_accounts_of_the_business_alone() {
    let desk = Desk::new();
    let (channel, _) = desk.connected();
    let list = desk.call("GET", "", &Value::Null);
    assert_eq!(
        (list.status, &list.json),
        (200, &json!({ "channels": [channel] }))
    );
    let others = desk.other().call("GET", "", &Value::Null);
    assert_eq!(others.json, json!({ "channels": [] }));
}

#[test]
fn channel_list_refuses_callers_without_a_session() {
    let desk = Desk::new();
    let call = desk
        .stack
        .call("dashboard-channels", "GET", "/api/dashboard/channels");
    let refused = call.key(&desk.tenant.admin_key).send(handle);
    assert_eq!(refused.refusal(), (401, "missing_token"));
}

#[test]
fn channel_list_refuses_invalid_input() {
    let refused = Desk::new().call("GET", "?kind=sms", &Value::Null);
    assert_eq!(refused.detail(), ("query.kind", "unknown"));
}

#[test]
fn channel_get_answers_with_one_account_and_never_its_credentials() {
    let desk = Desk::new();
    let (channel, id) = desk.connected();
    let one = desk.call("GET", &id, &Value::Null);
    assert_eq!(
        (one.status, &one.json),
        (200, &json!({ "channel": channel }))
    );
}

#[test]
fn channel_get_refuses_callers_without_a_session() {
    let desk = Desk::new();
    let (_, id) = desk.connected();
    let path = format!("/api/dashboard/channels{id}");
    let call = desk.stack.call("dashboard-channels", "GET", &path);
    let refused = call.key(&desk.tenant.admin_key).send(handle);
    assert_eq!(refused.refusal(), (401, "missing_token"));
    let others = desk.other().call("GET", &id, &Value::Null);
    assert_eq!(others.refusal(), (404, "not_found"));
}

#[test]
fn channel_get_refuses_invalid_input() {
    let desk = Desk::new();
    let nothing = desk.call("GET", "/nothing", &Value::Null);
    assert_eq!(nothing.refusal(), (404, "not_found"));
    let (_, id) = desk.connected();
    let refused = desk.call("GET", &format!("{id}?all=1"), &Value::Null);
    assert_eq!(refused.detail(), ("query.all", "unknown"));
}

#[test]
fn channel_update_answers_with_what_changed_and_replaces_single_credentials() {
    let desk = Desk::new();
    let (before, id) = desk.connected();
    desk.stack.advance(1_000_000);
    let body = json!({
        "name": "Front desk", "status": "disabled", "waba_id": null, "kind": "whatsapp",
        "phone_number_id": "106540352242922", "display_phone_number": "+353 1 000",
        "credentials": { "access_token": "EAAGnew", "verify_token": null }
    });
    let changed = desk.call("PATCH", &id, &body);
    assert_eq!(changed.status, 200, "{}", changed.text());
    let channel = &changed.json["channel"];
    assert_eq!(channel["name"], "Front desk");
    assert_eq!(channel["status"], "disabled");
    assert_eq!(channel["waba_id"], Value::Null);
    assert_eq!(channel["display_phone_number"], "+353 1 000");
    assert_eq!(channel["created_at"], before["created_at"]);
    assert_ne!(channel["updated_at"], before["updated_at"]);
    let listed = desk.call("GET", "", &Value::Null);
    assert_eq!(listed.json["channels"][0], *channel);
    let credentials = desk.credentials(&id);
    assert_eq!(credentials.access_token.as_deref(), Some("EAAGnew"));
    assert_eq!(credentials.app_secret.as_deref(), Some("app-secret-1"));
    assert_eq!(credentials.verify_token, None);
    let verify = "SELECT verify_token_id FROM channels";
    assert_eq!(desk.stack.db.value(verify), Column::Null);
}

#[test]
fn of_another_token_it_is_asked_anew_when_it_ends() {
    let desk = Desk::new();
    let (_, id) = desk.connected();
    desk.stack
        .db
        .sql("UPDATE channels SET token_ends_at = 7, token_check_at = 9");
    let asked = || {
        desk.stack
            .db
            .sql("SELECT token_ends_at, token_check_at FROM channels")
    };
    desk.call("PATCH", &id, &json!({ "name": "Desk" }));
    assert_eq!(asked(), [[7.into(), 9.into()]]);
    let other = json!({ "credentials": { "access_token": "EAAGnew" } });
    desk.call("PATCH", &id, &other);
    assert_eq!(asked(), [[Column::Null, 0.into()]]);
}

#[test]
fn a_change_without_credentials_leaves_them_and_what_names_them() {
    let desk = Desk::new();
    let (_, id) = desk.connected();
    let row = || {
        desk.stack
            .db
            .sql("SELECT credentials, app_secret_id, verify_token_id FROM channels")
    };
    let before = row();
    assert_eq!(
        desk.call("PATCH", &id, &json!({ "name": "New" })).status,
        200
    );
    assert_eq!(desk.call("PATCH", &id, &json!({})).status, 200);
    assert_eq!(row(), before);
}

#[test]
fn a_change_that_comes_between_is_not_lost() {
    let desk = Desk::new();
    let (_, id) = desk.connected();
    let db = desk.stack.db.clone();
    desk.stack.db.before_next_batch(move || {
        db.sql("UPDATE channels SET status = 'disabled', updated_at = updated_at + 1");
    });
    let answer = desk.call("PATCH", &id, &json!({ "name": "Mine" }));
    let channel = &answer.json["channel"];
    let expected = (&json!("Mine"), &json!("disabled"));
    assert_eq!((&channel["name"], &channel["status"]), expected);
    let listed = desk.call("GET", "", &Value::Null);
    assert_eq!(listed.json["channels"][0], *channel);
}

#[test]
fn channel_update_refuses_callers_of_another_business() {
    let desk = Desk::new();
    let (_, id) = desk.connected();
    let refused = desk
        .other()
        .call("PATCH", &id, &json!({ "name": "Theirs" }));
    assert_eq!(refused.refusal(), (404, "not_found"));
    let listed = desk.call("GET", "", &Value::Null);
    assert_eq!(listed.json["channels"][0]["name"], "Shop");
}

#[test]
fn channel_update_refuses_invalid_input() {
    let desk = Desk::new();
    let (_, id) = desk.connected();
    let cases = [
        (
            json!({ "status": "paused" }),
            "status",
            "active_or_disabled",
        ),
        (json!({ "name": null }), "name", "1_to_200_characters"),
        (json!({ "kind": "sms" }), "kind", "cannot_change"),
        (
            json!({ "phone_number_id": "2" }),
            "phone_number_id",
            "cannot_change",
        ),
        (json!({ "colour": "red" }), "colour", "unknown"),
        (
            json!({ "credentials": { "auth_token": "t" } }),
            "credentials.auth_token",
            "unknown",
        ),
        (
            json!({ "credentials": { "app_secret": null } }),
            "credentials.app_secret",
            "required",
        ),
    ];
    for (body, path, rule) in cases {
        let refused = desk.call("PATCH", &id, &body);
        assert_eq!(
            (refused.status, refused.detail()),
            (422, (path, rule)),
            "{body}"
        );
    }
    let nobody = desk.call("PATCH", "/none", &json!({}));
    assert_eq!(nobody.refusal(), (404, "not_found"));
}

#[test]
fn a_new_app_secret_cannot_make_it_an_account_that_another_business_has() {
    let desk = Desk::new();
    desk.connected();
    let other = desk.other();
    let made = other.create(&with(
        whatsapp(),
        "/credentials/app_secret",
        json!("another"),
    ));
    let id = format!("/{}", made.json["channel"]["id"].as_str().unwrap());
    let body = json!({ "credentials": { "app_secret": "app-secret-1" } });
    assert_eq!(other.call("PATCH", &id, &body).refusal(), (409, "conflict"));
}

#[test]
fn channel_delete_answers_and_the_secrets_are_gone() {
    let desk = Desk::new();
    let (_, id) = desk.connected();
    assert_eq!(desk.call("DELETE", &id, &Value::Null).status, 204);
    assert_eq!(
        desk.call("GET", "", &Value::Null).json,
        json!({ "channels": [] })
    );
    let row = desk
        .stack
        .db
        .sql("SELECT deleted_at IS NOT NULL, credentials FROM channels");
    assert_eq!(row, [[Column::Integer(1), Column::Null]]);
    assert_eq!(desk.call("PATCH", &id, &json!({})).status, 404);
    assert_eq!(
        desk.call("POST", &format!("{id}/test"), &json!({})).status,
        404
    );
}

#[test]
fn channel_delete_refuses_callers_of_another_business() {
    let desk = Desk::new();
    let (_, id) = desk.connected();
    let refused = desk.other().call("DELETE", &id, &Value::Null);
    assert_eq!(refused.refusal(), (404, "not_found"));
    assert_eq!(desk.call("DELETE", &id, &Value::Null).status, 204);
}

#[test]
fn channel_delete_refuses_invalid_input() {
    let desk = Desk::new();
    assert_eq!(
        desk.call("DELETE", "/none", &Value::Null).refusal(),
        (404, "not_found")
    );
    assert_eq!(
        desk.call("DELETE", "/a/b", &Value::Null).refusal(),
        (404, "not_found")
    );
}

#[test]
fn a_database_that_is_away_is_503() {
    let desk = Desk::new();
    let (_, id) = desk.connected();
    for (method, suffix) in [("GET", ""), ("PATCH", id.as_str()), ("DELETE", id.as_str())] {
        let target = format!("/api/dashboard/channels{suffix}");
        let call = desk
            .stack
            .call("dashboard-channels", method, &target)
            .bearer(&desk.token)
            .json(&json!({}));
        let refused = call.send(async |cx: &Context<'_>, request: Request| {
            let outage = DbError::Outage("Network connection lost".into());
            desk.stack.db.fail(Failure::Before(outage));
            handle(cx, request).await
        });
        assert_eq!(refused.refusal(), (503, "unavailable"), "{method}");
    }
}

#[test]
fn an_account_whose_secrets_cannot_be_opened_can_be_disabled_all_the_same() {
    let desk = Desk::new();
    let (_, id) = desk.connected();
    desk.stack
        .db
        .sql("UPDATE channels SET credentials = 'nothing sealed'");
    let changed = desk.call("PATCH", &id, &json!({ "status": "disabled" }));
    assert_eq!(changed.status, 200, "{}", changed.text());
}
