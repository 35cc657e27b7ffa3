//! `tieline links`.

use serde_json::{Value, json};

use crate::server::{Reply, Request, Server};
use crate::terminal::{Folder, Outcome, run_with};

const DASHBOARD: &str = "/functions/v1/api/dashboard/";
/// Seen nowhere but in a request's body.
const TOKEN: &str = "shppa_do-not-print";
const ID: &str = "0197c1f4-8a3e-7cc1-b4a2-5d1f6e0a9b3c";

/// A dashboard; `answer` gets the number of the call behind the session, from 0, and its path.
fn dashboard(mut answer: impl FnMut(usize, &str) -> Reply + Send + 'static) -> Server {
    let mut calls = 0;
    Server::start(move |_, request| {
        let path = request.path.strip_prefix(DASHBOARD).unwrap();
        if path == "sessions" {
            let ends = "2026-11-23T11:00:00Z";
            return Reply::json(201, &json!({"token": "session-1", "expires_at": ends}));
        }
        calls += 1;
        answer(calls - 1, path)
    })
}

fn links_with(server: &Server, command: &[&str], input: &str) -> Outcome {
    let server = ["--base-url", &server.url, "--admin-key", "tl_admin_1"];
    let outcome = run_with(&[&["links"], command, &server].concat(), input);
    let printed = [outcome.out.as_str(), &outcome.err].concat();
    assert!(!printed.contains("do-not-print"), "{outcome:?}");
    outcome
}

fn links(server: &Server, command: &[&str]) -> Outcome {
    links_with(server, command, "")
}

/// The calls behind the session.
fn sent(server: &Server) -> Vec<Request> {
    let requests = server.requests().into_iter();
    let requests = requests.filter(|request| !request.path.ends_with("/sessions"));
    requests.collect()
}

fn link(name: &str, last_fetch: &Value, next_fetch_at: &str) -> Value {
    json!({"id": ID, "page_id": "123456789", "name": name, "url": "https://crm.example.com/api/customers",
        "type": "api", "channels": ["facebook", "messenger"], "api_key": "***", "description": "",
        "is_active": true, "state": "fresh", "schedule_minutes": 30, "auth": {"type": "bearer"},
        "fields": {}, "identity": {}, "last_fetch": last_fetch, "next_fetch_at": next_fetch_at,
        "created_at": "2026-11-23T09:00:00.000000Z", "updated_at": "2026-11-23T09:00:00.000000Z"})
}

fn fetch(at: &str, status: &str) -> Value {
    json!({"at": at, "status": status, "records": 1200, "changed": 3, "removed": 1, "masked": 2,
        "bytes": 1_250_000, "ms": 3450})
}

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
fn links_of_all_pages_are_listed_once_and_those_of_a_page_by_its_id() {
    let server = dashboard(|_, path| {
        let one = link(
            "Customers",
            &fetch("2026-11-23T10:00:00Z", "ok"),
            "2026-11-23T10:30:00Z",
        );
        match path {
            "crm-links?page_id=123%2F4" => {
                Reply::json(200, &json!({"crm_links": [], "page_id": "123/4"}))
            }
            "crm-links/all" => Reply::json(
                200,
                &json!({"company_id": "b", "company_name": "Acme",
                "pages_data": [{"page_id": "123456789", "page_name": "Acme",
                    "facebook_crm_links": [one], "messenger_crm_links": [one], "other_crm_links": [],
                    "legacy_crm_links": []}]}),
            ),
            _ => Reply::status(404),
        }
    });
    let all = links(&server, &["list"]);
    assert_eq!(all.exit, 0, "{all:?}");
    assert_eq!(all.out.lines().count(), 2, "{}", all.out);
    for part in [ID, "Customers", "facebook,messenger", "fresh", "1,200"] {
        assert!(all.out.contains(part), "{part}: {}", all.out);
    }
    let none = links(&server, &["list", "--page", "123/4"]);
    assert_eq!(none.exit, 0, "{none:?}");
    assert!(none.out.contains("There are no CRM links"), "{none:?}");
}

