//! What happens while another writes.

use super::embedders::{Desk, SERVER, faq};
use serde_json::{Value, json};
use std::rc::Rc;

/// Has something done just before a fetch of these records writes what it staged, and lets everything be embedded.
fn during_a_fetch(desk: &Rc<Desk>, records: Value, happen: impl FnOnce(&Desk) + 'static) {
    desk.sells(records);
    let (search, other) = (desk.stack().search.clone(), desk.clone());
    // The first reads what there is of the link, the second writes.
    let inner = search.clone();
    search.before_next_batch(move || inner.before_next_batch(move || happen(&other)));
    desk.links.later();
    desk.minutes();
    assert_eq!(desk.state()["backlog"], 0);
    assert_eq!(desk.state()["state"], "ready");
}

#[test]
fn a_model_that_is_set_while_a_fetch_is_written_misses_none_of_it() {
    let desk = Rc::new(Desk::with(faq(3)));
    during_a_fetch(&desk, faq(6), |desk| {
        desk.set(&json!({}));
        assert_eq!(desk.state()["backlog"], 3);
    });
    assert_eq!(desk.vectors(), [(format!("64 small {SERVER}"), 6)]);
}

#[test]
fn the_built_in_model_misses_none_of_a_fetch_during_which_it_is_set_again() {
    let desk = Rc::new(Desk::with(faq(3)));
    desk.set(&json!({}));
    desk.minutes();
    during_a_fetch(&desk, faq(6), |desk| {
        assert_eq!(desk.call("DELETE", &Value::Null).status, 204);
        assert_eq!(desk.state()["backlog"], 3);
    });
    // The fields, and one sentence each.
    assert_eq!(desk.vectors(), [("static128".into(), 12)]);
}

#[test]
fn a_model_that_is_set_while_another_embeds_gets_all_and_nothing_of_the_other_stays() {
    let desk = Rc::new(Desk::with(faq(3)));
    desk.set(&json!({}));
    let other = desk.clone();
    // The batch that would write the vectors of the first.
    let set = move || drop(other.set(&json!({ "model": "large" })));
    desk.stack().search.before_next_batch(set);
    desk.minutes();
    assert_eq!(desk.vectors(), [(format!("64 large {SERVER}"), 3)]);
    let state = desk.state();
    assert_eq!(
        (&state["state"], &state["backlog"]),
        (&json!("ready"), &json!(0))
    );
}

#[test]
fn what_is_erased_while_it_is_embedded_leaves_no_vector_and_the_rest_gets_its_own() {
    let desk = Rc::new(Desk::with(faq(3)));
    desk.set(&json!({}));
    let search = desk.stack().search.clone();
    // The batch that would write its vector, with those of the others.
    let gone = "DELETE FROM chunks WHERE id = (SELECT min(id) FROM chunks)";
    let inner = search.clone();
    search.before_next_batch(move || drop(inner.sql(gone)));
    desk.minutes();
    assert_eq!(desk.vectors(), [(format!("64 small {SERVER}"), 2)]);
    let state = desk.state();
    assert_eq!(
        (&state["state"], &state["backlog"]),
        (&json!("ready"), &json!(0))
    );
}
