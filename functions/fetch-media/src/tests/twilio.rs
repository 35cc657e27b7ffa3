//! Media of MMS: behind Basic auth at Twilio's API, and from there at another host that must not see
//! it (channels.md §5.4).

use super::*;
use common::ports::OutboundRequest;

const URL: &str = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1";
const S3: &str = "https://s3.example/bytes?signature=1";

fn inbox(settings: Value) -> Inbox {
    let (stack, tenant) = Stack::with_tenant();
    let channel = stack.sms(&tenant, "+15005550001", &settings);
    let inbox = Inbox {
        stack,
        tenant,
        channel,
    };
    inbox.attachment(FILE, json!({ "url": URL, "mime_type": "image/jpeg" }));
    inbox
}

/// The requests made, and by what each proved itself.
fn requests_made(inbox: &Inbox) -> Vec<(&'static str, String, bool)> {
    let one = |request: OutboundRequest| {
        let basic = |(name, value): &(&str, String)| {
            *name == "authorization" && value.starts_with("Basic ")
        };
        let proves = request.headers.iter().any(basic);
        (request.method, request.url, proves)
    };
    let requests = inbox.stack.ports.take_requests();
    requests.into_iter().map(one).collect()
}

#[test]
fn what_speaks_for_the_account_goes_to_twilio_and_not_to_where_that_redirects() {
    let inbox = inbox(json!({}));
    inbox.will([redirects(S3), gives(200, JPEG)]);
    inbox.fetch();
    assert_eq!(inbox.state(), "ready");
    let expected = [("GET", URL.into(), true), ("GET", S3.into(), false)];
    assert_eq!(requests_made(&inbox), expected);
    let key = format!("{}/{FILE}", inbox.tenant.business_id);
    assert_eq!(inbox.stack.ports.blobs.borrow()[&key], JPEG);
}

#[test]
fn an_address_elsewhere_is_asked_without_it() {
    let inbox = inbox(json!({ "delete_media": "true" }));
    for url in [
        "https://api.twilio.com.evil.example/ME1",
        "https://lookaside.fbsbx.com/ME1",
        "https://api.twilio.com:8443/ME1",
    ] {
        inbox.replace_source(json!({ "url": url }));
        inbox.will([gives(200, JPEG)]);
        inbox.fetch();
        assert_eq!(requests_made(&inbox), [("GET", url.into(), false)]);
    }
}

#[test]
fn the_deployment_says_where_twilio_is() {
    let inbox = inbox(json!({}));
    inbox
        .stack
        .ports
        .set("TWILIO_API_BASE", "http://127.0.0.1:9/");
    inbox.stack.ports.set("ALLOW_INSECURE_URLS", "1");
    let (url, s3) = ("http://127.0.0.1:9/ME1", "http://127.0.0.1:10/x");
    inbox.replace_source(json!({ "url": url }));
    inbox.will([redirects(s3), gives(200, JPEG)]);
    inbox.fetch();
    let expected = [("GET", url.into(), true), ("GET", s3.into(), false)];
    assert_eq!(requests_made(&inbox), expected);
}

#[test]
fn what_is_stored_is_deleted_at_twilio_where_the_account_says_so() {
    let inbox = inbox(json!({ "delete_media": "true" }));
    inbox.will([redirects(S3), gives(200, JPEG), gives(204, b"")]);
    inbox.fetch();
    assert_eq!(inbox.state(), "ready");
    assert_eq!(requests_made(&inbox)[2..], [("DELETE", URL.into(), true)]);
}

#[test]
fn what_could_not_be_stored_is_not_deleted() {
    let inbox = inbox(json!({ "delete_media": "true" }));
    inbox.will([gives(404, b"")]);
    inbox.fetch();
    assert_eq!(inbox.state(), "pending");
    inbox.stack.ports.blobs_are_down.set(true);
    inbox.stack.advance(5 * SECOND);
    inbox.will([gives(200, JPEG)]);
    inbox.fetch();
    assert_eq!(inbox.state(), "pending");
    assert!(
        requests_made(&inbox)
            .iter()
            .all(|(method, ..)| *method == "GET")
    );
}

#[test]
fn a_deletion_that_fails_is_noted_and_the_file_stays_stored() {
    let inbox = inbox(json!({ "delete_media": "true" }));
    inbox.will([gives(200, JPEG), gives(500, b"")]);
    let log = inbox.fetch();
    assert_eq!(inbox.state(), "ready");
    assert!(log["note"].as_str().unwrap().contains("not deleted"));
}
