use super::with_variables;
use crate::api::{
    APP, Api, DeliveryError, Search, TIMEOUT_MS, UploadForm, base_of, shown, subdomain, upload,
};
use common::ports::{Ports, PublicUrl};
use serde_json::{Value as Json, json};

const KEY: &str = "eyJ.key";

fn api() -> Api {
    Api::new("https://acme.api.kustomerapp.com".into(), KEY)
}

fn path(request: &common::ports::OutboundRequest) -> &str {
    request
        .url
        .strip_prefix("https://acme.api.kustomerapp.com")
        .unwrap()
}

#[test]
fn a_subdomain_is_taken_in_each_of_its_spellings() {
    for text in [
        "acme-1",
        " ACME-1 ",
        "acme-1.kustomerapp.com",
        "acme-1.api.kustomerapp.com",
        "https://acme-1.kustomerapp.com",
        "https://acme-1.kustomerapp.com/app/settings?x=1#y",
        "http://Acme-1.KustomerApp.com/",
    ] {
        assert_eq!(subdomain(text).as_deref(), Some("acme-1"), "{text}");
    }
}

#[test]
fn no_subdomain_leads_the_key_to_another_host() {
    for text in [
        "",
        " ",
        ".",
        "-acme",
        "acme-",
        "api",
        "api.kustomerapp.com",
        "www.kustomerapp.com",
        "a.b",
        "a.b.kustomerapp.com",
        "acme.example.com",
        "acme.kustomerapp.com.evil.example",
        "evilkustomerapp.com",
        "https://evil.example",
        "https://acme",
        "https://evil.example/.kustomerapp.com",
        "https://evil.example#.kustomerapp.com",
        "https://evil.example?.kustomerapp.com",
        "https://evil@acme.kustomerapp.com",
        "https://acme.kustomerapp.com:8443",
        "acme.kustomerapp.com@evil.example",
        "acme/../x",
        "acme\\x",
        "acme\nx",
        "ac me",
        "ftp://acme.kustomerapp.com",
        "//evil.example",
        "ácme",
        "127.0.0.1",
        "a%2eb",
    ] {
        assert_eq!(subdomain(text), None, "{text}");
    }
    assert_eq!(subdomain(&"a".repeat(64)), None);
}

#[test]
fn the_base_is_the_organisations_host_or_the_deployments_variable() {
    let own = base_of(&Ports::NOTHING, "acme.kustomerapp.com");
    assert_eq!(own.as_deref(), Some("https://acme.api.kustomerapp.com"));
    assert_eq!(base_of(&Ports::NOTHING, "evil.example"), None);
    let set = [("KUSTOMER_API_BASE", "http://127.0.0.1:8999/")];
    let base = with_variables(&set, |ports| base_of(ports, "acme"));
    assert_eq!(base.as_deref(), Some("http://127.0.0.1:8999"));
}