#[test]
fn a_refresh_waits_until_what_was_asked_for_is_done() {
    let before = fetch("2026-11-23T10:00:00Z", "ok");
    let other = fetch("2026-11-23T10:01:00Z", "ok");
    let after = fetch("2026-11-23T10:02:00Z", "ok");
    let asked = "2026-11-23T10:00:59Z";
    let server = dashboard(move |n, path| {
        let crm_link = match n {
            0 => link("Customers", &before, asked),
            1 => return Reply::status(503),
            2 => link("Customers", &before, asked),
            // The end of a fetch that was under way already.
            3 => link("Customers", &other, asked),
            _ => link("Customers", &after, "2026-11-23T10:32:00Z"),
        };
        let is_refresh = path == format!("crm-links/{ID}/refresh");
        assert!(if n == 0 {
            is_refresh
        } else {
            path == format!("crm-links/{ID}")
        });
        Reply::json(
            if n == 0 { 202 } else { 200 },
            &json!({"crm_link": crm_link}),
        )
    });
    let outcome = links(&server, &["refresh", ID, "--wait", "--accept-shrink"]);
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    assert_eq!(
        outcome.out.trim(),
        "Customers is fetched: 1,200 records, 3 changed, 1 removed, 2 values masked; 1.2 MB in 3.4 s."
    );
    assert!(outcome.err.contains("retry 1"), "{outcome:?}");
    let requests = sent(&server);
    assert_eq!(requests.len(), 5);
    assert_eq!(requests[0].json(), json!({"accept_shrink": true}));
}

#[test]
fn a_refresh_without_waiting_only_asks() {
    let server = dashboard(|_, _| {
        let crm_link = link("Customers", &Value::Null, "2026-11-23T10:00:00Z");
        Reply::json(202, &json!({"crm_link": crm_link}))
    });
    let outcome = links(&server, &["refresh", ID]);
    assert_eq!((outcome.exit, sent(&server).len()), (0, 1), "{outcome:?}");
    assert!(outcome.waits.is_empty(), "{outcome:?}");
    assert_eq!(sent(&server)[0].json(), json!({}));
}

/// A dashboard whose link ends with this fetch.
fn ends_with(status: &'static str) -> Server {
    dashboard(move |n, _| {
        let mut last = fetch(
            if n == 0 {
                "2026-11-23T10:00:00Z"
            } else {
                "2026-11-23T10:02:00Z"
            },
            status,
        );
        last["error"] = json!("The source answers 401.\nCheck the key.");
        let next = if n == 0 {
            "2026-11-23T10:01:00Z"
        } else {
            "2026-11-23T10:32:00Z"
        };
        let crm_link = link("Customers", &last, next);
        Reply::json(
            if n == 0 { 202 } else { 200 },
            &json!({"crm_link": crm_link}),
        )
    })
}

#[test]
fn a_fetch_that_fails_or_that_nobody_believes_shows_in_the_exit_code() {
    let failed = links(&ends_with("failed"), &["refresh", ID, "--wait"]);
    assert_eq!(failed.exit, 1, "{failed:?}");
    assert!(
        failed
            .out
            .contains("The source answers 401. Check the key."),
        "{failed:?}"
    );
    let shrunk = links(
        &ends_with("suspect_shrink"),
        &["refresh", ID, "--wait", "--quiet"],
    );
    assert_eq!(shrunk.exit, 1, "{shrunk:?}");
    assert!(shrunk.out.contains("--accept-shrink"), "{shrunk:?}");
    assert_eq!(shrunk.err, "");
    let same = links(
        &ends_with("not_modified"),
        &["refresh", ID, "--wait", "--json"],
    );
    let printed: Value = serde_json::from_str(&same.out).unwrap();
    assert_eq!((same.exit, &printed["crm_link"]["id"]), (0, &json!(ID)));
}

#[test]
fn waiting_ends_after_its_limit_and_says_that_the_server_goes_on() {
    let server = dashboard(|n, _| {
        let crm_link = link("Customers", &Value::Null, "2026-11-23T10:01:00Z");
        Reply::json(
            if n == 0 { 202 } else { 200 },
            &json!({"crm_link": crm_link}),
        )
    });
    let outcome = links(&server, &["refresh", ID, "--wait", "--wait-limit", "9"]);
    assert_eq!(outcome.exit, 3, "{outcome:?}");
    assert!(outcome.err.contains("after 9 s"), "{outcome:?}");
    assert!(outcome.err.contains("tieline links status"), "{outcome:?}");
    let waited: Vec<_> = outcome
        .waits
        .iter()
        .map(std::time::Duration::as_millis)
        .collect();
    assert_eq!(waited, [500, 1000, 2000, 4000, 1500]);
}

