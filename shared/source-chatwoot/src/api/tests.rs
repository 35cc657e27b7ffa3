use super::*;
use channels::outbound::FetchResult;
use common::ports::{FetchError, OutboundResponse};
use serde_json::{Value, json};

fn api() -> Api {
    let mut settings = Fields::new();
    settings.insert("base_url", "https://chat.example/".to_owned());
    settings.insert("account_id", "7".to_owned());
    let credentials = Credentials {
        access_token: Some("secret-token".into()),
        ..Credentials::default()
    };
    Api::of(&settings, &credentials)
}

#[test]
fn an_address_is_read_as_people_paste_it() {
    for (given, root, account) in [
        ("https://chat.example", "https://chat.example", None),
        (" chat.example/ ", "https://chat.example", None),
        (
            "HTTPS://Chat.Example:8443/",
            "https://chat.example:8443",
            None,
        ),
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000", None),
        (
            "https://chat.example/app/accounts/3/inbox-view?x=1#y",
            "https://chat.example",
            Some("3"),
        ),
        (
            "https://example.org/chat/api/v1/accounts/12",
            "https://example.org/chat",
            Some("12"),
        ),
        (
            "https://chat.example/app/accounts/all",
            "https://chat.example",
            None,
        ),
        (
            "https://example.org/chat//",
            "https://example.org/chat",
            None,
        ),
    ] {
        let base = Base::parse(given).unwrap();
        assert_eq!(
            (base.root.as_str(), base.account_id.as_deref()),
            (root, account),
            "{given}"
        );
    }
    for none in [
        "",
        "ftp://chat.example",
        "https://",
        "https:///app",
        "https://user:pass@chat.example",
        "https://chat.example/a b",
        "javascript://x",
        "https://a\\b",
    ] {
        assert_eq!(Base::parse(none), None, "{none}");
    }
}

#[test]
fn a_request_names_the_token_as_every_proxy_lets_it_through() {
    let request = api().conversation("130");
    let url = "https://chat.example/api/v1/accounts/7/conversations/130";
    assert_eq!((request.method, request.url.as_str()), ("GET", url));
    let headers = [
        ("api-access-token", "secret-token".to_owned()),
        ("accept", "application/json".to_owned()),
    ];
    assert_eq!(request.headers, headers);
    assert_eq!(api().profile().url, "https://chat.example/api/v1/profile");
    assert!(!format!("{:?}", api()).contains("secret"));
}

