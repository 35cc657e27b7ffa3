//! Vectorize, or what stands before it, is away.

use super::super::embedders::{Desk, answered, faq};
use super::index::Index;
use super::{PARCEL, THERE, large, live, texts, wake};
use common::db::DbError;
use serde_json::json;
use testkit::Failure;

const SECOND: i64 = 1_000_000;

fn fails(index: &Index, status: u16) {
    let body = json!({ "success": false, "errors": [{ "code": 10000, "message": "Busy" }] });
    *index.failure.borrow_mut() = Some(Box::new(move || answered(status, &body)));
}

#[test]
fn words_alone_decide_while_vectorize_is_away_and_nobody_waits() {
    let (desk, index) = large(faq(10));
    *index.failure.borrow_mut() = Some(Box::new({
        let stack = desk.stack().clone();
        move || {
            stack.advance(3 * SECOND);
            testkit::timed_out()
        }
    }));
    for _ in 0..5 {
        let found = desk.search("warranty");
        assert_eq!(found["degraded"], true);
        assert!(texts(&found)[0].contains("warranty"));
    }
    let queries = index.asked();
    assert_eq!(queries.iter().filter(|path| *path == "/query").count(), 2);
    index.failure.take();
    desk.stack().advance(60 * SECOND);
    assert_eq!(desk.search(PARCEL)["degraded"], false);
}

#[test]
fn what_is_fetched_while_vectorize_fails_waits_for_it_and_is_found_by_words() {
    let (desk, index) = large(faq(10));
    fails(&index, 503);
    let mut records = faq(10);
    records[1]["answer"] = json!("Ask the parrot.");
    desk.sells(records);
    desk.links.later();
    desk.minute();
    let state = desk.state();
    assert_eq!(
        (&state["state"], &state["backlog"]),
        (&json!("failing"), &json!(1))
    );
    assert_eq!(state["error"], "Vectorize answered 503: Busy.");
    assert!(texts(&desk.search("parrot"))[0].contains("parrot"));
    index.failure.take();
    desk.minutes_of(10);
    assert_eq!(desk.state()["state"], "ready");
    assert_eq!(index.chunks(), live(&desk));
}

#[test]
fn a_token_that_is_refused_is_told_and_never_shown() {
    let (desk, index) = large(faq(3));
    let words = json!({ "errors": [{ "code": 10000, "message": "the token of the deployment is no good" }] });
    *index.failure.borrow_mut() = Some(Box::new(move || answered(401, &words)));
    desk.sells(faq(4));
    desk.links.later();
    desk.minute();
    let error = desk.state()["error"].as_str().unwrap().to_owned();
    assert!(error.starts_with("Vectorize answered 401"), "{error}");
    assert!(!error.contains("token of the deployment"));
}

#[test]
fn a_lost_answer_of_either_side_leaves_no_vector_out_and_none_behind() {
    for lost in 0..16 {
        let desk = Desk::with(faq(3));
        let index = Index::of(&desk);
        desk.stack().search.sql("UPDATE spaces SET is_large = 1");
        wake(&desk);
        let failure = Failure::After(DbError::Outage("lost".into()));
        desk.stack().search.fail_after(lost, failure);
        desk.minute();
        desk.stack().search.recover();
        desk.sells(json!([{ "id": "q9", "answer": "Ask the parrot." }, faq(3)[0], faq(3)[1]]));
        desk.links.later();
        let failure = Failure::After(DbError::Outage("lost".into()));
        desk.stack().search.fail_after(lost, failure);
        desk.minute();
        desk.stack().search.recover();
        desk.stack().advance(3_600 * SECOND);
        desk.minutes_of(20);
        desk.links.later();
        desk.minutes_of(20);
        assert_eq!(desk.state()["searched_model"], THERE, "{lost}");
        assert_eq!(
            (index.chunks(), live(&desk).len()),
            (live(&desk), 3),
            "{lost}"
        );
    }
}

