//! Which links there are, how they fare, and what they have.

use serde_json::{Value, json};

use super::{ID, dashboard, fetch, link, links, sent};
use crate::server::Reply;

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
