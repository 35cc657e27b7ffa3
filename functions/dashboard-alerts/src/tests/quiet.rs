use super::{Desk, HOUR, MINUTE};
use serde_json::json;

/// A business that is quiet from 22 to 7 in Berlin, where it is 21:30 on a winter's day, and has somebody told.
fn evening(critical_passes: bool) -> Desk {
    let desk = Desk::new();
    desk.stack
        .advance(-(desk.now().rem_euclid(24 * HOUR)) + 20 * HOUR + 30 * MINUTE);
    let quiet = json!({ "time_zone": "Europe/Berlin", "from": "22:00", "to": "07:00",
        "critical_passes": critical_passes });
    desk.set(&json!({ "quiet_hours": quiet }));
    desk.slack();
    desk.answers(200);
    desk
}

fn refuse_account(desk: &Desk) {
    let _ = desk.stack.whatsapp(&desk.tenant, "4714");
    desk.sql("UPDATE channels SET status_reason = 'no'");
}

fn suspect_link(desk: &Desk) {
    desk.sql(
        "INSERT INTO knowledge_links (business_id, id, page_id, url, type, name, description, channels,
           is_active, settings, credentials, suspect, created_at, updated_at)
         VALUES ('{business}', 'l1', 'p', 'https://shop.example/', 'url', 'Orders', '', '{}', 1, '{}', '',
           3, 0, 0)",
    );
}

#[test]
fn a_warning_waits_until_quiet_hours_end_and_a_critical_alert_does_not() {
    let desk = evening(true);
    suspect_link(&desk);
    desk.minute();
    assert_eq!(desk.texts().len(), 1, "it is not yet quiet");
    desk.sql("DELETE FROM knowledge_links");
    desk.stack.advance(HOUR);
    desk.minutes(4);
    assert_eq!(desk.texts().len(), 0, "that it ended waits, too");
    refuse_account(&desk);
    desk.minute();
    let texts = desk.texts();
    assert_eq!(texts.len(), 1);
    assert!(texts[0].contains("Critical"), "{texts:?}");
    let past = desk.alerts("resolved");
    let pending = past[0]["notifications"].as_array().unwrap().iter();
    let pending: Vec<_> = pending.filter(|one| one["status"] == "pending").collect();
    // 7:00 in Berlin.
    assert!(
        pending[0]["next_attempt_at"]
            .as_str()
            .unwrap()
            .contains("T06:00:00"),
        "{pending:?}"
    );
    desk.stack.advance(7 * HOUR);
    desk.minute();
    assert_eq!(desk.texts().len(), 0, "5:36 in Berlin");
    desk.stack.advance(HOUR + 30 * MINUTE);
    desk.minute();
    let texts = desk.texts();
    assert_eq!(texts.len(), 1);
    assert!(texts[0].contains("Resolved"), "{texts:?}");
}

#[test]
fn a_business_may_be_left_alone_whatever_happens() {
    let desk = evening(false);
    desk.stack.advance(HOUR);
    refuse_account(&desk);
    desk.minutes(3);
    assert_eq!(desk.texts().len(), 0);
    desk.stack.advance(9 * HOUR);
    desk.minute();
    assert_eq!(desk.texts().len(), 1);
}

#[test]
fn what_began_and_ended_while_it_was_quiet_is_told_to_nobody_and_stands_in_the_list() {
    let desk = evening(true);
    desk.stack.advance(HOUR);
    suspect_link(&desk);
    desk.minute();
    assert_eq!(desk.open().len(), 1);
    desk.sql("DELETE FROM knowledge_links");
    desk.minutes(4);
    desk.stack.advance(10 * HOUR);
    desk.minutes(2);
    assert_eq!(desk.texts().len(), 0);
    let past = desk.alerts("resolved");
    assert_eq!(past[0]["notifications"][0]["status"], "skipped");
    assert_eq!(past[0]["notifications"].as_array().unwrap().len(), 1);
}

#[test]
fn endpoints_are_told_at_any_hour() {
    let desk = evening(false);
    desk.stack.advance(HOUR);
    suspect_link(&desk);
    desk.minute();
    assert_eq!(desk.events(), ["alert.raised crm_link_failing"]);
}

#[test]
fn quiet_hours_within_a_day_end_on_it() {
    let desk = evening(true);
    let quiet = json!({ "time_zone": "Asia/Kolkata", "from": "01:00", "to": "05:30" });
    desk.set(&json!({ "quiet_hours": quiet }));
    suspect_link(&desk);
    // 20:31 in UTC is 2:01 in Kolkata.
    desk.minute();
    assert_eq!(desk.texts().len(), 0);
    desk.stack.advance(3 * HOUR + 27 * MINUTE);
    desk.minute();
    assert_eq!(desk.texts().len(), 0, "5:29");
    desk.minute();
    assert_eq!(desk.texts().len(), 1, "5:30");
}
