//! Files that were uploaded, from their bytes to what is found.

use refresh_crm_links::handler::refresh;
use serde_json::{Value, json};
use testkit::{LINKED_PAGE, Links};

const URL: &str = "file:stock.csv";

fn linked() -> (Links, String) {
    let links = Links::new();
    let id = links.add(URL, &json!({ "type": "file" }));
    (links, id)
}

/// Uploads a file, has it read, and gives the link then.
fn uploaded(links: &Links, id: &str, name: &str, bytes: &[u8]) -> Value {
    let put = links.upload(id, &format!("?name={name}"), "", bytes);
    assert_eq!(put.status, 200, "{}", put.text());
    links.run();
    links.link(id)
}

/// How many files there are, and how many of them have bytes.
fn files(links: &Links) -> (Option<i64>, usize) {
    let rows = links.stack.db.value("SELECT count(*) FROM knowledge_files");
    (rows.as_integer(), links.stack.ports.blobs.borrow().len())
}

#[test]
fn a_file_of_every_format_is_read_and_found() {
    let html = "<!doctype html><html><body><h1>Bicycles</h1><p>The blue bicycle is in stock.</p></body></html>";
    for (name, bytes) in [
        ("a.csv", &b"sku,name,price\nb-1,Blue bicycle,\"1,200\"\nb-2,Red car,9\n"[..]),
        ("bom.csv", b"\xef\xbb\xbfsku;name;price\r\nb-1;Blue bicycle;\"1;200\"\r\nb-2;Red car;9\r\n"),
        ("utf16.csv", b"\xff\xfes\0k\0u\0,\0n\0a\0m\0e\0\n\0b\0-\x001\0,\0B\0l\0u\0e\0 \0b\0i\0c\0y\0c\0l\0e\0\n\0"),
        ("a.tsv", b"sku\tname\nb-1\tBlue bicycle\nb-2\tRed car\n"),
        ("a.json", b"{\"bicycles\":[{\"sku\":\"b-1\",\"name\":\"Blue bicycle\"}]}"),
        ("a.jsonl", b"{\"sku\":\"b-1\",\"name\":\"Blue bicycle\"}\n{\"sku\":\"b-2\",\"name\":\"Red car\"}\n"),
        ("a.md", b"# Cars\n\nRed.\n\n# Bicycles\n\nThe blue bicycle is in stock.\n"),
        ("a.html", html.as_bytes()),
        ("a.txt", b"The blue bicycle is in stock.\n\nSo is the red car.\n"),
        ("no-ending", b"sku,name\nb-1,Blue bicycle\nb-2,Red car\n"),
    ] {
        let (links, id) = linked();
        let link = uploaded(&links, &id, name, bytes);
        assert_eq!(link["state"], "fresh", "{name}: {link}");
        assert!(link["last_fetch"]["records"].as_u64() > Some(0), "{name}: {link}");
        assert_eq!(link["last_fetch"]["bytes"], bytes.len(), "{name}");
        assert_eq!(link["next_fetch_at"], Value::Null, "{name}: it stays as it is");
        let found = links.found("blue bicycle");
        assert!(!found.is_empty(), "{name}");
        if bytes.starts_with(b"sku") {
            assert_eq!(found[0], "b-1", "{name}");
        }
        assert!(links.other().found("blue bicycle").is_empty(), "{name}");
        assert!(links.stack.ports.take_requests().is_empty(), "nobody is asked");
        links.later();
        assert_eq!(links.link(&id)["last_fetch"], link["last_fetch"], "{name}");
    }
}

#[test]
fn what_a_file_says_by_its_type_is_heard_where_its_name_says_nothing() {
    let (links, id) = linked();
    let put = links.upload(
        &id,
        "?name=export",
        "text/tab-separated-values; charset=utf-8",
        b"name\nBlue, bicycle\n",
    );
    assert_eq!(put.status, 200, "{}", put.text());
    links.run();
    assert_eq!(links.link(&id)["last_fetch"]["records"], 1);
    assert!(links.stored().contains("Blue, bicycle"));
}

