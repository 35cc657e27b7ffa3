//! Whatever fails, before or after it was done: one person, one lead, each activity once.

use super::there::{Trouble, bare, faulted};
use super::{ADA, Desk, SECOND, apart, everything};
use serde_json::json;
use sync_sales::handler::handle;
use testkit::{refused, timed_out};

/// A new contact with everything on; what the nth request meets.
fn settled(nth: Option<(usize, Trouble)>) -> Desk {
    let mut settings = everything();
    settings["stage_progression"] = json!({ "enabled": true, "on_conversation_created": 2 });
    let desk = Desk::with(&settings);
    desk.there.0.borrow_mut().nth = nth;
    desk.receive("wamid.1", ADA, "Hello");
    desk.receive("wamid.2", ADA, "Are you there?");
    desk.stack
        .db
        .sql("UPDATE customers SET custom_fields = '{\"company_name\":\"Acme\"}'");
    desk.settle_long();
    desk
}

#[test]
fn whatever_call_fails_nothing_is_made_twice_and_nothing_is_lost() {
    let whole = settled(None);
    let requests = whole.there.0.borrow().times.len();
    assert!(requests > 12, "{requests}");
    let outcomes = [timed_out(), faulted(), refused(), bare()];
    for n in 1..=requests {
        for (k, outcome) in outcomes.iter().enumerate() {
            for is_after in [false, true] {
                // What was refused was not done.
                if is_after && k >= 2 {
                    continue;
                }
                let trouble = match is_after {
                    true => Trouble::After(outcome.clone()),
                    false => Trouble::Before(outcome.clone()),
                };
                apart(|| {
                    let desk = settled(Some((n, trouble)));
                    let state = desk.there.0.borrow();
                    let counts = (
                        state.persons.len(),
                        state.leads.len(),
                        state.organizations.len(),
                        state.activities.len(),
                    );
                    let at = format!(
                        "request {n}, outcome {k}, after {is_after}: {:?}",
                        desk.jobs()
                    );
                    assert_eq!(counts, (1, 1, 1, 3), "{at}");
                    for activity in &state.activities {
                        assert_eq!(activity["lead_id"], state.leads[0]["id"], "{at}");
                        assert_eq!(activity["person_id"], state.persons[0]["id"], "{at}");
                    }
                    assert_eq!(state.leads[0]["lead_pipeline_stage_id"], 2, "{at}");
                    assert!(
                        !desk.jobs().iter().any(|job| job.contains(" failed ")),
                        "{at}"
                    );
                });
            }
        }
    }
}

#[test]
fn a_bad_token_is_told_after_a_minute_without_requests() {
    let desk = Desk::new();
    desk.there.0.borrow_mut().is_locked = true;
    desk.receive("wamid.1", ADA, "Hello");
    desk.stack.fan_out(&desk.tenant);
    desk.run();
    let made = desk.there.requests_made();
    assert_eq!(
        made.len(),
        2,
        "one, and what tells whether the token is good: {made:?}"
    );
    desk.run();
    assert!(
        desk.there.requests_made().is_empty(),
        "nothing for a minute"
    );
    assert_eq!(desk.count("integrations WHERE broken_until IS NOT NULL"), 0);
    desk.stack.advance(62 * SECOND);
    desk.run();
    let error = desk.value("SELECT last_error FROM integrations");
    assert!(error.contains("\"bad_key\""), "{error}");
    assert_eq!(desk.count("integrations WHERE broken_until IS NOT NULL"), 1);
    // A new token, and all goes on.
    desk.there.0.borrow_mut().is_locked = false;
    desk.stack
        .db
        .sql("UPDATE integrations SET broken_until = NULL, failures = 0");
    desk.settle_long();
    desk.lead();
}

#[test]
fn a_limit_that_others_used_up_is_waited_for() {
    let desk = Desk::new();
    desk.there.0.borrow_mut().limit = Some(1);
    desk.receive("wamid.1", ADA, "Hello");
    desk.stack.fan_out(&desk.tenant);
    desk.run();
    desk.there.0.borrow_mut().limit = None;
    desk.stack.advance(62 * SECOND);
    desk.settle_long();
    desk.lead();
    assert_eq!(desk.count("integrations WHERE broken_until IS NOT NULL"), 0);
    assert_eq!(
        desk.value("SELECT coalesce(last_error, '') FROM integrations"),
        ""
    );
}

