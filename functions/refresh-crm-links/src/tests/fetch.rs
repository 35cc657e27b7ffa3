use serde_json::{Value, json};
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
    links.stack.ports.call_logs.borrow_mut().clear();
    links.stack.advance(31 * 60 * 1_000_000);
    links.tick();
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
