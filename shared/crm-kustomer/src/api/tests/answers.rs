use super::{answered, now, unsure, with_variables};
use crate::api::{Resource, done, file_of, found, gone, resource, resources, upload_of, uploaded};
use common::ports::{OutboundResponse, Ports};
use crm::Failure;

fn one(body: &str) -> Resource {
    resource(&answered(200, body), now()).unwrap()
}

#[test]
fn a_record_is_read_whatever_is_missing_or_odd() {
    let record = one(
        r#"{"data":{"type":"conversation","id":"c1","attributes":{"rev":3.0,"name":"Caf\u00e9",
            "priority":"4","messageCount":2.5,"tags":["t1",2,null],"empty":"","nothing":null,
            "emails":[{"email":"a@x.example"}],"lastMessageIn":{"sentAt":"2026-01-05T10:00:00.000Z"},
            "spam":true},
            "relationships":{"customer":{"data":{"type":"customers","id":"k1"}},
            "messages":{"data":[{"id":"m1"},{"id":"m2"},{}]},"queue":{"data":null}},
            "links":{"self":"/v1/conversations/c1","related":{"href":"/v1/x"}}}}"#,
    );
    assert_eq!(
        (record.id.as_str(), record.kind.as_str(), record.rev),
        ("c1", "conversation", Some(3))
    );
    assert_eq!(record.text("name").as_deref(), Some("Café"));
    assert_eq!(record.integer("messageCount"), None);
    assert_eq!(record.texts("tags"), ["t1", "2"]);
    assert_eq!(
        record.text("emails[0].email").as_deref(),
        Some("a@x.example")
    );
    for none in [
        "empty",
        "nothing",
        "missing",
        "emails[1].email",
        "name.x",
        "emails[0",
        "a..b",
    ] {
        assert_eq!(record.text(none), None, "{none}");
    }
    assert!(record.is_true("spam") && !record.is_true("name") && record.list("name").is_empty());
    assert!(record.time("lastMessageIn.sentAt").is_some());
    assert_eq!(record.related("customer").as_deref(), Some("k1"));
    assert_eq!(record.related_kind("customer").as_deref(), Some("customer"));
    assert_eq!(record.related_all("messages"), ["m1", "m2"]);
    assert_eq!(
        (record.related("queue"), record.related("brand")),
        (None, None)
    );
    assert_eq!(record.link.as_deref(), Some("/v1/x"));
    let bare = one(r#"{"data":{"id":7,"attributes":[],"relationships":"x","links":7}}"#);
    assert_eq!(
        (bare.id.as_str(), bare.kind.as_str(), bare.rev),
        ("7", "", None)
    );
    assert_eq!(
        (bare.attributes.as_str(), bare.relationships.as_str()),
        ("{}", "{}")
    );
}

