//! Segments of vectors that are written anew by several at once.

use super::fetch::URL;
use common::Context;
use knowledge::index::compact;
use serde_json::{Value, json};
use std::cell::Cell;
use std::rc::Rc;
use testkit::Links;

/// A business with so many small segments that they are to be written anew.
fn with_small_segments() -> Links {
    let links = Links::new();
    let word = |n: usize| ["saddle", "pedal", "basket", "mirror"][n % 4];
    let list = |round: usize| {
        let one =
            |n: usize| json!({ "id": n, "name": format!("A spare {} no {n}", word(n + round)) });
        json!((0..6).map(one).collect::<Vec<_>>())
    };
    for round in 0..20 {
        links.serve_json(URL, &list(round));
        if round == 0 {
            links.add(URL, &json!({}));
            links.run();
        }
        links.later();
    }
    links.stack.search.sql(
        "INSERT INTO segments (business_id, id, is_owned, numbers, vectors, model)
         SELECT business_id, id + 1, 0, '', '', model FROM segments",
    );
    assert!(count(&links, "count(*)") > 26);
    links
}

fn count(links: &Links, what: &str) -> i64 {
    let count = links
        .stack
        .search
        .value(&format!("SELECT {what} FROM segments"));
    count.as_integer().unwrap()
}

fn vectors(links: &Links) -> i64 {
    count(links, "sum(length(numbers) * 3 / 16)")
}

/// Whether it wrote them.
fn compacted(links: &Links) -> bool {
    let done = Cell::new(false);
    let business = &links.tenant.business_id;
    let log = links
        .stack
        .job(business, async |cx: &Context<'_>, message: &str| {
            done.set(compact(&cx.of_business(message)).await?);
            Ok(())
        });
    assert_eq!(log["code"], Value::Null, "{log}");
    done.get()
}

/// Has something happen behind what [`compacted`] reads, and before it writes.
fn between(links: &Links, happen: impl FnOnce() + 'static) {
    let search = links.stack.search.clone();
    links.stack.search.before_next_batch(move || {
        search.before_next_batch(happen);
    });
}

#[test]
fn of_two_that_write_segments_anew_at_once_one_does() {
    let alone = with_small_segments();
    assert!(compacted(&alone));
    let links = with_small_segments();
    let (other, first) = (links.clone(), Rc::new(Cell::new(false)));
    let done = first.clone();
    between(&links, move || done.set(compacted(&other)));
    assert!(!compacted(&links), "the other came first");
    assert!(first.get());
    assert_eq!(vectors(&links), vectors(&alone));
    assert_eq!(count(&links, "count(*)"), 1);
    assert_eq!(links.found("spare mirror"), alone.found("spare mirror"));
}

#[test]
fn what_is_fetched_while_segments_are_written_anew_is_found() {
    let links = with_small_segments();
    let fetching = links.clone();
    between(&links, move || {
        fetching.serve_json(URL, &json!([{ "id": 7, "name": "A yellow umbrella" }]));
        for _ in 0..2 {
            fetching.later();
        }
        assert_eq!(fetching.found("umbrella"), ["7"]);
    });
    compacted(&links);
    assert_eq!(links.found("umbrella"), ["7"]);
    assert_eq!(links.found("something against the rain"), ["7"]);
    compacted(&links);
    assert_eq!(count(&links, "count(*)"), 1);
    assert_eq!(vectors(&links), 1);
}
