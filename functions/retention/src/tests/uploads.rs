//! Uploads that no message carries.

use super::{DAY, Kept};
use serde_json::json;

const OLD: &str = "01900000-0000-7000-8000-0000000000a1";
const SENT: &str = "01900000-0000-7000-8000-0000000000a2";

/// An upload that was never sent and one that a message carries.
fn uploaded() -> Kept {
    let kept = Kept::new();
    let business = &kept.tenant.business_id;
    for (id, message) in [(OLD, "NULL"), (SENT, "'m'")] {
        kept.stack.db.sql(&format!(
            "INSERT INTO attachments (business_id, id, message_id, state, filename, type, size, created_at)
             VALUES ('{business}', '{id}', {message}, 'ready', 'a.png', 'image/png', 1, {})",
            kept.stack.now().micros()
        ));
        let key = format!("{business}/{id}");
        kept.stack.ports.blobs.borrow_mut().insert(key, vec![1]);
    }
    kept
}

fn blobs(kept: &Kept) -> Vec<String> {
    let blobs = kept.stack.ports.blobs.borrow();
    let ids = blobs
        .keys()
        .filter_map(|key| Some(key.split_once('/')?.1.to_owned()));
    ids.collect()
}

#[test]
fn an_upload_that_was_never_sent_goes_after_seven_days_with_its_bytes() {
    let kept = uploaded();
    kept.stack.advance(6 * DAY);
    kept.sweep();
    assert_eq!(blobs(&kept), [OLD, SENT]);
    kept.stack.advance(DAY);
    kept.sweep();
    assert_eq!(blobs(&kept), [SENT]);
    let left = kept.stack.db.sql("SELECT id FROM attachments");
    assert_eq!(left, [[SENT.into()]]);
}

#[test]
fn a_business_sets_how_long_uploads_are_kept() {
    let kept = uploaded();
    kept.put(&json!({ "uploads_days": 1 }));
    kept.stack.advance(DAY);
    kept.sweep();
    assert_eq!(blobs(&kept), [SENT]);
}

#[test]
fn an_upload_that_is_about_to_go_is_sent_no_more_and_its_row_goes_last() {
    let kept = uploaded();
    kept.stack.advance(8 * DAY);
    let outage = common::db::DbError::Outage("Network connection lost".into());
    // The transaction is done; deleting the row fails.
    kept.stack
        .db
        .fail_after(2, testkit::Failure::Before(outage));
    let log = kept.stack.job("", super::each_minute);
    assert_eq!(log["code"], "unavailable", "{log}");
    assert_eq!(blobs(&kept), [SENT]);
    assert_eq!(
        kept.count("attachments WHERE state = 'expired' AND message_id IS NULL"),
        1
    );
    kept.sweep();
    assert_eq!(kept.count("attachments"), 1);
}

#[test]
fn many_uploads_go_forty_a_minute() {
    let kept = Kept::new();
    let business = &kept.tenant.business_id;
    kept.stack.db.sql(&format!(
        "INSERT INTO attachments (business_id, id, state, filename, type, size, created_at)
         WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 99)
         SELECT '{business}', 'a' || n, 'ready', 'a.png', 'image/png', 1, 0 FROM n"
    ));
    let mut left = Vec::new();
    for _ in 0..3 {
        kept.minute();
        left.push(kept.count("attachments"));
    }
    assert_eq!(left, [60, 20, 0]);
}

#[test]
fn an_upload_in_parts_goes_with_all_of_them_and_counts_as_many() {
    let kept = uploaded();
    let business = &kept.tenant.business_id;
    // 25 MiB: seven parts, and the key that it had before there were parts.
    kept.stack.db.sql(&format!(
        "INSERT INTO attachments (business_id, id, state, filename, type, size, created_at)
         WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 5)
         SELECT '{business}', 'p' || n, 'ready', 'a.mp4', 'video/mp4', 26214400, 0 FROM n"
    ));
    for (n, part) in (0..6).flat_map(|n| (0..7).map(move |part| (n, part))) {
        let key = format!("{business}/p{n}.{part}");
        kept.stack.ports.blobs.borrow_mut().insert(key, vec![1]);
    }
    kept.sweep();
    assert_eq!(kept.count("attachments WHERE size > 1"), 1);
    kept.sweep();
    assert_eq!(
        (kept.count("attachments WHERE size > 1"), blobs(&kept)),
        (0, vec![OLD.into(), SENT.into()])
    );
}
