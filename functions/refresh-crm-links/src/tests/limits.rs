//! What a business and a link may have, over all pages, links and invocations; and what is told and kept of fetches.

use super::fetch::URL;
use serde_json::{Value, json};
use testkit::Links;

const NEXT: &str = "https://crm.example/api/customers?page=2";

fn bicycles(count: usize, colour: &str) -> Value {
    let one = |n: usize| json!({ "id": format!("b-{n}"), "name": format!("A {colour} bicycle") });
    json!((0..count).map(one).collect::<Vec<_>>())
}

fn fetched(count: usize) -> (Links, String) {
    let links = Links::new();
    links.serve_json(URL, &bicycles(count, "blue"));
    let id = links.add(URL, &json!({}));
    links.run();
    assert_eq!(links.link(&id)["last_fetch"]["status"], "ok");
    links.stack.ports.take_requests();
    (links, id)
}

fn count(links: &Links, sql: &str) -> i64 {
    links.stack.search.value(sql).as_integer().unwrap()
}

/// Whether the next fetch sends what says that a list is the same.
fn asks_whether_it_changed(links: &Links) -> bool {
    links.stack.ports.take_requests();
    links.later();
    let request = links.stack.ports.take_requests().swap_remove(0);
    request
        .headers
        .iter()
        .any(|(name, _)| *name == "if-none-match")
}

#[test]
fn the_parts_of_all_links_of_a_business_are_counted_together() {
    let (links, id) = fetched(3);
    let has = |link: &str, chunks: u32| {
        let sql = format!(
            "INSERT INTO indexed_links (business_id, link_id, generation, chunks, records)
             SELECT business_id, '{link}', 1, {chunks}, 1 FROM spaces WHERE true
             ON CONFLICT (business_id, link_id) DO UPDATE SET chunks = {chunks}"
        );
        links.stack.search.sql(&sql);
    };
    // Its own parts are replaced, and not counted twice.
    has(&id, 24_999);
    has("another", 24_996);
    links.serve_json(URL, &bicycles(4, "red"));
    links.later();
    assert_eq!(
        links.link(&id)["last_fetch"]["status"],
        "ok",
        "{}",
        links.link(&id)
    );
    has("another", 24_997);
    links.serve_json(URL, &bicycles(4, "green"));
    links.later();
    let link = links.link(&id);
    assert_eq!(link["last_fetch"]["status"], "failed", "{link}");
    assert!(
        link["last_fetch"]["error"].to_string().contains("25,000"),
        "{link}"
    );
    assert_eq!(
        count(
            &links,
            "SELECT count(*) FROM chunks WHERE text LIKE '%red%'"
        ),
        4
    );
    assert_eq!(
        count(&links, "SELECT count(*) FROM chunks"),
        4,
        "nothing is left of it"
    );
}

#[test]
fn records_and_bytes_are_counted_over_all_pages() {
    for (of, most, said) in [
        ("records", 49_999, "50,000 records"),
        ("bytes", 64 * 1024 * 1024 - 10, "64 MiB"),
    ] {
        let links = Links::new();
        let next = format!("<{NEXT}>; rel=\"next\"");
        let near = ("x-shopify-shop-api-call-limit", "40/40");
        let headers = [
            ("content-type", "application/json"),
            ("link", next.as_str()),
            near,
        ];
        links.serve_text(URL, 200, &headers, &bicycles(1, "blue").to_string());
        links.serve_json(
            NEXT,
            &json!([{ "id": "b-8", "name": "A bell" }, { "id": "b-9" }]),
        );
        let id = links.add(URL, &json!({}));
        links.run();
        // As far as a very long list would be.
        let sql = format!(
            "UPDATE knowledge_links SET progress = json_set(progress, '$.tally.{of}', {most})"
        );
        links.stack.db.sql(&sql);
        links.stack.advance(10_000_000);
        links.tick();
        let link = links.link(&id);
        assert_eq!(link["last_fetch"]["status"], "failed", "{link}");
        assert!(
            link["last_fetch"]["error"].to_string().contains(said),
            "{link}"
        );
        assert_eq!(count(&links, "SELECT count(*) FROM chunks"), 0);
    }
}

#[test]
fn a_part_of_a_record_that_is_gone_is_not_searched() {
    let links = Links::new();
    let long = "The wheel was repaired and the brakes were set. ".repeat(24);
    let record = json!([{ "id": "b-1", "a": long, "b": format!("{long} Qwzqwz.") }]);
    links.serve_json(URL, &record);
    let id = links.add(URL, &json!({}));
    links.run();
    assert!(count(&links, "SELECT count(*) FROM chunks") > 1);
    assert_eq!(links.found("Qwzqwz"), ["b-1"]);
    links.serve_json(URL, &json!([{ "id": "b-1", "a": long }]));
    links.later();
    assert_eq!(links.link(&id)["last_fetch"]["changed"], 1);
    assert_eq!(
        count(
            &links,
            "SELECT count(*) FROM chunks WHERE text LIKE '%Qwzqwz%'"
        ),
        0
    );
}

