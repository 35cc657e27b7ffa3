use super::{Desk, JOE, handle};
use common::time::SECOND;
use serde_json::json;
use testkit::{ACCOUNT_SID, AUTH_TOKEN, Answer, signed_by_twilio};

/// A text, signed by this token.
fn text_signed(desk: &Desk, sid: &str, token: &str) -> Answer {
    let params = [
        ("AccountSid", ACCOUNT_SID),
        ("Body", "Hi"),
        ("From", JOE),
        ("MessageSid", sid),
    ];
    let path = format!("/functions/v1/webhook-twilio/{}", desk.channel_id);
    let url = format!("https://tieline.example{path}");
    desk.stack
        .call("webhook-twilio", "POST", &path)
        .body(common::form::encoded(params))
        .header("content-type", "application/x-www-form-urlencoded")
        .header(
            "x-twilio-signature",
            &signed_by_twilio(token, &url, &params),
        )
        .send(handle)
}

fn replace(desk: &Desk, token: &str) {
    let credentials = json!({ "auth_token": token });
    let (stack, tenant) = (&desk.stack, &desk.tenant);
    stack.replace_credentials(tenant, &desk.channel_id, &credentials);
}

#[test]
fn a_replaced_token_counts_at_once() {
    let desk = Desk::new();
    assert_eq!(text_signed(&desk, "SM1", AUTH_TOKEN).status, 200);
    desk.stack.advance(SECOND);
    replace(&desk, "the new token");
    assert_eq!(text_signed(&desk, "SM2", "the new token").status, 200);
    let old = text_signed(&desk, "SM3", AUTH_TOKEN);
    assert_eq!(old.refusal(), (401, "invalid_signature"));
    assert_eq!(desk.count("messages"), 2);
}

#[test]
fn forged_deliveries_read_an_account_again_once_in_two_seconds() {
    let desk = Desk::new();
    assert_eq!(text_signed(&desk, "SM1", AUTH_TOKEN).status, 200);
    desk.stack.advance(SECOND);
    let before = desk.stack.db.calls();
    for _ in 0..20 {
        let forged = text_signed(&desk, "SM2", "a guess");
        assert_eq!(forged.refusal(), (401, "invalid_signature"));
    }
    assert_eq!(desk.stack.db.calls() - before, 1);
    desk.stack.advance(2 * SECOND);
    replace(&desk, "the new token");
    assert_eq!(text_signed(&desk, "SM3", "the new token").status, 200);
}

#[test]
fn a_disabled_account_is_gone_everywhere_within_a_minute() {
    let desk = Desk::new();
    assert_eq!(text_signed(&desk, "SM1", AUTH_TOKEN).status, 200);
    desk.stack.db.sql("UPDATE channels SET status = 'disabled'");
    desk.stack.advance(SECOND);
    let forged = text_signed(&desk, "SM2", "a guess");
    assert_eq!(forged.refusal(), (404, "not_found"));
    desk.stack.db.sql("UPDATE channels SET status = 'active'");
    assert_eq!(text_signed(&desk, "SM3", AUTH_TOKEN).status, 200);
    desk.stack.db.sql("UPDATE channels SET status = 'disabled'");
    desk.stack.advance(60 * SECOND);
    let late = text_signed(&desk, "SM4", AUTH_TOKEN);
    assert_eq!(late.refusal(), (404, "not_found"));
}
