use super::{count, from_joe, signed, text};
use common::time::SECOND;
use serde_json::json;
use testkit::{APP_SECRET, Answer, Stack, Tenant};

const NEW_SECRET: &str = "the new app secret";

fn stack() -> (Stack, Tenant, String) {
    let (stack, tenant) = Stack::with_tenant();
    let channel = stack.whatsapp(&tenant, "1001");
    (stack, tenant, channel)
}

fn message(stack: &Stack, id: &str, secret: &str) -> Answer {
    let body = from_joe(&[text(id, "353871234567", "Hello")]).to_string();
    signed(stack, secret, &body)
}

fn replace(stack: &Stack, tenant: &Tenant, channel: &str, secret: &str) {
    let credentials = json!({ "access_token": "t", "app_secret": secret, "verify_token": "v" });
    stack.replace_credentials(tenant, channel, &credentials);
}

#[test]
fn a_replaced_app_secret_counts_at_once() {
    let (stack, tenant, channel) = stack();
    assert_eq!(message(&stack, "wamid.1", APP_SECRET).status, 200);
    stack.advance(SECOND);
    replace(&stack, &tenant, &channel, NEW_SECRET);
    let answer = message(&stack, "wamid.2", NEW_SECRET);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let old = message(&stack, "wamid.3", APP_SECRET);
    assert_eq!(old.refusal(), (401, "invalid_signature"));
    assert_eq!(count(&stack, "messages"), 2);
}

#[test]
fn a_secret_that_another_account_has_already_counts_at_once_too() {
    let (stack, tenant, channel) = stack();
    let _other = stack.whatsapp_signed(&tenant, "1002", NEW_SECRET);
    assert_eq!(message(&stack, "wamid.1", APP_SECRET).status, 200);
    stack.advance(SECOND);
    replace(&stack, &tenant, &channel, NEW_SECRET);
    assert_eq!(message(&stack, "wamid.2", NEW_SECRET).status, 200);
}

#[test]
fn forged_deliveries_read_the_secrets_again_once_in_two_seconds() {
    let (stack, tenant, channel) = stack();
    assert_eq!(message(&stack, "wamid.1", APP_SECRET).status, 200);
    stack.advance(SECOND);
    let before = stack.db.calls();
    for _ in 0..20 {
        let forged = message(&stack, "wamid.2", "a guess");
        assert_eq!(forged.refusal(), (401, "invalid_signature"));
    }
    assert_eq!(stack.db.calls() - before, 1);
    stack.advance(2 * SECOND);
    replace(&stack, &tenant, &channel, NEW_SECRET);
    assert_eq!(message(&stack, "wamid.3", NEW_SECRET).status, 200);
}

#[test]
fn who_signs_for_the_account_of_another_reads_it_again_once_in_two_seconds() {
    let (stack, tenant, _) = stack();
    let _other = stack.whatsapp_signed(&tenant, "1002", "another secret");
    assert_eq!(message(&stack, "wamid.1", APP_SECRET).status, 200);
    stack.advance(SECOND);
    let before = stack.db.calls();
    for _ in 0..20 {
        let forged = message(&stack, "wamid.2", "another secret");
        assert_eq!(forged.refusal(), (401, "invalid_signature"));
    }
    assert_eq!(stack.db.calls() - before, 1);
}

#[test]
fn a_disabled_or_deleted_account_gets_nothing_after_a_minute() {
    for change in ["status = 'disabled'", "deleted_at = 1"] {
        let (stack, _, _) = stack();
        assert_eq!(message(&stack, "wamid.1", APP_SECRET).status, 200);
        stack.db.sql(&format!("UPDATE channels SET {change}"));
        stack.advance(60 * SECOND);
        let late = message(&stack, "wamid.2", APP_SECRET);
        assert_eq!(late.json["received"], 0, "{change}");
        assert_eq!(count(&stack, "messages"), 1, "{change}");
    }
}
