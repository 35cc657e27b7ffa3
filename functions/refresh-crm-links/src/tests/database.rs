//! Links of type `database`: a PostgreSQL, by the function that speaks its protocol, and D1, by HTTP.

use common::ports::OutboundResponse;
use serde_json::{Value, json};
use testkit::{DATABASE_PASSWORD, LINKED_PAGE, Links, Postgres, keyed};

const URL: &str = "postgres://reader@db.example.com/crm?sslmode=require";
const ADDRESS: &str = "db.example.com:5432";
const D1: &str = "https://api.cloudflare.com/client/v4/accounts/0a1b/d1/database/3c4d";

fn settings(more: &Value) -> Value {
    let mut settings = json!({ "type": "database", "query": "SELECT id, name FROM bicycles;",
        "api_key": DATABASE_PASSWORD });
    for (name, value) in more.as_object().unwrap() {
        settings[name] = value.clone();
    }
    settings
}

fn bicycle(n: usize) -> Value {
    json!({ "id": n, "name": format!("A blue bicycle number {n}") })
}

/// A PostgreSQL that has so many rows, and pages of them as they are asked for.
fn bicycles(count: usize) -> Postgres {
    Postgres::of(move |_, values| {
        let after = values.first().map_or(0, |value| value.parse().unwrap());
        let page = (after + 1..=count).take(2_001);
        Ok(page.map(|n| keyed(&n.to_string(), &bicycle(n))).collect())
    })
}

/// Fetches a link that is due, and gives what it says of that.
fn run(links: &Links, id: &str) -> Value {
    links.run();
    links.link(id)["last_fetch"].clone()
}

/// A link to this database, fetched once, and what it says of that.
fn fetched(server: &Postgres, more: &Value) -> (Links, String, Value) {
    let links = Links::new();
    server.at(&links.stack, ADDRESS);
    let id = links.add(URL, &settings(more));
    let last = run(&links, &id);
    (links, id, last)
}

/// Checks what went wrong with a fetch.
fn says(last: &Value, words: &str) {
    let error = last["error"].as_str().unwrap_or_default();
    assert!(error.contains(words), "{last}");
}

#[test]
fn the_rows_of_a_statement_are_searched_and_its_pages_are_one_list() {
    let server = bicycles(2_300);
    let (links, id, last) = fetched(&server, &json!({}));
    assert_eq!(
        (&last["status"], &last["records"]),
        (&json!("ok"), &json!(2_300)),
        "{last}"
    );
    assert_eq!(links.found("bicycle number 2299")[0], "2299");
    assert_eq!(server.heard(b'Q').len(), 2, "a connection for each page");
    assert!(
        server
            .heard(b'P')
            .iter()
            .all(|sql| !sql.contains("bicycles;"))
    );
    let shown = links.link(&id).to_string();
    assert!(
        shown.contains(URL) && !shown.contains(DATABASE_PASSWORD),
        "{shown}"
    );
    assert!(!links.stored().contains(DATABASE_PASSWORD));
}

#[test]
fn a_changed_row_alone_is_changed_and_one_that_is_gone_is_removed() {
    let (links, id, _) = fetched(&bicycles(5), &json!({}));
    let changed = Postgres::of(|_, _| {
        let mut rows: Vec<_> = (1..=4)
            .map(|n| keyed(&n.to_string(), &bicycle(n)))
            .collect();
        rows[1] = keyed("2", &json!({ "id": 2, "name": "A red tandem" }));
        Ok(rows)
    });
    changed.at(&links.stack, ADDRESS);
    links.later();
    let last = links.link(&id)["last_fetch"].clone();
    let counts = ["records", "changed", "removed"].map(|name| last[name].as_i64().unwrap());
    assert_eq!(counts, [4, 1, 1], "{last}");
    assert_eq!(links.found("red tandem")[0], "2");
}

#[test]
fn a_page_that_fails_removes_nothing() {
    let (links, id, _) = fetched(&bicycles(3), &json!({}));
    for (code, said, words) in [
        (
            "25006",
            "cannot execute INSERT in a read-only transaction",
            "statement writes",
        ),
        (
            "57014",
            "canceling statement due to statement timeout",
            "20 seconds",
        ),
        ("28P01", "password authentication failed", "api_key"),
        (
            "42P01",
            "relation \"a\" does not exist",
            "Check the statement",
        ),
        (
            "42501",
            "permission denied for table a",
            "Grant the role SELECT",
        ),
        ("53300", "too many connections", "next run"),
        ("99999", "something", "database itself"),
    ] {
        Postgres::of(move |_, _| Err((code, said))).at(&links.stack, ADDRESS);
        links.later();
        let last = links.link(&id)["last_fetch"].clone();
        assert_eq!(last["status"], "failed", "{last}");
        says(&last, said);
        says(&last, words);
        assert_eq!(
            links.found("bicycle number 2").first().map(String::as_str),
            Some("2")
        );
    }
}

#[test]
fn what_passes_is_tried_again_sooner_than_what_somebody_has_to_mend() {
    let minutes = |server: &Postgres| {
        let (links, id, last) = fetched(server, &json!({}));
        assert_eq!(last["status"], "failed", "{last}");
        let next = links.link(&id)["next_fetch_at"]
            .as_str()
            .unwrap()
            .to_owned();
        let next = common::time::Timestamp::parse(&next).unwrap();
        (next.micros() - links.stack.now().micros()) / 60_000_000
    };
    assert_eq!(
        minutes(&Postgres::of(|_, _| Err(("57P03", "starting up")))),
        1
    );
    assert_eq!(
        minutes(&Postgres::of(|_, _| Err(("42601", "syntax error")))),
        30
    );
    let no_tls = Postgres {
        tls: b"N",
        ..Postgres::default()
    };
    assert_eq!(minutes(&no_tls), 30);
    let silent = Postgres {
        silent_at: Some(b'E'),
        ..Postgres::default()
    };
    assert_eq!(minutes(&silent), 1);
}

