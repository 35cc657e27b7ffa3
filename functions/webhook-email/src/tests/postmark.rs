use super::{ADDRESS, Desk};
use base64_of as b64;
use common::db::DbError;
use serde_json::{Value as Json, json};
use testkit::{Answer, Failure};
use webhook_email::handler::{handle, resume_all};

const PASSWORD: &str = "the password";

/// Base64, without a crate for it.
fn base64_of(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let n = chunk
            .iter()
            .fold(0_usize, |n, byte| n << 8 | usize::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = char::from(DIGITS[n >> (18 - 6 * place) & 63]);
            text.push(if place <= chunk.len() { digit } else { '=' });
        }
    }
    text
}

impl Desk {
    fn postmark() -> Self {
        Self::of(&json!({"provider": "postmark"}), PASSWORD)
    }

    fn post_as(&self, pair: &str, body: &Json) -> Answer {
        self.stack
            .call("webhook-email", "POST", &self.path())
            .header("authorization", &format!("Basic {}", b64(pair.as_bytes())))
            .body(body.to_string())
            .send(handle)
    }

    fn hand(&self, body: &Json) -> Answer {
        self.post_as(&format!("anyone:{PASSWORD}"), body)
    }
}

fn mail(id: &str, text: &str) -> Json {
    json!({
        "From": "joe@example.com", "FromFull": {"Email": "joe@example.com", "Name": "Joe"},
        "ToFull": [{"Email": ADDRESS, "Name": ""}], "OriginalRecipient": ADDRESS, "Subject": "Hi",
        "MessageID": "22c74902-a0c1-4511-804f-341342852c90", "Date": "Fri, 2 Jan 2026 03:04:05 +0000",
        "TextBody": text, "HtmlBody": "", "Headers": [{"Name": "Message-ID", "Value": id}],
        "Attachments": [{"Name": "a.pdf", "Content": b64(b"%PDF-1.4 bytes"), "ContentType": "application/pdf", "ContentLength": 14}],
    })
}

#[test]
fn a_mail_comes_with_its_files_which_are_stored_once() {
    let desk = Desk::postmark();
    for _ in 0..2 {
        let answer = desk.hand(&mail("<1@x>", "Hello"));
        assert_eq!(
            (answer.status, answer.json["received"].as_i64()),
            (200, Some(1))
        );
    }
    let row = "SELECT m.content || '|' || a.filename || '|' || a.type || '|' || a.state || '|' || a.size || '|' || a.id
      FROM messages m JOIN attachments a ON a.message_id = m.id";
    let row = desk.text(row);
    assert!(
        row.starts_with("Hello|a.pdf|application/pdf|ready|14|"),
        "{row}"
    );
    let id = row.rsplit('|').next().unwrap();
    let blobs = desk.stack.ports.blobs.borrow();
    assert_eq!(blobs.len(), 1);
    assert_eq!(
        blobs[&format!("{}/{id}", desk.tenant.business_id)],
        b"%PDF-1.4 bytes"
    );
}

#[test]
fn nobody_puts_other_bytes_in_the_place_of_a_mails_files() {
    let desk = Desk::postmark();
    desk.hand(&mail("<1@x>", "Hello"));
    let before = desk.stack.ports.blobs.borrow().clone();
    let mut forged = mail("<1@x>", "Hello");
    forged["Attachments"][0]["Content"] = json!(b64(b"%PDF-1.4 other"));
    assert_eq!(desk.hand(&forged).status, 200);
    assert_eq!(*desk.stack.ports.blobs.borrow(), before);
}

#[test]
fn another_password_is_401_and_never_403() {
    let desk = Desk::postmark();
    for pair in [
        "anyone:wrong",
        "anyone:",
        PASSWORD,
        "",
        ":",
        "the password:",
    ] {
        let answer = desk.post_as(pair, &mail("<1@x>", "Hi"));
        let expected = if pair == PASSWORD { 200 } else { 401 };
        assert_eq!(answer.status, expected, "{pair}");
    }
    for header in ["", "Basic", "Basic %%%", "Bearer dGhlIHBhc3N3b3Jk"] {
        let call = desk.stack.call("webhook-email", "POST", &desk.path());
        let answer = call.header("authorization", header).body("{}").send(handle);
        assert_eq!(answer.refusal(), (401, "invalid_signature"), "{header}");
    }
    let named = Desk::of(&json!({"provider": "postmark"}), "user:secret");
    assert_eq!(named.post_as("user:secret", &json!({})).status, 200);
    assert_eq!(named.post_as("other:secret", &json!({})).status, 401);
}

