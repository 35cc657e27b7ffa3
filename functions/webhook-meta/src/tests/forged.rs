//! What forged deliveries cost, and that they harm nobody.

use super::{count, delivery, from_joe, handle, signed, text};
use common::db::DbError;
use common::signatures::hmac_sha256_hex;
use common::time::SECOND;
use serde_json::{Value as Json, json};
use testkit::{APP_SECRET, Answer, Call, Failure, Stack};
use webhook_meta::handler::resume_all;

const FOUR_MEGABYTES: usize = 4_000_000;

fn send_from(stack: &Stack, ip: &str, secret: &str, body: &str) -> Answer {
    let signature = hmac_sha256_hex(secret.as_bytes(), body.as_bytes());
    stack
        .call("webhook-meta", "POST", "/webhook-meta")
        .header("cf-connecting-ip", ip)
        .header("x-hub-signature-256", &format!("sha256={signature}"))
        .body(body)
        .send(handle)
}

/// A message from Joe to the account of this address.
fn to_account(address: &str, id: &str) -> Json {
    let mut body = from_joe(&[text(id, "353871234567", "Hello")]);
    body["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = address.into();
    body
}

#[test]
fn a_delivery_costs_the_same_however_many_accounts_there_are() {
    let (stack, first) = Stack::with_tenant();
    for n in 0..2500 {
        let _one = stack.whatsapp_signed(&first, &format!("9{n:06}"), &format!("secret {n}"));
    }
    let addresses: Vec<_> = (0..12).map(|n| format!("1{n:03}")).collect();
    for address in &addresses {
        let tenant = stack.tenant(address);
        let _theirs = stack.whatsapp_signed(&tenant, address, address);
    }
    for address in &addresses {
        let before = stack.db.calls();
        let body = to_account(address, &format!("wamid.{address}")).to_string();
        let answer = signed(&stack, address, &body);
        assert_eq!((answer.status, &answer.json["received"]), (200, &json!(1)));
        // The account, and the long way of a sender whom nobody knows yet.
        assert!(stack.db.calls() - before <= 3, "{address}");
    }
}

#[test]
fn a_row_that_cannot_be_opened_is_skipped_and_logged() {
    let (stack, tenant) = Stack::with_tenant();
    let _channel = stack.whatsapp(&tenant, "1001");
    for address in ["1001", "2002"] {
        let other = stack.tenant("Other");
        let broken = stack.whatsapp_signed(&other, address, &format!("their secret {address}"));
        stack.db.sql(&format!(
            "UPDATE channels SET credentials = 'nothing sealed' WHERE id = '{broken}'"
        ));
    }
    let answer = signed(
        &stack,
        APP_SECRET,
        &to_account("1001", "wamid.1").to_string(),
    );
    assert_eq!((answer.status, &answer.json["received"]), (200, &json!(1)));
    let note = answer.log["note"].as_str().unwrap_or_default();
    assert!(note.contains("cannot be opened"), "{note}");
    let theirs = signed(
        &stack,
        "their secret 2002",
        &to_account("2002", "wamid.2").to_string(),
    );
    assert_eq!(theirs.refusal(), (401, "invalid_signature"));
}

#[test]
fn forged_deliveries_do_not_cost_a_read_each() {
    let (stack, tenant) = Stack::with_tenant();
    let _channel = stack.whatsapp(&tenant, "1001");
    for address in ["1001", "unknown"] {
        let before = stack.db.calls();
        for n in 0..200 {
            let body = to_account(address, &format!("wamid.{n}")).to_string();
            send_from(&stack, "203.0.113.9", "a guess", &body);
        }
        assert!(stack.db.calls() - before <= 2, "{address}");
    }
    let before = stack.db.calls();
    for n in 0..500 {
        let body = to_account(&format!("made-up-{n}"), "wamid.1").to_string();
        send_from(&stack, "203.0.113.9", "a guess", &body);
    }
    assert!(
        stack.db.calls() - before <= 20,
        "{}",
        stack.db.calls() - before
    );
    // Nobody else is kept from being heard.
    let body = to_account("1001", "wamid.right").to_string();
    assert_eq!(
        send_from(&stack, "198.51.100.7", APP_SECRET, &body).status,
        200
    );
    assert_eq!(count(&stack, "messages"), 1);
}

#[test]
fn a_body_that_names_ten_thousand_accounts_costs_one_read_of_a_few() {
    let (stack, tenant) = Stack::with_tenant();
    let _channel = stack.whatsapp(&tenant, "1001");
    let entry = |n: usize| {
        let value = json!({"metadata": {"phone_number_id": format!("{n}")}});
        json!({"changes": [{"field": "messages", "value": value}]})
    };
    let entries: Vec<_> = (20_000..30_000).map(entry).collect();
    let body = json!({"object": "whatsapp_business_account", "entry": entries}).to_string();
    let before = stack.db.calls();
    let answer = signed(&stack, "a guess", &body);
    assert!(answer.json["received"] != json!(1));
    assert!(stack.db.calls() - before <= 1);
}

#[test]
fn forged_bodies_of_four_megabytes_are_refused_and_the_right_ones_beside_them_arrive() {
    let (stack, tenant) = Stack::with_tenant();
    let _channel = stack.whatsapp(&tenant, "1001");
    let filling = text("wamid.0", "353871234567", &"x".repeat(FOUR_MEGABYTES));
    let forged = delivery(json!({ "messages": [filling] })).to_string();
    let mut limited = 0;
    for n in 0..6 {
        let refused = send_from(&stack, "203.0.113.9", "a guess", &forged);
        assert!(matches!(refused.status, 401 | 429), "{}", refused.text());
        limited += usize::from(refused.status == 429);
        let body = to_account("1001", &format!("wamid.{n}")).to_string();
        let right = send_from(&stack, "198.51.100.7", APP_SECRET, &body);
        assert_eq!((right.status, &right.json["received"]), (200, &json!(1)));
    }
    assert!(limited >= 4, "{limited}");
    assert_eq!(count(&stack, "messages"), 6);
    // A second later the sender is heard again: it may be Meta, and the secret replaced.
    stack.advance(SECOND);
    let body = to_account("1001", "wamid.late").to_string();
    assert_eq!(
        send_from(&stack, "203.0.113.9", APP_SECRET, &body).status,
        200
    );
}

#[test]
fn an_account_connected_a_moment_ago_receives() {
    let (stack, tenant) = Stack::with_tenant();
    let body = to_account("1001", "wamid.1").to_string();
    let nobodys = signed(&stack, APP_SECRET, &body);
    assert_eq!((nobodys.status, &nobodys.json["ignored"]), (200, &json!(1)));
    let _channel = stack.whatsapp(&tenant, "1001");
    stack.advance(SECOND);
    let answer = signed(&stack, APP_SECRET, &body);
    assert_eq!((answer.status, &answer.json["received"]), (200, &json!(1)));
}

#[test]
fn a_database_that_takes_nothing_more_is_an_outage() {
    let (stack, tenant) = Stack::with_tenant();
    let _channel = stack.whatsapp(&tenant, "1001");
    let warm = to_account("1001", "wamid.0").to_string();
    assert_eq!(signed(&stack, APP_SECRET, &warm).status, 200);
    for (n, message) in [
        "D1_ERROR: Exceeded maximum DB size.",
        "D1_ERROR: Exceeded maximum account storage limit",
        "D1_ERROR: Your account has exceeded D1's free tier daily row write limit.",
        "D1_ERROR: D1 DB's isolate exceeded its memory limit and was reset.",
        "D1_ERROR: D1 DB exceeded its CPU time limit and was reset.",
        "database or disk is full",
    ]
    .into_iter()
    .enumerate()
    {
        let error = DbError::from_message(&format!("CUSTOMER_FIND: {message}"));
        stack.db.fail(Failure::Before(error));
        let body = to_account("1001", &format!("wamid.late.{n}")).to_string();
        let answer = signed(&stack, APP_SECRET, &body);
        assert_eq!(
            (answer.status, &answer.json["kept"]),
            (200, &json!(true)),
            "{message}"
        );
    }
    stack.job("", resume_all);
    assert_eq!(count(&stack, "messages"), 7);
}

/// A delivery in pieces of 64 KB, with these headers.
fn in_pieces<'s>(stack: &'s Stack, headers: &[(&str, &str)], pieces: usize) -> Call<'s> {
    let mut call = stack.call("webhook-meta", "POST", "/webhook-meta");
    for (name, value) in headers {
        call = call.header(name, value);
    }
    call.chunks(vec![Ok(vec![b' '; 64 * 1024]); pieces])
}

