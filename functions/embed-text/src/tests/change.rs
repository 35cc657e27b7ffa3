//! From one model to another, while the one before is searched.

use super::embedders::{Desk, SERVER, answered, faq};
use common::db::{DbError, Value as Column};
use serde_json::{Value, json};
use std::cell::Cell;
use std::rc::Rc;
use testkit::Failure;

const MONEY: &str = "when do I get my money back";

fn small() -> String {
    format!("64 small {SERVER}")
}

fn keys(found: &Value) -> Vec<&str> {
    let results = found["results"].as_array().unwrap().iter();
    results
        .filter_map(|one| one["record_key"].as_str())
        .collect()
}

#[test]
fn the_model_before_is_searched_until_each_part_has_its_new_vector() {
    let desk = Desk::with(faq(250));
    let before = desk.search(MONEY);
    let built_in = desk.vectors();
    desk.set(&json!({}));
    assert_eq!(desk.search(MONEY), before);
    // The server takes two requests, and then fails.
    let mut left = 2;
    desk.spoil(move |_, answer| {
        left -= 1;
        match left < 0 {
            true => answered(500, &json!({ "error": { "message": "Overloaded" } })),
            false => answered(200, &answer),
        }
    });
    desk.minute();
    assert_eq!(desk.embedded().len(), 200);
    let state = desk.state();
    assert_eq!(
        (&state["state"], &state["backlog"]),
        (&json!("failing"), &json!(50))
    );
    assert!(state["error"].as_str().unwrap().contains("500: Overloaded"));
    assert_eq!(state["searched_model"], "static128");
    assert_eq!(desk.search(MONEY), before);
    let health = desk
        .links
        .call("GET", "crm-links/health", &Value::Null)
        .json;
    let embedding = &health["embedding"];
    assert_eq!(
        (&embedding["next_model"], &embedding["backlog"]),
        (&json!(small()), &json!(50))
    );
    assert_eq!(embedding["error"], state["error"]);
    assert_eq!(health["links"][0]["embedding_backlog"], 50);
    assert_eq!(desk.vectors(), [(small(), 200), built_in[0].clone()]);

    // What was embedded is not embedded again.
    desk.mend();
    desk.minutes();
    assert_eq!(desk.embedded().len(), 50);
    let state = desk.state();
    assert_eq!(
        (&state["state"], &state["searched_model"]),
        (&json!("ready"), &json!(small()))
    );
    assert_eq!(
        (&state["error"], &state["backlog"]),
        (&Value::Null, &json!(0))
    );
    assert_eq!(desk.vectors(), [(small(), 250)]);
    // `money` is a word of no record; the new model knows what it means.
    let after = desk.search(MONEY);
    assert!(
        after["results"][0]["text"]
            .as_str()
            .unwrap()
            .contains("refund"),
        "{after}"
    );
    assert_eq!(after["degraded"], false);
}

