//! Adding a link, and seeing first what would be fetched.

use serde_json::{Value, json};

use super::{ID, TOKEN, dashboard, link, links, links_with, sent};
use crate::server::Reply;
use crate::terminal::{Folder, run_with};

const GIVEN: [&str; 8] = [
    "--page",
    "123456789",
    "--channel",
    "messenger",
    "--name",
    "Shopify Customers",
    "--url",
    "https://crm.example.com/api/customers",
];

fn given<'a>(command: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&[command], &GIVEN[..], more].concat()
}

#[test]
fn a_link_is_added_with_all_that_was_given_and_no_secret_is_printed() {
    let server = dashboard(|_, _| {
        let crm_link = link("Shopify Customers", &Value::Null, "2026-11-23T10:00:00Z");
        Reply::json(
            201,
            &json!({"message": "CRM link added successfully", "crm_link": crm_link}),
        )
    });
    let folder = Folder::with(
        "headers.txt",
        "X-Client-ID: facebook-bot\n\nX-API-Key: do-not-print\n",
    );
    let headers = format!("@{}", folder.text("headers.txt"));
    let more = [
        "--channel",
        "facebook",
        "--token-file",
        "-",
        "--header",
        &headers,
        "--header",
        "Accept: application/json",
        "--schedule",
        "60",
        "--records-at",
        "data.customers",
        "--key",
        "id",
        "--inactive",
        "--set",
        "fields.mask=[\"notes\"]",
        "--set",
        "next=page",
    ];
    let outcome = links_with(&server, &given("add", &more), &format!("{TOKEN}\n"));
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert!(outcome.out.contains(ID), "{outcome:?}");
    let [request] = &sent(&server)[..] else {
        panic!("one call: {:?}", sent(&server));
    };
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", "/functions/v1/api/dashboard/crm-links")
    );
    assert_eq!(
        request.json(),
        json!({"page_id": "123456789", "channels": ["messenger", "facebook"],
            "name": "Shopify Customers", "url": "https://crm.example.com/api/customers", "type": "api",
            "is_active": false, "api_key": TOKEN, "schedule_minutes": 60,
            "records_at": "data.customers", "key": "id", "next": "page", "fields": {"mask": ["notes"]},
            "headers": {"X-Client-ID": "facebook-bot", "X-API-Key": "do-not-print",
                "Accept": "application/json"}})
    );
}

#[test]
fn a_link_to_push_to_is_shown_with_its_address_and_its_secret_this_once() {
    let server = dashboard(|_, _| {
        let mut crm_link = link("Orders", &Value::Null, "2026-11-23T10:00:00Z");
        crm_link["type"] = json!("webhook");
        crm_link["webhook_url"] = json!("https://t.example/api/webhooks/crm-links/1");
        Reply::json(
            201,
            &json!({"crm_link": crm_link, "signing_secret": "whsec_c2VjcmV0"}),
        )
    });
    let outcome = links(&server, &given("add", &["--type", "webhook"]));
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    for part in [
        "https://t.example/api/webhooks/crm-links/1",
        "whsec_c2VjcmV0",
        "this once",
    ] {
        assert!(outcome.out.contains(part), "{part}: {outcome:?}");
    }
    assert_eq!(sent(&server)[0].json()["type"], "webhook");
}

#[test]
fn secrets_are_not_taken_by_set_and_a_header_that_is_none_is_not_shown() {
    let server = dashboard(|_, _| Reply::status(500));
    for (more, hint) in [
        (["--set", "api_key=do-not-print"], "--token-file"),
        (["--set", "headers.X-Key=do-not-print"], "--header"),
        (["--header", "do-not-print"], "NAME: VALUE"),
        (["--header", "@/nonexistent/headers"], "cannot read"),
    ] {
        let outcome = links(&server, &given("add", &more));
        assert_eq!(outcome.exit, 2, "{outcome:?}");
        assert!(outcome.err.contains(hint), "{hint}: {outcome:?}");
    }
    let empty = links_with(&server, &given("add", &["--token-file", "-"]), "\n");
    assert_eq!(empty.exit, 2, "{empty:?}");
    assert!(server.requests().is_empty(), "nothing was sent");
}

