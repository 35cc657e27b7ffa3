use super::{Desk, ids};
use serde_json::{Value, json};

#[test]
fn inbox_list_answers_rows_newest_first_with_counts_and_the_place_of_the_feed() {
    let desk = Desk::new();
    let old = desk.receive("353871234567", "Hello");
    let new = desk.receive("353877654321", &"x".repeat(200));
    let answer = desk.get("conversations");
    assert_eq!(ids(&answer), [new.as_str(), old.as_str()]);
    let row = &answer.json["conversations"][1];
    assert_eq!(row["customer"]["name"], "Customer 353871234567");
    assert_eq!(row["channel"], "whatsapp");
    assert_eq!(row["channel_name"], "whatsapp");
    assert_eq!(
        (&row["status"], &row["priority"]),
        (&json!("open"), &json!("medium"))
    );
    assert_eq!((&row["assignee"], &row["tags"]), (&Value::Null, &json!([])));
    assert_eq!(row["unread_count"], 1);
    assert_eq!(row["last_message"]["content"], "Hello");
    assert_eq!(row["last_message"]["direction"], "inbound");
    assert_eq!(row["last_message_at"], row["last_message"]["created_at"]);
    // The customer's message was sent at 1767323000, by the provider's clock.
    assert_eq!(row["window_open_until"], "2026-01-03T03:03:20.000000Z");
    let cut = answer.json["conversations"][0]["last_message"]["content"].as_str();
    assert_eq!(cut.unwrap().len(), 160);
    let counts = json!({"open": 2, "pending": 0, "snoozed": 0, "closed": 0, "unread": 2});
    assert_eq!(answer.json["counts"], counts);
    let newest = desk
        .stack
        .db
        .value("SELECT max(sequence) FROM outbox")
        .as_integer();
    assert_eq!(answer.json["sequence"].as_i64(), newest);
    assert_eq!(answer.json["has_more"], false);
}

#[test]
fn the_list_is_filtered_by_status_channel_assignee_and_what_is_unread() {
    let desk = Desk::new();
    let a = desk.receive("353871234567", "Hello");
    let b = desk.receive("353877654321", "Hello");
    let set = |id: &str, set: &str| {
        desk.stack
            .db
            .sql(&format!("UPDATE conversations SET {set} WHERE id = '{id}'"));
    };
    set(&a, "status = 'closed', unread_count = 0, assignee = '7'");
    set(&b, "status = 'pending', channel = 'sms', assignee = 'Ann'");
    let found = |query: &str| ids(&desk.get(&format!("conversations?{query}")));
    let none: [&str; 0] = [];
    assert_eq!(found(""), none);
    assert_eq!(found("status=closed"), [a.as_str()]);
    assert_eq!(found("status=pending"), [b.as_str()]);
    assert_eq!(found("status=all"), [b.as_str(), a.as_str()]);
    assert_eq!(found("status=all&channel=whatsapp"), [a.as_str()]);
    assert_eq!(found("status=all&unread=true"), [b.as_str()]);
    // What is the agent's own stands under their id or their name.
    assert_eq!(found("status=all&assignee=7"), [b.as_str(), a.as_str()]);
    assert_eq!(found("status=all&assignee=8"), none);
    assert_eq!(found("status=all&unassigned=true"), none);
    set(&a, "assignee = NULL");
    assert_eq!(found("status=all&unassigned=true"), [a.as_str()]);
    assert_eq!(
        found("status=all&unassigned=false"),
        [b.as_str(), a.as_str()]
    );
    let counts = json!({"open": 0, "pending": 1, "snoozed": 0, "closed": 1, "unread": 1});
    assert_eq!(desk.get("conversations").json["counts"], counts);
}

#[test]
fn pages_follow_each_other_without_gap_or_repetition() {
    let desk = Desk::new();
    let mut all: Vec<_> = (0..7)
        .map(|n| desk.receive(&format!("35387123456{n}"), "Hello"))
        .collect();
    desk.stack.db.sql(&format!(
        "UPDATE conversations SET status = 'closed' WHERE id = '{}'",
        all[3]
    ));
    all.reverse();
    for (limit, filter) in [(1, ""), (3, ""), (7, ""), (2, "&channel=whatsapp")] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let query = format!("conversations?status=all&limit={limit}{filter}&cursor={cursor}");
            let answer = desk.get(&query);
            seen.extend(ids(&answer));
            match answer.json["next_cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
            assert_eq!(answer.json["has_more"], true);
        }
        assert_eq!(seen, all, "{limit}{filter}");
    }
}

#[test]
fn a_filter_looks_at_no_more_than_a_thousand_and_goes_on_from_there() {
    let desk = Desk::new();
    let rare = desk.receive("353871234567", "Hello");
    desk.stack.db.sql(&format!(
        "UPDATE conversations SET channel = 'sms' WHERE id = '{rare}';"
    ));
    let now = desk.stack.now().micros();
    desk.stack.db.sql(&format!(
        "INSERT INTO conversations (business_id, id, customer_id, channel_id, channel,
           last_message_at, created_at, updated_at)
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
         SELECT '{}', printf('01900000-0000-7000-8000-%012x', i), printf('customer %d', i),
           'channel', 'whatsapp', {now} + i, {now}, {now} FROM n",
        desk.tenant.business_id
    ));
    let none = desk.get("conversations?status=all&channel=tiktok");
    assert_eq!(ids(&none), [""; 0]);
    let first = desk.get("conversations?channel=sms");
    assert_eq!(ids(&first), [""; 0]);
    assert_eq!(first.json["has_more"], true);
    let cursor = first.json["next_cursor"].as_str().unwrap();
    let second = desk.get(&format!("conversations?channel=sms&cursor={cursor}"));
    assert_eq!(ids(&second), [rare]);
    assert_eq!(second.json["has_more"], false);
    assert_eq!(first.json["counts"]["open"], 1201);
}

#[test]
fn inbox_list_refuses_invalid_input() {
    let desk = Desk::new();
    for query in [
        "status=done",
        "channel=fax",
        "unread=yes",
        "unassigned=yes",
        "unassigned=true&assignee=7",
        "limit=0",
        "limit=101",
        "cursor=x",
        "colour=red",
        &format!("q={}", "x".repeat(201)),
        &format!("assignee={}", "x".repeat(201)),
    ] {
        let answer = desk.get(&format!("conversations?{query}"));
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{query}");
    }
}
