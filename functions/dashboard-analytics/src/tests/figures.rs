use super::{Rows, ask, at, non_zero};
use common::time::DAY;
use serde_json::json;
use testkit::Stack;

#[test]
fn analytics_get_answers_what_each_day_and_the_span_came_to() {
    let (stack, tenant) = Stack::with_tenant();
    let rows = Rows(&stack, &tenant);
    let (ann, bob) = (("a1", "Ann"), ("b1", "Bob"));
    let first = "2025-12-30";
    // Answered after 10, 20, 60 and, by nobody that is known, 30 seconds: 25 in the middle, 30 mean.
    let answered_after = [
        (10, Some(ann)),
        (20, Some(bob)),
        (60, Some(bob)),
        (30, None),
    ];
    let answered_after = answered_after.map(|(seconds, author)| {
        let id = rows.begun(at(first, seconds * 100));
        rows.inbound(&id, at(first, seconds * 100));
        rows.answered(&id, at(first, seconds * 101), author);
        id
    });
    let [quick, slower, slowest, _] = &answered_after;
    // Of the next day: nobody answers the one, the other is of our own beginning.
    let second = "2025-12-31";
    let waiting = rows.begun(at(second, 0));
    rows.inbound(&waiting, at(second, 1));
    let ours = rows.begun(at(second, 5));
    rows.answered(&ours, at(second, 5), Some(("a1", "Ann Smith")));
    rows.escalated(quick, at(first, 2000));
    rows.escalated(quick, at(second, 2000));
    rows.escalated(&waiting, at("2026-01-02", 0));
    // Lasted 100 and 1001.5 seconds.
    rows.closed(quick, at(first, 1100), Some("a1"));
    rows.closed(slower, at(first, 3001) + 500_000, Some("Bob"));
    rows.closed(slowest, at(second, 0), Some("Eve"));
    rows.rated(quick, at(first, 5000), "1.0");
    rows.rated(slower, at(first, 5001), "0.5");
    rows.rated(slowest, at(second, 0), "0.25");
    rows.synced("kustomer", first, [8, 1, 20, 2]);
    rows.synced("other", first, [1, 0, 3, 0]);
    rows.synced("kustomer", second, [0, 0, 4, 4]);

    let calls = stack.db.calls();
    let answer = ask(&stack, &tenant, "?from=2025-12-30&to=2026-01-01").json;
    // The session is opened with three.
    assert_eq!(stack.db.calls() - calls, 5, "the session, the figures");
    assert_eq!(
        non_zero(&answer["days"][0]),
        json!({
            "date": "2025-12-30",
            "conversations_begun": 4, "conversations_escalated": 1, "escalation_rate": 0.25,
            "conversations_answered": 4,
            "first_response_median_seconds": 25, "first_response_mean_seconds": 30,
            "conversations_closed": 2,
            "resolution_median_seconds": 550.75, "resolution_mean_seconds": 550.75,
            "messages_in": 4, "messages_out": 4,
            "csat_ratings": 2, "csat_mean": 0.75,
            "sync_jobs_done": 9, "sync_jobs_failed": 1, "sync_success_rate": 0.9,
            "sync_requests": 23, "sync_requests_throttled": 2,
        })
    );
    assert_eq!(
        non_zero(&answer["days"][1]),
        json!({
            "date": "2025-12-31",
            "conversations_begun": 2, "conversations_escalated": 1, "escalation_rate": 0.5,
            "conversations_unanswered": 1,
            "conversations_closed": 1,
            "resolution_median_seconds": 80_400, "resolution_mean_seconds": 80_400,
            "messages_in": 1, "messages_out": 1,
            "csat_ratings": 1, "csat_mean": 0.25,
            "sync_requests": 4, "sync_requests_throttled": 4,
        })
    );
    assert_eq!(
        non_zero(&answer["days"][2]),
        json!({ "date": "2026-01-01" })
    );
    assert_eq!(
        non_zero(&answer["totals"]),
        json!({
            "conversations_begun": 6, "conversations_escalated": 2, "escalation_rate": 0.3333,
            "conversations_answered": 4, "conversations_unanswered": 1,
            "first_response_median_seconds": 25, "first_response_mean_seconds": 30,
            "conversations_closed": 3,
            "resolution_median_seconds": 1001.5, "resolution_mean_seconds": 27_167.167,
            "messages_in": 5, "messages_out": 5,
            "csat_ratings": 3, "csat_mean": 0.5833,
            "sync_jobs_done": 9, "sync_jobs_failed": 1, "sync_success_rate": 0.9,
            "sync_requests": 27, "sync_requests_throttled": 6,
        })
    );
    assert_eq!(
        answer["agents"],
        json!([
            { "id": "a1", "name": "Ann Smith", "messages": 2, "tickets_closed": 1 },
            { "id": "b1", "name": "Bob", "messages": 2, "tickets_closed": 1 },
            { "name": "Eve", "messages": 0, "tickets_closed": 1 },
        ])
    );
}

