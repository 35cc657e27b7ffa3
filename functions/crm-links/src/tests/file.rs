//! Uploading the file of a link.

use super::change::wakes;
use super::{NOBODY, URL, refuses_callers};
use serde_json::{Value, json};
use testkit::{LINKED_PAGE, Links};

const FAQ: &str = "file:faq.md";

fn linked(more: &Value) -> (Links, String) {
    let links = Links::new();
    let mut settings = json!({ "type": "file" });
    let more = more.as_object().unwrap().clone();
    settings.as_object_mut().unwrap().extend(more);
    let id = links.add(FAQ, &settings);
    (links, id)
}

#[test]
fn crm_link_file_put_answers_with_the_link_which_is_fetched_at_once() {
    let (links, id) = linked(&json!({}));
    let new = links.link(&id);
    assert_eq!((&new["state"], new.get("file")), (&json!("new"), None));
    assert_eq!((&new["next_fetch_at"], wakes(&links)), (&Value::Null, 0));
    links.stack.advance(1_000_000);
    let put = links.upload(
        &id,
        "",
        "text/markdown",
        b"# Shipping\n\nWithin two days.\n",
    );
    assert_eq!(put.status, 200, "{}", put.text());
    let shown = &put.json["crm_link"];
    assert_eq!((&shown["id"], &shown["url"]), (&json!(id), &json!(FAQ)));
    assert_eq!(
        shown["file"],
        json!({ "name": "faq.md", "size": 29, "uploaded_at": links.stack.now().to_string() })
    );
    assert_eq!(wakes(&links), 1);
    // A name of its own, and no type.
    let put = links.upload(&id, "?name=prices.csv", "", b"sku,price\na,1\n");
    assert_eq!(put.json["crm_link"]["file"]["name"], "prices.csv");
    assert_eq!(put.json["crm_link"]["url"], FAQ);
    // One that is off is fetched once it is on.
    let (links, id) = linked(&json!({ "is_active": false }));
    let put = links.upload(&id, "", "", b"# Shipping\n");
    assert_eq!((put.status, wakes(&links)), (200, 0));
    let on = json!({ "page_id": LINKED_PAGE, "url": FAQ, "is_active": true });
    assert_eq!(links.call("PUT", "crm-links/status", &on).status, 200);
    assert_eq!(wakes(&links), 1);
}

#[test]
fn crm_link_file_put_refuses_callers_without_a_session() {
    refuses_callers("PUT", &format!("crm-links/{NOBODY}/file"));
}

#[test]
fn crm_link_file_put_refuses_invalid_input() {
    let (links, id) = linked(&json!({}));
    let refused = |query: &str, media_type: &str, bytes: &[u8]| {
        let refused = links.upload(&id, query, media_type, bytes);
        let path = match refused.status {
            422 => refused.detail().0.to_owned(),
            _ => String::new(),
        };
        (refused.status, path)
    };
    for bytes in [&b""[..], b" \n\n", b"\xef\xbb\xbf"] {
        assert_eq!(refused("", "text/csv", bytes), (422, "body".into()));
    }
    for bytes in [
        &b"PK\x03\x04xlsx"[..],
        b"%PDF-1.7",
        b"\xd0\xcf\x11\xe0doc",
        b"{\\rtf1 Hello}",
        b"\x7fELF\x01\x00\x00",
    ] {
        assert_eq!(refused("", "text/csv", bytes).0, 415, "{bytes:?}");
    }
    for media_type in [
        "image/svg+xml",
        "multipart/form-data; boundary=x",
        "Application/PDF",
    ] {
        assert_eq!(
            refused("", media_type, b"<svg>a</svg>").0,
            415,
            "{media_type}"
        );
    }
    for query in [
        "?name=%20",
        "?name=a%2Fb.csv",
        "?name=..%5Cb.csv",
        "?name=a%00b",
    ] {
        assert_eq!(
            refused(query, "", b"a,b\n1,2\n"),
            (422, "query.name".into()),
            "{query}"
        );
    }
    assert_eq!(refused("?names=a", "", b"a").0, 422);
    let large = vec![b'a'; 16 * 1024 * 1024 + 1];
    let too_large = links.upload(&id, "", "text/plain", &large);
    assert_eq!(too_large.refusal(), (413, "body_too_large"));
    assert!(too_large.text().contains("16 MiB"), "{}", too_large.text());
    // Only a link whose file is uploaded has one; that of another business is not there.
    let api = links.add(URL, &json!({}));
    let fetched = links.add("https://crm.example/a.csv", &json!({ "type": "file" }));
    for id in [&api, &fetched] {
        let refused = links.upload(id, "", "", b"a,b\n");
        assert_eq!(refused.refusal(), (409, "conflict"));
    }
    for id in [id.as_str(), "nothing", NOBODY] {
        let refused = links.other().upload(id, "", "", b"a,b\n");
        assert_eq!(refused.refusal(), (404, "not_found"), "{id}");
    }
    assert_eq!(links.link(&id).get("file"), None);
    assert!(links.stack.ports.blobs.borrow().is_empty());
    assert!(!links.stored().contains("knowledge_files"));
}

