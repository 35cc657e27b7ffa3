use super::*;
use testkit::timed_out;

fn delivered(up_to: i64) -> Json {
    joe(up_to + 50, &json!({"delivery": {"watermark": up_to}}))
}

fn read(up_to: i64) -> Json {
    joe(up_to + 50, &json!({"read": {"watermark": up_to}}))
}

fn echo(at: i64, mid: &str, text: &str) -> Json {
    let message = json!({"mid": mid, "text": text, "is_echo": true});
    by(PAGE, JOE, at, &json!({"message": message}))
}

/// Statuses of what was sent, in order.
fn statuses(inbox: &Inbox) -> Vec<String> {
    texts(
        inbox
            .stack
            .db
            .sql("SELECT status FROM messages WHERE direction = 'outbound' ORDER BY created_at"),
    )
}

fn changes(inbox: &Inbox) -> Vec<String> {
    texts(inbox.stack.db.sql(
        "SELECT detail ->> 'previous_status' || ' ' || (detail ->> 'status') FROM outbox
         WHERE event = 'message.status_changed' ORDER BY sequence",
    ))
}

#[test]
fn a_watermark_covers_all_that_was_sent_before_and_nothing_after() {
    let inbox = Inbox::new();
    hello(&inbox);
    let start = inbox.now();
    for n in 1..=3 {
        inbox.send("facebook", "Hi", &format!("m_{n}"));
        inbox.stack.advance(SECOND * 1000 * 10);
    }
    inbox.page(&[delivered(start + 10 * SECOND)]);
    assert_eq!(statuses(&inbox), ["delivered", "delivered", "sent"]);
    inbox.page(&[read(start)]);
    assert_eq!(statuses(&inbox), ["read", "delivered", "sent"]);
    // Late, and again.
    inbox.page(&[delivered(start), read(start)]);
    assert_eq!(statuses(&inbox), ["read", "delivered", "sent"]);
    assert_eq!(
        changes(&inbox),
        ["sent delivered", "sent delivered", "delivered read"]
    );
    let times = "SELECT (delivered_at - sent_at) || ' ' || (read_at - sent_at) FROM messages
      WHERE provider_id = 'm_1'";
    assert_eq!(inbox.text(times), "10050000 50000");
}

#[test]
fn a_watermark_is_of_one_customer_and_one_account() {
    let inbox = Inbox::new();
    hello(&inbox);
    inbox.send("facebook", "Hi", "m_1");
    let later = inbox.now() + SECOND;
    let mark = json!({"read": {"watermark": later}});
    inbox.page(&[by("999", PAGE, later, &mark)]);
    inbox.instagram(&[ig_joe(later, &mark)]);
    assert_eq!(statuses(&inbox), ["sent"]);
}

#[test]
fn a_read_watermark_alone_says_that_it_was_delivered() {
    let inbox = Inbox::new();
    hello(&inbox);
    inbox.send("facebook", "Hi", "m_1");
    inbox.page(&[read(inbox.now())]);
    assert_eq!(statuses(&inbox), ["read"]);
    assert_eq!(changes(&inbox), ["sent read"]);
    assert_eq!(inbox.count("messages WHERE delivered_at = read_at"), 1);
}

#[test]
fn mids_count_too_even_before_their_message_is_known() {
    let inbox = Inbox::new();
    hello(&inbox);
    let mids = json!({"delivery": {"mids": ["m_1"], "watermark": 5}});
    inbox.page(&[joe(inbox.now(), &mids)]);
    inbox.send("facebook", "Hi", "m_1");
    assert_eq!(statuses(&inbox), ["delivered"]);
    assert_eq!(inbox.count("unmatched_statuses"), 0);
}

#[test]
fn a_watermark_that_comes_before_the_answer_is_not_lost() {
    let inbox = Inbox::new();
    hello(&inbox);
    let again = Inbox {
        stack: inbox.stack.clone(),
        tenant: inbox.tenant.clone(),
    };
    inbox.stack.ports.respond(move |_| {
        let at = again.now() + 100;
        again.page(&[delivered(at), read(at)]);
        Some(answer(
            200,
            &json!({"recipient_id": JOE, "message_id": "m_1"}),
        ))
    });
    inbox.try_to_send("facebook", "Hi");
    assert_eq!(statuses(&inbox), ["read"]);
    assert_eq!(changes(&inbox), ["sent delivered", "delivered read"]);
}

#[test]
fn a_watermark_that_comes_before_the_echo_counts_for_it() {
    let inbox = Inbox::new();
    hello(&inbox);
    inbox.stack.ports.will(timed_out());
    inbox.try_to_send("facebook", "Hi");
    let at = inbox.now() + 100;
    inbox.page(&[read(at)]);
    assert_eq!(statuses(&inbox), ["uncertain"]);
    inbox.page(&[echo(at, "m_1", "Hi"), echo(at + 1, "m_2", "From the app")]);
    assert_eq!(statuses(&inbox), ["read", "sent"]);
}

#[test]
fn what_was_sent_elsewhere_is_delivered_and_read_too() {
    let inbox = Inbox::new();
    hello(&inbox);
    inbox.page(&[echo(500, "m_1", "From the app"), read(600)]);
    assert_eq!(statuses(&inbox), ["read"]);
}

#[test]
fn instagram_names_the_message_that_was_read_and_those_before_it_were_too() {
    let inbox = Inbox::new();
    ig_hello(&inbox);
    for n in 1..=3 {
        inbox.send("instagram", "Hi", &format!("m_{n}"));
        inbox.stack.advance(SECOND * 1000);
    }
    let seen = ig_joe(inbox.now(), &json!({"read": {"mid": "m_2"}}));
    inbox.instagram(std::slice::from_ref(&seen));
    inbox.instagram(&[seen]);
    assert_eq!(statuses(&inbox), ["read", "read", "sent"]);
    assert_eq!(changes(&inbox).len(), 2);
}

#[test]
fn instagrams_read_before_the_answer_is_kept_and_covers_those_before() {
    let inbox = Inbox::new();
    ig_hello(&inbox);
    inbox.send("instagram", "Hi", "m_1");
    inbox.stack.advance(SECOND * 1000);
    inbox.instagram(&[ig_joe(inbox.now(), &json!({"read": {"mid": "m_2"}}))]);
    assert_eq!(statuses(&inbox), ["sent"]);
    inbox.send("instagram", "Hi", "m_2");
    assert_eq!(statuses(&inbox), ["read", "read"]);
    assert_eq!(inbox.count("unmatched_statuses"), 0);
}

#[test]
fn what_failed_is_not_resurrected() {
    let inbox = Inbox::new();
    hello(&inbox);
    inbox.send("facebook", "Hi", "m_1");
    inbox
        .stack
        .db
        .sql("UPDATE messages SET status = 'failed' WHERE direction = 'outbound'");
    inbox.page(&[read(inbox.now() + SECOND)]);
    assert_eq!(statuses(&inbox), ["failed"]);
}