#[test]
fn a_method_that_there_is_not_blames_nobody() {
    let desk = Desk::new();
    desk.receive("wamid.1", ADA, "Hello");
    desk.there.trouble("POST /leads", Trouble::Before(bare()));
    desk.settle_long();
    desk.lead();
    assert_eq!(desk.count("integrations WHERE broken_until IS NOT NULL"), 0);
}

#[test]
fn five_hundred_contacts_stay_below_sixty_a_minute() {
    let desk = Desk::new();
    desk.there.0.borrow_mut().limit = Some(60);
    for n in 0..500 {
        desk.receive(&format!("wamid.{n}"), &format!("3538700{n:05}"), "Hello");
    }
    desk.settle_long();
    let state = desk.there.0.borrow();
    assert_eq!((state.persons.len(), state.leads.len()), (500, 500));
    assert_eq!(state.refused, 0);
    let times = &state.times;
    let most = times
        .iter()
        .enumerate()
        .map(|(n, from)| {
            times[n..]
                .iter()
                .take_while(|at| *at - from < 60 * SECOND)
                .count()
        })
        .max();
    assert!(most <= Some(60), "{most:?}");
    assert!(desk.jobs().iter().all(|job| !job.contains(" failed ")));
}

#[test]
fn fifty_events_of_a_new_contact_at_once_make_one_person_and_one_lead() {
    let desk = Desk::with(&everything());
    for outcome in [timed_out(), faulted()] {
        desk.there
            .trouble("POST /contacts/persons", Trouble::After(outcome.clone()));
        desk.there
            .trouble("POST /leads", Trouble::After(outcome.clone()));
        desk.there
            .trouble("POST /activities", Trouble::After(outcome));
    }
    for n in 0..50 {
        desk.receive(&format!("wamid.{n}"), ADA, &format!("line {n}"));
    }
    desk.settle_long();
    desk.person();
    desk.lead();
    let activities = desk.there.activities();
    assert_eq!(activities.len(), 51);
    let said = activities.iter().filter_map(|one| one["comment"].as_str());
    let said: Vec<_> = said
        .filter(|comment| comment.starts_with("line "))
        .collect();
    let expected: Vec<_> = (0..50).map(|n| format!("line {n}")).collect();
    assert_eq!(said, expected, "in order");
}

/// The answer to a request that begins so takes so many seconds. Then, before it is there, another run does what it
/// can.
fn interrupted(desk: &Desk, request: &str, seconds: i64) {
    let (stack, business) = (desk.stack.clone(), desk.tenant.business_id.clone());
    desk.there.behind(request, move || {
        stack.advance(seconds * SECOND);
        let log = stack.job(&business, handle);
        assert_eq!(log["level"], "info", "{log}");
    });
}

/// What is asked for a new contact with everything on.
const ASKED: [&str; 6] = [
    "GET /contacts/persons/search",
    "POST /contacts/persons",
    "GET /settings/pipelines",
    "POST /leads",
    "POST /activities",
    "PUT /activities",
];

fn is_all_once(desk: &Desk, messages: usize, at: &str) {
    let state = desk.there.0.borrow();
    let made = (state.persons.len(), state.leads.len());
    assert_eq!(made, (1, 1), "{at}: {:?}", state.requests_made);
    drop(state);
    let activities = desk.there.activities();
    let said = activities.iter().filter_map(|one| one["comment"].as_str());
    let said: Vec<_> = said
        .filter(|comment| comment.starts_with("line "))
        .collect();
    let expected: Vec<_> = (0..messages).map(|n| format!("line {n}")).collect();
    assert_eq!(said, expected, "{at}");
    assert_eq!(activities.len(), messages + 1, "{at}");
    let jobs = desk.jobs();
    assert!(
        !jobs.iter().any(|job| job.contains(" failed ")),
        "{at}: {jobs:?}"
    );
}

