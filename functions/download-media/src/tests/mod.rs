mod parts;

use common::Context;
use common::db::DbError;
use common::ids::AttachmentId;
use common::signatures::sha256_hex;
use download_media::handler::handle;
use messaging::attachments::download_url;
use serde_json::Value;
use testkit::{Answer, Failure, Stack, Tenant};

const ID: &str = "01920000-0000-7000-8000-000000000001";
const BYTES: &[u8] = b"0123456789";

/// A deployment with one file.
fn with_file() -> (Stack, Tenant) {
    let (stack, tenant) = Stack::with_tenant();
    put(
        &stack,
        &tenant,
        ID,
        "Rechnung für \"Ü\".pdf",
        "ready",
        BYTES,
    );
    (stack, tenant)
}

fn put(stack: &Stack, tenant: &Tenant, id: &str, name: &str, state: &str, bytes: &[u8]) {
    let (business, sha256) = (&tenant.business_id, sha256_hex(bytes));
    stack.db.sql(&format!(
        "INSERT INTO attachments (business_id, id, state, filename, type, size, sha256, created_at)
         VALUES ('{business}', '{id}', '{state}', '{name}', 'application/pdf', {}, '{sha256}', 1)",
        bytes.len()
    ));
    let mut blobs = stack.ports.blobs.borrow_mut();
    blobs.insert(format!("{business}/{id}"), bytes.into());
}

/// The path and the query of a fresh link.
fn link(stack: &Stack, id: &str) -> String {
    let mut made = String::new();
    stack.job("", async |cx: &Context<'_>, _: &str| {
        made = download_url(&cx.ports, &AttachmentId::unchecked(id), cx.now)?;
        Ok(())
    });
    made.replace("https://tieline.example", "")
}

fn get(stack: &Stack, link: &str, headers: &[(&str, &str)]) -> Answer {
    let mut call = stack.call("download-media", "GET", link);
    for (name, value) in headers {
        call = call.header(name, value);
    }
    call.send(handle)
}

#[test]
fn attachment_download_answers_with_the_file_to_be_saved() {
    let (stack, _) = with_file();
    let answer = get(&stack, &link(&stack, ID), &[]);
    assert_eq!((answer.status, answer.text().as_bytes()), (200, BYTES));
    let expected = [
        ("content-type", "application/pdf"),
        (
            "content-disposition",
            "attachment; filename=\"Rechnung f_r ___.pdf\"; \
             filename*=UTF-8''Rechnung%20f%C3%BCr%20%22%C3%9C%22.pdf",
        ),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cache-control", "private, max-age=3600"),
        ("accept-ranges", "bytes"),
        ("etag", &format!("\"{}\"", sha256_hex(BYTES))),
    ];
    for (name, value) in expected {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
}

#[test]
fn a_link_works_below_the_base_too() {
    let (stack, _) = with_file();
    let link = format!("/functions/v1{}", link(&stack, ID));
    assert_eq!(get(&stack, &link, &[]).status, 200);
}

#[test]
fn attachment_download_refuses_invalid_input_and_altered_links() {
    let (stack, tenant) = with_file();
    let other = "01920000-0000-7000-8000-000000000002";
    put(&stack, &tenant, other, "b.pdf", "ready", BYTES);
    let whole = link(&stack, ID);
    let (unsigned, signature) = whole.split_once("&signature=").unwrap();
    let cases = [
        format!("/api/download-media?id={ID}"),
        unsigned.to_owned(),
        format!("{unsigned}&signature="),
        format!("{unsigned}&signature={}", "0".repeat(64)),
        format!("{unsigned}&signature={}", &signature[..63]),
        whole.replace(ID, other),
        whole.replace("expires=1", "expires=2"),
        whole.replace("expires=", "expires=%2B"),
        "/api/download-media".to_owned(),
    ];
    for case in cases {
        let refused = get(&stack, &case, &[]);
        assert_eq!(refused.refusal(), (403, "invalid_link"), "{case}");
        assert_eq!(refused.header("cache-control"), Some("no-store"));
    }
    let refused = get(&stack, &format!("{whole}&inline=1"), &[]);
    assert_eq!(refused.detail(), ("query.inline", "unknown"));
}

#[test]
fn a_link_ends_after_seven_days_and_may_be_kept_no_longer() {
    let (stack, _) = with_file();
    let link = link(&stack, ID);
    let day = 86_400_000_000;
    stack.advance(7 * day - 10_000_000);
    let last = get(&stack, &link, &[]);
    assert_eq!(
        (last.status, last.header("cache-control")),
        (200, Some("private, max-age=10"))
    );
    stack.advance(10_000_000);
    assert_eq!(get(&stack, &link, &[]).refusal(), (403, "expired_link"));
}

#[test]
fn ranges_are_answered_as_the_rfc_says() {
    let (stack, _) = with_file();
    let link = link(&stack, ID);
    let cases = [
        ("bytes=0-3", 206, "0123", Some("bytes 0-3/10")),
        ("bytes=8-", 206, "89", Some("bytes 8-9/10")),
        ("bytes=-1", 206, "9", Some("bytes 9-9/10")),
        ("bytes=5-99", 206, "56789", Some("bytes 5-9/10")),
        ("bytes=0-1,3-4", 200, "0123456789", None),
        ("pages=1", 200, "0123456789", None),
    ];
    for (range, status, text, shown) in cases {
        let answer = get(&stack, &link, &[("range", range)]);
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (status, text),
            "{range}"
        );
        assert_eq!(answer.header("content-range"), shown, "{range}");
    }
    let refused = get(&stack, &link, &[("range", "bytes=10-")]);
    assert_eq!(refused.refusal(), (416, "range_not_satisfiable"));
    assert_eq!(refused.header("content-range"), Some("bytes */10"));
}