#[test]
fn the_url_of_an_uploaded_file_is_its_name() {
    let links = Links::new();
    let body = |kind: &str, url: &str| {
        json!({ "page_id": LINKED_PAGE, "channels": ["web"], "name": "Questions", "type": kind,
            "url": url, "is_active": true })
    };
    for (kind, url) in [
        ("api", FAQ),
        ("webhook", FAQ),
        ("file", "file:"),
        ("file", "file:///etc/passwd"),
        ("file", "file:a\\b"),
    ] {
        let refused = links.call("POST", "crm-links", &body(kind, url));
        assert_eq!(
            (refused.status, refused.detail().0),
            (422, "url"),
            "{kind} {url}"
        );
    }
    let preview = links.call("POST", "crm-links/preview", &body("file", FAQ));
    assert_eq!(
        (preview.status, preview.detail()),
        (422, ("content", "required"))
    );
    let added = links.call("POST", "crm-links", &body("file", " file:faq.md "));
    assert_eq!(added.json["crm_link"]["url"], FAQ, "{}", added.text());
    let again = links.call("POST", "crm-links", &body("file", FAQ));
    assert_eq!(again.refusal(), (409, "conflict"));
    // There is nothing to fetch yet.
    let id = added.json["crm_link"]["id"].as_str().unwrap();
    let refresh = links.call("POST", &format!("crm-links/{id}/refresh"), &json!({}));
    assert_eq!(refresh.refusal(), (409, "conflict"));
    assert!(refresh.text().contains("uploaded"), "{}", refresh.text());
    let patched = links.call(
        "PATCH",
        &format!("crm-links/{id}"),
        &json!({ "key": "sku" }),
    );
    assert_eq!(patched.json["crm_link"]["next_fetch_at"], Value::Null);
}

#[test]
fn with_the_store_away_the_file_before_stays_and_what_broke_off_is_forgotten() {
    let (links, id) = linked(&json!({}));
    links.upload(&id, "", "", b"# Shipping\n\nWithin two days.\n");
    links.run();
    links.stack.ports.blobs_are_down.set(true);
    let refused = links.upload(&id, "", "", b"# Shipping\n\nNever.\n");
    assert_eq!(refused.status, 503);
    links.stack.ports.blobs_are_down.set(false);
    assert_eq!(links.link(&id)["file"]["size"], 29);
    let count = || links.stack.db.value("SELECT count(*) FROM knowledge_files");
    links.tick();
    assert_eq!(count().as_integer(), Some(2), "it may be under way");
    links.stack.advance(3_601_000_000);
    links.tick();
    assert_eq!(count().as_integer(), Some(1));
    assert_eq!(links.stack.ports.blobs.borrow().len(), 1);
}

#[test]
fn a_file_counts_among_the_stored_bytes_until_its_bytes_are_gone() {
    let (links, id) = linked(&json!({}));
    let stored = || {
        let n = "SELECT n FROM usage_counts WHERE kind = 'stored_bytes'";
        links.stack.db.value(n).as_integer()
    };
    let quota = |bytes: u32| {
        let business = &links.tenant.business_id;
        links.stack.db.sql(&format!(
            "INSERT OR REPLACE INTO quotas (business_id, kind, n, updated_at)
             VALUES ('{business}', 'stored_bytes', {bytes}, 0)"
        ));
    };
    let file = b"# Shipping\n\nWithin two days.\n";
    quota(28);
    let refused = links.upload(&id, "", "", file);
    assert_eq!(refused.refusal(), (403, "quota_exceeded"));
    assert_eq!(refused.detail(), ("stored_bytes", "at_most_28"));
    assert!(links.stack.ports.blobs.borrow().is_empty());
    quota(60);
    assert_eq!(links.upload(&id, "", "", file).status, 200);
    links.run();
    assert_eq!(stored(), Some(29));
    // Both are there until the one before is swept.
    assert_eq!(links.upload(&id, "", "", file).status, 200);
    assert_eq!(stored(), Some(58));
    let refused = links.upload(&id, "", "", file);
    assert_eq!(refused.refusal(), (403, "quota_exceeded"));
    links.run();
    links.tick();
    assert_eq!(stored(), Some(29));
    // What others store between the check and the transaction counts.
    let other = links.clone();
    links.stack.db.before_next_batch(move || {
        other.stack.db.sql("UPDATE usage_counts SET n = 40");
    });
    let refused = links.upload(&id, "", "", file);
    assert_eq!(refused.refusal(), (403, "quota_exceeded"));
    assert_eq!(links.stack.ports.blobs.borrow().len(), 1);
    links
        .stack
        .db
        .sql("UPDATE usage_counts SET n = 29 WHERE kind = 'stored_bytes'");
    let at = json!({ "page_id": LINKED_PAGE, "url": FAQ });
    assert_eq!(links.call("DELETE", "crm-links", &at).status, 200);
    links.run();
    links.tick();
    assert_eq!(stored(), Some(0));
}
