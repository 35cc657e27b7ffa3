use super::*;
use common::db::DbError;
use testkit::Failure;

/// The key, the escalation, and four of the notice.
const CALLS: usize = 6;

#[test]
fn whatever_call_fails_it_happens_once_and_the_customer_is_told_once() {
    let outage = || DbError::Outage("Network connection lost".into());
    for n in 0..CALLS {
        for failure in [Failure::Before(outage()), Failure::After(outage())] {
            let desk = Desk::new();
            desk.stack.db.fail_after(n, failure.clone());
            let first = desk.escalate(json!({"note": "A VIP."}));
            assert!([200, 503].contains(&first.status), "{}", first.text());
            let second = desk.escalate(json!({"note": "A VIP."}));
            assert_eq!(second.status, 200, "call {n}, {failure:?}");
            assert_eq!(second.json["customer_notified"], true, "{}", second.text());
            let counts = (desk.events().len(), desk.sent().len());
            assert_eq!(counts, (1, 1), "call {n}, {failure:?}");
            let rows = (desk.count("escalations"), desk.count("conversation_notes"));
            assert_eq!(rows, (1, 1), "call {n}, {failure:?}");
        }
    }
}

#[test]
fn two_who_escalate_at_once_make_one() {
    let desk = std::rc::Rc::new(Desk::new());
    // Keys are remembered, so that the first batch is the escalation's.
    desk.post(&desk.tenant, &json!({"conversation_id": "x"}));
    let rival = desk.clone();
    desk.stack.db.before_next_batch(move || {
        assert_eq!(rival.escalate(json!({})).json["repeated"], false);
    });
    let answer = desk.escalate(json!({}));
    assert_eq!(answer.json["repeated"], true, "{}", answer.text());
    assert_eq!((desk.events().len(), desk.sent().len()), (1, 1));
    assert_eq!(desk.count("escalations"), 1);
}
