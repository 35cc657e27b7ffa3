use super::{Desk, JOE, handle};
use common::signatures::sha256_hex;
use testkit::{ACCOUNT_SID, AUTH_TOKEN, Answer, signed_by_twilio};

const FORM: &str = "AccountSid=AC00000000000000000000000000000001&Body=Hi&From=%2B353871234567\
                    &MessageSid=SM1";
const PARAMS: [(&str, &str); 4] = [
    ("AccountSid", ACCOUNT_SID),
    ("Body", "Hi"),
    ("From", JOE),
    ("MessageSid", "SM1"),
];

/// Posts the form to a path, signed over a URL, with further headers.
fn post(desk: &Desk, path: &str, url: &str, headers: &[(&str, &str)]) -> Answer {
    let signature = signed_by_twilio(AUTH_TOKEN, url, &PARAMS);
    let mut call = desk
        .stack
        .call("webhook-twilio", "POST", path)
        .body(FORM)
        .header("x-twilio-signature", &signature);
    for (name, value) in headers {
        call = call.header(name, value);
    }
    call.send(handle)
}

#[test]
fn the_address_counts_as_configured_and_as_requested() {
    let desk = Desk::new();
    let path = format!("/functions/v1/webhook-twilio/{}", desk.channel_id);
    let short = format!("/webhook-twilio/{}", desk.channel_id);
    let host = [("host", "shop.example")];
    let proxy = [("x-forwarded-host", "shop.example"), ("host", "inside")];
    let none: [(&str, &str); 0] = [];
    for (path, url, headers, status) in [
        (
            &path,
            format!("https://tieline.example{path}"),
            &none[..],
            200,
        ),
        (
            &path,
            format!("https://tieline.example:443{path}"),
            &none,
            200,
        ),
        (
            &short,
            format!("https://tieline.example{short}"),
            &none,
            200,
        ),
        (&path, format!("https://shop.example{path}"), &host, 200),
        (&path, format!("http://shop.example:80{path}"), &host, 200),
        (&path, format!("https://shop.example{path}"), &proxy, 200),
        (&path, format!("https://shop.example{path}"), &none, 401),
        (&path, format!("https://tieline.example{short}"), &none, 401),
        (&path, format!("https://tieline.example{path}/"), &none, 401),
    ] {
        assert_eq!(post(&desk, path, &url, headers).status, status, "{url}");
    }
}

#[test]
fn json_is_taken_by_the_hash_in_its_address_and_not_without() {
    let desk = Desk::new();
    let body = format!(
        r#"{{"AccountSid":"{ACCOUNT_SID}","MessageSid":"SM1","From":"{JOE}","Body":"It's é","NumMedia":0}}"#
    );
    let path = format!("/functions/v1/webhook-twilio/{}", desk.channel_id);
    let send = |query: &str, body: &str| {
        let url = format!("https://tieline.example{path}{query}");
        let signature = signed_by_twilio(AUTH_TOKEN, &url, &[]);
        desk.stack
            .call("webhook-twilio", "POST", &format!("{path}{query}"))
            .body(body)
            .header("x-twilio-signature", &signature)
            .send(handle)
    };
    let hash = format!("?bodySHA256={}", sha256_hex(body.as_bytes()));
    assert_eq!(send(&hash, &body).status, 200);
    assert_eq!(desk.texts("SELECT content FROM messages"), ["It's é"]);
    let other = format!("{body} ");
    assert_eq!(send(&hash, &other).refusal(), (401, "invalid_signature"));
    assert_eq!(send("", &body).refusal(), (401, "invalid_signature"));
    let hash = format!("?bodySHA256={}", sha256_hex(b"[1]"));
    assert_eq!(send(&hash, "[1]").refusal(), (400, "malformed_json"));
}

