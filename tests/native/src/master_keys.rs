//! Secrets across functions: data keys, and a rotation of the master key.

use channels::{app_secret_id, verify_token_id};
use common::Context;
use common::signatures::{hmac_sha256, hmac_sha256_hex};
use serde_json::{Value, json};
use testkit::{APP_SECRET, PLATFORM_TOKEN, Stack, Tenant, answer};

const FIRST: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const SECOND: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";

/// The names of an app secret and of a verify token.
fn names(stack: &Stack) -> (String, String) {
    let mut names = (String::new(), String::new());
    let log = stack.job("", async |cx: &Context<'_>, _: &str| {
        names = (
            app_secret_id(cx, "an app secret").await?,
            verify_token_id(cx, "a word").await?,
        );
        Ok(())
    });
    assert_eq!(log["code"], Value::Null, "{log}");
    names
}

#[test]
fn names_of_secrets_are_what_they_were_before_data_keys_and_outlast_a_rotation() {
    let before = |purpose: &str, secret: &str| {
        let key = hmac_sha256(&[1; 32], purpose.as_bytes());
        hmac_sha256_hex(&key, secret.as_bytes())[..32].to_owned()
    };
    let stack = Stack::new();
    let first = names(&stack);
    assert_eq!(first.0, before("app secret id", "an app secret"));
    assert_eq!(first.1, before("verify token id", "a word"));
    stack.ports.set("MASTER_KEYS", &format!("{SECOND},{FIRST}"));
    assert_eq!(names(&stack), first);
    // The first names of a deployment that rotates as soon as it has this.
    let rotated = Stack::new();
    rotated
        .ports
        .set("MASTER_KEYS", &format!("{SECOND},{FIRST}"));
    assert_eq!(names(&rotated), first);
}

fn sealed_secrets(stack: &Stack, tenant: &Tenant) -> Vec<String> {
    let rows = stack.db.sql(&format!(
        "SELECT secret FROM webhook_endpoints WHERE business_id = '{}'",
        tenant.business_id
    ));
    let texts = rows.into_iter().flatten();
    texts
        .map(|text| text.as_text().unwrap().to_owned())
        .collect()
}

#[test]
fn a_business_has_one_data_key_and_another_business_another() {
    let (stack, tenant) = Stack::with_tenant();
    let other = stack.tenant("Other");
    for url in ["https://a.example/1", "https://a.example/2"] {
        let _endpoint = stack.endpoint(&tenant, url, &["message.received"]);
    }
    let _endpoint = stack.endpoint(&other, "https://b.example", &["message.received"]);
    let data_key = |sealed: &String| sealed.rsplit_once('.').unwrap().0.to_owned();
    let ours: Vec<_> = sealed_secrets(&stack, &tenant)
        .iter()
        .map(data_key)
        .collect();
    let theirs: Vec<_> = sealed_secrets(&stack, &other)
        .iter()
        .map(data_key)
        .collect();
    assert_eq!((ours.len(), theirs.len()), (2, 1));
    assert_eq!(ours[0], ours[1]);
    assert_ne!(ours[0], theirs[0]);
    assert!(ours[0].starts_with("d1."));
}

fn deliver(stack: &Stack, phone_number_id: &str, id: &str) -> Value {
    let body = Stack::whatsapp_delivery(phone_number_id, id, "353871234567", "Hello").to_string();
    let signature = hmac_sha256(APP_SECRET.as_bytes(), body.as_bytes());
    stack.job("", async |cx: &Context<'_>, _: &str| {
        webhook_meta::handler::receive(cx, &signature, body.as_bytes()).await?;
        Ok(())
    })
}

fn connect(stack: &Stack, tenant: &Tenant, phone_number_id: &str) {
    // Meta knows the number by the token.
    stack
        .ports
        .will(answer(200, &json!({ "id": phone_number_id })));
    let call = stack.call("dashboard-channels", "POST", "/api/dashboard/channels");
    let made = call
        .bearer(&stack.session(tenant))
        .json(&json!({
            "kind": "whatsapp", "name": "W", "phone_number_id": phone_number_id,
            "credentials": {
                "access_token": "EAAGtoken", "app_secret": APP_SECRET, "verify_token": "a word"
            }
        }))
        .send(dashboard_channels::handler::handle);
    assert_eq!(made.status, 201, "{}", made.text());
}

#[test]
fn accounts_of_one_app_from_before_and_after_a_rotation_both_receive() {
    let (stack, tenant) = Stack::with_tenant();
    connect(&stack, &tenant, "1001");
    stack.ports.set("MASTER_KEYS", &format!("{SECOND},{FIRST}"));
    connect(&stack, &tenant, "1002");
    for (n, address) in ["1001", "1002"].into_iter().enumerate() {
        let log = deliver(&stack, address, &format!("wamid.{n}"));
        assert_eq!(log["code"], Value::Null, "{log}");
    }
    let stored = stack.db.value("SELECT count(*) FROM messages");
    assert_eq!(stored.as_integer(), Some(2));
}

/// A deployment with an account, and the names of its secrets as they were made before their keys were
/// stored: by the master key itself.
fn from_before_naming_keys() -> (Stack, (String, String)) {
    let (stack, tenant) = Stack::with_tenant();
    connect(&stack, &tenant, "1001");
    let names = names(&stack);
    stack.db.sql("DELETE FROM data_keys WHERE business_id = ''");
    (stack, names)
}

fn still_receives(stack: &Stack, before: &(String, String)) {
    assert_eq!(names(stack), *before);
    let verify_token = stack.db.value("SELECT verify_token_id FROM channels");
    assert_eq!(verify_token.as_text(), Some(before.1.as_str()));
    let log = deliver(stack, "1001", "wamid.after");
    assert_eq!(log["code"], Value::Null, "{log}");
}

fn keeps_its_names(ring: &str) {
    let (stack, before) = from_before_naming_keys();
    stack.ports.set("MASTER_KEYS", ring);
    still_receives(&stack, &before);
    // Stored by now, so that no other ring matters.
    stack.ports.set("MASTER_KEYS", &format!("{SECOND},{FIRST}"));
    still_receives(&stack, &before);
}

#[test]
fn names_from_before_their_keys_were_stored_fit_when_a_master_key_is_appended() {
    keeps_its_names(&format!("{FIRST},{SECOND}"));
}

#[test]
fn names_from_before_their_keys_were_stored_fit_when_another_master_key_is_first() {
    keeps_its_names(&format!("{SECOND},{FIRST}"));
}

#[test]
fn resealing_keeps_the_names_from_before_their_keys_were_stored() {
    let (stack, before) = from_before_naming_keys();
    stack.ports.set("MASTER_KEYS", &format!("{SECOND},{FIRST}"));
    let call = stack.call("reseal-secrets", "POST", "/api/dashboard/secrets/reseal");
    let resealed = call
        .bearer(PLATFORM_TOKEN)
        .json(&json!({}))
        .send(reseal_secrets::handler::handle);
    assert_eq!(resealed.json["remaining"], 0, "{}", resealed.text());
    stack.ports.set("MASTER_KEYS", SECOND);
    still_receives(&stack, &before);
}
