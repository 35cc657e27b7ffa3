//! A server that is slow or down while questions are asked.

use super::embedders::{Desk, SERVER, answered, faq};
use common::ports::{FetchError, OutboundResponse};
use serde_json::{Value, json};
use std::cell::Cell;
use std::rc::Rc;

const SECOND: i64 = 1_000_000;

/// A business whose questions a server embeds.
fn desk() -> Desk {
    let desk = Desk::with(faq(10));
    desk.set(&json!({}));
    desk.minutes();
    desk
}

/// Has the server answer so from now on, after some seconds; gives how often it was asked.
fn failing(
    desk: &Desk,
    after: i64,
    outcome: impl Fn() -> Result<OutboundResponse, FetchError> + 'static,
) -> Rc<Cell<u32>> {
    let (asked, stack) = (Rc::new(Cell::new(0)), desk.stack().clone());
    let count = asked.clone();
    desk.spoil(move |_, _| {
        count.set(count.get() + 1);
        stack.advance(after * SECOND);
        outcome()
    });
    asked
}

/// Searches, which finds by words whatever happens, and says whether words alone decided and how many seconds it took.
fn search(desk: &Desk) -> (bool, i64) {
    let before = desk.stack().now().micros();
    let found = desk.search("warranty");
    assert!(
        found["results"][0]["text"]
            .as_str()
            .unwrap()
            .contains("warranty")
    );
    let took = desk.stack().now().micros() - before;
    (found["degraded"] == true, took / SECOND)
}

fn questions(desk: &Desk) -> Value {
    let health = desk.links.call("GET", "crm-links/health", &Value::Null);
    health.json["embedding"]["questions"].clone()
}

fn well() -> Value {
    json!({ "error": null, "failing_since": null, "rests_until": null })
}

#[test]
fn one_search_waits_for_a_server_that_hangs_and_the_others_do_not() {
    let desk = desk();
    assert_eq!((search(&desk), questions(&desk)), ((false, 0), well()));
    let asked = failing(&desk, 5, testkit::timed_out);
    assert_eq!(search(&desk), (true, 5));
    let calls = || desk.stack().ports.call_logs.borrow().len();
    let before = calls();
    for _ in 0..20 {
        assert_eq!(search(&desk), (true, 0));
    }
    assert_eq!(
        (asked.get(), calls()),
        (1, before),
        "not even embed-text is asked"
    );
    let shown = questions(&desk);
    assert!(
        shown["error"]
            .as_str()
            .unwrap()
            .contains("within 5 seconds")
    );
    assert!(shown["rests_until"].is_string());
    let since = shown["failing_since"].clone();
    // One more tries it after the rest, which is longer then, up to five minutes.
    let mut waited = 0;
    for rest in [10, 20, 40, 80, 160, 300, 300] {
        desk.stack().advance((rest - 1) * SECOND);
        assert_eq!(search(&desk), (true, 0), "{rest}");
        desk.stack().advance(SECOND);
        assert_eq!(search(&desk), (true, 5), "{rest}");
        waited += 1;
        assert_eq!(asked.get(), 1 + waited);
    }
    assert_eq!(questions(&desk)["failing_since"], since);
    // The first that is answered has the others ask again.
    desk.mend();
    desk.stack().advance(300 * SECOND);
    assert_eq!(search(&desk), (false, 0));
    assert_eq!((search(&desk), questions(&desk)), ((false, 0), well()));
}

#[test]
fn one_question_at_a_time_tries_whether_the_server_is_back() {
    let desk = desk();
    failing(&desk, 5, testkit::timed_out);
    search(&desk);
    desk.stack().advance(10 * SECOND);
    // While the server lets that one wait, another comes.
    let (links, found) = (desk.links.clone(), Rc::new(Cell::new(None)));
    let other = found.clone();
    desk.spoil(move |_, answer| {
        let begins = links.stack.now();
        let found = links.call("POST", "rag/search", &json!({ "query": "warranty" }));
        let waited = links.stack.now().micros() - begins.micros();
        other.set(Some((found.json["degraded"] == true, waited)));
        answered(200, &answer)
    });
    assert_eq!(search(&desk), (false, 0));
    assert_eq!(found.get(), Some((true, 0)));
    assert_eq!(questions(&desk), well());
}