/// A run has 26 seconds for requests and its lease 120, so that nobody makes anything whose lease has ended. Both
/// sides of both.
#[test]
fn of_two_runs_one_makes_person_and_lead_however_long_an_answer_takes() {
    let requests = &ASKED[..4];
    for seconds in [5, 21, 24, 27, 119, 121] {
        for request in requests {
            apart(|| {
                let desk = Desk::new();
                desk.receive("wamid.1", ADA, "Hello");
                interrupted(&desk, request, seconds);
                desk.settle_long();
                let state = desk.there.0.borrow();
                let made = (state.persons.len(), state.leads.len());
                let at = format!("{request}, {seconds} s: {:?}", state.requests_made);
                assert_eq!(made, (1, 1), "{at}");
            });
        }
    }
}

#[test]
fn fifty_events_over_two_runs_with_failures_at_every_write_make_one_person_and_one_lead() {
    let writes = ASKED.iter().filter(|line| !line.starts_with("GET"));
    for write in writes {
        for is_after in [false, true] {
            apart(|| {
                let desk = Desk::with(&everything());
                for outcome in [timed_out(), faulted()] {
                    let trouble = match is_after {
                        true => Trouble::After(outcome),
                        false => Trouble::Before(outcome),
                    };
                    desk.there.trouble(write, trouble);
                }
                for n in 0..50 {
                    desk.receive(&format!("wamid.{n}"), ADA, &format!("line {n}"));
                }
                interrupted(&desk, write, 130);
                desk.settle_long();
                is_all_once(&desk, 50, &format!("{write}, after {is_after}"));
            });
        }
    }
}

/// From 2.2 on Krayin limits nothing and so tells no limits: whatever fails there says as little as a bad token.
#[test]
fn a_server_that_tells_no_limits_is_asked_what_an_error_was_and_nothing_is_made_twice() {
    for write in ["POST /contacts/persons", "POST /leads", "POST /activities"] {
        for trouble in [Trouble::Before(bare()), Trouble::After(bare())] {
            apart(|| {
                let desk = Desk::with(&everything());
                desk.there.0.borrow_mut().has_no_headers = true;
                desk.there.trouble(write, trouble);
                desk.receive("wamid.1", ADA, "line 0");
                let began = desk.stack.now();
                desk.settle();
                assert_eq!(desk.requests("GET /get"), 1, "{write}");
                is_all_once(&desk, 1, write);
                // It is no limit that was reached, so nothing waits for a minute.
                let seconds = (desk.stack.now().micros() - began.micros()) / SECOND;
                assert!(seconds < 30, "{write}: {seconds}");
                assert_eq!(desk.count("integrations WHERE broken_until IS NOT NULL"), 0);
            });
        }
    }
}

#[test]
fn a_bad_token_of_a_server_that_tells_no_limits_is_told_after_a_minute() {
    let desk = Desk::new();
    desk.there.0.borrow_mut().has_no_headers = true;
    desk.there.0.borrow_mut().is_locked = true;
    desk.receive("wamid.1", ADA, "Hello");
    desk.stack.fan_out(&desk.tenant);
    desk.run();
    assert_eq!(desk.count("integrations WHERE broken_until IS NOT NULL"), 0);
    desk.stack.advance(62 * SECOND);
    desk.run();
    let error = desk.value("SELECT last_error FROM integrations");
    assert!(error.contains("\"bad_key\""), "{error}");
}

#[test]
fn a_krayin_that_is_away_for_an_hour_gets_everything_in_the_end() {
    let desk = Desk::with(&everything());
    desk.receive("wamid.1", ADA, "Hello");
    desk.settle();
    desk.there.0.borrow_mut().is_away = true;
    for n in 0..5 {
        desk.receive(&format!("wamid.away.{n}"), ADA, &format!("line {n}"));
        desk.receive(
            &format!("wamid.new.{n}"),
            &format!("35387000000{n}"),
            "Hello",
        );
    }
    for _ in 0..60 {
        desk.stack.fan_out(&desk.tenant);
        desk.run();
        desk.stack.advance(60 * SECOND);
    }
    desk.there.0.borrow_mut().is_away = false;
    desk.settle_long();
    let state = desk.there.0.borrow();
    assert_eq!((state.persons.len(), state.leads.len()), (6, 6));
    assert_eq!(state.activities.len(), 6 + 11);
    assert!(
        desk.jobs().iter().all(|job| !job.contains(" failed ")),
        "{:?}",
        desk.jobs()
    );
}
