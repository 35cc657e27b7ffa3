//! What Meta and Twilio say of whose an account is.

use super::super::{Desk, whatsapp, with};
use super::{Outcome, email, shown};
use serde_json::{Value, json};
use testkit::{ACCOUNT_SID, answer, refused, timed_out};

fn sms() -> Value {
    json!({
        "kind": "sms", "name": "S", "account_sid": ACCOUNT_SID, "phone_number": "+353871234567",
        "credentials": { "auth_token": "t" }
    })
}

#[test]
fn what_has_a_url_of_its_own_may_be_connected_by_several_businesses() {
    let desk = Desk::new();
    let other = desk.other();
    for body in [sms(), email("resend"), email("postmark")] {
        let mut body = body;
        for one in [&desk, &other] {
            let made = one.create(&body);
            assert_eq!(made.status, 201, "{}", made.text());
        }
        // Once in a business.
        assert_eq!(desk.create(&body).refusal(), (409, "conflict"));
        body["address"] = json!("other@acme.example");
        desk.stack
            .db
            .sql("UPDATE channels SET deleted_at = 1, address = address || id");
    }
}

#[test]
fn a_twilio_number_is_checked_to_be_the_accounts() {
    let listed = |numbers: &Value| answer(200, &json!({ "incoming_phone_numbers": numbers }));
    let number = json!([{ "phone_number": "+353871234567", "sid": "PN1" }]);
    for (outcome, state) in [
        (listed(&number), "verified"),
        (listed(&json!([])), "pending"),
        (
            listed(&json!([{ "phone_number": "+15005550001" }])),
            "pending",
        ),
        (answer(200, &json!("?")), "pending"),
        (answer(401, &Value::Null), "pending"),
        (answer(500, &Value::Null), "pending"),
        (refused(), "pending"),
        (timed_out(), "pending"),
    ] {
        let desk = Desk::new();
        desk.stack.ports.will(outcome);
        let made = desk.create(&sms());
        assert_eq!((made.status, shown(&made.json).1.as_str()), (201, state));
        let why = &made.json["channel"]["verification_error"];
        assert_eq!(why.is_null(), state == "verified", "{why}");
        let url = &desk.stack.ports.take_requests()[0].url;
        let path = format!(
            "/2010-04-01/Accounts/{ACCOUNT_SID}/IncomingPhoneNumbers.json?PhoneNumber=%2B353871234567"
        );
        assert!(url.ends_with(&path), "{url}");
    }
    let desk = Desk::new();
    desk.stack.ports.will(answer(
        200,
        &json!({ "short_codes": [{ "short_code": "50505" }] }),
    ));
    let made = desk.create(&with(sms(), "/phone_number", json!("50505")));
    assert_eq!(shown(&made.json).1, "verified");
}

#[test]
fn an_account_of_metas_is_claimed_by_its_token() {
    let number = "106540352242922";
    let page = json!({
        "kind": "facebook", "name": "F", "page_id": number,
        "credentials": { "access_token": "t", "app_secret": "s" }
    });
    let instagram = json!({
        "kind": "instagram", "name": "I", "instagram_account_id": number,
        "credentials": { "access_token": "t", "app_secret": "s" }
    });
    let login = with(instagram.clone(), "/login", json!("instagram"));
    for (body, url, id) in [
        (
            whatsapp(),
            "graph.facebook.com/v26.0/106540352242922?",
            "id",
        ),
        (
            with(page.clone(), "/kind", json!("facebook_comments")),
            "graph.facebook.com/v26.0/me?",
            "id",
        ),
        (page, "graph.facebook.com/v26.0/me?", "id"),
        (instagram, "graph.facebook.com/v26.0/106540352242922?", "id"),
        (login, "graph.instagram.com/v26.0/me?", "user_id"),
    ] {
        for (outcome, state) in [
            (answer(200, &json!({ id: number })), "verified"),
            (
                answer(200, &json!({ id: 106_540_352_242_922_u64 })),
                "verified",
            ),
            (answer(200, &json!({ id: "1" })), "pending"),
            (answer(200, &json!({ "name": number })), "pending"),
            (answer(400, &json!({ "error": { "code": 190 } })), "pending"),
            (answer(500, &Value::Null), "pending"),
            (timed_out(), "pending"),
        ] {
            let desk = Desk::new();
            desk.stack.ports.will(outcome);
            let made = desk.create(&body);
            assert_eq!((made.status, shown(&made.json).1.as_str()), (201, state));
            let why = &made.json["channel"]["verification_error"];
            assert_eq!(why.is_null(), state == "verified", "{why}");
            let asked = &desk.stack.ports.take_requests()[0].url;
            assert!(asked.contains(url), "{asked}");
        }
    }
}