#[test]
fn a_link_that_is_switched_off_meanwhile_is_not_waited_for() {
    let server = dashboard(|n, _| {
        let mut crm_link = link("Customers", &Value::Null, "2026-11-23T10:01:00Z");
        crm_link["is_active"] = json!(n == 0);
        Reply::json(
            if n == 0 { 202 } else { 200 },
            &json!({"crm_link": crm_link}),
        )
    });
    let outcome = links(&server, &["refresh", ID, "--wait"]);
    assert_eq!(outcome.exit, 1, "{outcome:?}");
    assert!(outcome.err.contains("switched off"), "{outcome:?}");
}

#[test]
fn a_search_names_the_link_and_the_record_of_each_hit() {
    let server = dashboard(|_, _| {
        let hit = |key: &str, score: f64| {
            json!({"link_id": ID, "link_name": "Orders", "record_key": key, "path": "orders[0]",
                "text": "orders[0].name: #1042\norders[0].status:\u{7} sent", "score": score,
                "fetched_at": "2026-11-23T10:00:00Z"})
        };
        let results = [hit("1042", 1.25), hit("1043", 0.5)];
        Reply::json(200, &json!({"results": results, "total": 2}))
    });
    let outcome = links(
        &server,
        &[
            "search",
            "where is 1042",
            "--page",
            "1",
            "--channel",
            "messenger",
            "--customer",
            "cus-1",
            "-k",
            "3",
        ],
    );
    assert_eq!(outcome.exit, 0, "{outcome:?}");
    for part in [
        "1. Orders, 1042 (1.25)",
        "2. Orders, 1043 (0.50)",
        "orders[0].status:  sent",
    ] {
        assert!(outcome.out.contains(part), "{part}: {}", outcome.out);
    }
    let [request] = &sent(&server)[..] else {
        panic!("one call: {:?}", sent(&server));
    };
    assert_eq!(request.path, "/functions/v1/api/dashboard/rag/search");
    assert_eq!(
        request.json(),
        json!({"query": "where is 1042", "k": 3, "page_id": "1", "channel": "messenger",
            "customer": "cus-1"})
    );
}

#[test]
fn a_search_that_finds_nothing_says_so() {
    let server = dashboard(|_, _| Reply::json(200, &json!({"results": [], "total": 0})));
    let outcome = links(&server, &["search", "nobody"]);
    assert_eq!(
        (outcome.exit, outcome.out.trim()),
        (0, "Nothing was found.")
    );
    assert_eq!(sent(&server)[0].json(), json!({"query": "nobody", "k": 10}));
}

fn health(in_trouble: u64) -> Value {
    let of = |name: &str, state: &str, error: Option<&str>| {
        json!({"id": ID, "name": name, "page_id": "123456789", "state": state,
            "failing_since": error.map(|_| "2026-11-23T09:00:00Z"), "failures": 4, "error": error,
            "next_fetch_at": null, "stale_seconds": 7200,
            "fetches": [fetch("2026-11-23T10:00:00Z", "ok")]})
    };
    let failing = of("Customers", "failing", Some("The source answers 401."));
    let links = match in_trouble {
        0 => vec![of("Orders", "fresh", None)],
        _ => vec![failing, of("Orders", "fresh", None)],
    };
    json!({"links": links, "fresh": 1, "in_trouble": in_trouble})
}

#[test]
fn a_link_in_trouble_shows_in_the_table_and_in_the_exit_code() {
    let server = dashboard(|_, path| match path {
        "crm-links/health" => Reply::json(200, &health(1)),
        _ => Reply::status(404),
    });
    let outcome = links(&server, &["status"]);
    assert_eq!(outcome.exit, 1, "{outcome:?}");
    for part in [
        "failing",
        "2 h ago",
        "Customers (since 2026-11-23T09:00:00Z): The source answers 401.",
    ] {
        assert!(outcome.out.contains(part), "{part}: {}", outcome.out);
    }
    let printed = links(&server, &["status", "--json"]);
    let json: Value = serde_json::from_str(&printed.out).unwrap();
    assert_eq!((printed.exit, json), (1, health(1)));
    let well = dashboard(|_, _| Reply::json(200, &health(0)));
    assert_eq!(links(&well, &["status"]).exit, 0);
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