#[test]
fn an_id_never_leaves_its_place_in_the_path() {
    let paths = |request: common::ports::OutboundRequest| request.url;
    let hostile = "1/../../9?a=b#";
    let escaped = "1%2F%2E%2E%2F%2E%2E%2F9%3Fa%3Db%23";
    let url = |rest: &str| format!("https://chat.example/api/v1/accounts/7/{rest}");
    assert_eq!(
        paths(api().contact(hostile)),
        url(&format!("contacts/{escaped}"))
    );
    let messages = url(&format!("conversations/{escaped}/messages?after={escaped}"));
    assert_eq!(paths(api().messages(hostile, Some(hostile))), messages);
    let labels = api().conversation_write("5", "labels", labels(["vip", "a\"b"]));
    assert_eq!(labels.url, url("conversations/5/labels"));
    assert_eq!(labels.body.unwrap(), br#"{"labels":["vip","a\"b"]}"#);
}

fn read(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

#[test]
fn bodies_are_what_chatwoot_takes() {
    let message = NewMessage {
        id: "m-1",
        text: "Hi {{contact.name}} \"you\"",
        is_private: false,
        in_reply_to: Some("501"),
    };
    let expected = json!({
        "content": "Hi {{ '{' }}{contact.name}} \"you\"", "message_type": "outgoing", "echo_id": "m-1",
        "content_attributes": {"tieline": "m-1", "in_reply_to": 501},
    });
    assert_eq!(read(&message.json()), expected);
    let note = NewMessage {
        text: "For us",
        is_private: true,
        in_reply_to: None,
        ..message
    };
    let note = read(&note.json());
    assert_eq!(
        (&note["private"], &note["content_attributes"]),
        (&json!(true), &json!({"tieline": "m-1"}))
    );
    assert!(expected.get("source_id").is_none() && note.get("source_id").is_none());
    for (body, expected) in [
        (status("resolved", None), json!({"status": "resolved"})),
        (
            status("snoozed", Some(1_800_000_000)),
            json!({"status": "snoozed", "snoozed_until": 1_800_000_000}),
        ),
        (priority(None), json!({"priority": null})),
        (priority(Some("high")), json!({"priority": "high"})),
        (assignment(3), json!({"assignee_id": 3})),
        (
            contact_attributes([("crm_ids", "krayin:person:1"), ("a\"b", "c")]),
            json!({"custom_attributes": {"crm_ids": "krayin:person:1", "a\"b": "c"}}),
        ),
        (
            webhook("https://t.example/x", None),
            json!({"url": "https://t.example/x", "subscriptions": EVENTS}),
        ),
        (
            dashboard_app("CRM", "https://t.example/c#t"),
            json!({"title": "CRM", "content": [{"type": "frame", "url": "https://t.example/c#t"}]}),
        ),
        (
            definition("crm_ids", "CRM ids"),
            json!({"attribute_key": "crm_ids", "attribute_display_name": "CRM ids", "attribute_display_type": 0, "attribute_model": 1}),
        ),
    ] {
        assert_eq!(read(&body), expected);
    }
    assert_eq!(read(&webhook("u", Some("Tieline")))["name"], "Tieline");
}

#[test]
fn a_form_holds_the_fields_and_the_files_behind_a_boundary_that_neither_has() {
    let text = "See\r\n--tieline-m-1 and {{a}}";
    let message = NewMessage {
        id: "m-1",
        text,
        is_private: false,
        in_reply_to: None,
    };
    let files = [
        File {
            name: "a b.png",
            mime_type: "image/png",
            bytes: b"\r\n--tieline-m-1-\r\n\xff",
        },
        File {
            name: "c.bin",
            mime_type: "application/octet-stream",
            bytes: b"",
        },
    ];
    let (content_type, body) = form(&message, &files);
    assert_eq!(content_type, "multipart/form-data; boundary=tieline-m-1--");
    let parts = common::http::multipart::parts_of(&content_type, &body).unwrap();
    let parts: Vec<_> = parts
        .iter()
        .map(|part| (part.name.as_str(), part.filename.as_deref(), part.content))
        .collect();
    let rendered = "See\r\n--tieline-m-1 and {{ '{' }}{a}}";
    assert_eq!(
        parts,
        [
            ("content", None, rendered.as_bytes()),
            ("message_type", None, b"outgoing"),
            ("content_attributes", None, br#"{"tieline":"m-1"}"#),
            ("echo_id", None, b"m-1"),
            (
                "attachments[]",
                Some("a b.png"),
                b"\r\n--tieline-m-1-\r\n\xff"
            ),
            ("attachments[]", Some("c.bin"), b""),
        ]
    );
}

fn answered(status: u16, body: &str) -> FetchResult {
    Ok(OutboundResponse {
        status,
        body: body.as_bytes().to_vec(),
        headers: vec![("retry-after".into(), "7".into())],
        ..OutboundResponse::default()
    })
}

#[test]
fn each_shape_of_an_error_has_its_class() {
    let forbidden = |message: &str| Failed::Forbidden {
        message: message.into(),
    };
    let invalid = |message: &str, attributes: &[&str]| Failed::Invalid {
        message: message.into(),
        attributes: attributes.iter().map(|name| (*name).to_owned()).collect(),
    };
    for (status, body, class) in [
        (
            401,
            r#"{"errors":["You need to sign in or sign up before continuing."]}"#,
            Failed::BadToken,
        ),
        (401, r#"{"error":"Invalid Access Token"}"#, Failed::BadToken),
        (
            401,
            r#"{"error":"You are not authorized to do this action"}"#,
            Failed::NotYours,
        ),
        (
            401,
            r#"{"error":"You are not authorized to access this account"}"#,
            forbidden("You are not authorized to access this account"),
        ),
        (
            401,
            r#"{"error":"Account is suspended"}"#,
            forbidden("Account is suspended"),
        ),
        (
            401,
            r#"{"error":"Access to this endpoint is not authorized for bots"}"#,
            forbidden("Access to this endpoint is not authorized for bots"),
        ),
        (
            401,
            "<html>Authorization Required</html>",
            Failed::NotAnApi { status: 401 },
        ),
        (
            402,
            r#"{"error":"Limit exceeded"}"#,
            forbidden("Limit exceeded"),
        ),
        (403, r#"{"error":"No"}"#, forbidden("No")),
        (
            404,
            r#"{"error":"Resource could not be found"}"#,
            Failed::NotFound,
        ),
        (
            404,
            r#"{"status":404,"error":"Not Found"}"#,
            Failed::NotAnApi { status: 404 },
        ),
        (404, "<!DOCTYPE html>", Failed::NotAnApi { status: 404 }),
        (405, "", Failed::NotAnApi { status: 405 }),
        (
            422,
            r#"{"message":"Url has already been taken","attributes":["url"]}"#,
            invalid("Url has already been taken", &["url"]),
        ),
        (
            422,
            r#"{"error":"Content can't be blank"}"#,
            invalid("Content can't be blank", &[]),
        ),
        (
            422,
            r#"{"message":"Too many messages","attributes":["base"]}"#,
            Failed::Throttled { seconds: Some(60) },
        ),
        (
            413,
            "<html>",
            invalid("Chatwoot answered with status 413.", &[]),
        ),
        (429, "Retry later\n", Failed::Throttled { seconds: Some(7) }),
        (
            500,
            r#"{"status":500,"error":"Internal Server Error"}"#,
            Failed::Faulted { status: 500 },
        ),
        (
            502,
            "<html>Bad Gateway</html>",
            Failed::Faulted { status: 502 },
        ),
        (302, "", Failed::NotAnApi { status: 302 }),
        (200, "<!DOCTYPE html>", Failed::NotAnApi { status: 200 }),
    ] {
        assert_eq!(
            answer(&answered(status, body)),
            Err(class),
            "{status} {body}"
        );
    }
    for body in ["", "null", "{}", "[]", r#"{"id":1}"#] {
        assert_eq!(answer(&answered(200, body)), Ok(body));
    }
    assert_eq!(
        answer(&Err(FetchError::NotSent("x".into()))),
        Err(Failed::Unreached)
    );
    assert_eq!(
        answer(&Err(FetchError::Unsure("x".into()))),
        Err(Failed::Unclear)
    );
}
