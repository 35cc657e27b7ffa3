use super::{Desk, handle, whatsapp, with};
use channels::{app_secret_id, verify_token_id};
use common::Context;
use serde_json::{Value, json};
use testkit::ACCOUNT_SID;

#[test]
fn channel_create_answers_with_the_account_and_never_its_credentials() {
    let desk = Desk::new();
    let made = desk.create(&whatsapp());
    assert_eq!(made.status, 201, "{}", made.text());
    let channel = &made.json["channel"];
    assert_eq!(channel["name"], "Shop");
    assert_eq!(channel["phone_number_id"], "106540352242922");
    assert_eq!(channel["waba_id"], "102290129340398");
    assert_eq!(channel["display_phone_number"], "+353 1 234 5678");
    assert_eq!(channel["status"], "active");
    let callback = "https://tieline.example/functions/v1/webhook-meta";
    assert_eq!(channel["webhook_url"], callback);
    for secret in ["EAAGtoken", "app-secret-1", "a word", "credentials"] {
        assert!(!made.text().contains(secret), "{secret}");
    }
}

#[test]
fn the_receiver_finds_an_account_by_its_address_its_app_secret_and_its_verify_token() {
    let desk = Desk::new();
    desk.connected();
    let query = "SELECT address, app_secret_id, verify_token_id FROM channels";
    let row = desk.stack.db.sql(query).remove(0);
    desk.stack.job("", async |cx: &Context<'_>, _: &str| {
        assert_eq!(row[0], "106540352242922".into());
        assert_eq!(row[1], app_secret_id(cx, "app-secret-1").await?.into());
        assert_eq!(row[2], verify_token_id(cx, "a word").await?.into());
        Ok(())
    });
}

#[test]
fn every_kind_of_account_can_be_connected() {
    let desk = Desk::new();
    let meta = json!({ "access_token": "t", "app_secret": "s" });
    let cases = [
        (
            json!({ "kind": "facebook", "name": "F", "page_id": "1", "credentials": meta }),
            "webhook-meta",
        ),
        (
            json!({ "kind": "messenger", "name": "M", "page_id": 2, "credentials": meta }),
            "webhook-meta",
        ),
        (
            json!({
                "kind": "instagram", "name": "I", "instagram_account_id": "3", "credentials": meta
            }),
            "webhook-meta",
        ),
        (
            json!({
                "kind": "sms", "name": "S", "account_sid": ACCOUNT_SID, "phone_number": "+353 87 1234567",
                "credentials": { "auth_token": "t" }
            }),
            "webhook-twilio/",
        ),
        (
            json!({
                "kind": "email", "name": "E", "provider": "resend", "address": "Shop@B.ie",
                "credentials": { "api_key": "re_1", "webhook_secret": "whsec_1" }
            }),
            "webhook-email/",
        ),
        (
            json!({
                "kind": "email", "name": "C", "provider": "cloudflare", "address": "help@b.ie",
                "reply_domain": "In.B.ie", "authserv_id": "MX.b.ie", "from_name": "B", "credentials": {}
            }),
            "webhook-email/",
        ),
    ];
    for (body, receiver) in cases {
        desk.stack.advance(1_000);
        let made = desk.create(&body);
        assert_eq!(made.status, 201, "{body}: {}", made.text());
        let channel = &made.json["channel"];
        let id = match receiver.ends_with('/') {
            true => channel["id"].as_str().unwrap(),
            false => "",
        };
        let url = format!("https://tieline.example/functions/v1/{receiver}{id}");
        assert_eq!(channel["webhook_url"], url);
    }
    let list = desk.call("GET", "", &Value::Null);
    let last = list.json["channels"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (
            &last["address"],
            &last["reply_domain"],
            &last["authserv_id"]
        ),
        (&json!("help@b.ie"), &json!("in.b.ie"), &json!("mx.b.ie"))
    );
}

