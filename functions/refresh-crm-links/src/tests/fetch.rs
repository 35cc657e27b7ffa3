use serde_json::{Value, json};
use std::collections::BTreeSet;
use testkit::Links;

pub(super) const URL: &str = "https://crm.example/api/customers";

fn customers(count: usize) -> Value {
    let customer = |n: usize| {
        json!({
            "id": format!("cust-{n}"), "name": format!("Customer {n}"),
            "email": format!("customer{n}@example.com"), "subscription": "Premium",
            "note": format!("Ordered a blue bicycle number {n} and asked for a helmet."),
        })
    };
    json!({ "customers": (0..count).map(customer).collect::<Vec<_>>() })
}

#[test]
fn what_is_fetched_is_searched_and_what_is_as_it_was_costs_nothing() {
    let links = Links::new();
    // The second database is noted to be there.
    links.tick();
    links.serve_json(URL, &customers(30));
    let id = links.add(URL, &json!({}));
    links.run();
    let link = links.link(&id);
    assert_eq!(link["last_fetch"]["status"], "ok", "{link}");
    assert_eq!(link["last_fetch"]["records"], 30);
    assert_eq!(link["state"], "fresh");
    assert_eq!(links.found("cust-7")[0], "cust-7");
    assert_eq!(links.found("customer12@example.com")[0], "cust-12");

    let written = |links: &Links| links.stack.search.value("SELECT total_changes()");
    let before = written(&links);
    links.stack.advance(31 * 60 * 1_000_000);
    links.tick();
    assert_eq!(links.link(&id)["last_fetch"]["changed"], 0);
    assert_eq!(written(&links), before);
}

/// The chunks that are stored, all that there is of each.
fn chunks(links: &Links) -> BTreeSet<String> {
    let rows = links.stack.search.sql("SELECT * FROM chunks").into_iter();
    rows.map(|row| format!("{row:?}")).collect()
}

/// The segments that are stored, and how many vectors each has.
fn vectors(links: &Links) -> BTreeSet<(String, i64)> {
    let sql = "SELECT vectors, length(numbers) * 3 / 16 FROM segments";
    let rows = links.stack.search.sql(sql).into_iter();
    rows.map(|row| (format!("{:?}", row[0]), row[1].as_integer().unwrap()))
        .collect()
}

#[test]
fn a_chunk_takes_some_four_rows_and_half_the_room_that_it_may() {
    let links = Links::new();
    let count = |sql: &str| links.stack.search.value(sql).as_integer().unwrap();
    let size = || count("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
    // With the rows that FTS5 keeps of its own, and one for its table, which has none: D1 counts instead of it one for
    // the index of the chunks.
    let written = || count("SELECT total_changes()");
    let (size_before, written_before) = (size(), written());
    links.serve_json(URL, &customers(2_000));
    let id = links.add(URL, &json!({}));
    links.run();
    assert_eq!(links.link(&id)["last_fetch"]["status"], "ok");
    let chunks = count("SELECT count(*) FROM chunks");
    assert_eq!(chunks, 2_000);
    let (bytes, rows) = (size() - size_before, written() - written_before);
    assert!(bytes <= 1_500 * chunks, "{bytes}");
    // One of them says whose it is: what is for all has a row less.
    assert!(rows * 100 <= 425 * chunks, "{rows}");
}

#[test]
fn the_next_day_only_what_changed_is_embedded_and_what_is_gone_is_removed() {
    let links = Links::new();
    links.serve_json(URL, &customers(100));
    let id = links.add(URL, &json!({}));
    links.run();
    let mut next = customers(106);
    let list = next["customers"].as_array_mut().unwrap();
    list.drain(0..6);
    for customer in list.iter_mut().take(25) {
        customer["subscription"] = "Basic".into();
    }
    list.reverse();
    links.serve_json(URL, &next);
    let (before, vectors_before) = (chunks(&links), vectors(&links));
    links.stack.ports.call_logs.borrow_mut().clear();
    links.stack.advance(31 * 60 * 1_000_000);
    links.tick();
    assert_eq!(links.stack.ports.call_logs.borrow().len(), 1, "one call");
    let (after, vectors_after) = (chunks(&links), vectors(&links));
    assert_eq!(after.difference(&before).count(), 31);
    assert_eq!(before.intersection(&after).count(), 69, "written no more");
    let segments = |of: &BTreeSet<(String, i64)>| of.iter().map(|(_, count)| *count).sum::<i64>();
    assert!(vectors_after.is_superset(&vectors_before));
    let per_chunk = segments(&vectors_before) / 100;
    assert_eq!(
        segments(&vectors_after) - segments(&vectors_before),
        31 * per_chunk
    );
    let fetch = links.link(&id)["last_fetch"].clone();
    assert_eq!(
        (&fetch["changed"], &fetch["removed"]),
        (&json!(31), &json!(6)),
        "{fetch}"
    );
    assert_eq!(fetch["records"], 100);
    assert_ne!(links.found("cust-3")[0], "cust-3");
    assert_eq!(links.found("cust-105")[0], "cust-105");
}
