use common::Context;
use common::time::SECOND;
use serde_json::{Value, json};
use testkit::{CUSTOMER_ID, Failure, Stack, Tenant};
use verify_token::handler::run;

fn verified(stack: &Stack, token: &str) -> Value {
    let mut verified = Value::Null;
    stack.job("", async |cx: &Context<'_>, _: &str| {
        let question = json!({"version": 1, "token": token}).to_string();
        verified = serde_json::from_str(&run(cx, "token", question.as_bytes()).await?).unwrap();
        Ok(())
    });
    verified
}

#[test]
fn a_token_is_told_with_all_that_it_opens() {
    let (stack, tenant) = Stack::with_tenant();
    stack.customer(&tenant, "{}");
    stack
        .db
        .sql("UPDATE businesses SET embed_origins = '[\"https://crm.example\"]'");
    let made = stack.inbox_token(&tenant, Some(CUSTOMER_ID), Some(("7", "Ann")));
    assert_eq!(
        verified(&stack, &made.token),
        json!({
            "version": 1, "state": "valid", "opens": {"token_id": made.token_id, "expires_at": 1_767_326_645,
            "business_id": tenant.business_id, "business_name": "Test business",
            "default_region": "IE", "customer_id": CUSTOMER_ID,
            "agent": {"id": "7", "name": "Ann"}, "origins": ["https://crm.example"]}
        })
    );
    stack.advance(3600 * SECOND);
    assert_eq!(verified(&stack, &made.token)["state"], "expired");
}

#[test]
fn what_nobody_signed_is_told_without_asking_the_database() {
    let (stack, tenant) = Stack::with_tenant();
    let token = stack.inbox_token(&tenant, None, None).token;
    let before = stack.db.calls();
    for forged in [
        "",
        "a.b.c",
        &token[1..],
        &token[..token.len() - 1],
        &format!("{token}A"),
    ] {
        assert_eq!(
            verified(&stack, forged),
            json!({"version": 1, "state": "invalid", "opens": null}),
            "{forged}"
        );
    }
    assert_eq!(stack.db.calls(), before);
}

#[test]
fn many_tokens_of_a_business_cost_one_call() {
    let (stack, tenant) = Stack::with_tenant();
    let tokens = [(); 3].map(|()| stack.inbox_token(&tenant, None, None).token);
    let before = stack.db.calls();
    for token in &tokens {
        assert_eq!(verified(&stack, token)["state"], "valid");
    }
    assert_eq!(stack.db.calls(), before + 1);
}

#[test]
fn a_key_just_made_is_known_at_once() {
    let (stack, tenant) = Stack::with_tenant();
    let old = stack.inbox_token(&tenant, None, None).token;
    assert_eq!(verified(&stack, &old)["state"], "valid");
    stack.db.sql("DELETE FROM sso_keys");
    let new = stack.inbox_token(&tenant, None, None).token;
    assert_eq!(verified(&stack, &new)["state"], "valid");
}

#[test]
fn with_the_database_down_nothing_is_said() {
    let (stack, tenant) = Stack::with_tenant();
    let token = stack.inbox_token(&tenant, None, None).token;
    stack
        .db
        .fail(Failure::Before(common::db::DbError::Outage("down".into())));
    assert_eq!(verified(&stack, &token), Value::Null);
}

/// A token of the inbox by the business's API key.
fn token_of(stack: &Stack, tenant: &Tenant) -> String {
    let call = stack.call("sso-token", "POST", "/api-sso-generate-token");
    let body = json!({"customer_id": CUSTOMER_ID});
    let made = call
        .key(&tenant.api_key)
        .json(&body)
        .send(sso_token::handler::handle);
    made.json["token"].as_str().unwrap().to_owned()
}

/// Whether a token is good before, and what it is once 120 s and the trust of a verifier have passed,
/// where the key that made it ends at 120 s.
fn with_a_key_that_ends(ending: &str) -> (Value, Value) {
    let (stack, tenant) = Stack::with_tenant();
    stack.customer(&tenant, "{}");
    let token = token_of(&stack, &tenant);
    let before = verified(&stack, &token)["state"].clone();
    let key_id = tenant.api_key.split('_').nth(1).unwrap();
    let soon = stack.now().plus(120 * SECOND).micros();
    stack.advance(120 * SECOND);
    stack.db.sql(&format!(
        "UPDATE api_keys SET {ending} = {soon} WHERE id = '{key_id}'"
    ));
    stack.advance(20 * SECOND);
    (before, verified(&stack, &token)["state"].clone())
}

#[test]
fn a_token_dies_with_the_api_key_that_made_it() {
    let states = with_a_key_that_ends("revoked_at");
    assert_eq!(states, (json!("valid"), json!("revoked")));
}

#[test]
fn a_token_outlives_no_key_that_expires() {
    let states = with_a_key_that_ends("expires_at");
    assert_eq!(states, (json!("valid"), json!("revoked")));
}

fn asked(stack: &Stack, token: &str, scope: Option<&str>) -> Value {
    let mut answered = Value::Null;
    stack.job("", async |cx: &Context<'_>, _: &str| {
        let mut question = json!({"version": 1, "token": token});
        if let Some(scope) = scope {
            question["scope"] = scope.into();
        }
        let question = question.to_string();
        answered = serde_json::from_str(&run(cx, "token", question.as_bytes()).await?).unwrap();
        Ok(())
    });
    answered
}

#[test]
fn a_cards_token_opens_no_inbox_and_an_inboxs_token_no_card() {
    let (stack, tenant) = Stack::with_tenant();
    let (channel, card) = stack.card(&tenant);
    let inbox = stack.inbox_token(&tenant, None, None).token;
    // A caller that does not know of cards asks without a scope.
    assert_eq!(asked(&stack, &card, None)["state"], "invalid");
    assert_eq!(asked(&stack, &card, Some("inbox"))["state"], "invalid");
    assert_eq!(asked(&stack, &inbox, Some("crm_card"))["state"], "invalid");
    let opened = asked(&stack, &card, Some("crm_card"));
    assert_eq!(opened["state"], "valid");
    assert_eq!(opened["opens"]["channel_id"], channel);
    assert_eq!(asked(&stack, &inbox, None)["opens"].get("channel_id"), None);
}