/// What a signature looks like.
const MADE_UP: &str = "sha256=0000000000000000000000000000000000000000000000000000000000000000";

#[test]
fn nothing_is_read_of_what_has_no_signature_or_one_of_another_form() {
    let (stack, _) = super::stack();
    let short = &MADE_UP[..70];
    let long = format!("{MADE_UP}00");
    for given in ["", "x", "sha256=", "sha1=00", short, &long, &MADE_UP[7..]] {
        let headers = [("x-hub-signature-256", given)];
        let refused = in_pieces(&stack, &headers, 4).send(handle);
        assert_eq!(refused.refusal(), (401, "invalid_signature"), "{given}");
        assert_eq!(refused.unread, 4, "{given}");
    }
}

#[test]
fn an_address_whose_large_deliveries_are_all_refused_is_not_read_any_more() {
    let (stack, _) = super::stack();
    let post = |ip: &str| {
        let headers = [("x-hub-signature-256", MADE_UP), ("cf-connecting-ip", ip)];
        in_pieces(&stack, &headers, 60).send(handle)
    };
    let mut unread = 0;
    for _ in 0..20 {
        let refused = post("203.0.113.9");
        unread += usize::from((refused.status, refused.unread) == (429, 60));
    }
    assert!(unread >= 10, "{unread}");
    assert_eq!(post("203.0.113.10").unread, 0);
    stack.advance(SECOND);
    assert_eq!(post("203.0.113.9").unread, 0);
}

