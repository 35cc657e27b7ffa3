//! Lists of several pages, and of more than an invocation reads.

use super::fetch::URL;
use common::db::DbError;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testkit::{Failure, LINKED_PAGE, Links};

fn page_url(n: usize) -> String {
    match n {
        0 => URL.to_owned(),
        n => format!("{URL}?page={n}"),
    }
}

/// Has the pages of a list answer, each with so many bicycles of a colour.
fn serve_pages(links: &Links, pages: usize, on_each: usize, colour: &str) {
    for page in 0..pages {
        let one = |n: usize| {
            let n = page * on_each + n;
            json!({ "id": format!("b-{n}"), "name": format!("A {colour} bicycle"), "phone_of_shop": null })
        };
        let body = json!((0..on_each).map(one).collect::<Vec<_>>());
        let next = format!("<{}>; rel=\"next\"", page_url(page + 1));
        let mut headers = vec![("content-type", "application/json")];
        if page + 1 < pages {
            headers.push(("link", next.as_str()));
        }
        links.serve_text(&page_url(page), 200, &headers, &body.to_string());
    }
}

/// What is searched: how many chunks there are of each colour.
fn colours(links: &Links) -> BTreeSet<(String, usize)> {
    let path = format!("rag/documents/details?page_id={LINKED_PAGE}&limit=200");
    let list = links.call("GET", &path, &Value::Null).json;
    let documents = list["documents"].as_array().unwrap();
    let count = |colour: &str| {
        let of_it = |one: &&Value| one["content"].as_str().unwrap().contains(colour);
        (colour.to_owned(), documents.iter().filter(of_it).count())
    };
    ["blue", "red"]
        .into_iter()
        .map(count)
        .filter(|(_, count)| *count > 0)
        .collect()
}

fn all(colour: &str, count: usize) -> BTreeSet<(String, usize)> {
    BTreeSet::from([(colour.to_owned(), count)])
}

fn asked(links: &Links) -> Vec<String> {
    let requests = links.stack.ports.take_requests();
    requests.into_iter().map(|request| request.url).collect()
}

#[test]
fn the_pages_of_a_list_are_one_list() {
    let links = Links::new();
    serve_pages(&links, 3, 4, "blue");
    let id = links.add(URL, &json!({}));
    links.run();
    assert_eq!(asked(&links), [page_url(0), page_url(1), page_url(2)]);
    assert_eq!(links.link(&id)["last_fetch"]["records"], 12);
    assert_eq!(colours(&links), all("blue", 12));
}

#[test]
fn a_search_sees_the_old_or_the_new_and_never_both() {
    let links = Links::new();
    serve_pages(&links, 3, 4, "blue");
    links.add(URL, &json!({}));
    links.run();
    serve_pages(&links, 3, 4, "red");
    for page in 0..3 {
        let looking = links.clone();
        links.meanwhile(&page_url(page), move || {
            assert_eq!(colours(&looking), all("blue", 12));
            let found = looking
                .call("POST", "rag/search", &json!({ "query": "red bicycle" }))
                .text();
            assert!(
                found.contains("blue") && !found.contains(": A red"),
                "{found}"
            );
        });
    }
    links.later();
    assert_eq!(colours(&links), all("red", 12));
    let found = links
        .call(
            "POST",
            "rag/search",
            &json!({ "query": "bicycle", "k": 50 }),
        )
        .text();
    assert!(!found.contains("blue"), "{found}");
}

#[test]
fn a_page_that_fails_in_the_middle_removes_nothing_and_is_asked_again() {
    let links = Links::new();
    serve_pages(&links, 3, 4, "blue");
    let id = links.add(URL, &json!({}));
    links.run();
    serve_pages(&links, 3, 4, "red");
    links.serve_text(&page_url(1), 500, &[], "oops");
    asked(&links);
    links.later();
    assert_eq!(asked(&links), [page_url(0), page_url(1)]);
    assert_eq!(colours(&links), all("blue", 12));
    serve_pages(&links, 3, 4, "red");
    links.stack.advance(61 * 1_000_000);
    links.tick();
    assert_eq!(
        asked(&links),
        [page_url(1), page_url(2)],
        "it goes on where it stopped"
    );
    assert_eq!(colours(&links), all("red", 12));
    let fetch = links.link(&id)["last_fetch"].clone();
    assert_eq!(
        (&fetch["records"], &fetch["changed"], &fetch["removed"]),
        (&json!(12), &json!(12), &json!(0))
    );
}

#[test]
fn a_page_that_goes_on_failing_ends_the_fetch_and_removes_nothing() {
    for status in [500, 404] {
        let links = Links::new();
        serve_pages(&links, 2, 4, "blue");
        let id = links.add(URL, &json!({}));
        links.run();
        serve_pages(&links, 2, 4, "red");
        links.serve_text(&page_url(1), status, &[], "oops");
        for _ in 0..5 {
            links.later();
        }
        let link = links.link(&id);
        assert_eq!(link["state"], "failing", "{status}: {link}");
        assert_eq!(colours(&links), all("blue", 8), "{status}");
        let stored = links.stored();
        assert!(
            !stored.contains("A red"),
            "what was staged is taken back: {stored}"
        );
        serve_pages(&links, 2, 4, "red");
        links.later();
        assert_eq!(colours(&links), all("red", 8), "{status}");
    }
}