#[test]
fn an_answer_that_cannot_be_read_leaves_what_was_done_unclear() {
    for body in [
        "",
        "<html>",
        r#"{"data":{"id":"c1","attr"#,
        "{}",
        "[]",
        r#"{"data":null}"#,
        r#"{"data":[]}"#,
        r#"{"data":{"type":"customer"}}"#,
        r#"{"data":{"id":""}}"#,
    ] {
        let failure = resource(&answered(201, body), now()).unwrap_err();
        assert_eq!(failure.code(), "unclear", "{body}");
    }
    let cut = OutboundResponse {
        status: 200,
        body: br#"{"data":{"id":"c1"}}"#.to_vec(),
        is_cut: true,
        ..OutboundResponse::default()
    };
    assert_eq!(resource(&Ok(cut), now()).unwrap_err().code(), "unclear");
    let long = format!(r#"{{"data":{{"id":"{}"}}}}"#, "x".repeat(200));
    assert!(resource(&answered(200, &long), now()).is_err());
}

#[test]
fn nothing_found_is_an_answer_to_a_question() {
    assert!(matches!(found(&answered(404, ""), now()), Ok(None)));
    let there = found(&answered(200, r#"{"data":{"id":"k1"}}"#), now());
    assert_eq!(there.unwrap().unwrap().id, "k1");
    assert_eq!(
        found(&answered(500, ""), now()).unwrap_err().code(),
        "unclear"
    );
}

#[test]
fn a_list_is_read_and_leads_on_within_the_api() {
    let page = |next: &str| {
        let body = format!(r#"{{"data":[{{"id":"a"}},7,{{"id":"b"}}],"links":{{"next":{next}}}}}"#);
        resources(&answered(200, &body), now()).unwrap()
    };
    let ids: Vec<_> = page("null").items.into_iter().map(|one| one.id).collect();
    assert_eq!(ids, ["a", "b"]);
    let path = "/v1/teams?page=2&pageSize=500";
    assert_eq!(page(&format!("{path:?}")).next.as_deref(), Some(path));
    for foreign in [
        "null",
        "7",
        r#""""#,
        r#""https://evil.example/v1/x""#,
        r#""//evil.example/v1""#,
        r#""@evil.example/v1""#,
        r#""/v1/../admin""#,
        r#""/v1/x\\y""#,
        r#""/v1/x y""#,
        r#""/v1/x\ny""#,
        r#""/other""#,
    ] {
        assert_eq!(page(foreign).next, None, "{foreign}");
    }
    let single = resources(&answered(200, r#"{"data":{"id":"a"}}"#), now()).unwrap();
    assert_eq!(single.items.len(), 1);
    assert!(
        resources(&answered(200, r#"{"data":null}"#), now())
            .unwrap()
            .items
            .is_empty()
    );
    assert_eq!(
        resources(&answered(200, "{}"), now()).unwrap_err().code(),
        "unclear"
    );
}

#[test]
fn what_is_gone_already_is_gone() {
    assert!(done(&answered(204, ""), now()).is_ok());
    assert!(gone(&answered(204, ""), now()).is_ok() && gone(&answered(404, ""), now()).is_ok());
    assert!(matches!(
        done(&answered(404, ""), now()),
        Err(Failure::NotFound)
    ));
    assert_eq!(
        gone(&answered(403, ""), now()).unwrap_err().code(),
        "missing_role"
    );
}

#[test]
fn the_form_of_an_upload_keeps_its_order_and_leads_to_a_public_host() {
    let answer = |url: &str| {
        let body = format!(
            r#"{{"data":{{"type":"attachment","id":"a1"}},"meta":{{"upload":{{"url":{url:?},
                "fields":{{"key":"k","acl":"private","Content-Type":"","n":7,"o":{{}}}}}}}}}}"#
        );
        answered(201, &body)
    };
    let (attachment, form) =
        upload_of(&Ports::NOTHING, &answer("https://s3.example/b"), now()).unwrap();
    let form = form.unwrap();
    assert_eq!(
        (attachment.id.as_str(), form.url.as_str()),
        ("a1", "https://s3.example/b")
    );
    let fields: Vec<_> = form
        .fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    assert_eq!(
        fields,
        [
            ("key", "k"),
            ("acl", "private"),
            ("Content-Type", ""),
            ("n", "7")
        ]
    );
    for inside in [
        "http://s3.example/b",
        "https://10.0.0.1/b",
        "http://127.0.0.1:9/b",
        "x",
    ] {
        let failure = upload_of(&Ports::NOTHING, &answer(inside), now()).unwrap_err();
        assert_eq!(failure.code(), "unsafe_url", "{inside}");
    }
    let loopback = with_variables(&[("ALLOW_INSECURE_URLS", "1")], |ports| {
        upload_of(ports, &answer("http://127.0.0.1:9/b"), now()).is_ok()
    });
    assert!(loopback);
    let kept_elsewhere = answered(201, r#"{"data":{"id":"a1"}}"#);
    assert_eq!(
        upload_of(&Ports::NOTHING, &kept_elsewhere, now())
            .unwrap()
            .1,
        None
    );
}

#[test]
fn what_the_storage_refuses_says_nothing_of_the_key() {
    assert!(uploaded(&answered(204, ""), now()).is_ok());
    for status in [303, 400, 401, 403, 404] {
        let failure = uploaded(&answered(status, "<Error/>"), now()).unwrap_err();
        assert_eq!(
            (failure.code(), matches!(failure, Failure::Auth { .. })),
            ("upload_refused", false)
        );
    }
    assert_eq!(
        uploaded(&answered(503, ""), now()).unwrap_err().code(),
        "unclear"
    );
    assert_eq!(uploaded(&unsure(), now()).unwrap_err().code(), "unclear");
}

#[test]
fn a_file_is_fetched_from_a_public_host_alone() {
    let url = |body: &str| file_of(&Ports::NOTHING, &answered(200, body), now());
    for body in [
        r#"{"data":{"id":"a","links":{"related":"https://cdn.example/x?sig=1"}}}"#,
        r#"{"data":{"id":"a"},"links":{"related":"https://cdn.example/x?sig=1"}}"#,
    ] {
        let (record, url) = url(body).unwrap();
        assert_eq!(
            (record.id.as_str(), url.as_str()),
            ("a", "https://cdn.example/x?sig=1")
        );
    }
    for body in [
        r#"{"data":{"id":"a"}}"#,
        r#"{"data":{"id":"a","links":{"related":"http://169.254.169.254/"}}}"#,
        r#"{"data":{"id":"a","links":{"related":"/v1/x"}}}"#,
    ] {
        assert_eq!(url(body).unwrap_err().code(), "unsafe_url", "{body}");
    }
}
