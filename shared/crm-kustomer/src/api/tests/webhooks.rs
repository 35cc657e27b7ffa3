use crate::api::{Envelope, org_of, verified};

const TOKEN: &str = "whtok_Grüße-1";
const BODY: &str = r#"{"id":"ev1","name":"kustomer.message.create","org":"o1","data":{"type":"message","id":"m1","attributes":{"preview":"Olá 😀"}}}"#;
/// node: createHmac('sha256', token).update(body).digest('hex')
const SIGNATURE: &str = "40806bfead5b68753a86f2144315f4c2ec9271f0e380f1aafe4bc786b9ca1dc7";

#[test]
fn a_signature_is_that_of_node_in_any_case_by_any_of_the_tokens() {
    let check =
        |signature: &str, tokens: &[&str]| verified(Some(signature), BODY.as_bytes(), tokens);
    assert_eq!(check(SIGNATURE, &[TOKEN]), Some(0));
    assert_eq!(check(&SIGNATURE.to_uppercase(), &["other", TOKEN]), Some(1));
    assert_eq!(check(&format!(" {SIGNATURE} "), &[TOKEN]), Some(0));
    assert_eq!(check(SIGNATURE, &["other", ""]), None);
    assert_eq!(check(SIGNATURE, &[]), None);
}

#[test]
fn another_body_or_a_malformed_signature_is_not_verified() {
    let altered = BODY.replace("o1", "o2");
    assert_eq!(
        verified(Some(SIGNATURE), altered.as_bytes(), &[TOKEN]),
        None
    );
    assert_eq!(verified(None, BODY.as_bytes(), &[TOKEN]), None);
    let prefixed = format!("sha256={SIGNATURE}");
    for signature in [
        "",
        "00",
        &SIGNATURE[..62],
        &SIGNATURE.replace('4', "g"),
        &prefixed,
        "é",
    ] {
        assert_eq!(
            verified(Some(signature), BODY.as_bytes(), &[TOKEN]),
            None,
            "{signature}"
        );
    }
}

#[test]
fn nobody_signs_by_an_empty_token() {
    // node: createHmac('sha256', '').update('').digest('hex')
    let signature = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
    assert_eq!(verified(Some(signature), b"", &[""]), None);
}

#[test]
fn an_event_is_read() {
    let event = Envelope::parse(
        br#"{"id":"ev2","name":"kustomer.conversation.update","org":"o1","orgName":"Acme",
            "partition":"o1","createdAt":"2026-01-05T10:00:01.000Z","persist":true,
            "client":{"name":"api-gw"},"dataId":"c1","snsFilters":[],"meta":{"customChanged":false},
            "data":{"type":"conversation","id":"c1","attributes":{"status":"done","rev":4},
            "relationships":{"modifiedBy":{"data":{"type":"user","id":"u1"}}}},
            "changes":{"attributes":{"status":{"op":"replace","before":"open","after":"done"},
            "rev":{"op":"replace"}},"relationships":{"queue":{}}}}"#,
    )
    .unwrap();
    assert_eq!((event.id.as_str(), event.org.as_str()), ("ev2", "o1"));
    assert_eq!((event.data.id.as_str(), event.data.rev), ("c1", Some(4)));
    assert_eq!(event.data.related("modifiedBy").as_deref(), Some("u1"));
    assert!(!event.is_created());
    let created = Envelope::parse(BODY.as_bytes()).unwrap();
    assert!(created.is_created());
    assert_eq!(created.data.text("preview").as_deref(), Some("Olá 😀"));
}

#[test]
fn odd_types_leave_an_event_readable() {
    let event = Envelope::parse(
        br#"{"id":7,"name":"kustomer.customer.update","org":"o1","createdAt":7,"changes":[],
            "data":{"id":"k1","attributes":null,"relationships":[]}}"#,
    )
    .unwrap();
    assert_eq!(
        (event.id.as_str(), event.data.kind.as_str()),
        ("7", "customer")
    );
    let lone = br#"{"id":"e","name":"kustomer.message.create","org":"o1",
        "data":{"id":"m1","attributes":{"preview":"cut \ud83d"}}}"#;
    let event = Envelope::parse(lone).unwrap();
    assert_eq!(event.data.text("preview").as_deref(), Some("cut \u{fffd}"));
    let bytes = [
        &br#"{"id":"e","name":"n","org":"o1","data":{"id":""#[..],
        b"m\xff",
        br#""}}"#,
    ]
    .concat();
    assert_eq!(Envelope::parse(&bytes).unwrap().data.id, "m\u{fffd}");
}

#[test]
fn hostile_bodies_are_no_events() {
    let deep = [b"[".repeat(300_000), b"]".repeat(300_000)].concat();
    let nested = [&br#"{"org":"o1","data":"#[..], &deep, b"}"].concat();
    assert_eq!(org_of(&nested).as_deref(), Some("o1"));
    let long = format!(r#"{{"org":"{}"}}"#, "o".repeat(200));
    for body in [
        &b""[..],
        b"null",
        b"7",
        b"[]",
        b"{}",
        b"{",
        b"\xff\xfe\x00",
        b"\0",
        br#"{"org":null}"#,
        br#"{"org":{"id":"o1"}}"#,
        br#"{"org":["o1"]}"#,
        br#"{"org":""}"#,
        long.as_bytes(),
        &deep,
        &b"{\"a\":".repeat(100_000),
    ] {
        assert_eq!(org_of(body), None);
        assert_eq!(Envelope::parse(body), None);
    }
    for body in [
        r#"{"name":"n","org":"o1","data":{"id":"m1"}}"#,
        r#"{"id":"e","org":"o1","data":{"id":"m1"}}"#,
        r#"{"id":"e","name":"n","data":{"id":"m1"}}"#,
        r#"{"id":"e","name":"n","org":"o1"}"#,
        r#"{"id":"e","name":"n","org":"o1","data":[{"id":"m1"}]}"#,
        r#"{"id":"e","name":"n","org":"o1","data":{"id":null}}"#,
        r#"{"id":"e","name":"n","org":"o1","data":"m1"}"#,
    ] {
        assert_eq!(Envelope::parse(body.as_bytes()), None, "{body}");
    }
}

#[test]
fn no_part_of_an_event_and_no_altered_byte_ends_in_a_panic() {
    let body = BODY.as_bytes();
    for end in 0..body.len() {
        assert_eq!(Envelope::parse(&body[..end]), None);
        for byte in [b'"', b'{', b']', b'\\', b',', 0, 0xff] {
            let mut altered = body.to_vec();
            altered[end] = byte;
            let event = Envelope::parse(&altered);
            assert!(event.is_none_or(|event| !event.id.is_empty()));
        }
    }
}
