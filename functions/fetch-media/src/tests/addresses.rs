use super::{FILE, Inbox, JPEG, LOOKASIDE, Outcome, address, gives, redirects};
use base64_of as base64;
use common::ports::OutboundResponse;
use messaging::attachments::MAX_MEDIA_BYTES;
use serde_json::json;
use testkit::answer;

/// The digest of [`JPEG`] as a webhook has it.
fn base64_of(hex: &str) -> String {
    let bytes: Vec<u8> = (0..hex.len())
        .step_by(2)
        .map(|n| u8::from_str_radix(&hex[n..n + 2], 16).unwrap())
        .collect();
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group =
            chunk.iter().fold(0u32, |sum, b| sum << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for n in 0..4 {
            let digit = (group >> (18 - 6 * n)) & 63;
            text.push(if n <= chunk.len() {
                char::from(alphabet[digit as usize])
            } else {
                '='
            });
        }
    }
    text
}

#[test]
fn an_address_that_expired_is_asked_for_anew_once() {
    let inbox = Inbox::new();
    inbox.will([
        address(LOOKASIDE, JPEG),
        gives(404, b""),
        address("https://lookaside.fbsbx.com/fresh", JPEG),
        gives(200, JPEG),
    ]);
    inbox.fetch();
    assert_eq!(inbox.state(), "ready");
    let requests_made = inbox.requests_made();
    assert_eq!(requests_made.len(), 4);
    assert_eq!(
        requests_made[3],
        ("https://lookaside.fbsbx.com/fresh".to_owned(), true)
    );
}

#[test]
fn an_address_that_stays_expired_is_tried_later() {
    let inbox = Inbox::new();
    inbox.will([
        address(LOOKASIDE, JPEG),
        gives(404, b""),
        address(LOOKASIDE, JPEG),
        gives(404, b""),
    ]);
    inbox.fetch();
    assert_eq!(
        inbox.row(),
        (
            "pending".into(),
            "The provider answered with status 404.".into(),
            Some(5)
        )
    );
    assert_eq!(inbox.requests_made().len(), 4);
}

#[test]
fn an_address_that_came_along_is_tried_first() {
    let inbox = Inbox::new();
    inbox.replace_source(json!({ "url": LOOKASIDE, "media_id": "900" }));
    inbox.will([gives(200, JPEG)]);
    inbox.fetch();
    assert_eq!(
        (inbox.state().as_str(), inbox.requests_made().len()),
        ("ready", 1)
    );
}

#[test]
fn a_redirect_to_another_host_gets_no_token() {
    let inbox = Inbox::new();
    inbox.will([
        address(LOOKASIDE, JPEG),
        redirects("https://cdn.evil.example/x"),
        redirects("https://scontent.xx.fbcdn.net/x"),
        gives(200, JPEG),
    ]);
    inbox.fetch();
    assert_eq!(inbox.state(), "ready");
    let tokens: Vec<bool> = inbox
        .requests_made()
        .into_iter()
        .map(|(_, token)| token)
        .collect();
    assert_eq!(tokens, [true, true, false, true]);
}

#[test]
fn a_third_redirect_is_not_followed() {
    let inbox = Inbox::new();
    inbox.will([address(LOOKASIDE, JPEG)]);
    inbox.will((0..3).map(|n| redirects(&format!("/{n}"))));
    inbox.fetch();
    assert_eq!(inbox.state(), "pending");
    assert_eq!(inbox.requests_made().len(), 4);
}

#[test]
fn an_address_inside_is_not_asked_wherever_it_comes_from() {
    for url in [
        "http://127.0.0.1/x",
        "https://10.0.0.1/x",
        "http://evil.example/",
        "x",
    ] {
        let inbox = Inbox::new();
        inbox.will([address(url, JPEG)]);
        inbox.fetch();
        assert_eq!(
            (inbox.state().as_str(), inbox.requests_made().len()),
            ("failed", 1),
            "{url}"
        );
        let inbox = Inbox::new();
        inbox.will([address(LOOKASIDE, JPEG), redirects(url)]);
        inbox.fetch();
        assert_eq!(
            (inbox.state().as_str(), inbox.requests_made().len()),
            ("failed", 2),
            "{url}"
        );
    }
}

