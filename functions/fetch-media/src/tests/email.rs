//! Files of mail, which Resend keeps behind an address that it signs.

use super::{FILE, Inbox, JPEG, gives};
use common::Context;
use dashboard_channels::settings::channel_create;
use serde_json::json;
use testkit::{Stack, answer};

const SIGNED: &str = "https://cdn.resend.example/files/a?signature=x";

fn inbox() -> Inbox {
    let (stack, tenant) = Stack::with_tenant();
    let body = json!({
        "kind": "email", "name": "Shop", "provider": "resend", "address": "support@acme.example",
        "credentials": { "api_key": "re_key", "webhook_secret": "s" }
    });
    let mut channel = String::new();
    stack.job("", async |cx: &Context<'_>, _: &str| {
        let cx = cx.of_business(&tenant.business_id);
        channel = channel_create(&cx, &body.to_string())
            .await?
            .channel
            .id
            .to_string();
        Ok(())
    });
    let inbox = Inbox {
        stack,
        tenant,
        channel,
    };
    inbox.attachment(
        FILE,
        json!({ "media_id": "mail-1/file-1", "mime_type": "image/jpeg" }),
    );
    inbox
}

fn address() -> super::Outcome {
    answer(
        200,
        &json!({"object": "attachment", "id": "file-1", "filename": "a.jpg", "size": JPEG.len(),
        "content_type": "image/jpeg", "download_url": SIGNED}),
    )
}

#[test]
fn the_key_asks_for_the_address_and_goes_no_further() {
    let inbox = inbox();
    inbox.stack.ports.will(address());
    inbox.stack.ports.will(gives(200, JPEG));
    inbox.fetch();
    let requests = inbox.stack.ports.take_requests();
    assert_eq!(
        requests[0].url,
        "https://api.resend.com/emails/receiving/mail-1/attachments/file-1"
    );
    assert_eq!(
        requests[0].headers,
        [("authorization", "Bearer re_key".to_owned())]
    );
    assert_eq!(
        (requests[1].url.as_str(), requests[1].headers.len()),
        (SIGNED, 0)
    );
    assert_eq!(inbox.state(), "ready");
}

#[test]
fn an_address_that_expired_is_asked_for_anew() {
    let inbox = inbox();
    inbox.stack.ports.will(address());
    inbox.stack.ports.will(gives(404, b""));
    inbox.stack.ports.will(address());
    inbox.stack.ports.will(gives(200, JPEG));
    inbox.fetch();
    assert_eq!(inbox.state(), "ready");
}

#[test]
fn trouble_with_resend_is_told_without_its_words() {
    for (status, words) in [(401, "refused the account's key"), (500, "status 500")] {
        let inbox = inbox();
        inbox
            .stack
            .ports
            .will(answer(status, &json!({"message": "re_key"})));
        inbox.fetch();
        let error = inbox.row().1;
        assert!(
            error.contains(words) && !error.contains("re_key"),
            "{error}"
        );
        assert_eq!(inbox.state(), "pending");
    }
}
