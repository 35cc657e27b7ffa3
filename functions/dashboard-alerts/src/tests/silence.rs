use super::causes::resolves;
use super::{Desk, HOUR, MINUTE};
use serde_json::json;

const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

/// A shop to which `n` customers write each hour from 9 to 17 of the clock, for so many weeks.
struct Shop {
    desk: Desk,
    channel: String,
    written: std::cell::Cell<i64>,
}

impl Shop {
    /// It is noon of a day, and somebody wrote five minutes ago.
    fn new(weeks: i64, n: i64) -> Self {
        let desk = Desk::new();
        let now = desk.now();
        desk.stack
            .advance(WEEK * 6 - now.rem_euclid(DAY) + 12 * HOUR);
        let channel = desk.stack.whatsapp(&desk.tenant, "777");
        let written = std::cell::Cell::new(0);
        let shop = Self {
            desk,
            channel,
            written,
        };
        let noon = shop.desk.now();
        for days in (1..=weeks * 7).rev() {
            for hour in 9..17 {
                for i in 0..n {
                    shop.write(noon - days * DAY + (hour - 12) * HOUR + i * MINUTE);
                }
            }
        }
        shop.write(noon - 5 * MINUTE);
        shop
    }

    fn write(&self, at: i64) {
        let (n, channel) = (self.written.get() + 1, &self.channel);
        self.written.set(n);
        self.desk.sql(&format!(
            "INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id, channel_id,
               channel, direction, type, status, sent_at, updated_at)
             VALUES ('{{business}}', {at} + {n}, 'm{n}', 'v', 'c', '{channel}', 'whatsapp', 'inbound',
               'text', 'received', {at}, {at})"
        ));
    }

    /// Lets so many hours pass in silence.
    fn hours(&self, n: i64) {
        self.desk.stack.advance(n * HOUR);
        self.desk.minute();
    }

    fn is_silent(&self) -> bool {
        let open = self.desk.open();
        let silent = ("channel_silent".to_owned(), self.channel.clone());
        open == [silent]
    }
}

#[test]
fn an_account_that_nobody_writes_to_for_longer_than_usual_is_raised_and_resolved() {
    let shop = Shop::new(5, 2);
    shop.desk.minutes(2);
    assert!(shop.desk.open().is_empty());
    // 14:03: of the hours from 12 to 14 there are four messages each week.
    shop.hours(2);
    assert!(shop.desk.open().is_empty());
    shop.hours(1);
    assert!(shop.is_silent());
    let alert = shop.desk.only();
    let summary = alert["summary"].as_str().unwrap();
    assert!(summary.contains("6 to 6 messages"), "{summary}");
    assert_eq!(alert["severity"], "warning");
    shop.hours(4);
    assert!(shop.is_silent());
    shop.write(shop.desk.now());
    resolves(&shop.desk, "channel_silent");
}

#[test]
fn a_night_is_silent_as_it_always_is() {
    let shop = Shop::new(5, 3);
    // The rest of the day they write, too.
    let noon = shop.desk.now();
    for hour in 12..17 {
        shop.desk
            .stack
            .advance(noon + (hour - 12) * HOUR + 50 * MINUTE - shop.desk.now());
        shop.write(shop.desk.now());
        shop.desk.minute();
    }
    for _ in 0..15 {
        shop.hours(1);
        assert!(shop.desk.open().is_empty());
    }
    // 9 to 11 of the next day.
    shop.hours(3);
    assert!(shop.is_silent());
}

#[test]
fn few_messages_and_few_weeks_prove_nothing() {
    let young = Shop::new(1, 5);
    young.hours(20);
    assert!(young.desk.open().is_empty(), "one week is no habit");
    let quiet = Shop::new(0, 0);
    quiet.hours(100);
    assert!(quiet.desk.open().is_empty());
    let seldom = Shop::new(5, 1);
    seldom.hours(4);
    assert!(seldom.desk.open().is_empty(), "three messages are few");
}

#[test]
fn a_holiday_of_one_of_the_weeks_makes_it_usual() {
    let shop = Shop::new(5, 4);
    shop.desk.minute();
    let noon = shop.desk.now() / HOUR;
    let of_two_weeks_ago = format!(
        "hour BETWEEN {} AND {}",
        noon - 2 * 168 - 20,
        noon - 2 * 168 + 20
    );
    shop.desk.sql(&format!(
        "DELETE FROM inbound_hours WHERE {of_two_weeks_ago}"
    ));
    shop.hours(6);
    assert!(shop.desk.open().is_empty());
}

#[test]
fn an_account_that_is_disabled_is_not_watched() {
    let shop = Shop::new(5, 2);
    shop.desk.sql("UPDATE channels SET status = 'disabled'");
    shop.hours(10);
    assert!(shop.desk.open().is_empty());
}

#[test]
fn how_few_messages_count_is_the_businesss_choice() {
    let shop = Shop::new(5, 1);
    shop.desk
        .set(&json!({ "rules": { "channel_silent": { "threshold": 3 } } }));
    shop.hours(2);
    assert!(shop.desk.open().is_empty(), "two messages are missing");
    shop.hours(1);
    assert!(shop.is_silent());
}

#[test]
fn messages_are_counted_once_and_those_of_long_ago_not_at_all() {
    let shop = Shop::new(2, 1);
    let counted = || shop.desk.stack.db.value("SELECT sum(n) FROM inbound_hours");
    shop.desk.minutes(3);
    assert_eq!(counted(), (2 * 7 * 8 + 1).into());
    // Read of an account's past only now.
    let now = shop.desk.now();
    shop.write(now);
    shop.desk.sql(&format!(
        "UPDATE messages SET sent_at = 1 WHERE created_at >= {now}"
    ));
    shop.desk.minute();
    assert_eq!(counted(), (2 * 7 * 8 + 1).into());
    // Answers are not what customers write.
    shop.write(shop.desk.now());
    shop.desk.sql(&format!(
        "UPDATE messages SET direction = 'outbound' WHERE created_at > {now} + 1000000"
    ));
    shop.desk.minute();
    assert_eq!(counted(), (2 * 7 * 8 + 1).into());
}

#[test]
fn hours_of_long_ago_are_deleted() {
    let shop = Shop::new(2, 1);
    shop.desk.minute();
    shop.desk
        .stack
        .advance(40 * DAY - shop.desk.now().rem_euclid(HOUR));
    shop.desk.minute();
    let left = shop
        .desk
        .stack
        .db
        .value("SELECT count(*) FROM inbound_hours");
    assert_eq!(left, 0.into());
}