#[test]
fn another_base_of_graph_and_loopback_are_trusted_where_the_deployment_says_so() {
    let inbox = Inbox::new();
    inbox
        .stack
        .ports
        .set("GRAPH_API_BASE", "http://127.0.0.1:9000");
    inbox.stack.ports.set("ALLOW_INSECURE_URLS", "1");
    inbox.will([address("http://localhost:9001/x", JPEG), gives(200, JPEG)]);
    inbox.fetch();
    assert_eq!(inbox.state(), "ready");
    assert!(inbox.requests_made().iter().all(|(_, token)| *token));
}

#[test]
fn bytes_that_are_not_those_announced_are_not_stored() {
    let hex = common::signatures::sha256_hex(JPEG);
    for digest in [hex.clone(), hex.to_uppercase(), base64(&hex)] {
        let inbox = Inbox::new();
        inbox.replace_source(json!({ "url": LOOKASIDE, "sha256": digest }));
        inbox.will([gives(200, b"\xff\xd8\xff other bytes"), gives(200, JPEG)]);
        inbox.fetch();
        let (state, error, due) = inbox.row();
        assert_eq!((state.as_str(), due), ("pending", Some(5)));
        assert!(error.contains("SHA-256"), "{error}");
        assert!(inbox.stack.ports.blobs.borrow().is_empty());
        inbox.stack.advance(5_000_000);
        inbox.fetch();
        assert_eq!(inbox.state(), "ready", "{digest}");
    }
}

#[test]
fn a_file_that_is_too_large_fails_with_a_reason() {
    let cut: Outcome = Ok(OutboundResponse {
        status: 200,
        body: JPEG.into(),
        is_cut: true,
        ..OutboundResponse::default()
    });
    let announced = json!({ "url": LOOKASIDE, "file_size": MAX_MEDIA_BYTES + 1 });
    for outcomes in [
        vec![address(LOOKASIDE, JPEG), cut],
        vec![answer(200, &announced)],
    ] {
        let inbox = Inbox::new();
        inbox.will(outcomes);
        inbox.fetch();
        let (state, error, due) = inbox.row();
        assert_eq!((state.as_str(), due), ("failed", None));
        assert!(error.contains("26214400 bytes"), "{error}");
    }
}

#[test]
fn requests_have_a_time_limit_and_a_size_limit() {
    let inbox = Inbox::new();
    inbox.will([address(LOOKASIDE, JPEG), gives(200, JPEG)]);
    inbox.fetch();
    let requests = inbox.stack.ports.take_requests();
    let limits: Vec<_> = requests
        .iter()
        .map(|r| (r.timeout_ms, r.max_bytes))
        .collect();
    assert_eq!(limits, [(10_000, 256 * 1024), (20_000, MAX_MEDIA_BYTES)]);
}

#[test]
fn a_source_that_names_nothing_fails() {
    for source in [
        json!({}),
        json!({ "media_id": "../me" }),
        json!({ "media_id": 5 }),
    ] {
        let inbox = Inbox::new();
        inbox.replace_source(source.clone());
        inbox.fetch();
        assert_eq!(inbox.state(), "failed", "{source}");
        assert!(inbox.requests_made().is_empty());
    }
    let inbox = Inbox::new();
    let update = format!("UPDATE attachments SET source = 'broken' WHERE id = '{FILE}'");
    inbox.stack.db.sql(&update);
    inbox.fetch();
    assert!(inbox.requests_made().is_empty());
}

#[test]
fn a_source_that_ingest_never_wrote_is_an_error() {
    for source in ["[]", "5", "{}", r#"{"channel_id":5}"#] {
        let inbox = Inbox::new();
        let update = format!("UPDATE attachments SET source = '{source}' WHERE id = '{FILE}'");
        inbox.stack.db.sql(&update);
        let log = inbox.fetch();
        assert_eq!(log["code"], "internal", "{source}: {log}");
        assert_eq!(inbox.state(), "pending", "{source}");
        assert!(inbox.requests_made().is_empty());
    }
}
