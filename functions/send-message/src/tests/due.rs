use super::*;
use customers::erasure::customer_erase;
use testkit::{refused, timed_out};

#[test]
fn a_message_is_sent_when_it_is_due_and_once_however_often_it_is_woken_for() {
    let desk = Desk::new();
    desk.stack.ports.will(refused());
    desk.send(&desk.text());
    let wakes = desk.stack.ports.take_wakes(Queue::Sends);
    let [(message, 5)] = wakes.as_slice() else {
        panic!("{wakes:?}")
    };
    desk.stack.advance(5 * SECOND - 1);
    desk.stack.job(message, resume);
    assert_eq!(desk.sent().len(), 1);
    desk.stack.advance(1);
    for _ in 0..3 {
        desk.stack.job(message, resume);
    }
    assert_eq!((desk.status(), desk.sent().len()), ("sent".into(), 1));
}

#[test]
fn a_lost_wake_is_made_up_for_by_the_cron() {
    let desk = Desk::new();
    desk.stack.ports.will(refused());
    desk.send(&desk.text());
    desk.stack.ports.take_wakes(Queue::Sends);
    desk.minute();
    assert_eq!(desk.status(), "sent");
}

#[test]
fn waits_grow_and_end_after_a_day() {
    let desk = Desk::new();
    desk.stack.ports.respond(|_| Some(refused()));
    let template = json!({
        "customer_id": "CRM-12345", "channel": "whatsapp",
        "template": { "name": "a", "language": "en" }
    });
    desk.send(&template);
    let mut waits = Vec::new();
    while desk.status() == "queued" {
        let wakes = desk.stack.ports.take_wakes(Queue::Sends);
        let (message, wait) = wakes[0].clone();
        waits.push(wait);
        desk.stack.advance(i64::from(wait) * SECOND);
        desk.stack.job(&message, resume);
    }
    assert_eq!(waits[..7], [5, 30, 120, 600, 1800, 3600, 3600]);
    let total: u32 = waits.iter().sum();
    assert!((86_400..86_400 + 3600).contains(&total), "{total}");
    assert_eq!(desk.status(), "failed");
    assert!(
        desk.text_in("SELECT error FROM messages")
            .contains("Given up")
    );
    assert_eq!(desk.events(), "message.status_changed");
}

#[test]
fn what_has_changed_meanwhile_is_looked_at_again() {
    let late = 24 * 3600 * SECOND;
    for (change, code) in [
        (None, "outside_window"),
        (
            Some("UPDATE channels SET status = 'disabled'"),
            "channel_disabled",
        ),
        (
            Some("UPDATE channels SET deleted_at = 1, credentials = NULL"),
            "channel_disabled",
        ),
        (
            Some("UPDATE channels SET credentials = NULL"),
            "channel_credentials",
        ),
        (
            Some("UPDATE customers SET erased_at = 1"),
            "customer_erased",
        ),
        (Some("UPDATE sends SET request = '{}'"), "unsendable"),
    ] {
        let desk = Desk::new();
        desk.stack.ports.will(refused());
        desk.send(&desk.text());
        desk.stack
            .advance(if change.is_none() { late } else { 5 * SECOND });
        desk.stack.db.sql(change.unwrap_or("SELECT 1"));
        desk.work_queue();
        assert_eq!(desk.status(), "failed", "{code}");
        let error = desk.text_in("SELECT error ->> 'code' FROM messages");
        assert_eq!((error.as_str(), desk.sent().len()), (code, 1));
    }
}

#[test]
fn what_waits_for_an_erased_customer_is_gone_at_once() {
    let desk = Desk::new();
    desk.stack.ports.will(refused());
    desk.send(&desk.text());
    let id = desk.customer_id.clone();
    let business = desk.tenant.business_id.clone();
    let log = desk.stack.job("", async |cx: &Context<'_>, _: &str| {
        customer_erase(&cx.of_business(&business), &id).await?;
        Ok(())
    });
    assert_eq!(log["code"], Value::Null, "{log}");
    assert_eq!(desk.text_in("SELECT request FROM sends"), "{}");
    desk.minute();
    assert_eq!((desk.status(), desk.sent().len()), ("failed".into(), 1));
}