#[test]
fn an_instagram_account_has_its_login_its_switches_and_a_second_secret() {
    let desk = Desk::new();
    let account = json!({
        "kind": "instagram", "name": "I", "instagram_account_id": "3", "login": "instagram",
        "human_agent": true, "store_media": "false",
        "credentials": { "access_token": "t", "app_secret": "s", "instagram_app_secret": "s2" }
    });
    let made = desk.create(&account);
    assert_eq!(made.status, 201, "{}", made.text());
    let channel = &made.json["channel"];
    assert_eq!(channel["human_agent"], "true");
    assert_eq!(
        (&channel["store_media"], &channel["login"]),
        (&json!("false"), &json!("instagram"))
    );
    let named = |id: &str| desk.stack.db.value(&format!("SELECT {id} FROM channels"));
    let id = channel["id"].as_str().unwrap().to_owned();
    desk.stack.job("", async |cx: &Context<'_>, _: &str| {
        assert_eq!(
            named("second_secret_id"),
            app_secret_id(cx, "s2").await?.into()
        );
        Ok(())
    });
    let other = json!({ "credentials": { "instagram_app_secret": "s3" } });
    assert_eq!(desk.call("PATCH", &format!("/{id}"), &other).status, 200);
    let first = named("app_secret_id");
    desk.stack.job("", async |cx: &Context<'_>, _: &str| {
        assert_eq!(
            named("second_secret_id"),
            app_secret_id(cx, "s3").await?.into()
        );
        assert_eq!(first, app_secret_id(cx, "s").await?.into());
        Ok(())
    });
    let none = json!({ "credentials": { "instagram_app_secret": null }, "human_agent": null });
    let without = desk.call("PATCH", &format!("/{id}"), &none);
    assert_eq!(without.json["channel"].get("human_agent"), None);
    assert_eq!(named("second_secret_id"), "".into());
    for (field, value, rule) in [
        ("login", json!("phone"), "facebook_or_instagram"),
        ("human_agent", json!("yes"), "boolean"),
        ("store_media", json!(1), "boolean"),
    ] {
        let refused = desk.call("PATCH", &format!("/{id}"), &json!({ field: value }));
        assert_eq!(
            (refused.status, &refused.json["details"][0]["rule"]),
            (422, &json!(rule))
        );
    }
}

#[test]
fn channel_create_refuses_callers_without_a_session() {
    let mut desk = Desk::new();
    desk.token = desk.tenant.admin_key.clone();
    assert_eq!(
        desk.create(&whatsapp()).refusal(),
        (401, "invalid_token"),
        "a key is no session"
    );
}

#[test]
fn channel_create_refuses_invalid_input_and_names_the_field() {
    let desk = Desk::new();
    let cases = [
        (json!([]), "body", "object"),
        (json!({}), "kind", "known_kind"),
        // Channels of a source of conversations have no accounts of their own.
        (
            with(whatsapp(), "/kind", json!("web")),
            "kind",
            "known_kind",
        ),
        (
            with(whatsapp(), "/kind", json!("chatwoot")),
            "kind",
            "known_kind",
        ),
        (
            with(whatsapp(), "/kind", json!("telegram")),
            "kind",
            "known_kind",
        ),
        (
            with(whatsapp(), "/name", json!(" ")),
            "name",
            "1_to_200_characters",
        ),
        (
            with(whatsapp(), "/phone_number_id", Value::Null),
            "phone_number_id",
            "required",
        ),
        (
            with(whatsapp(), "/phone_number_id", json!(1.5)),
            "phone_number_id",
            "provider_id",
        ),
        (
            with(whatsapp(), "/phone_number_id", json!("1/../2")),
            "phone_number_id",
            "provider_id",
        ),
        (
            with(whatsapp(), "/page_id", json!("1")),
            "page_id",
            "unknown",
        ),
        (
            with(whatsapp(), "/status", json!("active")),
            "status",
            "unknown",
        ),
        (
            with(whatsapp(), "/credentials", json!("t")),
            "credentials",
            "object",
        ),
        (
            with(whatsapp(), "/credentials/access_token", json!("a\r\nb: c")),
            "credentials.access_token",
            "1_to_4096_visible_ascii",
        ),
        (
            with(whatsapp(), "/credentials/app_secret", json!("")),
            "credentials.app_secret",
            "1_to_4096_characters",
        ),
        (
            with(whatsapp(), "/credentials/password", json!("x")),
            "credentials.password",
            "unknown",
        ),
        (
            json!({ "kind": "whatsapp", "name": "N", "phone_number_id": "1" }),
            "credentials.access_token",
            "required",
        ),
        (
            json!({
                "kind": "sms", "name": "S", "account_sid": ACCOUNT_SID, "phone_number": "call me",
                "credentials": { "auth_token": "t" }
            }),
            "phone_number",
            "e164_or_short_code",
        ),
        (
            json!({
                "kind": "email", "name": "E", "provider": "pigeon", "address": "a@b.ie",
                "credentials": { "api_key": "k" }
            }),
            "provider",
            "resend_postmark_or_cloudflare",
        ),
        (
            json!({
                "kind": "email", "name": "E", "provider": "postmark", "address": "a@b.ie",
                "credentials": {}
            }),
            "credentials.api_key",
            "required",
        ),
        (
            json!({
                "kind": "email", "name": "E", "provider": "cloudflare", "address": "a@b.ie",
                "sends_by": "resend", "credentials": {}
            }),
            "credentials.api_key",
            "required",
        ),
        (
            json!({
                "kind": "email", "name": "E", "provider": "cloudflare", "address": "a@b.ie",
                "reply_domain": "a@b.ie", "credentials": {}
            }),
            "reply_domain",
            "domain",
        ),
    ];
    for (body, path, rule) in cases {
        let refused = desk.create(&body);
        assert_eq!(
            (refused.refusal(), refused.detail()),
            ((422, "invalid_request"), (path, rule)),
            "{body}"
        );
    }
    assert!(desk.stack.db.sql("SELECT id FROM channels").is_empty());
}