#[test]
fn each_failure_of_a_connection_says_what_to_do() {
    let base = Postgres::default;
    let cases: [(Postgres, &str); 7] = [
        (
            Postgres {
                tls: b"N",
                ..base()
            },
            "refuses TLS",
        ),
        (
            Postgres {
                tls_fault: Some("UnknownIssuer"),
                ..base()
            },
            "certificate",
        ),
        (Postgres { login: 5, ..base() }, "MD5"),
        (
            Postgres {
                is_genuine: false,
                ..base()
            },
            "Verify the host",
        ),
        (
            Postgres {
                silent_at: Some(b'S'),
                ..base()
            },
            "did not answer in time",
        ),
        (
            Postgres {
                silent_at: Some(b'E'),
                ..base()
            },
            "took too long",
        ),
        (
            Postgres {
                columns: vec!["name"],
                ..bicycles(2_001)
            },
            "Set `key`",
        ),
    ];
    for (server, words) in cases {
        let (_, _, last) = fetched(&server, &json!({}));
        says(&last, words);
    }
    let links = Links::new();
    let id = links.add(URL, &settings(&json!({})));
    says(&run(&links, &id), "could not be reached");
    links.stack.ports.services_are_down.set(true);
    links.later();
}

#[test]
fn rows_that_are_too_long_are_told() {
    let server = Postgres::of(|_, _| Ok(vec![keyed("1", &bicycle(1)), [Some("2".into()), None]]));
    let (_, _, last) = fetched(&server, &json!({}));
    assert_eq!(last["records"], 1);
    says(&last, "256 KiB");
}

#[test]
fn a_database_is_previewed() {
    let links = Links::new();
    bicycles(12).at(&links.stack, ADDRESS);
    let mut link = settings(&json!({ "page_id": LINKED_PAGE, "channels": ["messenger"],
        "name": "Bicycles", "url": URL, "is_active": true }));
    let preview = links.call("POST", "crm-links/preview", &link);
    assert_eq!(preview.status, 200, "{}", preview.text());
    assert_eq!(preview.json["looked_at"], 12);
    assert_eq!(preview.json["records"][0]["key"], "1");
    assert_eq!(preview.json["has_more_pages"], false);
    link["query"] = json!("DROP TABLE bicycles");
    let refused = links.call("POST", "crm-links/preview", &link);
    assert_eq!((refused.status, refused.detail().0), (422, "query"));
}

/// What Cloudflare's API answers (docs/reference/databases.md §2).
fn d1_rows(rows: &[Value]) -> OutboundResponse {
    let body = json!({ "errors": [], "messages": [], "success": true,
        "result": [{ "results": rows, "success": true, "meta": { "duration": 0.2 } }] });
    OutboundResponse {
        status: 200,
        headers: vec![("content-type".into(), "application/json".into())],
        body: body.to_string().into_bytes(),
        is_cut: false,
    }
}

#[test]
fn a_d1_database_is_read_by_cloudflares_api_in_pages_by_its_key() {
    let links = Links::new();
    links.stack.ports.respond(|request| {
        let body: Value = serde_json::from_slice(request.body.as_deref()?).ok()?;
        let sql = body["sql"].as_str()?;
        let after = sql.split_once("> 2000 ").map_or(0, |_| 2_000);
        let most = if sql.ends_with("LIMIT 1") { 1 } else { 2_001 };
        let rows: Vec<Value> = (after + 1..=2_100).take(most).map(bicycle).collect();
        Some(Ok(d1_rows(&rows)))
    });
    let id = links.add(D1, &settings(&json!({})));
    let last = run(&links, &id);
    assert_eq!(
        (&last["status"], &last["records"]),
        (&json!("ok"), &json!(2_100)),
        "{last}"
    );
    let requests = links.stack.ports.take_requests();
    assert_eq!(requests.len(), 3);
    let bearer = ("authorization", format!("Bearer {DATABASE_PASSWORD}"));
    assert!(
        requests
            .iter()
            .all(|request| request.url == format!("{D1}/query")
                && request.method == "POST"
                && request.headers.contains(&bearer))
    );
    let sql = |n: usize| String::from_utf8(requests[n].body.clone().unwrap()).unwrap();
    assert!(sql(1).contains("SELECT * FROM (\\nSELECT id, name FROM bicycles\\n) AS tieline_row"));
    assert!(
        sql(1).contains("ORDER BY tieline_row.\\\"id\\\" LIMIT 2001"),
        "{}",
        sql(1)
    );
    assert!(
        sql(2).contains("WHERE tieline_row.\\\"id\\\" > 2000 ORDER BY"),
        "{}",
        sql(2)
    );
}

#[test]
fn a_d1_database_that_fails_says_why_and_several_statements_are_not_sent() {
    let links = Links::new();
    links.stack.ports.respond(|_| {
        let body = json!({ "success": false, "result": [], "messages": [],
            "errors": [{ "code": 7500, "message": "no such table: bicycles: SQLITE_ERROR" }] });
        Some(testkit::answer(400, &body))
    });
    let id = links.add(D1, &settings(&json!({})));
    says(&run(&links, &id), "no such table");
    links.stack.ports.take_requests();
    let several =
        json!({ "query": "SELECT 1) AS a; DELETE FROM bicycles; SELECT * FROM (SELECT 1" });
    let changed = links.call("PATCH", &format!("crm-links/{id}"), &several);
    assert_eq!(changed.status, 200, "{}", changed.text());
    says(&run(&links, &id), "more than one statement");
    assert!(links.stack.ports.take_requests().is_empty());
}