#[test]
fn texts_are_the_fields_after_the_links_name_and_at_most_a_hundred_a_request() {
    let desk = Desk::with(faq(150));
    desk.set(&json!({ "dimensions": 16 }));
    desk.minutes();
    let bodies = desk.bodies();
    let sizes: Vec<usize> = bodies
        .iter()
        .map(|body| body["input"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [100, 50]);
    assert!(bodies.iter().all(|body| body["dimensions"] == 16));
    let embedded = desk.embedded();
    let first = "FAQ. answer: Our refund desk in hall 0 helps.. id: q0. topic: refund";
    assert_eq!(embedded[0], first);
}

#[test]
fn what_is_fetched_during_a_change_and_after_it_is_embedded_too() {
    let desk = Desk::with(faq(3));
    desk.set(&json!({}));
    desk.sells(faq(5));
    desk.links.later();
    desk.minutes();
    assert_eq!(desk.embedded().len(), 5);
    assert_eq!(desk.vectors(), [(small(), 5)]);
    let mut changed = faq(6);
    changed[0]["answer"] = json!("Ask the parrot.");
    desk.sells(changed);
    desk.links.later();
    // Found by its words at once, and by its meaning a minute later.
    assert_eq!(keys(&desk.search("parrot"))[0], "q0");
    assert_eq!(desk.state()["backlog"], 2);
    desk.minutes();
    let mut embedded = desk.embedded();
    embedded.retain(|text| text.starts_with("FAQ. "));
    assert_eq!(embedded.len(), 2, "{embedded:?}");
    assert_eq!(desk.state()["state"], "ready");
    // An unchanged list embeds nothing.
    desk.links.later();
    desk.minutes();
    assert!(desk.embedded().is_empty());
}

#[test]
fn a_change_during_a_change_starts_over() {
    let desk = Desk::with(faq(150));
    desk.set(&json!({}));
    let is_first = Cell::new(true);
    desk.spoil(move |_, answer| match is_first.replace(false) {
        true => answered(200, &answer),
        false => answered(503, &json!({})),
    });
    desk.minute();
    assert_eq!(desk.vectors()[0], (small(), 100));
    desk.mend();
    desk.set(&json!({ "model": "large" }));
    desk.minutes();
    assert_eq!(desk.embedded().len(), 150);
    assert_eq!(desk.vectors(), [(format!("64 large {SERVER}"), 150)]);
    // The first is gone with its key.
    let left = desk
        .stack()
        .db
        .value("SELECT group_concat(model) FROM embedders");
    assert_eq!(left, Column::from(format!("64 large {SERVER}")));
}

#[test]
fn a_change_that_is_taken_back_leaves_what_was_searched() {
    let desk = Desk::with(faq(30));
    desk.set(&json!({}));
    desk.minutes();
    let (before, vectors) = (desk.search(MONEY), desk.vectors());
    desk.spoil(|texts, answer| match texts.len() > 2 {
        true => answered(503, &json!({})),
        false => answered(200, &answer),
    });
    desk.set(&json!({ "model": "large" }));
    desk.minute();
    assert_eq!(desk.search(MONEY), before);
    desk.mend();
    desk.set(&json!({}));
    desk.minutes();
    assert!(desk.embedded().is_empty());
    assert_eq!((desk.search(MONEY), desk.vectors()), (before, vectors));
}

#[test]
fn a_lost_answer_of_the_database_loses_no_vector() {
    for lost in 0..12 {
        let desk = Desk::with(faq(3));
        desk.set(&json!({}));
        let failure = Failure::After(DbError::Outage("lost".into()));
        desk.stack().search.fail_after(lost, failure);
        desk.minute();
        desk.stack().search.recover();
        desk.stack().advance(3_600 * 1_000_000);
        desk.minutes();
        assert_eq!(desk.vectors(), [(small(), 3)], "{lost}");
        assert_eq!(desk.state()["state"], "ready", "{lost}");
    }
}

#[test]
fn a_server_that_asks_for_a_pause_gets_it() {
    let desk = Desk::with(faq(3));
    desk.set(&json!({}));
    let asked = Rc::new(Cell::new(0));
    let count = asked.clone();
    desk.spoil(move |_, _| {
        count.set(count.get() + 1);
        let mut refused = answered(
            429,
            &json!({ "error": { "message": "Rate limit reached" } }),
        )?;
        refused.headers.push(("retry-after".into(), "600".into()));
        Ok(refused)
    });
    for _ in 0..9 {
        desk.minute();
    }
    assert_eq!(asked.get(), 1);
    assert!(
        desk.state()["error"]
            .as_str()
            .unwrap()
            .contains("Rate limit reached")
    );
    for _ in 0..3 {
        desk.minute();
    }
    assert_eq!(asked.get(), 2);
    // What is set anew is tried at once.
    desk.mend();
    desk.set(&json!({}));
    desk.minute();
    assert_eq!(desk.state()["state"], "ready");
}

#[test]
fn a_text_that_the_server_refuses_is_left_out_and_keeps_no_other() {
    let mut records = faq(20);
    records[7]["answer"] = json!("This one is poison to it.");
    let desk = Desk::with(records);
    desk.set(&json!({}));
    desk.spoil(
        |texts, answer| match texts.iter().any(|text| text.contains("poison")) {
            true => answered(
                400,
                &json!({ "error": { "message": "maximum context length" } }),
            ),
            false => answered(200, &answer),
        },
    );
    desk.minutes();
    assert_eq!(desk.state()["state"], "ready");
    assert_eq!(desk.vectors(), [(small(), 19)]);
    assert_eq!(keys(&desk.search("poison"))[0], "q7");
    // One that refuses all is trouble, and nothing is left out.
    desk.spoil(|_, _| answered(400, &json!({ "error": { "message": "Unknown parameter" } })));
    desk.sells(faq(30));
    desk.links.later();
    desk.minute();
    let state = desk.state();
    assert_eq!(
        (&state["state"], &state["backlog"]),
        (&json!("failing"), &json!(11))
    );
}

#[test]
fn vectors_of_another_length_than_before_are_not_stored() {
    let desk = Desk::with(faq(3));
    desk.set(&json!({}));
    desk.spoil(|_, mut answer| {
        for item in answer["data"].as_array_mut().unwrap() {
            item["embedding"].as_array_mut().unwrap().push(json!(1));
        }
        answered(200, &answer)
    });
    desk.minute();
    let state = desk.state();
    assert_eq!(
        (&state["state"], &state["searched_model"]),
        (&json!("failing"), &json!("static128"))
    );
    assert!(
        state["error"]
            .as_str()
            .unwrap()
            .contains("65 components where 64"),
        "{state}"
    );
    assert_eq!(desk.vectors().len(), 1);
    // Set again, it is another model.
    desk.set(&json!({}));
    desk.minutes();
    assert_eq!(desk.vectors(), [(format!("65 small {SERVER}"), 3)]);
}

#[test]
fn a_search_goes_by_words_alone_while_the_server_is_away() {
    let desk = Desk::with(faq(10));
    desk.set(&json!({}));
    desk.minutes();
    assert_eq!(desk.search("warranty")["degraded"], false);
    desk.spoil(|_, _| testkit::refused());
    let found = desk.search("warranty");
    assert_eq!(found["degraded"], true);
    assert_eq!(keys(&found)[0], "q3");
    // A question goes to the server of its own business.
    desk.mend();
    let other = desk.links.other();
    let asked = other.call("POST", "rag/search", &json!({ "query": "warranty" }));
    assert_eq!((asked.status, &asked.json["results"]), (200, &json!([])));
}

#[test]
fn one_business_whose_server_fails_keeps_no_other_waiting() {
    let desk = Desk::with(faq(3));
    desk.set(&json!({}));
    desk.stack()
        .db
        .sql("UPDATE embedders SET settings = 'broken'");
    let log = desk.minute();
    assert_eq!(log["code"], "internal");
    assert_eq!(desk.vectors().len(), 1);
}