#[test]
fn a_refusal_does_not_repeat_the_secret() {
    let desk = Desk::new();
    let body = with(
        whatsapp(),
        "/credentials/access_token",
        json!("secret words"),
    );
    assert!(!desk.create(&body).text().contains("secret words"));
    let text = whatsapp().to_string().replace("\"EAAGtoken\"", "EAAGtoken");
    let call = desk
        .stack
        .call("dashboard-channels", "POST", "/api/dashboard/channels");
    let broken = call.bearer(&desk.token).body(text).send(handle);
    assert_eq!(broken.refusal(), (400, "malformed_json"));
    assert!(!broken.text().contains("EAAG"));
}

#[test]
fn an_account_has_one_owner_in_all_businesses_under_its_secret() {
    let desk = Desk::new();
    let other = desk.other();
    desk.connected();
    assert_eq!(desk.create(&whatsapp()).refusal(), (409, "conflict"));
    let theirs = other.create(&whatsapp());
    let channel = &theirs.json["channel"];
    assert_eq!(
        (theirs.status, &channel["verification"]),
        (201, &json!("pending"))
    );
    assert!(!theirs.text().contains(&desk.tenant.business_id));
    let id = format!("/{}", channel["id"].as_str().unwrap());
    assert_eq!(other.call("DELETE", &id, &Value::Null).status, 204);
    let under_other_secret = with(whatsapp(), "/credentials/app_secret", json!("another"));
    assert_eq!(
        desk.create(&under_other_secret).refusal(),
        (409, "conflict")
    );
    let theirs = other.create(&under_other_secret);
    assert_eq!(theirs.json["channel"]["verification"], "verified");
}

#[test]
fn a_removed_account_can_be_connected_again_elsewhere() {
    let desk = Desk::new();
    let (_, id) = desk.connected();
    assert_eq!(desk.call("DELETE", &id, &Value::Null).status, 204);
    let theirs = desk.other().create(&whatsapp());
    assert_eq!(theirs.json["channel"]["verification"], "verified");
    let again = desk.create(&whatsapp());
    assert_eq!(again.json["channel"]["verification"], "pending");
}