#[test]
fn what_a_browser_has_already_is_not_sent_again() {
    let (stack, _) = with_file();
    let link = link(&stack, ID);
    let etag = format!("\"{}\"", sha256_hex(BYTES));
    let weak = format!("\"other\", W/{etag}");
    for known in [etag.as_str(), weak.as_str(), "*"] {
        let answer = get(
            &stack,
            &link,
            &[("if-none-match", known), ("range", "bytes=0-1")],
        );
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (304, ""),
            "{known}"
        );
        assert_eq!(answer.header("etag"), Some(etag.as_str()));
    }
    assert_eq!(
        get(&stack, &link, &[("if-none-match", "\"other\"")]).status,
        200
    );
    let part = |known: &str| {
        get(
            &stack,
            &link,
            &[("range", "bytes=0-1"), ("if-range", known)],
        )
    };
    assert_eq!(part(&etag).status, 206);
    assert_eq!(part("\"other\"").status, 200);
}

#[test]
fn a_file_that_is_not_there_is_404_and_bytes_that_cannot_be_read_are_503() {
    let (stack, tenant) = with_file();
    let pending = "01920000-0000-7000-8000-000000000003";
    put(&stack, &tenant, pending, "b.pdf", "pending", BYTES);
    for id in [pending, "01920000-0000-7000-8000-00000000ffff", "none"] {
        assert_eq!(
            get(&stack, &link(&stack, id), &[]).refusal(),
            (404, "not_found"),
            "{id}"
        );
    }
    let link = link(&stack, ID);
    stack.ports.blobs_are_down.set(true);
    assert_eq!(get(&stack, &link, &[]).refusal(), (503, "unavailable"));
    stack.ports.blobs_are_down.set(false);
    stack
        .db
        .fail(Failure::Before(DbError::Outage("is overloaded".into())));
    assert_eq!(get(&stack, &link, &[]).refusal(), (503, "unavailable"));
    stack.ports.blobs.borrow_mut().clear();
    assert_eq!(get(&stack, &link, &[]).refusal(), (503, "unavailable"));
}

#[test]
fn an_empty_file_is_downloaded_empty() {
    let (stack, tenant) = with_file();
    let id = "01920000-0000-7000-8000-000000000004";
    put(&stack, &tenant, id, "receipt.pdf", "ready", b"");
    let answer = get(&stack, &link(&stack, id), &[]);
    assert_eq!((answer.status, answer.text().as_str()), (200, ""));
    assert_eq!(answer.header("content-type"), Some("application/pdf"));
}

#[test]
fn a_link_of_another_deployment_is_not_ours_and_no_signature_is_logged() {
    let (stack, _) = with_file();
    let link = link(&stack, ID);
    let signature = link.split("signature=").nth(1).unwrap();
    let answer = get(&stack, &link, &[]);
    assert_eq!(answer.log["operation"], "attachment_download");
    assert!(!answer.log.to_string().contains(signature));
    let key = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
    stack.ports.set("MASTER_KEY", key);
    let refused = get(&stack, &link, &[]);
    assert_eq!(refused.refusal(), (403, "invalid_link"));
    assert_eq!(refused.json["details"], Value::Null);
}

#[test]
fn a_file_waits_while_the_isolate_has_too_many_bytes_of_others() {
    let (stack, _) = with_file();
    let link = link(&stack, ID);
    let others = common::in_flight::hold(common::in_flight::MAX_BYTES, stack.now()).unwrap();
    let answer = get(&stack, &link, &[]);
    assert_eq!(answer.refusal(), (503, "busy"));
    assert!(answer.header("retry-after").is_some());
    drop(others);
    assert_eq!(get(&stack, &link, &[]).status, 200);
    // It was counted no longer than its request.
    assert!(common::in_flight::hold(common::in_flight::MAX_BYTES, stack.now()).is_ok());
}

#[test]
fn a_link_is_good_as_long_as_the_ring_has_the_key_that_signed_it() {
    let (stack, _) = with_file();
    let first = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    let second = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
    let old = link(&stack, ID);
    stack
        .ports
        .set("MASTER_KEYS", &format!("{second}, {first}"));
    let new = link(&stack, ID);
    assert_ne!(old, new);
    for link in [&old, &new] {
        assert_eq!(get(&stack, link, &[]).status, 200);
    }
    stack.ports.set("MASTER_KEYS", second);
    assert_eq!(get(&stack, &new, &[]).status, 200);
    assert_eq!(get(&stack, &old, &[]).refusal(), (403, "invalid_link"));
}