#[test]
fn three_quick_failures_in_a_row_have_the_server_left_alone_and_one_does_not() {
    let desk = desk();
    let overloaded = || answered(500, &json!({ "error": { "message": "Overloaded" } }));
    let asked = failing(&desk, 0, overloaded);
    assert_eq!(search(&desk), (true, 0));
    assert_eq!(questions(&desk)["rests_until"], Value::Null);
    desk.mend();
    assert_eq!((search(&desk), questions(&desk)), ((false, 0), well()));
    let again = failing(&desk, 0, overloaded);
    for _ in 0..9 {
        assert_eq!(search(&desk), (true, 0));
    }
    assert_eq!((asked.get(), again.get()), (1, 3));
    let error = questions(&desk)["error"].clone();
    assert!(error.as_str().unwrap().contains("500: Overloaded"));
}

#[test]
fn a_server_that_asks_questions_for_a_pause_gets_it() {
    let desk = desk();
    let asked = failing(&desk, 0, || {
        let mut refused = answered(429, &json!({ "error": { "message": "Rate limit" } }))?;
        refused.headers.push(("retry-after".into(), "90".into()));
        Ok(refused)
    });
    search(&desk);
    desk.stack().advance(89 * SECOND);
    assert_eq!((search(&desk), asked.get()), ((true, 0), 1));
    desk.stack().advance(2 * SECOND);
    assert_eq!((search(&desk), asked.get()), ((true, 0), 2));
}

#[test]
fn questions_that_the_server_refuses_for_their_text_keep_no_other_from_it() {
    let desk = desk();
    let too_long = json!({ "error": { "message": "maximum context length" } });
    let asked = failing(&desk, 0, move || answered(400, &too_long));
    for _ in 0..9 {
        search(&desk);
    }
    assert_eq!((asked.get(), questions(&desk)), (9, well()));
}

#[test]
fn a_fetch_waits_for_no_server_that_hangs_and_leaves_its_parts_to_the_backlog() {
    let desk = desk();
    let asked = failing(&desk, 20, testkit::timed_out);
    desk.sells(faq(13));
    desk.links.later();
    assert_eq!(asked.get(), 0);
    let fetched = desk
        .links
        .call("GET", "crm-links/health", &Value::Null)
        .json;
    assert_eq!(fetched["links"][0]["fetches"][0]["status"], "ok");
    assert_eq!(fetched["embedding"]["backlog"], 3);
    desk.minute();
    assert_eq!(asked.get(), 1);
    assert_eq!(desk.state()["backlog"], 3);
    desk.mend();
    desk.minutes();
    assert_eq!(desk.state()["backlog"], 0);
}

#[test]
fn a_server_that_is_set_again_is_asked_at_once() {
    let desk = desk();
    failing(&desk, 5, testkit::timed_out);
    search(&desk);
    assert_eq!(search(&desk), (true, 0));
    desk.mend();
    desk.set(&json!({}));
    assert_eq!((search(&desk), questions(&desk)), ((false, 0), well()));
    // So is another one, once everything is embedded by it.
    failing(&desk, 5, testkit::timed_out);
    search(&desk);
    desk.mend();
    desk.set(&json!({ "base_url": format!("{SERVER}/other") }));
    desk.minutes();
    assert_eq!((search(&desk), questions(&desk)), ((false, 0), well()));
}

#[test]
fn a_lost_write_of_what_a_server_did_fails_no_search() {
    let desk = desk();
    failing(&desk, 0, testkit::refused);
    desk.stack().search.fail_after(
        2,
        testkit::Failure::After(common::db::DbError::Outage("lost".into())),
    );
    assert!(search(&desk).0);
    desk.stack().search.recover();
    assert!(search(&desk).0);
}
