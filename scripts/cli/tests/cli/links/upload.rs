//! Uploading the file of a link.

use serde_json::{Value, json};

use super::{ID, dashboard, link, links, sent};
use crate::server::Reply;
use crate::terminal::Folder;

const GIVEN: [&str; 7] = [
    "add",
    "--page",
    "123456789",
    "--channel",
    "web",
    "--name",
    "Questions",
];

fn saved() -> Value {
    json!({ "crm_link": link("Questions", &Value::Null, "2026-11-23T10:00:00Z") })
}

#[test]
fn a_file_is_uploaded_as_it_is_by_its_name() {
    let server = dashboard(|_, _| Reply::json(200, &saved()));
    let folder = Folder::with("price list.csv", "\u{feff}sku;price\r\n");
    let path = folder.text("price list.csv");
    let outcome = links(&server, &["upload", ID, &path]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert!(
        outcome
            .out
            .starts_with("price list.csv is the file of Questions now.")
    );
    assert!(
        outcome.err.contains("Uploading price list.csv, 14 bytes"),
        "{outcome:?}"
    );
    let [put] = &sent(&server)[..] else {
        panic!("one call");
    };
    assert_eq!(put.method, "PUT");
    assert!(
        put.path
            .ends_with(&format!("crm-links/{ID}/file?name=price+list.csv"))
            || put
                .path
                .ends_with(&format!("crm-links/{ID}/file?name=price%20list.csv")),
        "{}",
        put.path
    );
    assert_eq!(put.header("content-type"), Some("application/octet-stream"));
    assert_eq!(put.body, "\u{feff}sku;price\r\n");
}

#[test]
fn a_link_is_added_with_its_file() {
    let server = dashboard(|call, _| match call {
        0 => Reply::json(201, &saved()),
        _ => Reply::json(200, &saved()),
    });
    let folder = Folder::with("faq.md", "# Shipping\n");
    let path = folder.text("faq.md");
    let outcome = links(&server, &[&GIVEN[..], &["--file", &path]].concat());
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert!(
        outcome.out.starts_with("Added the CRM link Questions"),
        "{outcome:?}"
    );
    let calls = sent(&server);
    let body = calls[0].json();
    assert_eq!(
        (&body["type"], &body["url"]),
        (&json!("file"), &json!("file:faq.md"))
    );
    assert_eq!((calls.len(), calls[1].body.as_str()), (2, "# Shipping\n"));
    // The link stays where its file is refused, and that is said.
    let server = dashboard(|call, _| match call {
        0 => Reply::json(201, &saved()),
        _ => Reply::json(
            415,
            &json!({ "error": "The file is no text.", "code": "unsupported_media_type" }),
        ),
    });
    let outcome = links(&server, &[&GIVEN[..], &["--file", &path]].concat());
    assert_eq!(outcome.exit, 1, "{outcome:?}");
    assert!(
        outcome.err.contains("no text") && outcome.err.contains("tieline links upload"),
        "{outcome:?}"
    );
}

#[test]
fn what_is_no_file_is_refused_before_anything_is_asked() {
    let server = dashboard(|_, _| Reply::json(500, &json!({})));
    let folder = Folder::with("empty.csv", "");
    let empty = folder.text("empty.csv");
    for command in [
        vec!["upload", ID, &empty],
        vec!["upload", ID, "/no/such/file.csv"],
        [&GIVEN[..], &["--file", &empty]].concat(),
        [
            &GIVEN[..],
            &["--file", &empty, "--url", "https://a.example/"],
        ]
        .concat(),
        GIVEN.to_vec(),
    ] {
        let outcome = links(&server, &command);
        assert_ne!(outcome.exit, 0, "{command:?}");
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_file_is_previewed_as_a_text_or_as_base64_where_it_is_not_utf8() {
    let preview = json!({"format": "csv", "records": [], "looked_at": 0, "has_more_pages": false, "fields": [],
        "masked": 0, "owners": {"everyone": 0, "known": 0, "unknown": 0}});
    let command = [&["preview"], &GIVEN[1..]].concat();
    for (content, field, sent_as) in [
        (
            "\u{feff}sku;price\r\n".as_bytes(),
            "content",
            "\u{feff}sku;price\r\n",
        ),
        (b"Gr\xf6\xdfe\n", "content_base64", "R3L232UK"),
    ] {
        let shown = preview.clone();
        let server = dashboard(move |_, path| {
            assert_eq!(path, "crm-links/preview");
            Reply::json(200, &shown)
        });
        let folder = Folder::with("stock.csv", content);
        let path = folder.text("stock.csv");
        let outcome = links(&server, &[&command[..], &["--file", &path]].concat());
        assert_eq!(outcome.exit, 0, "{outcome:?}");
        let body = sent(&server)[0].json();
        assert_eq!(
            (&body["url"], &body[field]),
            (&json!("file:stock.csv"), &json!(sent_as))
        );
    }
    let server = dashboard(|_, _| Reply::json(500, &json!({})));
    let folder = Folder::with("large.csv", vec![b'a'; 1024 * 1024 + 1]);
    let path = folder.text("large.csv");
    let outcome = links(&server, &[&command[..], &["--file", &path]].concat());
    assert!(outcome.err.contains("more than 1 MiB"), "{outcome:?}");
    assert!(server.requests().is_empty());
}