#[test]
fn what_clap_can_check_is_refused_before_anything_is_sent() {
    let server = dashboard(|_, _| Reply::status(500));
    for more in [
        ["--schedule", "4"],
        ["--type", "ftp"],
        ["--channel", "telegram"],
    ] {
        assert_eq!(links(&server, &given("add", &more)).exit, 2, "{more:?}");
    }
    assert_eq!(links(&server, &["search", "x", "-k", "51"]).exit, 2);
    assert!(server.requests().is_empty(), "nothing was sent");
}

fn preview() -> Value {
    json!({"format": "json", "looked_at": 200, "has_more_pages": true, "masked": 12,
        "records": [{"key": "cust-1", "path": "customers[0]", "title": "John Doe",
            "text": "customers[0].name: John\u{1b}[2J Doe\ncustomers[0].card: ••••", "problems": ["owner_unknown"]}],
        "fields": [{"path": "card", "example": "••••", "kind": "text", "filled": 12, "masked": 12,
            "is_taken": true}, {"path": "ssn", "example": "", "kind": "empty", "filled": 0, "masked": 0,
            "is_taken": false}],
        "owners": {"everyone": 5, "known": 194, "unknown": 1}})
}

#[test]
fn a_preview_shows_records_fields_what_is_masked_and_whose_they_are() {
    let server = dashboard(|_, _| Reply::json(200, &preview()));
    let outcome = links(&server, &given("preview", &[]));
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    for part in [
        "cust-1  [owner_unknown]",
        "  customers[0].name: John [2J Doe",
        "200 records looked at (json), and the list goes on",
        "card   text   12      12      yes",
        "12 values masked",
        "somebody's, by an address, a number or an id  194",
    ] {
        assert!(outcome.out.contains(part), "{part}: {}", outcome.out);
    }
    assert_eq!(
        sent(&server)[0].path,
        "/functions/v1/api/dashboard/crm-links/preview"
    );
    let printed = links(&server, &given("preview", &["--json"]));
    let printed: Value = serde_json::from_str(&printed.out).unwrap();
    assert_eq!(printed, preview());
}

#[test]
fn a_source_that_cannot_be_fetched_shows_in_the_exit_code_of_a_preview() {
    let server = dashboard(|_, _| {
        let owners = json!({"everyone": 0, "known": 0, "unknown": 0});
        let why = "The source refuses the key (401).";
        Reply::json(
            200,
            &json!({"records": [], "looked_at": 0, "has_more_pages": false, "fields": [],
            "masked": 0, "owners": owners, "error": why}),
        )
    });
    let outcome = links(&server, &given("preview", &[]));
    assert_eq!(outcome.exit, 1, "{outcome:?}");
    assert!(outcome.out.contains("refuses the key"), "{outcome:?}");
}

#[test]
fn help_names_the_options_that_hold_secrets_and_has_examples() {
    for command in ["add", "preview"] {
        let outcome = run_with(&["links", command, "--help"], "");
        for part in [
            "--token-file <FILE>",
            "@FILE",
            "tieline links preview",
            "--records-at",
        ] {
            assert!(outcome.out.contains(part), "{part}: {}", outcome.out);
        }
    }
}

#[test]
fn what_the_server_refuses_is_told_in_its_words() {
    let server = dashboard(|_, _| {
        let details = json!([{"path": "url", "rule": "once_on_a_page"}]);
        Reply::json(
            409,
            &json!({"error": "The page has a CRM link to this URL.", "code": "conflict",
            "details": details}),
        )
    });
    let outcome = links(&server, &given("add", &[]));
    assert_eq!(outcome.exit, 1, "{outcome:?}");
    assert!(outcome.err.contains("url: once_on_a_page"), "{outcome:?}");
}