#[test]
fn a_shared_key_signs_where_its_header_says_so() {
    let desk = Desk::new();
    let path = format!("/functions/v1/webhook-twilio/{}", desk.channel_id);
    let url = format!("https://tieline.example{path}");
    let send = |secret: &str, settings: &str| {
        desk.stack
            .call("webhook-twilio", "POST", &path)
            .body(FORM)
            .header(
                "x-twilio-signature",
                &signed_by_twilio(secret, &url, &PARAMS),
            )
            .header("x-twilio-webhooks-signature-settings", settings)
            .send(handle)
            .status
    };
    assert_eq!(send("the shared key", "key=WK1,algorithm=HMAC_SHA1"), 200);
    assert_eq!(send("the shared key", "key=WK2,algorithm=HMAC_SHA1"), 401);
    assert_eq!(send("the shared key", "key=WK1,algorithm=HMAC_MD5"), 401);
    assert_eq!(send("the shared key", "key=WK1,algorithm=HMAC_SHA256"), 401);
    assert_eq!(send(AUTH_TOKEN, "key=WK1,algorithm=HMAC_SHA1"), 401);
    assert_eq!(send(AUTH_TOKEN, ""), 401);
}

#[test]
fn nothing_is_read_of_what_is_for_nobody_or_has_no_signature() {
    let desk = Desk::new();
    let path = format!("/webhook-twilio/{}", desk.channel_id);
    let unknown = "/webhook-twilio/01900000-0000-7000-8000-000000000001";
    let well_formed = "MDEyMzQ1Njc4OTAxMjM0NTY3ODk=";
    for (path, signature, status) in [
        (path.as_str(), None, 401),
        (unknown, None, 401),
        (unknown, Some(well_formed), 404),
    ] {
        let mut call = desk.stack.call("webhook-twilio", "POST", path);
        if let Some(signature) = signature {
            call = call.header("x-twilio-signature", signature);
        }
        let pieces = vec![Ok(vec![b'a'; 1000]); 4];
        let refused = call.chunks(pieces).send(handle);
        assert_eq!((refused.status, refused.unread), (status, 4));
    }
}

/// Posts to an account that nobody has.
fn post_to_nobody(desk: &Desk, n: usize, ip: &str, signature: &str) -> u16 {
    let path = format!("/webhook-twilio/01900000-0000-7000-8000-{n:012}");
    let call = desk.stack.call("webhook-twilio", "POST", &path).body(FORM);
    let call = call.header("cf-connecting-ip", ip);
    let call = call.header("x-twilio-signature", signature);
    call.send(handle).status
}

#[test]
fn a_signature_of_another_form_costs_no_read() {
    let desk = Desk::new();
    let before = desk.stack.db.calls();
    for (n, signature) in ["", "x", "AAAA", "sha256=00", "MDEyMzQ1Njc4OTAxMjM0NTY3O!k="]
        .into_iter()
        .enumerate()
    {
        let status = post_to_nobody(&desk, n, "203.0.113.9", signature);
        assert_eq!(status, 401, "{signature}");
    }
    assert_eq!(desk.stack.db.calls(), before);
}

#[test]
fn addresses_of_accounts_that_nobody_has_do_not_cost_a_read_each() {
    let desk = Desk::new();
    let well_formed = "MDEyMzQ1Njc4OTAxMjM0NTY3ODk=";
    let before = desk.stack.db.calls();
    for n in 0..300 {
        // A network of IPv6 is one caller.
        let ip = format!("2001:db8:1:2::{n:x}");
        let status = post_to_nobody(&desk, n, &ip, well_formed);
        assert!(matches!(status, 404 | 429), "{status}");
    }
    let calls = desk.stack.db.calls() - before;
    assert!(calls <= 100, "{calls}");
    assert_eq!(
        post_to_nobody(&desk, 300, "2001:db8:1:3::1", well_formed),
        404
    );
    assert_eq!(desk.text("SM1", JOE, "Hello").status, 200);
    desk.stack.advance(common::time::SECOND);
    assert_eq!(
        post_to_nobody(&desk, 301, "2001:db8:1:2::1", well_formed),
        404
    );
}