#[test]
fn a_file_is_replaced_as_a_whole_and_the_one_before_goes_once_the_new_is_searched() {
    let (links, id) = linked();
    let list = |names: &[&str]| {
        let rows = names.iter().enumerate();
        let rows: Vec<_> = rows.map(|(n, name)| format!("b-{n},{name}\n")).collect();
        format!("sku,name\n{}", rows.concat())
    };
    let before = list(&[
        "Blue bicycle",
        "Red car",
        "Boat",
        "Sledge",
        "Cart",
        "Tram",
        "Ferry",
        "Van",
    ]);
    uploaded(&links, &id, "stock.csv", before.as_bytes());
    assert_eq!(files(&links), (Some(1), 1));
    // What a person uploads is believed, however little it is.
    let link = uploaded(
        &links,
        &id,
        "stock.csv",
        list(&["Blue bicycle", "Green car"]).as_bytes(),
    );
    let last = &link["last_fetch"];
    assert_eq!(
        (
            &last["status"],
            &last["records"],
            &last["changed"],
            &last["removed"]
        ),
        (&json!("ok"), &json!(2), &json!(1), &json!(6))
    );
    assert!(!links.stored().contains("Sledge"));
    assert_eq!(links.events().len(), 2);
    links.tick();
    assert_eq!(files(&links), (Some(1), 1));
    // The same again reads nothing; another way to read it does.
    links.stack.ports.take_blob_reads();
    let refresh = format!("crm-links/{id}/refresh");
    assert_eq!(links.call("POST", &refresh, &json!({})).status, 202);
    links.run();
    assert_eq!(links.link(&id)["last_fetch"]["status"], "not_modified");
    assert!(links.stack.ports.take_blob_reads().is_empty());
    let patch = json!({ "fields": { "exclude": ["name"] } });
    assert_eq!(
        links
            .call("PATCH", &format!("crm-links/{id}"), &patch)
            .status,
        200
    );
    links.run();
    assert!(!links.stored().contains("Green car"));
    links.tick();
    assert_eq!(files(&links), (Some(1), 1));
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_what_was_there_is_searched_on() {
    let (links, id) = linked();
    uploaded(&links, &id, "stock.csv", b"sku,name\nb-1,Blue bicycle\n");
    for (name, bytes) in [
        ("stock.csv", &b"sku,name\nb-1,\"Red bicycle\nb-2,Van\n"[..]),
        ("stock.json", b"[{\"sku\":\"b-1\","),
        ("stock.jsonl", b"{\"sku\":\"b-1\"}\n{\"sku\n"),
    ] {
        let link = uploaded(&links, &id, name, bytes);
        assert_eq!(link["state"], "failing", "{name}: {link}");
        assert!(link["last_fetch"]["error"].is_string());
        assert_eq!(
            link["next_fetch_at"],
            Value::Null,
            "{name}: it will not get better"
        );
        assert_eq!(links.found("blue bicycle"), ["b-1"], "{name}");
        links.tick();
        assert_eq!(
            files(&links),
            (Some(2), 2),
            "{name}: this one, and the one that is searched"
        );
    }
    let link = uploaded(&links, &id, "stock.csv", b"sku,name\nb-1,Red bicycle\n");
    assert_eq!(link["state"], "fresh");
    links.tick();
    assert_eq!(files(&links), (Some(1), 1));
    assert!(links.stored().contains("Red bicycle") && !links.stored().contains("Blue bicycle"));
}

#[test]
fn secrets_in_a_file_are_masked_and_records_are_somebodys() {
    let (links, id) = linked();
    let csv = b"id,email,name,password\n1,john@example.com,Blue bicycle,hunter2\n";
    let link = uploaded(&links, &id, "stock.csv", csv);
    assert_eq!(link["last_fetch"]["masked"], 1);
    let stored = links.stored();
    assert!(
        !stored.contains("hunter2") && stored.contains("e:john@example.com"),
        "{stored}"
    );
}

#[test]
fn a_file_that_the_store_has_not_yet_is_read_a_little_later() {
    let (links, id) = linked();
    let put = links.upload(&id, "", "", b"sku,name\nb-1,Blue bicycle\n");
    assert_eq!(put.status, 200);
    let hidden = std::mem::take(&mut *links.stack.ports.blobs.borrow_mut());
    links.run();
    let link = links.link(&id);
    assert_eq!(link["state"], "failing");
    assert!(link["next_fetch_at"].is_string());
    *links.stack.ports.blobs.borrow_mut() = hidden;
    links.later();
    assert_eq!(links.found("blue bicycle"), ["b-1"]);
    // With the store down the lease ends, and nothing is said.
    let put = links.upload(&id, "", "", b"sku,name\nb-1,Red bicycle\n");
    assert_eq!(put.status, 200);
    links.stack.ports.blobs_are_down.set(true);
    let log = links.run().pop().unwrap();
    assert_ne!(log["code"], Value::Null, "{log}");
    links.stack.ports.blobs_are_down.set(false);
    links.stack.advance(121_000_000);
    links.tick();
    assert_eq!(links.found("red bicycle"), ["b-1"]);
}

#[test]
fn a_file_that_is_uploaded_while_another_is_read_is_the_one_that_stays() {
    let (links, id) = linked();
    uploaded(&links, &id, "stock.csv", b"sku,name\nb-1,Blue bicycle\n");
    links.upload(&id, "", "", b"sku,name\nb-1,Red bicycle\n");
    let (other, of) = (links.clone(), id.clone());
    // Between the claim and what is written of the fetch.
    links.stack.search.before_next_batch(move || {
        other.stack.advance(1_000_000);
        assert_eq!(
            other
                .upload(&of, "", "", b"sku,name\nb-1,Green bicycle\n")
                .status,
            200
        );
    });
    links
        .stack
        .job(&format!("{} {id}", links.tenant.business_id), refresh);
    links.run();
    links.tick();
    assert_eq!(links.found("green bicycle"), ["b-1"]);
    assert!(links.stored().contains("Green bicycle") && !links.stored().contains("Red bicycle"));
    assert_eq!(files(&links), (Some(1), 1));
}

#[test]
fn a_link_that_is_deleted_takes_its_file_along_whenever_that_is() {
    for is_read in [true, false] {
        let (links, id) = linked();
        links.upload(&id, "", "", b"sku,name\nb-1,Blue bicycle\n");
        if is_read {
            links.run();
        }
        let at = json!({ "page_id": LINKED_PAGE, "url": URL });
        assert_eq!(links.call("DELETE", "crm-links", &at).status, 200);
        assert_eq!(links.upload(&id, "", "", b"a,b\n").status, 404);
        links.run();
        links.tick();
        let stored = links.stored();
        assert!(
            !stored.contains("knowledge_") && !stored.contains("bicycle"),
            "{stored}"
        );
        assert_eq!(files(&links), (Some(0), 0));
    }
}