#[test]
fn under_one_app_secret_the_token_decides_whose_an_account_is() {
    let desk = Desk::new();
    let other = desk.other();
    desk.stack
        .ports
        .will(answer(400, &json!({ "error": { "code": 100 } })));
    let (id, state, _) = shown(&desk.create(&whatsapp()).json);
    assert_eq!(state, "pending");
    let (their_id, state, _) = shown(&other.create(&whatsapp()).json);
    assert_eq!(state, "verified");
    // Who was connected before anybody was asked has to give way.
    desk.stack
        .db
        .sql("UPDATE channels SET verification = CASE verification WHEN 'pending' THEN 'assumed' ELSE 'pending' END");
    assert_eq!(other.verify(&their_id), "verified");
    assert_eq!(desk.state(&id), "pending");
    // A token that Meta takes later changes a claim at once.
    let token = json!({ "credentials": { "access_token": "new" } });
    assert_eq!(other.call("DELETE", &their_id, &Value::Null).status, 204);
    let changed = desk.call("PATCH", &id, &token);
    assert_eq!(
        changed.json["channel"]["verification"],
        "verified",
        "{}",
        changed.text()
    );
}

#[test]
fn an_account_of_the_deployments_meta_app_is_claimed_by_its_token() {
    let desk = Desk::new();
    let other = desk.other();
    desk.stack.ports.set("META_APP_SECRET", "ours");
    let mut body = whatsapp();
    body["credentials"]
        .as_object_mut()
        .unwrap()
        .remove("app_secret");
    let graph = |outcome: Outcome| desk.stack.ports.will(outcome);
    graph(answer(400, &json!({ "error": { "code": 100 } })));
    let made = desk.create(&body);
    let (id, state, _) = shown(&made.json);
    assert_eq!((made.status, state.as_str()), (201, "pending"));
    graph(answer(200, &json!({ "id": "another" })));
    assert_eq!(desk.verify(&id), "pending");
    graph(answer(200, &json!({ "id": "106540352242922" })));
    let theirs = other.create(&body);
    assert_eq!(
        (theirs.status, shown(&theirs.json).1.as_str()),
        (201, "verified")
    );
    // Two tokens that Meta accepts are no reason to take it from who has it.
    graph(answer(200, &json!({ "id": "106540352242922" })));
    assert_eq!(desk.verify(&id), "pending");
}

#[test]
fn who_has_an_account_of_metas_with_a_refused_token_gives_way_to_who_has_a_living_one() {
    let number = "106540352242922";
    let living = || answer(200, &json!({ "id": number }));
    let code = |status, code: i64| answer(status, &json!({ "error": { "code": code } }));
    for (of_holder, state) in [
        (code(400, 190), "verified"),
        (answer(401, &Value::Null), "verified"),
        (code(400, 100), "verified"),
        (code(403, 200), "verified"),
        (living(), "pending"),
        // Of these nobody knows whether the token is dead.
        (answer(500, &Value::Null), "pending"),
        (code(400, 4), "pending"),
        (
            answer(
                400,
                &json!({ "error": { "code": 190, "is_transient": true } }),
            ),
            "pending",
        ),
        (answer(200, &json!("?")), "pending"),
        (refused(), "pending"),
        (timed_out(), "pending"),
    ] {
        let desk = Desk::new();
        let other = desk.other();
        let with_token = |token: &str| with(whatsapp(), "/credentials/access_token", json!(token));
        let (id, before, _) = shown(&desk.create(&with_token("EAAGholder")).json);
        assert_eq!(before, "verified");
        desk.stack.ports.take_requests();
        desk.stack.ports.will(living());
        desk.stack.ports.will(of_holder);
        let theirs = other.create(&with_token("EAAGother"));
        assert_eq!(
            (theirs.status, shown(&theirs.json).1.as_str()),
            (201, state),
            "{}",
            theirs.text()
        );
        let expected = if state == "verified" {
            "pending"
        } else {
            "verified"
        };
        assert_eq!(desk.state(&id), expected);
        let asked = desk.stack.ports.take_requests();
        assert_eq!(asked.len(), 2);
        for (request, token) in asked.iter().zip(["EAAGother", "EAAGholder"]) {
            let bearer = format!("Bearer {token}");
            assert!(request.headers.iter().any(|(_, value)| *value == bearer));
        }
    }
}

#[test]
fn a_holder_who_replaces_the_dead_token_meanwhile_keeps_the_account() {
    let desk = Desk::new();
    let other = desk.other();
    let (id, ..) = shown(&desk.create(&whatsapp()).json);
    let (their_id, ..) = {
        let living = json!({ "id": "106540352242922" });
        desk.stack.ports.will(answer(200, &living));
        desk.stack.ports.will(timed_out());
        shown(&other.create(&whatsapp()).json)
    };
    let db = desk.stack.db.clone();
    let ours = id.trim_start_matches('/').to_owned();
    desk.stack.db.before_next_batch(move || {
        db.sql(&format!(
            "UPDATE channels SET updated_at = updated_at + 1 WHERE id = '{ours}'"
        ));
    });
    desk.stack
        .ports
        .will(answer(200, &json!({ "id": "106540352242922" })));
    desk.stack.ports.will(answer(401, &Value::Null));
    assert_eq!(other.verify(&their_id), "pending");
    assert_eq!(desk.state(&id), "verified");
}
