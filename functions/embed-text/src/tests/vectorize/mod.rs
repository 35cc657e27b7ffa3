//! A business with more parts of records than a search can read the vectors of.

mod index;
mod trouble;

use super::embedders::{Desk, SERVER, faq};
use common::db::Value as Column;
use index::Index;
use serde_json::{Value, json};
use std::rc::Rc;
use testkit::CUSTOMER_ID;

const THERE: &str = "static128 in vectorize:tieline-128";
/// No record has a word of it but `delivery`'s meaning.
const PARCEL: &str = "shipping my parcel";

/// Has the business have so many parts of records of another link.
fn crowded(desk: &Desk, chunks: i64) {
    desk.stack().search.sql(&format!(
        "INSERT OR REPLACE INTO indexed_links (business_id, link_id, generation, chunks, records)
         SELECT business_id, 'other', 1, {chunks}, {chunks} FROM spaces"
    ));
}

/// A business that had too many once, and whose vectors are in Vectorize since.
fn large(records: Value) -> (Desk, Rc<Index>) {
    let desk = Desk::with(records);
    let index = Index::of(&desk);
    desk.stack().search.sql("UPDATE spaces SET is_large = 1");
    wake(&desk);
    desk.minute();
    assert_eq!(desk.state()["searched_model"], THERE);
    index.asked();
    (desk, index)
}

/// Has the cron look, as a fetch that had too much would.
fn wake(desk: &Desk) {
    desk.stack().db.sql(
        "INSERT INTO embeddings (business_id, model, due_at, set_at)
         SELECT id, 'static128', 0, 0 FROM businesses WHERE true
         ON CONFLICT DO UPDATE SET due_at = 0",
    );
}

fn texts(found: &Value) -> Vec<&str> {
    let results = found["results"].as_array().unwrap().iter();
    results.map(|one| one["text"].as_str().unwrap()).collect()
}

/// The chunks that are searched, and whether they are somebody's own.
fn live(desk: &Desk) -> Vec<(i64, bool)> {
    let sql = "SELECT json_group_array(json_array(id, owners <> '[]')) FROM (
                 SELECT id, owners FROM chunks WHERE gone IS NULL ORDER BY id)";
    let Column::Text(text) = desk.stack().search.value(sql) else {
        panic!("no list")
    };
    let read: Vec<(i64, u8)> = serde_json::from_str(&text).unwrap();
    read.into_iter().map(|(id, is)| (id, is != 0)).collect()
}

#[test]
fn a_fetch_with_too_much_brings_the_business_to_vectorize_and_the_next_one_fits() {
    let desk = Desk::with(faq(10));
    let index = Index::of(&desk);
    crowded(&desk, 24_995);
    desk.links.later();
    let fetch = || {
        let health = desk
            .links
            .call("GET", "crm-links/health", &Value::Null)
            .json;
        health["links"][0]["fetches"][0].clone()
    };
    let failed = fetch();
    assert!(
        failed["error"]
            .as_str()
            .unwrap()
            .contains("more than the 25,000 parts")
    );
    let before = desk.search(PARCEL);
    assert_eq!(before["degraded"], false);
    assert!(index.chunks().is_empty());
    desk.minute();
    let state = desk.state();
    assert_eq!(
        (&state["state"], &state["searched_model"], &state["backlog"]),
        (&json!("ready"), &json!(THERE), &json!(0))
    );
    assert_eq!((index.chunks(), desk.vectors()), (live(&desk), vec![]));
    desk.sells(faq(12));
    desk.links.later();
    assert_eq!(fetch()["status"], "ok");
    desk.minute();
    assert_eq!((index.chunks(), live(&desk).len()), (live(&desk), 12));
    crowded(&desk, 99_995);
    desk.sells(faq(13));
    desk.links.later();
    let failed = fetch();
    assert!(
        failed["error"]
            .as_str()
            .unwrap()
            .contains("more than the 100,000 parts")
    );
}

#[test]
fn what_words_do_not_find_is_found_by_its_vector_there() {
    let (desk, index) = large(faq(10));
    let found = desk.search(PARCEL);
    assert_eq!(found["degraded"], false);
    assert!(texts(&found)[0].contains("delivery"), "{found}");
    let asked = index.asked();
    assert_eq!(asked.iter().filter(|path| *path == "/query").count(), 2);
    // What words find is measured, too.
    let found = desk.search("warranty");
    assert!(texts(&found)[0].contains("warranty"));
    assert!(index.asked().contains(&"/get_by_ids".to_owned()));
}

