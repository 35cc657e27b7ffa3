//! CSV files that go in as they should.

use serde_json::json;

use crate::server::{Reply, Server};
use crate::terminal::{Folder, KEY};

fn created() -> Server {
    Server::start(|_, request| Reply::all_created(request))
}

#[test]
fn columns_become_fields_and_the_request_is_the_apis() {
    let server = created();
    let folder = Folder::with(
        "contacts.csv",
        "Contact ID,Full Name,E-mail,Tags,Segment,Owner\n\
         c1,Ann Lee,ann@example.com,vip;new,gold,Bo\n\
         c2,Cy,,,,\n",
    );
    let outcome = folder.import(
        "contacts.csv",
        &server.url,
        &[
            "--map",
            "Segment=custom_fields.segment",
            "--system",
            "salesforce",
        ],
    );
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let request = &requests[0];
    assert_eq!(request.method, "POST");
    assert_eq!(request.path, "/functions/v1/api-customers-sync");
    assert_eq!(request.header("x-api-key"), Some(KEY));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(
        request.json(),
        json!({"customers": [
            {"external_id": "c1", "external_system": "salesforce", "name": "Ann Lee",
             "email": "ann@example.com", "tags": ["vip", "new"],
             "custom_fields": {"segment": "gold"}},
            {"external_id": "c2", "external_system": "salesforce", "name": "Cy"}
        ]})
    );
    for line in [
        "E-mail      → email",
        "ignored: Owner",
        "Segment     → custom_fields.segment",
    ] {
        assert!(outcome.err.contains(line), "{}", outcome.err);
    }
}

#[test]
fn failed_rows_are_reported_and_ids_are_mapped() {
    let server = created();
    let folder = Folder::with(
        "contacts.csv",
        "external_id,name,email\nc1,Ann,a@example.com\nc2,bad,x\nonly-one-cell\n,Di,d@example.com\n",
    );
    let outcome = folder.import("contacts.csv", &server.url, &[]);
    assert_eq!(outcome.exit, 1, "{outcome:?}");
    assert_eq!(
        folder.read("contacts.failed.csv"),
        "row,external_id,code,error,external_id,name,email\n\
         2,c2,invalid_email,\"The email is not one, \"\"sadly\"\".\",c2,bad,x\n\
         3,,unreadable_row,1 column instead of 3 (at line 4),only-one-cell\n"
    );
    assert_eq!(
        folder.read("contacts.mapping.csv"),
        "external_id,customer_id\nc1,cus-c1\n"
    );
    let files = [
        "contacts.csv",
        "contacts.failed.csv",
        "contacts.mapping.csv",
    ];
    assert_eq!(folder.files(), files);
    for line in [
        "4 rows done",
        "created      2",
        "failed       2",
        "contacts.failed.csv",
    ] {
        assert!(outcome.out.contains(line), "{}", outcome.out);
    }
}

#[test]
fn a_report_put_right_is_imported_like_any_file() {
    let server = created();
    let folder = Folder::with("c.csv", "external_id,name,email\nc2,bad,x\n");
    assert_eq!(folder.import("c.csv", &server.url, &[]).exit, 1);
    folder.write(
        "fixed.csv",
        folder
            .read("c.failed.csv")
            .replace("c2,bad,x", "c2,Bea,b@x.ie"),
    );
    assert_eq!(folder.import("fixed.csv", &server.url, &[]).exit, 0);
    let sent = server.requests()[1].customers();
    assert_eq!(
        sent,
        [json!({"external_id": "c2", "name": "Bea", "email": "b@x.ie"})]
    );
}

#[test]
fn byte_order_mark_semicolons_crlf_and_quoted_newlines_are_read() {
    let server = created();
    let folder = Folder::with(
        "c.csv",
        "\u{feff}Name;E-Mail;Notes\r\n\"Lee; Ann\";a@x.ie;\"one\r\ntwo \"\"2\"\"\"\r\n",
    );
    assert_eq!(folder.import("c.csv", &server.url, &[]).exit, 0);
    let expected = json!({"name": "Lee; Ann", "email": "a@x.ie", "notes": "one\r\ntwo \"2\""});
    assert_eq!(server.requests()[0].customers(), [expected]);
}

#[test]
fn the_delimiter_can_be_given() {
    let server = created();
    let folder = Folder::with("c.csv", "name^email\nA,B^a@x.ie\n");
    assert_eq!(
        folder
            .import("c.csv", &server.url, &["--delimiter", "^"])
            .exit,
        0
    );
    let expected = json!({"name": "A,B", "email": "a@x.ie"});
    assert_eq!(server.requests()[0].customers(), [expected]);
}

#[test]
fn an_unclosed_quotation_mark_sends_nothing_of_what_it_swallowed() {
    let server = created();
    let folder = Folder::with(
        "c.csv",
        "email,notes\na@x.ie,ok\nb@x.ie,\"open\nc@x.ie,lost\n",
    );
    assert_eq!(folder.import("c.csv", &server.url, &[]).exit, 1);
    assert_eq!(server.requests()[0].customers().len(), 1);
    let report = folder.read("c.failed.csv");
    assert!(report.contains("at line 3 is never closed"), "{report}");
    assert!(
        report.ends_with("b@x.ie,\"open\nc@x.ie,lost\n\"\n"),
        "{report}"
    );
}