#[test]
fn a_span_of_nothing_has_zeros_and_no_rates() {
    let (stack, tenant) = Stack::with_tenant();
    let answer = ask(&stack, &tenant, "?from=2025-12-31&to=2026-01-01").json;
    let nothing = json!({
        "conversations_begun": 0, "conversations_escalated": 0, "escalation_rate": null,
        "conversations_answered": 0, "conversations_unanswered": 0,
        "first_response_median_seconds": null, "first_response_mean_seconds": null,
        "conversations_closed": 0,
        "resolution_median_seconds": null, "resolution_mean_seconds": null,
        "messages_in": 0, "messages_out": 0, "csat_ratings": 0, "csat_mean": null,
        "sync_jobs_done": 0, "sync_jobs_failed": 0, "sync_success_rate": null,
        "sync_requests": 0, "sync_requests_throttled": 0,
    });
    assert_eq!(answer["totals"], nothing);
    let mut day = nothing;
    day["date"] = "2025-12-31".into();
    assert_eq!(answer["days"][0], day);
    assert_eq!(answer["agents"], json!([]));
}

#[test]
fn an_agent_of_a_crm_is_one_by_id_by_address_and_by_name() {
    let (stack, tenant) = Stack::with_tenant();
    let rows = Rows(&stack, &tenant);
    let at = |seconds| at("2026-01-01", seconds);
    let agent = |id: &str, name: &str, email: &str| {
        let values = format!("'kustomer', '{id}', '{name}', '{email}'");
        rows.insert("crm_agents", "connector, id, name, email", &values);
    };
    agent("5f01", "Grace", "grace@acme.example");
    agent("5f02", "Bob", "bob@acme.example");
    let id = rows.begun(at(0));
    rows.answered(&id, at(1), Some(("5f01", "Grace")));
    let assignees = [
        "Grace@acme.example",
        "5f01",
        "Grace",
        "bob@acme.example",
        "5f02",
    ];
    for (n, assignee) in (0..).zip(assignees) {
        let id = rows.begun(at(10 + n));
        rows.closed(&id, at(20 + n), Some(assignee));
    }
    let answer = ask(&stack, &tenant, "").json;
    assert_eq!(
        answer["agents"],
        json!([
            { "id": "5f01", "name": "Grace", "messages": 1, "tickets_closed": 3 },
            { "id": "5f02", "name": "Bob", "messages": 0, "tickets_closed": 2 },
        ])
    );
}

#[test]
fn a_member_is_one_by_id_by_address_and_by_name() {
    let (stack, tenant) = Stack::with_tenant();
    let rows = Rows(&stack, &tenant);
    let at = |seconds| at("2026-01-01", seconds);
    let member = |id: &str, name: &str, email: &str| {
        let values = format!("'{id}', '{name}', '{email}', 'agent', 0");
        rows.insert("members", "id, name, email, role, created_at", &values);
    };
    member("m1", "Grace", "grace@acme.example");
    member("m2", "Bob", "bob@acme.example");
    let id = rows.begun(at(0));
    rows.answered(&id, at(1), Some(("m1", "Grace")));
    let assignees = [
        "grace@acme.example",
        "m1",
        "Grace",
        "bob@acme.example",
        "m2",
    ];
    for (n, assignee) in (0..).zip(assignees) {
        let id = rows.begun(at(10 + n));
        rows.closed(&id, at(20 + n), Some(assignee));
    }
    let answer = ask(&stack, &tenant, "").json;
    assert_eq!(
        answer["agents"],
        json!([
            { "id": "m1", "name": "Grace", "messages": 1, "tickets_closed": 3 },
            { "id": "m2", "name": "Bob", "messages": 0, "tickets_closed": 2 },
        ])
    );
}