#[test]
fn a_refresh_puts_what_is_new_there_and_removes_what_is_gone() {
    let (desk, index) = large(faq(10));
    let mut records = faq(9);
    records[3]["answer"] = json!("Ask the parrot about deliveries.");
    desk.sells(records);
    desk.links.later();
    // By its words at once.
    assert!(texts(&desk.search("parrot"))[0].contains("parrot"));
    desk.minute();
    assert_eq!((index.chunks(), live(&desk).len()), (live(&desk), 9));
    let asked = index.asked();
    assert_eq!(asked.iter().filter(|path| *path == "/upsert").count(), 1);
    assert_eq!(
        asked
            .iter()
            .filter(|path| *path == "/delete_by_ids")
            .count(),
        1
    );
    // Nothing new puts nothing.
    desk.links.later();
    desk.minutes_of(10);
    assert!(index.asked().is_empty());
    let removed = desk
        .stack()
        .search
        .value("SELECT count(*) FROM vector_removals");
    assert_eq!(removed, Column::from(0));
}

#[test]
fn searches_see_the_old_or_the_new_however_late_vectorize_is() {
    let (desk, index) = large(faq(10));
    index.is_quick.set(false);
    let mut records = faq(10);
    records[1]["answer"] = json!("The parrot knows all about delivery.");
    desk.sells(records);
    desk.links.later();
    desk.minute();
    // The vector before is there still, and leads nowhere; the new one is not there yet.
    let found = desk.search("shipping a parcel by parrot");
    assert!(texts(&found).iter().all(|text| !text.contains("hall 1 ")));
    assert!(texts(&found).iter().any(|text| text.contains("parrot")));
    assert_ne!(index.chunks(), live(&desk));
    index.process();
    assert_eq!(index.chunks(), live(&desk));
    assert!(desk.search(PARCEL)["degraded"] == false);
}

#[test]
fn what_is_somebodys_own_is_in_a_namespace_that_a_search_for_others_does_not_ask() {
    let mut records = faq(4);
    records[0]["email"] = json!("aoife@example.com");
    let (desk, index) = large(records);
    assert_eq!(index.chunks(), live(&desk));
    assert_eq!(
        index
            .chunks()
            .iter()
            .filter(|(_, is_owned)| *is_owned)
            .count(),
        1
    );
    let namespaces = |index: &Index| {
        let mut asked = index.asked();
        asked.retain(|one| !one.starts_with('/'));
        let ends = asked
            .iter()
            .map(|one| one.rsplit('.').next().unwrap().to_owned());
        ends.collect::<Vec<String>>()
    };
    desk.search(PARCEL);
    assert_eq!(namespaces(&index), ["all", "own"]);
    desk.stack().customer(&desk.links.tenant, "{}");
    let question = json!({ "query": PARCEL, "customer": CUSTOMER_ID });
    let found = desk.links.call("POST", "rag/search", &question);
    assert_eq!(found.status, 200, "{}", found.text());
    assert_eq!(namespaces(&index), ["all"]);
    assert!(!found.text().contains("aoife"));
}

#[test]
fn an_index_of_other_vectors_is_left_alone() {
    for config in [
        json!({ "dimensions": 768, "metric": "cosine" }),
        json!({ "dimensions": 128, "metric": "euclidean" }),
    ] {
        let desk = Desk::with(faq(4));
        let index = Index::of(&desk);
        *index.config.borrow_mut() = config;
        desk.stack().search.sql("UPDATE spaces SET is_large = 1");
        wake(&desk);
        desk.minute();
        assert_eq!(desk.state()["searched_model"], "static128");
        assert_eq!(desk.search(PARCEL)["degraded"], false);
    }
}

#[test]
fn without_an_index_a_business_stays_where_it_is() {
    let desk = Desk::with(faq(4));
    crowded(&desk, 24_998);
    desk.links.later();
    desk.minute();
    let state = desk.state();
    assert_eq!(
        (&state["state"], &state["searched_model"]),
        (&json!("ready"), &json!("static128"))
    );
    assert_eq!(
        desk.stack().db.value("SELECT count(*) FROM embeddings"),
        Column::from(0)
    );
}

#[test]
fn another_model_takes_its_place_and_nothing_of_the_one_before_stays() {
    let (desk, index) = large(faq(10));
    // Its vectors have another length, and there are few enough for the database.
    desk.set(&json!({}));
    assert_eq!(desk.search(PARCEL)["degraded"], false);
    desk.minutes_of(3);
    assert_eq!(desk.state()["searched_model"], format!("64 small {SERVER}"));
    assert_eq!((index.chunks(), desk.vectors().len()), (vec![], 1));
    // One of the same length goes there.
    desk.set(&json!({ "model": "other", "dimensions": 128 }));
    desk.minutes_of(3);
    let there = format!("128 other {SERVER} in vectorize:tieline-128");
    assert_eq!(desk.state()["searched_model"], there);
    assert_eq!((index.chunks(), desk.vectors()), (live(&desk), vec![]));
    assert_eq!(desk.state()["state"], "ready");
    assert_eq!(desk.search("warranty")["degraded"], false);
    // With too many for the database, another length is refused.
    crowded(&desk, 30_000);
    let refused = desk.put(&json!({ "dimensions": 32 }));
    assert_eq!(
        (refused.status, refused.detail()),
        (422, ("dimensions", "fits"))
    );
}