#[test]
fn every_request_proves_itself_and_ends_in_time() {
    let request = api().token_current();
    assert_eq!(
        (request.method, path(&request)),
        ("GET", "/v1/auth/tokens/current")
    );
    assert_eq!(
        (request.timeout_ms, request.max_bytes),
        (TIMEOUT_MS, 1 << 20)
    );
    let header = |name: &str| {
        let found = request.headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(header("authorization"), Some("Bearer eyJ.key"));
    assert_eq!(header("user-agent"), Some(APP));
    assert_eq!(header("content-type"), None);
    let request = api().tags_add("c1", &["vip".to_owned()]);
    let last = request.headers.last().unwrap();
    assert_eq!(*last, ("content-type", "application/json".to_owned()));
}

#[test]
fn no_value_leaves_its_place_in_the_path() {
    let api = api();
    let email = api.customer_by_email("a+b/../c?d#e%2F&f=g@x.example");
    assert_eq!(
        path(&email),
        "/v1/customers/email=a%2Bb%2F..%2Fc%3Fd%23e%252F%26f%3Dg%40x.example"
    );
    assert_eq!(
        path(&api.customer_by_phone("+353871")),
        "/v1/customers/phone=%2B353871"
    );
    let id = api.customer_by_external_id("crm:1 é");
    assert_eq!(path(&id), "/v1/customers/externalId=crm%3A1%20%C3%A9");
    // Alone in its place a dot would lead elsewhere, and nothing to the whole list.
    assert_eq!(path(&api.customer("..")), "/v1/customers/%252E%252E");
    assert_eq!(path(&api.message(".")), "/v1/messages/%252E");
    assert_eq!(path(&api.webhook_delete("")), "/v1/outbound-webhooks/%00");
    assert_eq!(
        path(&api.customer_by_external_id("..")),
        "/v1/customers/externalId=.."
    );
    let users = api.users(Some("a+b@x.example"));
    assert_eq!(
        path(&users),
        "/v1/users?pageSize=500&email=a%2Bb%40x.example"
    );
}

#[test]
fn each_request_goes_where_the_reference_says() {
    let api = api();
    let at = common::time::Timestamp::parse("2026-01-05T10:00:00.5Z").unwrap();
    let search = Search::messages_since(at);
    let error = DeliveryError {
        code: "outside_window".into(),
        title: "Too late".into(),
        detail: None,
    };
    let tags = ["vip".to_owned(), "?".to_owned()];
    for (request, expected) in [
        (api.user_current(), "GET /v1/users/current"),
        (api.conversation("c"), "GET /v1/conversations/c"),
        (
            api.conversation_by_external_id("x"),
            "GET /v1/conversations/externalId=x",
        ),
        (
            api.conversations_of("k", 2),
            "GET /v1/customers/k/conversations?page=2&pageSize=100",
        ),
        (
            api.messages_of("c", 1),
            "GET /v1/conversations/c/messages?page=1&pageSize=100",
        ),
        (
            api.message_by_external_id("m"),
            "GET /v1/messages/externalId=m",
        ),
        (
            api.notes_of("c"),
            "GET /v1/conversations/c/notes?page=1&pageSize=100",
        ),
        (
            api.attachment_of_message("m", "a"),
            "GET /v1/messages/m/attachments/a",
        ),
        (api.teams(), "GET /v1/teams?pageSize=500"),
        (api.users(None), "GET /v1/users?pageSize=500"),
        (api.tags(), "GET /v1/tags?page=1&pageSize=100"),
        (api.webhooks(), "GET /v1/outbound-webhooks"),
        (api.webhook("w"), "GET /v1/outbound-webhooks/w"),
        (api.webhook_delete("w"), "DELETE /v1/outbound-webhooks/w"),
        (api.next("/v1/teams?page=2"), "GET /v1/teams?page=2"),
        (api.next("@evil.example/"), "GET /@evil.example/"),
        (
            api.search(&search, 3),
            "POST /v1/customers/search?page=3&pageSize=100",
        ),
        (
            api.tags_remove("c", &tags),
            "DELETE /v1/conversations/c/tags",
        ),
        (api.message_failed("m", &error, at), "PATCH /v1/messages/m"),
        (
            api.attachment_create("a.pdf", "application/pdf", 7),
            "POST /v1/attachments",
        ),
        (
            api.webhook_create("n", "u", &[], &[]),
            "POST /v1/outbound-webhooks",
        ),
    ] {
        assert_eq!(format!("{} {}", request.method, path(&request)), expected);
    }
}

#[test]
fn small_bodies_have_the_documented_keys_alone() {
    let api = api();
    let body = |request: common::ports::OutboundRequest| -> Json {
        serde_json::from_slice(&request.body.unwrap()).unwrap()
    };
    let at = common::time::Timestamp::parse("2026-01-05T10:00:00.5Z").unwrap();
    assert_eq!(
        body(api.search(&Search::conversations_since(at), 1)),
        json!({
            "queryContext": "conversation",
            "and": [{"conversation_updated_at": {"gte": "2026-01-05T10:00:00.500Z"}}],
            "sort": [{"conversation_updated_at": "asc"}],
        })
    );
    assert_eq!(
        body(api.webhook_create(
            "Tieline",
            "https://x.example/",
            &["kustomer.message.create"],
            &[("x-a", "b")]
        )),
        json!({
            "name": "Tieline", "url": "https://x.example/", "events": ["kustomer.message.create"],
            "headers": [{"name": "x-a", "value": "b"}],
        })
    );
    let tags = ["vip", "a b", " ok ", "", "#1", "vip"].map(str::to_owned);
    assert_eq!(body(api.tags_add("c", &tags)), json!(["vip", "a b", "ok"]));
    assert_eq!(
        body(api.attachment_create("a\".pdf", "application/pdf", 7)),
        json!({"name": "a\".pdf", "contentType": "application/pdf", "contentLength": 7})
    );
    let error = DeliveryError {
        code: "outside_window".into(),
        title: "Too late".into(),
        detail: Some("24 h".into()),
    };
    assert_eq!(
        body(api.message_failed("m", &error, at)),
        json!({
            "status": "error", "errorAt": "2026-01-05T10:00:00.500Z",
            "error": {"code": "outside_window", "title": "Too late", "detail": "24 h"},
        })
    );
}

#[test]
fn a_request_is_shown_without_what_names_a_person() {
    let api = api();
    assert_eq!(
        shown(&api.customer_by_email("a@x.example")),
        "GET /v1/customers/email=…"
    );
    assert_eq!(shown(&api.users(Some("a@x.example"))), "GET /v1/users");
    assert_eq!(
        shown(&api.tags_add("c1", &[])),
        "POST /v1/conversations/c1/tags"
    );
}

#[test]
fn a_file_goes_last_and_without_the_key() {
    let form = UploadForm {
        url: PublicUrl::parse(&Ports::NOTHING, "url", "https://s3.example/b").unwrap(),
        fields: vec![
            ("key".into(), "org/1".into()),
            ("X-Amz-Meta-Attachment-Id\"\r\nx: y".into(), "7".into()),
        ],
    };
    let request = upload(&form, "a\"\r\nb.pdf", "application/pdf\r\nx: y", b"\0PDF");
    assert_eq!(
        (request.method, request.url.as_str()),
        ("POST", "https://s3.example/b")
    );
    let (name, content_type) = request.headers.first().unwrap();
    assert_eq!((*name, request.headers.len()), ("content-type", 1));
    let boundary = content_type
        .strip_prefix("multipart/form-data; boundary=")
        .unwrap();
    let expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\norg/1\r\n\
         --{boundary}\r\nContent-Disposition: form-data; \
         name=\"X-Amz-Meta-Attachment-Id___x: y\"\r\n\r\n7\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; \
         filename=\"a___b.pdf\"\r\nContent-Type: application/pdf__x: y\r\n\r\n\0PDF\r\n\
         --{boundary}--\r\n"
    );
    assert_eq!(String::from_utf8(request.body.unwrap()).unwrap(), expected);
}