#[test]
fn vectors_that_lead_nowhere_are_found_by_nobody() {
    let (desk, index) = large(faq(5));
    // Gone from the database alone, as after a removal that Vectorize has not done yet.
    desk.stack()
        .search
        .sql("DELETE FROM chunks WHERE text LIKE '%delivery%'");
    assert_eq!(index.chunks().len(), 5);
    let found = desk.search(PARCEL);
    assert_eq!(found["degraded"], false);
    assert!(texts(&found).iter().all(|text| !text.contains("delivery")));
}

#[test]
fn an_index_that_the_deployment_has_no_more_degrades_searches_of_those_that_are_too_large() {
    let (desk, index) = large(faq(5));
    super::crowded(&desk, 30_000);
    desk.stack().ports.set("VECTORIZE_TOKEN", "");
    assert_eq!(desk.search(PARCEL)["degraded"], true);
    desk.sells(faq(6));
    desk.links.later();
    desk.minute();
    let error = desk.state()["error"].as_str().unwrap().to_owned();
    assert!(error.contains("tieline-128 no more"), "{error}");
    assert_eq!(index.chunks().len(), 5);
    // The others go back to the database.
    super::crowded(&desk, 0);
    desk.stack().advance(3_600 * SECOND);
    desk.minutes_of(5);
    assert_eq!(desk.state()["searched_model"], "static128");
    desk.stack().advance(60 * SECOND);
    assert_eq!(desk.search(PARCEL)["degraded"], false);
}

#[test]
fn what_an_erasure_removes_is_removed_there_without_a_fetch() {
    let (desk, index) = large(faq(5));
    let search = &desk.stack().search;
    let of_one = "SELECT c.business_id, s.model, c.id FROM spaces s JOIN chunks c
                  WHERE c.text LIKE '%delivery%'";
    search.sql(&format!("INSERT INTO vector_removals {of_one}"));
    search.sql("DELETE FROM chunks WHERE text LIKE '%delivery%'");
    assert_eq!(index.chunks().len(), 5);
    desk.minutes_of(6);
    assert_eq!((index.chunks(), live(&desk).len()), (live(&desk), 4));
}

#[test]
fn a_business_that_cannot_be_brought_there_is_told_why_and_embeds_meanwhile() {
    let desk = Desk::with(faq(3));
    desk.set(&json!({}));
    desk.minutes();
    let index = Index::of(&desk);
    fails(&index, 503);
    desk.stack().search.sql("UPDATE spaces SET is_large = 1");
    desk.sells(faq(5));
    desk.links.later();
    desk.minute();
    let state = desk.state();
    assert_eq!(
        (&state["state"], &state["backlog"]),
        (&json!("failing"), &json!(0))
    );
    assert_eq!(state["error"], "Vectorize answered 503: Busy.");
    assert_eq!(desk.vectors()[0].1, 5);
    index.failure.take();
    desk.minutes_of(5);
    // Its vectors have another length, so it stays; and that is no trouble.
    assert_eq!(desk.state()["state"], "ready");
    assert!(index.chunks().is_empty());
}

#[test]
fn the_built_in_model_is_refused_to_those_that_are_too_large_for_it() {
    let desk = Desk::with(faq(3));
    let index = Index::of(&desk);
    desk.stack().search.sql("UPDATE spaces SET is_large = 1");
    *index.config.borrow_mut() = json!({ "dimensions": 64, "metric": "cosine" });
    super::crowded(&desk, 30_000);
    desk.stack().db.sql("INSERT INTO embeddings (business_id, model, set_at) SELECT id, 'static128', 0 FROM businesses WHERE true ON CONFLICT DO NOTHING");
    let refused = desk.call("DELETE", &serde_json::Value::Null);
    assert_eq!(
        (refused.status, refused.detail()),
        (422, ("dimensions", "fits"))
    );
}