#[test]
fn no_secret_is_stored_or_logged_in_the_clear() {
    let desk = Desk::new();
    let call = desk
        .stack
        .call("dashboard-channels", "POST", "/api/dashboard/channels")
        .header("idempotency-key", "once");
    let made = call.bearer(&desk.token).json(&whatsapp()).send(handle);
    assert_eq!(made.status, 201);
    for table in ["channels", "idempotency", "outbox"] {
        let stored = format!("{:?}", desk.stack.db.sql(&format!("SELECT * FROM {table}")));
        for secret in ["EAAGtoken", "app-secret-1", "a word"] {
            assert!(!stored.contains(secret), "{table}");
            assert!(!made.log.to_string().contains(secret));
        }
    }
}

#[test]
fn the_sid_of_an_account_at_twilio_has_its_form() {
    let desk = Desk::new();
    let key = "SK00000000000000000000000000000001";
    for sid in [
        "AC1",
        key,
        &ACCOUNT_SID[..33],
        &ACCOUNT_SID.replace('1', "G"),
    ] {
        let body = json!({
            "kind": "sms", "name": "S", "account_sid": sid, "phone_number": "+353871234567",
            "credentials": { "auth_token": "t" }
        });
        let refused = desk.create(&body);
        assert_eq!(refused.status, 422, "{sid}");
        assert_eq!(refused.detail(), ("account_sid", "account_sid"), "{sid}");
    }
}

#[test]
fn where_the_deployment_has_a_meta_app_no_account_has_an_app_secret() {
    let desk = Desk::new();
    let (_, id) = desk.connected();
    desk.stack.ports.set("META_APP_SECRET", "ours");
    let refused = desk.create(&with(whatsapp(), "/phone_number_id", json!("2")));
    let expected = ("credentials.app_secret", "of_the_deployment");
    assert_eq!((refused.status, refused.detail()), (422, expected));
    let mut without = with(whatsapp(), "/phone_number_id", json!("2"));
    let credentials = without["credentials"].as_object_mut().unwrap();
    credentials.remove("app_secret");
    let made = desk.create(&without);
    assert_eq!(made.status, 201, "{}", made.text());
    let named = "SELECT group_concat(app_secret_id, '|') FROM channels WHERE address = '2'";
    assert_eq!(desk.stack.db.value(named), "".into());
    // An account that was connected before keeps its own until it is moved.
    let patch = |secret: Value| {
        let body = json!({ "credentials": { "app_secret": secret } });
        desk.call("PATCH", &id, &body)
    };
    assert_eq!(patch(json!("new")).detail(), expected);
    assert_eq!(patch(Value::Null).status, 200);
    let named = "SELECT count(*) FROM channels WHERE app_secret_id = ''";
    assert_eq!(desk.stack.db.value(named), 2.into());
    desk.stack.ports.set("META_APP_SECRET", "");
    assert_eq!(desk.create(&without).detail().1, "required");
}

#[test]
fn a_secret_that_the_business_makes_up_is_long_enough() {
    let desk = Desk::new();
    let account = |provider: &str, secret: &str| {
        json!({
            "kind": "email", "name": "E", "provider": provider, "address": format!("{provider}@b.ie"),
            "sends_by": if provider == "resend" { "resend" } else { "postmark" },
            "credentials": { "api_key": "key", "webhook_secret": secret }
        })
    };
    let (weak, strong) = ("x".repeat(23), "x".repeat(24));
    for provider in ["postmark", "cloudflare"] {
        let refused = desk.create(&account(provider, &weak));
        let detail = ("credentials.webhook_secret", "at_least_24_characters");
        assert_eq!((refused.status, refused.detail()), (422, detail));
        assert!(!refused.text().contains(&weak));
        let made = desk.create(&account(provider, &strong));
        assert_eq!(made.status, 201, "{}", made.text());
        let id = format!("/{}", made.json["channel"]["id"].as_str().unwrap());
        let change = json!({ "credentials": { "webhook_secret": weak } });
        assert_eq!(desk.call("PATCH", &id, &change).detail(), detail);
        // What is there stays, whatever its length.
        let other = json!({ "credentials": { "api_key": "another" } });
        assert_eq!(desk.call("PATCH", &id, &other).status, 200);
    }
    // Resend makes its own.
    assert_eq!(desk.create(&account("resend", "whsec_1")).status, 201);
}