#[test]
fn an_answer_to_our_mail_is_known_by_postmarks_own_id() {
    let desk = Desk::postmark();
    desk.hand(&mail("<1@x>", "Hi"));
    desk.stack
        .db
        .sql("UPDATE messages SET direction = 'outbound', provider_id = 'pm-1', status = 'sent'");
    let mut answer = mail("<2@x>", "Thanks");
    answer["FromFull"]["Email"] = json!("joe@work.example");
    answer["Headers"]
        .as_array_mut()
        .unwrap()
        .push(json!({"Name": "In-Reply-To", "Value": "<pm-1@mtasv.net>"}));
    desk.hand(&answer);
    assert_eq!((desk.count("customers"), desk.count("messages")), (1, 2));
    desk.hand(&json!({"RecordType": "Delivery", "MessageID": "pm-1", "DeliveredAt": "2026-01-02T03:04:05Z"}));
    assert_eq!(
        desk.text("SELECT status FROM messages WHERE provider_id = 'pm-1'"),
        "delivered"
    );
}

#[test]
fn a_whole_mail_is_kept_while_the_database_is_away() {
    let desk = Desk::postmark();
    desk.hand(&json!({}));
    desk.stack
        .db
        .fail(Failure::Before(DbError::Outage("away".into())));
    let parked = desk.hand(&mail("<1@x>", "Hello"));
    assert_eq!((parked.status, &parked.json["kept"]), (200, &json!(true)));
    desk.stack.job("", resume_all);
    assert_eq!((desk.count("messages"), desk.count("attachments")), (1, 1));
    assert_eq!(desk.stack.ports.blobs.borrow().len(), 1);
}

#[test]
fn cloudflares_accounts_hear_of_what_another_sent_for_them() {
    let desk = Desk::of(
        &json!({"provider": "cloudflare", "sends_by": "postmark"}),
        PASSWORD,
    );
    let answer = desk.hand(&json!({"RecordType": "Delivery", "MessageID": "pm-1"}));
    assert_eq!(
        (answer.status, answer.json["received"].as_i64()),
        (200, Some(1))
    );
}

#[test]
fn hostile_mail_is_taken_in_as_far_as_it_goes() {
    let desk = Desk::postmark();
    let mut hostile = mail("<1@x>", "");
    hostile["HtmlBody"] = json!(format!(
        "{}<img src=x onerror=alert(1)>Hello",
        "<div>".repeat(20_000)
    ));
    hostile["Subject"] = json!("a\r\nBcc: x@y.example");
    hostile["Attachments"] = json!([
        {"Name": "../../\"x\".html", "Content": b64(b"<script>"), "ContentType": "text/html"},
        {"Name": 7, "Content": "%%%"}, {"Content": null}, 7,
    ]);
    hostile["Headers"] = json!([{"Name": "References", "Value": "<a@x> ".repeat(10_000)}, {"Name": "Message-ID", "Value": "<1@x>"}, null]);
    assert_eq!(desk.hand(&hostile).status, 200);
    let detail = desk.detail();
    assert!(!detail["html"].as_str().unwrap().contains("onerror"));
    assert_eq!(desk.text("SELECT content FROM messages"), "Hello");
    let file = desk.text("SELECT filename || '|' || type FROM attachments");
    assert!(file.ends_with("|application/octet-stream"), "{file}");
}

#[test]
fn what_postmarks_filter_found_is_told_and_what_the_sender_wrote_is_not() {
    let filter = "by p-pm-inboundg01a.inbound.postmarkapp.com (Postfix, from userid 996)\tid 2";
    let arrival = "from mx.example.com (mx.example.com [192.0.2.7])\tby p-pm-inboundg01a.inbound.postmarkapp.com (Postfix) with ESMTPS id 1";
    let header = |name: &str, value: &str| json!({"Name": name, "Value": value});
    for (tests, spoofed, expected) in [
        (
            "DKIM_SIGNED,DKIM_VALID,\tDKIM_VALID_AU,SPF_PASS",
            "",
            "pass customer joe@example.com",
        ),
        ("SPF_PASS", "DKIM_VALID_AU", "none customer -"),
        ("SPF_FAIL", "DKIM_VALID_AU", "fail other -"),
        ("", "DKIM_VALID_AU", "none customer -"),
    ] {
        let desk = Desk::postmark();
        let mut mail = mail("<1@x>", "Hello");
        let mut headers = vec![
            header("Return-Path", "<joe@example.com>"),
            header("Received", filter),
        ];
        headers.extend((!tests.is_empty()).then(|| header("X-Spam-Tests", tests)));
        headers.push(header("Received", arrival));
        headers.push(header("Message-ID", "<1@x>"));
        headers.push(header("X-Spam-Tests", spoofed));
        headers.push(header(
            "Authentication-Results",
            "mx.cloudflare.net; dmarc=pass header.from=example.com",
        ));
        mail["Headers"] = json!(headers);
        desk.hand(&mail);
        let row =
            "SELECT (detail ->> 'sender_verified') || ' ' || (detail ->> 'participant') || ' '
          || coalesce((SELECT contact FROM conversations), '-') FROM messages";
        assert_eq!(desk.text(row), expected, "{tests} {spoofed}");
    }
}