#[test]
fn a_body_that_stalls_is_let_go_after_thirty_seconds() {
    let (stack, _) = super::stack();
    let begun = stack.now();
    let headers = [("x-hub-signature-256", MADE_UP)];
    let stalled = in_pieces(&stack, &headers, 4).stalls().send(handle);
    assert_eq!(stalled.refusal(), (400, "malformed_request"));
    assert_eq!(stack.now().micros() - begun.micros(), 30 * SECOND);
    // Nothing of it is held any more.
    assert!(common::in_flight::hold(common::in_flight::MAX_BYTES, stack.now()).is_ok());
}

#[test]
fn bodies_that_stall_cost_their_address_what_they_may_have_had() {
    let (stack, _) = super::stack();
    let headers = [
        ("x-hub-signature-256", MADE_UP),
        ("cf-connecting-ip", "203.0.113.44"),
    ];
    let stall = || in_pieces(&stack, &headers, 4).stalls().send(handle);
    // All of them began in the same second.
    let begun = stack.now();
    for _ in 0..8 {
        assert_eq!(stall().refusal(), (400, "malformed_request"));
        stack.advance(begun.micros() - stack.now().micros());
    }
    stack.advance(30 * SECOND);
    assert_eq!(stall().status, 429);
}

#[test]
fn large_deliveries_are_counted_before_they_are_read_and_small_ones_come_beside_them() {
    let (stack, _) = super::stack();
    let headers = [("x-hub-signature-256", MADE_UP)];
    let _others = common::in_flight::hold(common::in_flight::MAX_BYTES, stack.now()).unwrap();
    // Of what states no length it may be all that the route takes.
    for length in [None, Some("4000000")] {
        let mut call = in_pieces(&stack, &headers, 4);
        if let Some(length) = length {
            call = call.header("content-length", length);
        }
        let refused = call.send(handle);
        assert_eq!(refused.refusal(), (503, "busy"), "{length:?}");
        assert_eq!(refused.unread, 4, "{length:?}");
    }
    let body = to_account("1001", "wamid.small").to_string();
    let signature = hmac_sha256_hex(APP_SECRET.as_bytes(), body.as_bytes());
    let small = stack
        .call("webhook-meta", "POST", "/webhook-meta")
        .header("content-length", &body.len().to_string())
        .header("x-hub-signature-256", &format!("sha256={signature}"))
        .body(body)
        .send(handle);
    assert_eq!(small.status, 200);
}