#[test]
fn what_is_another_businesss_is_not_counted() {
    let (stack, tenant) = Stack::with_tenant();
    let other = stack.tenant("Another business");
    let rows = Rows(&stack, &other);
    let at = |seconds| at("2026-01-01", seconds);
    let id = rows.begun(at(0));
    rows.inbound(&id, at(1));
    rows.answered(&id, at(2), Some(("a1", "Ann")));
    rows.escalated(&id, at(3));
    rows.rated(&id, at(4), "1");
    rows.closed(&id, at(5), Some("a1"));
    rows.synced("kustomer", "2026-01-01", [1, 1, 1, 1]);
    let answer = ask(&stack, &tenant, "").json;
    assert_eq!(non_zero(&answer["totals"]), json!({}));
    assert_eq!(answer["agents"], json!([]));
    let answer = ask(&stack, &other, "").json;
    assert_eq!(answer["totals"]["conversations_begun"], 1);
    // Not even by the ids of its conversations.
    let own = Rows(&stack, &tenant);
    own.insert(
        "conversations",
        "id, customer_id, channel_id, channel, last_message_at, created_at, updated_at",
        &format!("'{id}', '', '', 'sms', 0, {}, 0", at(0)),
    );
    let answer = ask(&stack, &tenant, "").json;
    assert_eq!(
        non_zero(&answer["totals"]),
        json!({ "conversations_begun": 1 })
    );
}

#[test]
fn a_day_is_from_midnight_to_midnight_in_utc() {
    let (stack, tenant) = Stack::with_tenant();
    let rows = Rows(&stack, &tenant);
    // Where clocks are put forward, days would have 23 hours.
    let (start, end) = (at("2025-03-30", 0), at("2025-03-31", 0));
    for edge in [start - 1, start, end - 1, end] {
        let id = rows.begun(edge);
        rows.inbound(&id, edge);
        let begun = rows.begun(at("2025-01-01", 0));
        rows.closed(&begun, edge, None);
        rows.rated(&begun, edge, "1");
    }
    let counted = |date: &str| {
        let day = ask(&stack, &tenant, &format!("?from={date}&to={date}")).json;
        [
            "conversations_begun",
            "messages_in",
            "conversations_closed",
            "csat_ratings",
        ]
        .map(|name| {
            assert_eq!(day["days"][0][name], day["totals"][name], "{name}");
            day["totals"][name].as_i64().unwrap()
        })
    };
    assert_eq!(counted("2025-03-29"), [1; 4]);
    assert_eq!(counted("2025-03-30"), [2; 4]);
    assert_eq!(counted("2025-03-31"), [1; 4]);
}

#[test]
fn an_answer_counts_where_it_is_after_the_question_and_did_not_fail() {
    let (stack, tenant) = Stack::with_tenant();
    let rows = Rows(&stack, &tenant);
    let at = |seconds| at("2026-01-01", seconds);
    let id = rows.begun(at(0));
    rows.answered(&id, at(0), None);
    rows.inbound(&id, at(10));
    rows.inbound(&id, at(11));
    rows.message(&id, at(12), "outbound", "failed");
    let of = |what: &str| ask(&stack, &tenant, "").json["totals"][what].clone();
    assert_eq!(of("conversations_unanswered"), 1);
    // Also days later, past the span.
    rows.answered(&id, at(10) + 3 * DAY, None);
    rows.answered(&id, at(10) + 4 * DAY, None);
    assert_eq!(of("conversations_unanswered"), 0);
    assert_eq!(of("first_response_median_seconds"), 3 * 86_400);
    assert_eq!(of("messages_out"), 2);
}

#[test]
fn a_conversation_that_was_opened_again_is_not_closed() {
    let (stack, tenant) = Stack::with_tenant();
    let rows = Rows(&stack, &tenant);
    let id = rows.begun(at("2026-01-01", 0));
    rows.closed(&id, at("2026-01-01", 60), Some("a1"));
    let closed = || ask(&stack, &tenant, "").json["totals"]["conversations_closed"].clone();
    assert_eq!(closed(), 1);
    stack
        .db
        .sql("UPDATE conversations SET status = 'open', closed_at = NULL");
    assert_eq!(closed(), 0);
}

#[test]
fn what_was_really_received_is_counted() {
    let (stack, tenant) = Stack::with_tenant();
    let _channel = stack.whatsapp(&tenant, "7001");
    stack.receive_whatsapp("7001", "wamid.1", "353871234567", "Hello");
    stack.receive_whatsapp("7001", "wamid.2", "353871234567", "Anybody there?");
    stack.advance(DAY);
    stack.receive_whatsapp("7001", "wamid.3", "353861234567", "Hello");
    let answer = ask(&stack, &tenant, "?from=2026-01-02&to=2026-01-03").json;
    let day = |n: usize| {
        let day = &answer["days"][n];
        (
            day["conversations_begun"].clone(),
            day["messages_in"].clone(),
        )
    };
    assert_eq!(day(0), (json!(1), json!(2)));
    assert_eq!(day(1), (json!(1), json!(1)));
    assert_eq!(answer["totals"]["conversations_unanswered"], 2);
}
