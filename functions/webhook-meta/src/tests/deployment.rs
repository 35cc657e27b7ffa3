//! A Meta app of the deployment's own.

use super::{count, from_joe, handle, signed, text};
use serde_json::json;
use testkit::{APP_SECRET, Stack, Tenant};

const OURS: &str = "the app secret of the deployment";

/// A business with the account `1001`, for which the deployment's app signs.
fn stack() -> (Stack, Tenant) {
    let (stack, tenant) = Stack::with_tenant();
    let credentials = json!({ "access_token": "t" });
    let _channel = stack.channel(&tenant, "whatsapp", "1001", &json!({}), &credentials);
    stack.ports.set("META_APP_SECRET", OURS);
    stack.ports.set("META_VERIFY_TOKEN", "our word");
    (stack, tenant)
}

fn message(stack: &Stack, id: &str, secret: &str) -> (u16, i64) {
    let body = from_joe(&[text(id, "353871234567", "Hello")]).to_string();
    let answer = signed(stack, secret, &body);
    (
        answer.status,
        answer.json["received"].as_i64().unwrap_or(-1),
    )
}

#[test]
fn the_deployments_app_signs_for_accounts_without_a_secret_of_their_own() {
    let (stack, _) = stack();
    assert_eq!(message(&stack, "wamid.1", OURS), (200, 1));
    assert_eq!(message(&stack, "wamid.2", "a guess").0, 401);
    assert_eq!(count(&stack, "messages"), 1);
}

#[test]
fn nobody_who_has_an_app_of_his_own_signs_for_them_nor_the_deployment_for_him() {
    let (stack, _) = stack();
    let other = stack.tenant("Another business");
    let _theirs = stack.whatsapp_signed(&other, "2002", "their secret");
    let _claimed = stack.whatsapp_signed(&other, "1001", "their secret");
    assert_eq!(message(&stack, "wamid.1", "their secret"), (200, 1));
    let of = format!("messages WHERE business_id = '{}'", other.business_id);
    assert_eq!((count(&stack, "messages"), count(&stack, &of)), (1, 1));
    let mut body = from_joe(&[text("wamid.2", "353871234567", "Hello")]);
    body["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = "2002".into();
    let forged = signed(&stack, OURS, &body.to_string());
    assert_eq!(forged.refusal(), (401, "invalid_signature"));
}

#[test]
fn without_the_secret_nobody_signs_for_an_account_that_has_none() {
    let (stack, _) = stack();
    for unset in ["", APP_SECRET] {
        stack.ports.set("META_APP_SECRET", "");
        assert_eq!(message(&stack, "wamid.1", unset).0, 401);
    }
}

#[test]
fn the_deployments_verify_token_answers_the_handshake() {
    let (stack, _) = stack();
    let ask = |token: &str| {
        let query = format!("hub.mode=subscribe&hub.challenge=1158&hub.verify_token={token}");
        let call = stack.call("webhook-meta", "GET", &format!("/webhook-meta?{query}"));
        call.send(handle)
    };
    let answer = ask("our%20word");
    assert_eq!((answer.status, answer.text().as_str()), (200, "1158"));
    assert_eq!(ask("").refusal(), (403, "invalid_verify_token"));
    stack.ports.set("META_VERIFY_TOKEN", "");
    assert_eq!(ask("").refusal(), (403, "invalid_verify_token"));
}

#[test]
fn a_claim_that_is_not_proven_gets_nothing_and_blocks_nobody() {
    let (stack, tenant) = stack();
    stack.db.sql("UPDATE channels SET verification = 'pending'");
    assert_eq!(message(&stack, "wamid.1", OURS), (200, 0));
    let owner = stack.tenant("The owner");
    let credentials = json!({ "access_token": "t" });
    let _theirs = stack.channel(&owner, "whatsapp", "1001", &json!({}), &credentials);
    stack.advance(common::time::SECOND);
    assert_eq!(message(&stack, "wamid.2", OURS), (200, 1));
    let of = format!("messages WHERE business_id = '{}'", tenant.business_id);
    assert_eq!((count(&stack, "messages"), count(&stack, &of)), (1, 0));
}
