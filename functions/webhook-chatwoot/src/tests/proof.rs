use super::{Desk, SECRET, ana, handle, message};
use common::time::SECOND;
use serde_json::json;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

fn by_token() -> Desk {
    let settings = json!({ "account_id": "1" });
    Desk::with(&settings, &json!({ "webhook_token": TOKEN }))
}

#[test]
fn chatwoot_receive_refuses_callers_without_the_accounts_secret() {
    let desk = Desk::new();
    let body = message(1, 130, &ana(), "Hi").to_string();
    let path = desk.channel_id.as_str();
    for secret in ["another", ""] {
        let answer = desk.signed(path, secret, &body).send(handle);
        assert_eq!(answer.refusal(), (401, "invalid_signature"), "{secret}");
    }
    let changed = desk
        .signed(path, SECRET, &body)
        .body(body.replace("Hi", "Ho"));
    assert_eq!(changed.send(handle).refusal(), (401, "invalid_signature"));
    assert_eq!(desk.count("messages"), 0);
}

#[test]
fn a_signature_holds_for_five_minutes() {
    let desk = Desk::new();
    let body = message(1, 130, &ana(), "Hi").to_string();
    let late = desk.signed(&desk.channel_id, SECRET, &body);
    desk.stack.advance(301 * SECOND);
    assert_eq!(late.send(handle).refusal(), (401, "invalid_signature"));
    let in_time = desk.signed(&desk.channel_id, SECRET, &body);
    desk.stack.advance(299 * SECOND);
    assert_eq!(in_time.send(handle).status, 200);
}

#[test]
fn nothing_is_read_of_what_proves_nothing_or_is_for_nobody() {
    let desk = Desk::new();
    let unknown = "01900000-0000-7000-8000-000000000001";
    let short = format!("{}/tooshort", desk.channel_id);
    let calls = desk.stack.db.calls();
    for (path, header, status) in [
        (desk.channel_id.as_str(), "", 401),
        (desk.channel_id.as_str(), "sha256=00", 401),
        (&short, "", 401),
    ] {
        let path = format!("/api/webhooks/chatwoot/{path}");
        let call = desk.stack.call("webhook-chatwoot", "POST", &path);
        let call = call.header("x-chatwoot-signature", header);
        let call = call.header("x-chatwoot-timestamp", "1772359200");
        let refused = call.chunks(vec![Ok(vec![b'a'; 1000]); 4]).send(handle);
        assert_eq!(
            (refused.status, refused.unread),
            (status, 4),
            "{path} {header}"
        );
    }
    assert_eq!(desk.stack.db.calls(), calls);
    for path in [
        unknown.to_owned(),
        format!("{unknown}/{TOKEN}"),
        "x".to_owned(),
    ] {
        let answer = desk.signed(&path, SECRET, "{}").send(handle);
        assert_eq!(answer.refusal(), (404, "not_found"), "{path}");
    }
}

#[test]
fn a_server_that_signs_nothing_is_known_by_its_token() {
    let desk = by_token();
    let body = message(1, 130, &ana(), "Hi").to_string();
    let send = |token: &str| {
        let path = format!("/api/webhooks/chatwoot/{}/{token}", desk.channel_id);
        let call = desk.stack.call("webhook-chatwoot", "POST", &path);
        call.body(body.as_str()).send(handle)
    };
    for wrong in [
        "",
        "0123456789abcdef0123456789abcdeF",
        "0123",
        &format!("{TOKEN}0"),
    ] {
        assert!(matches!(send(wrong).status, 401 | 404), "{wrong}");
    }
    assert_eq!(desk.count("messages"), 0);
    assert_eq!(send(TOKEN).status, 200);
    assert_eq!(desk.count("messages"), 1);
    // A signature by a secret that we were never told says nothing.
    let signed = desk.signed(&desk.channel_id, "", &body).send(handle);
    assert_eq!(signed.refusal(), (401, "invalid_signature"));
}

#[test]
fn an_account_with_a_secret_is_not_reached_by_a_token() {
    let settings = json!({ "account_id": "1" });
    let both = json!({ "webhook_secret": SECRET, "webhook_token": TOKEN });
    let desk = Desk::with(&settings, &both);
    let path = format!("/api/webhooks/chatwoot/{}/{TOKEN}", desk.channel_id);
    let body = message(1, 130, &ana(), "Hi").to_string();
    let call = desk.stack.call("webhook-chatwoot", "POST", &path);
    let refused = call.body(body.as_str()).send(handle);
    assert_eq!(refused.refusal(), (401, "invalid_signature"));
    let path = format!("{}/{TOKEN}", desk.channel_id);
    assert_eq!(desk.signed(&path, SECRET, &body).send(handle).status, 200);
}

#[test]
fn a_delivery_of_another_account_of_the_same_server_is_refused() {
    let desk = Desk::new();
    let mut other = message(1, 130, &ana(), "Hi");
    other["account"]["id"] = 2.into();
    assert_eq!(desk.deliver(&other).refusal(), (401, "invalid_signature"));
}

#[test]
fn a_secret_is_of_one_account_and_lasts_as_long_as_that() {
    let desk = Desk::new();
    desk.told(&message(1, 130, &ana(), "Hi"));
    let credentials = json!({ "webhook_secret": "the next secret" });
    let next = desk
        .stack
        .channel(&desk.tenant, "chatwoot", "chat#2", &json!({}), &credentials);
    let body = message(2, 130, &ana(), "Ho").to_string();
    // Another account's secret is not this one's.
    let wrong = desk.signed(&desk.channel_id, "the next secret", &body);
    assert_eq!(wrong.send(handle).refusal(), (401, "invalid_signature"));
    desk.stack.db.sql(&format!(
        "DELETE FROM channels WHERE id = '{}'",
        desk.channel_id
    ));
    desk.stack.advance(SECOND);
    // An account that is gone gets nothing once what was remembered of it is too old to trust.
    desk.stack.advance(31 * SECOND);
    let gone = desk.signed(&desk.channel_id, SECRET, &body).send(handle);
    assert_eq!(gone.refusal(), (404, "not_found"));
    let unset = desk.signed(&next, "the next secret", &body).send(handle);
    assert_eq!(unset.refusal(), (401, "invalid_signature"));
}