#[test]
fn parts_left_behind_go_on_by_the_cron_after_one_that_is_unsure() {
    let desk = Desk::new();
    let mut body = desk.text();
    body["attachments"] = json!([desk.attachment(1, "audio/ogg", 10)]);
    desk.stack.ports.will(timed_out());
    let answer = desk.send(&body);
    assert_eq!(answer.status, 202);
    let statuses: Vec<_> = answer.json["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["uncertain", "queued"]);
    desk.stack.advance(30 * SECOND);
    desk.minute();
    let statuses = "SELECT group_concat(status) FROM messages";
    assert_eq!(desk.text_in(statuses), "uncertain,sent");
    assert_eq!(desk.sent().len(), 2);
}

#[test]
fn a_part_never_overtakes_the_one_before_it() {
    let desk = Desk::new();
    let mut body = desk.text();
    body["attachments"] = json!([desk.attachment(1, "audio/ogg", 10)]);
    for _ in 0..3 {
        desk.stack.ports.will(refused());
    }
    desk.send(&body);
    for wait in [5, 30] {
        desk.stack.advance(wait * SECOND);
        desk.work_queue();
    }
    // The text waits two minutes now, and the sound has become due.
    desk.stack.ports.take_wakes(Queue::Sends);
    desk.minute();
    let statuses = "SELECT group_concat(status) FROM messages";
    assert_eq!(desk.text_in(statuses), "queued,queued");
    assert_eq!(desk.sent().len(), 3);
    desk.minute();
    assert_eq!(desk.text_in(statuses), "sent,sent");
}

#[test]
fn a_part_that_another_has_taken_is_left_to_it() {
    let desk = Desk::new();
    let mut body = desk.text();
    body["attachments"] = json!([desk.attachment(1, "audio/ogg", 10)]);
    desk.stack.ports.will(refused());
    desk.send(&body);
    let db = desk.stack.db.clone();
    let until = desk.stack.now().plus(80 * SECOND).micros();
    desk.stack.advance(5 * SECOND);
    desk.stack.ports.respond(move |_| {
        let db = db.clone();
        // After the text's outcome is stored, and before the sound is taken.
        db.clone().before_next_batch(move || {
            let taken = db.clone();
            db.before_next_batch(move || {
                taken.sql(&format!(
                    "UPDATE sends SET state = 'sending', due_at = {until} WHERE state = 'queued'"
                ));
            });
        });
        let taken = json!({ "id": "media", "messages": [{ "id": "wamid.1" }] });
        Some(answer(200, &taken))
    });
    desk.work_queue();
    assert_eq!(
        desk.text_in("SELECT group_concat(status) FROM messages"),
        "sent,queued"
    );
    assert_eq!(desk.sent().len(), 2);
}

#[test]
fn a_message_that_a_status_has_told_of_is_not_called_uncertain() {
    let desk = Desk::new();
    desk.send(&desk.text());
    desk.stack
        .db
        .sql("UPDATE sends SET state = 'sending', due_at = 1");
    desk.stack
        .db
        .sql("UPDATE messages SET status = 'delivered'");
    desk.minute();
    assert_eq!(desk.status(), "delivered");
    assert_eq!(desk.events(), "message.sent");
}

#[test]
fn a_message_of_the_queue_that_is_none_is_logged_and_done_with() {
    let desk = Desk::new();
    for message in ["x", "{}", r#"{"business_id":"b","message_id":"m"}"#] {
        desk.stack.job(message, resume);
    }
    assert!(desk.sent().is_empty());
}

#[test]
fn nothing_is_sent_on_behalf_of_another_business() {
    let desk = Desk::new();
    desk.stack.ports.will(refused());
    desk.send(&desk.text());
    desk.stack.advance(5 * SECOND);
    let id = desk.text_in("SELECT message_id FROM sends");
    let other = desk.stack.tenant("Other");
    let message = json!({ "business_id": other.business_id, "message_id": id });
    desk.stack.job(&message.to_string(), resume);
    assert_eq!((desk.status(), desk.sent().len()), ("queued".into(), 1));
}
