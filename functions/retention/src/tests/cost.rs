//! What a text keeps of the database, and what a minute of the sweep costs.

use super::{DAY, Kept};
use common::ids::{Ids, lowest_id};
use common::time::Timestamp;
use serde_json::json;
use std::time::Instant;
use testkit::answer;

const HOOK: &str = "https://crm.example/hook";
/// Bytes of the database for each text that was delivered (retention.md, What it costs).
const BAR_BYTES: i64 = 2_500;

/// Receives so many texts, has them delivered and swept.
fn round(kept: &Kept, first: i64, count: i64) {
    for n in first..first + count {
        let from = format!("3538700{:05}", n % 20);
        let text = format!("Kept {n}: where is my order from last week?");
        kept.stack.receive_whatsapp(
            "1001",
            &format!("wamid.HBgMMzUzODcwMDAwMDAwFQIAEhgUM0E{n:08}"),
            &from,
            &text,
        );
    }
    kept.stack.fan_out(&kept.tenant);
    kept.stack.deliver_now();
    for _ in 0..20 {
        kept.sweep();
    }
    assert_eq!(kept.count("outbox WHERE body IS NOT NULL"), 0);
    assert_eq!(kept.count("deliveries WHERE status <> 'delivered'"), 0);
}

#[test]
fn a_text_keeps_at_most_2_5_kb_once_it_was_delivered() {
    let kept = Kept::new();
    let _channel = kept.stack.whatsapp(&kept.tenant, "1001");
    kept.stack
        .endpoint(&kept.tenant, HOOK, &["message.received"]);
    kept.stack.ports.respond(|_| Some(answer(200, &json!({}))));
    let size = |kept: &Kept| {
        let pages = kept
            .stack
            .db
            .value("PRAGMA page_count")
            .as_integer()
            .unwrap();
        let size = kept
            .stack
            .db
            .value("PRAGMA page_size")
            .as_integer()
            .unwrap();
        pages * size
    };
    // The first texts make the room that bodies leave, which the next use.
    let mut sent = 0;
    let mut next = |count: i64| {
        round(&kept, sent, count);
        sent += count;
    };
    next(300);
    let before = size(&kept);
    next(300);
    next(300);
    let bytes = (size(&kept) - before) / 600;
    println!("{bytes} bytes of the database for a text");
    assert!(bytes <= BAR_BYTES, "{bytes} bytes");
}

/// Deliveries with their attempts and events, as rows alone: all were swept but the last `unswept`, and the
/// first `old` are to go.
fn delivered(kept: &Kept, count: i64, (old, unswept): (i64, i64)) {
    let now = kept.stack.now().micros();
    let prefix = |days: i64| {
        let at = Timestamp::from_micros(now - days * DAY);
        let prefix = Ids::new(at, |bytes| bytes.fill(7)).shared_prefix();
        assert!(prefix > lowest_id(at));
        prefix
    };
    let (gone, kept_id) = (prefix(31), prefix(1));
    let business = &kept.tenant.business_id;
    let n = format!(
        "WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n + 1 < {count})"
    );
    kept.stack.db.sql(&format!(
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at, body)
         {n} SELECT '{business}', n, 'evt_' || n, 'message.received', 'subject-' || n, 0,
           iif(n >= {count} - {unswept} OR n < {old}, printf('%.*c', 900, 'x'), NULL) FROM n"
    ));
    kept.stack.db.sql(&format!(
        "INSERT INTO deliveries (business_id, id, endpoint_id, sequence, event, event_id, status, attempts,
           is_swept, created_at, updated_at)
         {n} SELECT '{business}', iif(n < {old}, '{gone}', '{kept_id}') || printf('%05x', n), 'e', n,
           'message.received', 'evt_' || n, 'delivered', 1, n < {count} - {unswept}, 0, n FROM n"
    ));
    kept.stack.db.sql(
        "INSERT INTO delivery_attempts (business_id, delivery_id, number, at, duration_ms, status_code)
         SELECT business_id, id, 1, 0, 0, 200 FROM deliveries",
    );
}

/// A full minute: 2,000 bodies and 2,000 deliveries with attempts and bodies. Gives milliseconds and rows
/// written.
#[expect(
    clippy::disallowed_methods,
    reason = "a test is no WASM, and times the engine"
)]
fn minute(count: i64) -> (u128, i64) {
    let kept = Kept::new();
    delivered(&kept, count, (4_000, 4_000));
    let written = || {
        let changes = kept.stack.db.value("SELECT total_changes()");
        changes.as_integer().unwrap()
    };
    kept.minute();
    let (before, started) = (written(), Instant::now());
    kept.minute();
    let took = started.elapsed().as_millis();
    (took, written() - before)
}

/// `scripts/bench sweep` sets how many messages there are many of, and reads what this prints.
#[test]
fn a_full_minute_writes_no_more_rows_among_many_deliveries_than_among_few() {
    let many = std::env::var("SWEEP_MESSAGES").ok();
    let many = many.and_then(|many| many.parse().ok()).unwrap_or(40_000);
    let [few, many] = [10_000, many].map(|count| {
        let (took, written) = minute(count);
        println!("{count} messages: {took} ms, {written} rows written");
        written
    });
    assert_eq!(few, many);
    // 2,000 deliveries are swept; as many go, each with an attempt and a body; and what marks the minute.
    assert!((8_000..=12_010).contains(&many), "{many} rows");
}