#[test]
fn a_row_that_is_not_utf8_is_reported_and_the_others_go_in() {
    let server = created();
    let folder = Folder::with("c.csv", b"name,email\nAnn\xe9,a@x.ie\nBo,b@x.ie\n");
    assert_eq!(folder.import("c.csv", &server.url, &[]).exit, 1);
    assert_eq!(server.requests()[0].customers().len(), 1);
}

#[test]
fn batches_have_a_thousand_records_each_under_a_key_of_its_own() {
    let server = created();
    let rows: String = (0..2500).map(|n| format!("c{n},N,n{n}@x.ie\n")).collect();
    let folder = Folder::with("c.csv", format!("id,name,email\n{rows}"));
    let outcome = folder.import("c.csv", &server.url, &[]);
    assert_eq!(outcome.exit, 0);
    let requests = server.requests();
    let sizes: Vec<usize> = requests
        .iter()
        .map(|request| request.customers().len())
        .collect();
    assert_eq!(sizes, [1000, 1000, 500]);
    let keys: Vec<_> = requests
        .iter()
        .map(|r| r.header("idempotency-key").unwrap())
        .collect();
    assert!(keys[0] != keys[1] && keys[1] != keys[2]);
    assert!(
        outcome.err.contains("rows 1,001 to 2,000: 1,000 created"),
        "{}",
        outcome.err
    );
    assert_eq!(folder.read("c.mapping.csv").lines().count(), 2501);
}

#[test]
fn a_batch_ends_before_the_largest_body_the_api_takes() {
    let server = created();
    let note = "n".repeat(1_000_000);
    let rows: String = (0..6).map(|n| format!("n{n}@x.ie,{note}\n")).collect();
    let folder = Folder::with("c.csv", format!("email,notes\n{rows}"));
    assert_eq!(folder.import("c.csv", &server.url, &[]).exit, 0);
    let requests = server.requests();
    let sizes: Vec<usize> = requests
        .iter()
        .map(|request| request.customers().len())
        .collect();
    assert_eq!(sizes, [4, 2]);
}

#[test]
fn updates_are_told_from_records_that_change_nothing() {
    let server = Server::start(|_, _| {
        let details = json!([
            {"index": 0, "action": "updated", "customer_id": "1", "changed": true},
            {"index": 1, "action": "updated", "customer_id": "2", "changed": false},
        ]);
        Reply::json(
            200,
            &json!({"success": true, "results": {"details": details}}),
        )
    });
    let folder = Folder::with("c.csv", "email\na@x.ie\nb@x.ie\n");
    let outcome = folder.import("c.csv", &server.url, &[]);
    assert!(
        outcome.err.contains("rows 1 to 2: 1 updated, 1 unchanged"),
        "{}",
        outcome.err
    );
}

#[test]
fn a_dry_run_asks_for_one_and_leaves_only_its_report() {
    let server = created();
    let folder = Folder::with("c.csv", "id,name,email\nc1,A,a@x.ie\nc2,bad,b@x.ie\n");
    let outcome = folder.import("c.csv", &server.url, &["--dry-run"]);
    assert_eq!(outcome.exit, 1);
    assert_eq!(
        server.requests()[0].path,
        "/functions/v1/api-customers-sync?dry_run=true"
    );
    assert_eq!(folder.files(), ["c.csv", "c.dry-run.csv"]);
    assert!(
        outcome.out.contains("2 rows checked, nothing written"),
        "{}",
        outcome.out
    );
}

#[test]
fn quiet_leaves_only_the_summary() {
    let server = created();
    let folder = Folder::with("c.csv", "email\na@x.ie\n");
    let outcome = folder.import("c.csv", &server.url, &["--quiet"]);
    assert_eq!(outcome.err, "");
    assert!(outcome.out.contains("1 row done"), "{}", outcome.out);
}

#[test]
fn the_files_go_where_the_command_line_says() {
    let server = created();
    let folder = Folder::with("c.csv", "id,name,email\nc1,A,a@x.ie\nc2,bad,b@x.ie\n");
    let (report, mapping) = (folder.text("r.csv"), folder.text("m.csv"));
    folder.import(
        "c.csv",
        &server.url,
        &["--report", &report, "--mapping", &mapping],
    );
    assert_eq!(folder.files(), ["c.csv", "m.csv", "r.csv"]);
}

#[test]
fn a_second_import_of_a_file_is_done_anew() {
    let server = created();
    let folder = Folder::with("c.csv", "email\na@x.ie\n");
    folder.import("c.csv", &server.url, &[]);
    folder.import("c.csv", &server.url, &[]);
    let requests = server.requests();
    let key = |n: usize| requests[n].header("idempotency-key").map(str::to_owned);
    assert_ne!(key(0), key(1));
}

#[test]
fn a_file_without_rows_sends_nothing() {
    let server = created();
    let folder = Folder::with("c.csv", "email,name\n");
    let outcome = folder.import("c.csv", &server.url, &[]);
    assert_eq!((outcome.exit, server.requests().len()), (0, 0));
    assert_eq!(folder.files(), ["c.csv"]);
}
