//! JSONL files.

use serde_json::json;

use crate::server::{Reply, Server};
use crate::terminal::Folder;

#[test]
fn objects_are_sent_as_they_are_but_for_renames() {
    let server = Server::start(|_, request| Reply::all_created(request));
    let folder = Folder::with(
        "c.jsonl",
        "{\"Full Name\":\"Ann\",\"external_id\":\"c1\",\"notes\":null,\"tags\":[\"a\"]}\n\n\
         {\"name\":\"Bo\",\"email\":\"b@x.ie\",\"seg\":{\"deep\":1.5},\"x\":1}\n",
    );
    let maps = [
        "--map",
        "Full Name=name",
        "--map",
        "seg=custom_fields.seg",
        "--map",
        "x=",
    ];
    let outcome = folder.import("c.jsonl", &server.url, &maps);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert_eq!(
        server.requests()[0].customers(),
        [
            json!({"name": "Ann", "external_id": "c1", "notes": null, "tags": ["a"]}),
            json!({"name": "Bo", "email": "b@x.ie", "custom_fields": {"seg": {"deep": 1.5}}}),
        ]
    );
    assert!(outcome.err.contains("Full Name  → name"), "{}", outcome.err);
}

#[test]
fn lines_that_are_no_objects_are_reported_with_their_number() {
    let server = Server::start(|_, request| Reply::all_created(request));
    let folder = Folder::with(
        "c.jsonl",
        "{\"name\":\n\n[1]\n{\"name\":\"A\",\"email\":\"a@x.ie\"}",
    );
    let outcome = folder.import("c.jsonl", &server.url, &[]);
    assert_eq!(outcome.exit, 1);
    let report = folder.read("c.failed.csv");
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(lines[0], "row,external_id,code,error,record");
    assert!(
        lines[1].starts_with("1,,unreadable_row,the line is not JSON"),
        "{report}"
    );
    assert_eq!(lines[2], "3,,unreadable_row,the line is not an object,[1]");
    assert_eq!(server.requests()[0].customers().len(), 1);
}

#[test]
fn a_key_that_no_line_has_is_told_before_anything_is_sent() {
    let server = Server::start(|_, request| Reply::all_created(request));
    let folder = Folder::with("c.jsonl", "{\"nom\":\"A\",\"email\":\"a@x.ie\"}\n");
    let outcome = folder.import("c.jsonl", &server.url, &["--map", "Full Name=name"]);
    assert_eq!((outcome.exit, server.requests().len()), (2, 0));
    assert!(
        outcome.err.contains("Full Name") && outcome.err.contains("email, nom"),
        "{outcome:?}"
    );
}

#[test]
fn a_field_that_the_server_leaves_out_is_named_once() {
    let server = Server::start(|_, request| {
        let details = request.customers().into_iter().map(
            |_| json!({"action": "created", "customer_id": "1", "ignored_fields": ["Birthday"]}),
        );
        let details: Vec<_> = details.collect();
        Reply::json(
            200,
            &json!({"success": true, "results": {"details": details}}),
        )
    });
    let folder = Folder::with("c.jsonl", "{\"Birthday\":1}\n{\"Birthday\":2}\n");
    let outcome = folder.import("c.jsonl", &server.url, &[]);
    let way = "--map \"Birthday=custom_fields.Birthday\"";
    assert_eq!(outcome.err.matches(way).count(), 1, "{}", outcome.err);
}
