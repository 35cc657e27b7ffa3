//! Large bodies: when they are read, and how many at a time.

use super::{ADDRESS, Desk};
use common::time::SECOND;
use serde_json::json;
use std::cell::RefCell;
use testkit::{Answer, Call, Stack};
use webhook_email::handler::{handle, receive};

const MEGABYTE: usize = 1024 * 1024;

/// A delivery in four pieces, with these headers.
fn in_pieces(desk: &Desk, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut call = desk.stack.call("webhook-email", "POST", path);
    for (name, value) in headers {
        call = call.header(name, value);
    }
    let pieces = vec![Ok(vec![b' '; 1000]); 4];
    call.chunks(pieces).send(handle)
}

#[test]
fn nothing_is_read_of_what_is_for_nobody_or_has_another_password() {
    let desk = Desk::of(&json!({"provider": "postmark"}), "the password");
    let wrong = [("authorization", "Basic YW55b25lOndyb25n")];
    let refused = in_pieces(&desk, &desk.path(), &wrong);
    assert_eq!(refused.refusal(), (401, "invalid_signature"));
    assert_eq!(refused.unread, 4);
    let unknown = "/webhook-email/01900000-0000-7000-8000-000000000001";
    let nobodys = in_pieces(&desk, unknown, &wrong);
    assert_eq!((nobodys.status, nobodys.unread), (404, 4));
}

#[test]
fn nothing_is_read_of_what_lacks_the_headers_of_a_signature_or_is_old() {
    let desk = Desk::resend();
    let unsigned = in_pieces(&desk, &desk.path(), &[]);
    assert_eq!((unsigned.status, unsigned.unread), (401, 4));
    let old = [
        ("svix-id", "msg_1"),
        ("svix-timestamp", "1700000000"),
        ("svix-signature", "v1,AAAA"),
    ];
    let refused = in_pieces(&desk, &desk.path(), &old);
    assert_eq!((refused.status, refused.unread), (401, 4));
}

/// A whole mail by Postmark, in pieces of a megabyte.
fn large<'s>(desk: &'s Desk, megabytes: usize) -> Call<'s> {
    let path = desk.path();
    let call = desk.stack.call("webhook-email", "POST", &path);
    let pieces = vec![Ok(vec![b' '; MEGABYTE]); megabytes - 1];
    let last = vec![Ok(b"{\"RecordType\":\"Other\"}".to_vec())];
    call.chunks([pieces, last].concat())
        .header("authorization", "Basic YW55b25lOnRoZSBwYXNzd29yZA==")
}

fn postmark() -> Desk {
    Desk::of(&json!({"provider": "postmark"}), "the password")
}

#[test]
fn large_mails_are_taken_in_one_at_a_time_and_small_ones_beside_them() {
    let desk = postmark();
    let others = RefCell::new(Vec::new());
    let first = large(&desk, 24).meanwhile(|| {
        let small = large(&desk, 1).header("content-length", "22").send(handle);
        let second = large(&desk, 24).send(handle);
        others.borrow_mut().extend([small, second]);
    });
    assert_eq!(first.send(handle).status, 200);
    let others = others.borrow();
    assert_eq!(others[0].status, 200);
    // The second waited, and was told to come again before anything of it was read.
    assert_eq!(
        (others[1].refusal(), others[1].unread),
        ((503, "unavailable"), 24)
    );
    assert_eq!(large(&desk, 24).send(handle).status, 200);
}

#[test]
fn a_large_mail_waits_for_the_one_before_it() {
    let desk = postmark();
    let waited = RefCell::new(None);
    let first = large(&desk, 24).meanwhile(|| {
        // A request that was broken off never gives its place back.
        desk.stack
            .ports
            .meanwhile(|stack: &Stack| stack.advance(61 * SECOND));
        *waited.borrow_mut() = Some(large(&desk, 24).send(handle).status);
    });
    assert_eq!(first.send(handle).status, 200);
    assert_eq!(*waited.borrow(), Some(200));
}

#[test]
fn a_large_mail_that_stalls_gives_its_place_and_its_bytes_back_after_thirty_seconds() {
    let desk = postmark();
    let begun = desk.stack.now();
    let stalled = large(&desk, 24).stalls().send(handle);
    assert_eq!(stalled.refusal(), (400, "malformed_request"));
    assert_eq!(desk.stack.now().micros() - begun.micros(), 30 * SECOND);
    // The next one does not wait.
    let next = large(&desk, 24).send(handle);
    assert_eq!(next.status, 200);
    assert_eq!(desk.stack.now().micros() - begun.micros(), 30 * SECOND);
}

#[test]
fn a_sender_who_understates_the_size_gets_no_more_than_said() {
    let desk = postmark();
    let lied = large(&desk, 3).header("content-length", "10").send(handle);
    assert_eq!(lied.status, 413);
    let too_large = large(&desk, 26).send(handle);
    assert_eq!(too_large.status, 413);
}

#[test]
fn a_mail_for_nobody_is_turned_away_unread() {
    let desk = Desk::of(&json!({"provider": "cloudflare"}), "x");
    let pieces = || vec![vec![b' '; MEGABYTE]; 26];
    let (refusal, _) = desk
        .stack
        .mail("a@b.example\nnobody@acme.example", pieces(), receive);
    assert!(refusal.contains("no such mailbox"), "{refusal}");
    let (refusal, _) = desk
        .stack
        .mail(&format!("a@b.example\n{ADDRESS}"), pieces(), receive);
    assert!(refusal.contains("larger than 25 MiB"), "{refusal}");
}

#[test]
fn addresses_of_accounts_that_nobody_has_do_not_cost_a_read_each() {
    let desk = postmark();
    let before = desk.stack.db.calls();
    for n in 0..300 {
        let path = format!("/webhook-email/01900000-0000-7000-8000-{n:012}");
        let ip = [("cf-connecting-ip", "203.0.113.9")];
        let status = in_pieces(&desk, &path, &ip).status;
        assert!(matches!(status, 404 | 429), "{status}");
    }
    let calls = desk.stack.db.calls() - before;
    assert!(calls <= 100, "{calls}");
}