#[test]
fn a_source_that_is_near_its_limit_is_given_time() {
    let links = Links::new();
    serve_pages(&links, 2, 4, "blue");
    let next = format!("<{}>; rel=\"next\"", page_url(1));
    let headers = [
        ("content-type", "application/json"),
        ("link", next.as_str()),
        ("x-shopify-shop-api-call-limit", "40/40"),
    ];
    links.serve_text(URL, 200, &headers, "[{\"id\": \"b-0\"}]");
    let id = links.add(URL, &json!({}));
    links.run();
    assert_eq!(asked(&links), [page_url(0)]);
    links.stack.advance(1_000_000);
    links.tick();
    assert!(asked(&links).is_empty());
    links.stack.advance(4_000_000);
    links.tick();
    assert_eq!(asked(&links), [page_url(1)]);
    assert_eq!(links.link(&id)["last_fetch"]["records"], 5);
}

#[test]
fn more_than_an_invocation_reads_is_read_by_several() {
    let links = Links::new();
    serve_pages(&links, 45, 30, "blue");
    let id = links.add(URL, &json!({}));
    let runs = links.run().len();
    assert!(runs > 1, "{runs}");
    assert_eq!(asked(&links).len(), 45, "no page twice");
    assert_eq!(links.link(&id)["last_fetch"]["records"], 1350);
    let found = links.found("b-1349");
    assert_eq!(found[0], "b-1349", "{found:?}");
}

#[test]
fn one_long_page_with_national_numbers_is_read_within_the_calls_that_are_allowed() {
    let links = Links::new();
    let about = "The customer asked for a quiet bell on the bicycle. ".repeat(4);
    let one = |n: usize| {
        let notes = [1, 2, 3, 4].map(|k| format!("Note {k} of customer {n}. {about}"));
        json!({ "id": n, "phone": format!("087 {:03} {:04}", n / 10_000, n % 10_000), "notes": notes })
    };
    let body = json!((0..4_000).map(one).collect::<Vec<_>>());
    links.serve_json(URL, &body);
    let id = links.add(URL, &json!({ "identity": { "phone": ["phone"] } }));
    for log in links.run() {
        assert_eq!(log["code"], Value::Null, "{log}");
    }
    let fetch = links.link(&id)["last_fetch"].clone();
    assert_eq!(
        (&fetch["status"], &fetch["records"]),
        (&json!("ok"), &json!(4_000)),
        "{fetch}"
    );
}

#[test]
fn a_database_that_goes_away_at_any_call_costs_time_and_nothing_else() {
    let down = || DbError::Outage("D1 is down".into());
    let failures: [fn(DbError) -> Failure; 2] = [Failure::Before, Failure::After];
    for (n, fail) in (0..12).flat_map(|n| failures.map(|fail| (n, fail))) {
        for of_search in [false, true] {
            let links = Links::new();
            serve_pages(&links, 2, 3, "blue");
            let id = links.add(URL, &json!({}));
            links.run();
            serve_pages(&links, 2, 3, "red");
            links.stack.advance(31 * 60 * 1_000_000);
            links.stack.job("", refresh_crm_links::handler::each_minute);
            let db = if of_search {
                &links.stack.search
            } else {
                &links.stack.db
            };
            db.fail_after(n, fail(down()));
            let wakes = links.stack.ports.take_wakes(common::ports::Queue::Links);
            for (message, _) in wakes {
                links
                    .stack
                    .job(&message, refresh_crm_links::handler::refresh);
            }
            db.recover();
            let seen = colours(&links);
            assert!(
                seen == all("blue", 6) || seen == all("red", 6),
                "{n} {of_search}: {seen:?}"
            );
            links.stack.advance(121 * 1_000_000);
            links.tick();
            assert_eq!(colours(&links), all("red", 6), "{n} {of_search}");
            let link = links.link(&id);
            assert_eq!(link["last_fetch"]["records"], 6, "{n} {of_search}");
        }
    }
}

#[test]
fn after_many_small_changes_all_is_found_and_little_is_kept() {
    let links = Links::new();
    let words = ["saddle", "pedal", "basket", "mirror", "helmet", "lantern"];
    let list = |round: usize| {
        let one = |n: usize| {
            let word = words[(n + round) % words.len()];
            json!({ "id": format!("part-{n}"), "name": format!("A spare {word} for number {n}") })
        };
        json!((0..12).map(one).collect::<Vec<_>>())
    };
    links.serve_json(URL, &list(0));
    let id = links.add(URL, &json!({ "schedule_minutes": 5 }));
    links.run();
    let segments = || {
        links
            .stack
            .search
            .value("SELECT count(*) FROM segments")
            .as_integer()
            .unwrap()
    };
    let mut most = 0;
    for round in 1..40 {
        links.serve_json(URL, &list(round));
        links.stack.advance(6 * 60 * 1_000_000);
        links.tick();
        most = most.max(segments());
    }
    assert!((2..=26).contains(&most) && segments() <= 26, "{most}");
    assert_eq!(links.link(&id)["last_fetch"]["changed"], 12);
    let found = links.found("spare lantern");
    let with_lantern = |n: &usize| words[(n + 39) % words.len()] == "lantern";
    let expected: BTreeSet<_> = (0..12)
        .filter(with_lantern)
        .map(|n| format!("part-{n}"))
        .collect();
    assert_eq!(found.into_iter().take(2).collect::<BTreeSet<_>>(), expected);
    let chunks = links.stack.search.value("SELECT count(*) FROM chunks");
    assert_eq!(chunks.as_integer(), Some(12));
}
