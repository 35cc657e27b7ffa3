//! Messages of the past, many with one request.

use super::there::Trouble;
use super::{ADA, Desk};
use serde_json::json;
use testkit::timed_out;

/// A customer's messages of the past wait.
fn past(texts: &[&str]) -> Desk {
    let desk = Desk::new();
    for (n, text) in texts.iter().enumerate() {
        desk.receive(&format!("wamid.{n}"), ADA, text);
    }
    desk.stack.fan_out(&desk.tenant);
    for table in ["crm_jobs", "crm_streams"] {
        desk.stack
            .db
            .sql(&format!("UPDATE {table} SET priority = 1"));
    }
    desk
}

fn lines(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("line {n}")).collect()
}

fn past_lines(count: usize) -> Desk {
    let lines = lines(count);
    past(&lines.iter().map(String::as_str).collect::<Vec<_>>())
}

fn there(desk: &Desk) -> Vec<String> {
    let text = |one: &serde_json::Value| one["attributes"]["preview"].as_str().unwrap().to_owned();
    let mut all: Vec<_> = desk.there.all("message").iter().map(text).collect();
    all.sort_by_key(|text| (text.len(), text.clone()));
    all
}

fn bulk_and_alone(desk: &Desk) -> (usize, usize) {
    let made = desk.there.requests_made();
    let count = |fits: &dyn Fn(&str) -> bool| made.iter().filter(|line| fits(line)).count();
    (
        count(&|line| line == "POST /v1/messages/bulk"),
        count(&|line| line.starts_with("POST") && line.ends_with("/messages")),
    )
}

#[test]
fn messages_of_the_past_are_written_with_one_request() {
    let desk = past_lines(30);
    desk.there.0.borrow_mut().bulk_polls = 2;
    desk.settle();
    assert_eq!(there(&desk), lines(30));
    let messages = desk.there.all("message");
    let is_marked = |one: &serde_json::Value| one["attributes"]["importedAt"].is_string();
    assert!(messages.iter().all(is_marked));
    let asked = desk.there.0.borrow().requests_made.len();
    assert!(asked < 14, "{asked}");
    assert_eq!(bulk_and_alone(&desk), (1, 0));
    assert_eq!(desk.count("crm_links WHERE kind = 'message'"), 30);
    assert_eq!(desk.count("crm_jobs WHERE state <> 'done'"), 0);
}

#[test]
fn more_than_a_request_takes_are_several_and_each_message_is_there_once() {
    let desk = past_lines(230);
    desk.settle();
    assert_eq!(there(&desk), lines(230));
    let (bulk, alone) = bulk_and_alone(&desk);
    assert!(bulk == 3 && alone == 0, "{bulk} {alone}");
}

#[test]
fn what_a_bulk_answer_refuses_is_written_alone_or_fails_alone() {
    let desk = past(&["line 0", "line 1", "refused", "line 2", "line 3", "line 4"]);
    let id = desk.value("SELECT id FROM messages WHERE content = 'line 1'");
    desk.there.0.borrow_mut().records.push(json!({"type": "message", "id": "there-already",
        "attributes": {"externalId": format!("tieline:message:{id}"), "preview": "line 1", "rev": 1},
        "relationships": {}}));
    desk.settle();
    assert_eq!(there(&desk), lines(5));
    assert_eq!(bulk_and_alone(&desk), (1, 1), "the one that is refused");
    let failed = "crm_jobs j JOIN messages m ON m.id = j.subject
        WHERE j.state = 'failed' AND m.content = 'refused'";
    assert_eq!(desk.count(failed), 1, "{:?}", desk.jobs());
    assert_eq!(desk.count("crm_jobs WHERE state = 'failed'"), 1);
    let linked =
        format!("SELECT remote_id FROM crm_links WHERE kind = 'message' AND local_id = '{id}'");
    assert_eq!(desk.value(&linked), "there-already");
}

#[test]
fn a_lost_answer_to_a_bulk_request_makes_nothing_twice() {
    let desk = past_lines(8);
    desk.there
        .trouble("POST /v1/messages/bulk", Trouble::After(timed_out()));
    desk.there.trouble(
        "GET /v1/bulk/000000000000000000000002",
        Trouble::Before(timed_out()),
    );
    desk.settle();
    assert_eq!(there(&desk), lines(8), "{:?}", desk.jobs());
    assert_eq!(desk.count("crm_jobs WHERE state <> 'done'"), 0);
}

#[test]
fn a_bulk_job_that_never_ends_is_given_up_after_an_hour() {
    let desk = past_lines(5);
    desk.there.0.borrow_mut().bulk_polls = usize::MAX;
    desk.settle();
    assert_eq!(there(&desk), lines(5));
    assert_eq!(bulk_and_alone(&desk).1, 5);
}

#[test]
fn a_key_that_may_not_read_bulk_jobs_writes_each_message_alone() {
    let desk = past_lines(5);
    let held = super::roles::GUIDE.into_iter().collect();
    desk.there.0.borrow_mut().roles = Some(held);
    desk.settle();
    assert_eq!(there(&desk), lines(5));
    assert_eq!(bulk_and_alone(&desk), (0, 5));
    let troubles = "crm_cache WHERE key GLOB 'trouble:*bulk*'";
    assert_eq!(desk.count(troubles), 0, "it takes nothing but time");
}

#[test]
fn what_is_live_is_never_written_in_bulk() {
    let desk = Desk::new();
    for n in 0..6 {
        desk.receive(&format!("wamid.{n}"), ADA, &format!("line {n}"));
    }
    desk.settle();
    assert_eq!(bulk_and_alone(&desk), (0, 6));
}