#[test]
fn what_is_suspected_leaves_nothing_of_itself() {
    let (links, id) = fetched(9);
    links.serve_json(URL, &bicycles(2, "red"));
    links.later();
    assert_eq!(links.link(&id)["last_fetch"]["status"], "suspect_shrink");
    assert_eq!(count(&links, "SELECT count(*) FROM chunks"), 9);
    assert_eq!(
        count(&links, "SELECT count(*) FROM chunks WHERE gone IS NOT NULL"),
        0
    );
    assert_eq!(count(&links, "SELECT staging FROM indexed_links"), 0);
}

#[test]
fn neither_what_is_staged_nor_what_is_gone_is_found() {
    for (state, found) in [
        ("gone = 9000000000000000", 3),
        ("gone = 1", 0),
        ("born = 9000000000000000", 0),
    ] {
        let (links, _) = fetched(3);
        links
            .stack
            .search
            .sql(&format!("UPDATE chunks SET {state}"));
        // By words, by what is there exactly, by meaning, and listed.
        for question in ["blue bicycle", "b-1", "something to ride on"] {
            assert!(links.found(question).len() <= found, "{state}: {question}");
        }
        assert_eq!(links.found("blue bicycle").len(), found, "{state}");
        let list = links
            .call(
                "GET",
                "rag/documents/details?page_id=123456789",
                &Value::Null,
            )
            .json;
        assert_eq!(
            list["documents"].as_array().unwrap().len(),
            found,
            "{state}"
        );
    }
}

#[test]
fn of_three_records_two_may_go() {
    let (links, id) = fetched(3);
    links.serve_json(URL, &bicycles(1, "blue"));
    links.later();
    let link = links.link(&id);
    assert_eq!(link["last_fetch"]["status"], "ok", "{link}");
    assert_eq!(link["last_fetch"]["removed"], 2);
    let events = links.events();
    assert_eq!(events.len(), 2, "that some are gone is news");
    assert_eq!(events[1].0, "crm_link.refreshed");
}

#[test]
fn a_list_of_two_pages_is_never_taken_for_the_same_by_its_first() {
    let links = Links::new();
    let next = format!("<{NEXT}>; rel=\"next\"");
    let kind = ("content-type", "application/json");
    let tag = ("etag", "\"1\"");
    links.serve_text(
        URL,
        200,
        &[kind, tag, ("link", &next)],
        &bicycles(1, "blue").to_string(),
    );
    links.serve_json(NEXT, &json!([{ "id": "b-9", "name": "A bell" }]));
    links.add(URL, &json!({}));
    links.run();
    assert!(!asks_whether_it_changed(&links));
    // Of one page, it is.
    links.serve_text(URL, 200, &[kind, tag], &bicycles(2, "blue").to_string());
    links.later();
    assert!(asks_whether_it_changed(&links));
}

#[test]
fn what_is_lost_of_the_index_is_fetched_though_nothing_changed() {
    let links = Links::new();
    let headers = [("content-type", "application/json"), ("etag", "\"1\"")];
    links.serve_text(URL, 200, &headers, &bicycles(2, "blue").to_string());
    links.add(URL, &json!({}));
    links.run();
    assert!(asks_whether_it_changed(&links));
    for table in [
        "chunks",
        "chunk_words",
        "indexed_links",
        "segments",
        "spaces",
    ] {
        links.stack.search.sql(&format!("DELETE FROM {table}"));
    }
    assert!(!asks_whether_it_changed(&links));
    assert_eq!(links.found("blue bicycle").len(), 2);
}

#[test]
fn ten_fetches_are_kept_and_the_first_failure_of_a_row() {
    let (links, id) = fetched(1);
    for _ in 0..12 {
        links.later();
    }
    let kept = "SELECT json_array_length(fetches) FROM knowledge_links";
    assert_eq!(links.stack.db.value(kept).as_integer(), Some(10));
    let since = || {
        links
            .stack
            .db
            .value("SELECT failing_since FROM knowledge_links")
            .as_integer()
    };
    assert_eq!(since(), None);
    links.serve_text(URL, 500, &[], "oops");
    links.later();
    let first = since();
    assert!(first.is_some());
    links.later();
    assert_eq!(since(), first, "{}", links.link(&id));
    links.serve_json(URL, &bicycles(1, "blue"));
    links.later();
    assert_eq!(since(), None);
}
