use super::*;
use testkit::timed_out;

fn echo(account: &str, at: i64, mid: &str, text: &str) -> Json {
    let message = json!({"mid": mid, "text": text, "is_echo": true, "app_id": 67});
    by(account, JOE, at, &json!({"message": message}))
}

#[test]
fn what_was_sent_elsewhere_is_outbound_and_opens_no_window() {
    let inbox = Inbox::new();
    inbox.instagram(&[echo(IG, 5, "m_1", "From the app")]);
    assert_eq!(inbox.messages(), ["outbound text From the app sent"]);
    assert_eq!(
        inbox.detail(),
        json!({"sent_elsewhere": true, "app_id": "67"})
    );
    let window = "SELECT coalesce(last_inbound_at, 'none') FROM conversations";
    assert_eq!(inbox.text(window), "none");
    assert_eq!(inbox.events().last().unwrap(), "message.sent");
    assert_eq!(inbox.text("SELECT value FROM identities"), JOE);
}

#[test]
fn an_echo_is_known_by_its_sender_where_it_does_not_say_so() {
    let inbox = Inbox::new();
    inbox.instagram(&[by(IG, JOE, 5, &text_event("m_1", "From the app"))]);
    assert_eq!(inbox.messages(), ["outbound text From the app sent"]);
}

#[test]
fn the_echo_of_our_own_message_makes_no_second_and_brings_metas_time() {
    for channel in ["facebook", "instagram"] {
        let inbox = Inbox::new();
        let (account, take): (_, fn(&Inbox, &[Json]) -> Json) = match channel {
            "facebook" => (PAGE, Inbox::page),
            _ => (IG, Inbox::instagram),
        };
        let at = inbox.now() - 60 * SECOND;
        take(
            &inbox,
            &[by(JOE, account, at, &text_event("m_hello", "Hello"))],
        );
        inbox.send(channel, "Hi Joe", "m_1");
        let at = inbox.now() + 300;
        take(&inbox, &[echo(account, at, "m_1", "Hi Joe")]);
        take(&inbox, &[echo(account, at, "m_1", "Hi Joe")]);
        assert_eq!(inbox.messages()[1..], ["outbound text Hi Joe sent"]);
        let sent_at = inbox
            .stack
            .db
            .value("SELECT sent_at FROM messages WHERE provider_id = 'm_1'");
        assert_eq!(sent_at.as_integer(), Some(at * 1000));
        let sent = inbox
            .events()
            .iter()
            .filter(|e| *e == "message.sent")
            .count();
        assert_eq!(sent, 1);
    }
}

/// Sends, and lets the echo come before the answer.
fn sent_with_an_early_echo(inbox: &Inbox, channel: &'static str, metadata: bool) {
    let again = Inbox {
        stack: inbox.stack.clone(),
        tenant: inbox.tenant.clone(),
    };
    let account = if channel == "facebook" { PAGE } else { IG };
    inbox.stack.ports.respond(move |request| {
        let body: Json = serde_json::from_slice(request.body.as_ref()?).unwrap();
        let mut event = echo(
            account,
            again.now() + 100,
            "m_1",
            body["message"]["text"].as_str()?,
        );
        if metadata {
            event["message"]["metadata"] = body["message"]["metadata"].clone();
        }
        match channel {
            "facebook" => again.page(&[event]),
            _ => again.instagram(&[event]),
        };
        Some(answer(
            200,
            &json!({"recipient_id": JOE, "message_id": "m_1"}),
        ))
    });
    inbox.try_to_send(channel, "Hi Joe");
}

#[test]
fn an_echo_that_comes_before_the_answer_is_of_the_message_on_its_way() {
    for (channel, metadata) in [
        ("facebook", true),
        ("facebook", false),
        ("instagram", false),
    ] {
        let inbox = Inbox::new();
        match channel {
            "facebook" => hello(&inbox),
            _ => ig_hello(&inbox),
        }
        sent_with_an_early_echo(&inbox, channel, metadata);
        assert_eq!(
            inbox.messages()[1..],
            ["outbound text Hi Joe sent"],
            "{channel}"
        );
        let ids = "SELECT group_concat(provider_id) FROM messages WHERE direction = 'outbound'";
        assert_eq!(inbox.text(ids), "m_1");
        let sent = inbox
            .events()
            .iter()
            .filter(|e| *e == "message.sent")
            .count();
        assert_eq!(sent, 1);
        assert_eq!(inbox.count("sends WHERE state <> 'done'"), 0);
    }
}

#[test]
fn an_unsure_message_is_settled_by_its_echo() {
    for metadata in [true, false] {
        let inbox = Inbox::new();
        hello(&inbox);
        inbox.stack.ports.will(timed_out());
        inbox.try_to_send("facebook", "Hi Joe\n");
        assert_eq!(inbox.messages()[1], "outbound text Hi Joe\n uncertain");
        let mut event = echo(PAGE, inbox.now(), "m_1", "Hi Joe");
        if metadata {
            let id = inbox.text("SELECT id FROM messages WHERE status = 'uncertain'");
            event["message"]["metadata"] = id.into();
        }
        inbox.page(&[event]);
        assert_eq!(inbox.messages()[1..], ["outbound text Hi Joe\n sent"]);
        assert_eq!(
            inbox.text("SELECT coalesce(error, '') FROM messages WHERE direction = 'outbound'"),
            ""
        );
    }
}

#[test]
fn of_two_unsure_messages_with_the_same_words_each_gets_an_echo() {
    let inbox = Inbox::new();
    hello(&inbox);
    for _ in 0..2 {
        inbox.stack.ports.will(timed_out());
        inbox.try_to_send("facebook", "Hi Joe");
    }
    let now = inbox.now();
    inbox.page(&[
        echo(PAGE, now + 1, "m_1", "Hi Joe"),
        echo(PAGE, now + 1, "m_1", "Hi Joe"),
    ]);
    assert_eq!(
        inbox.messages()[1..],
        [
            "outbound text Hi Joe sent",
            "outbound text Hi Joe uncertain"
        ]
    );
    inbox.page(&[
        echo(PAGE, now + 2, "m_2", "Hi Joe"),
        echo(PAGE, now + 3, "m_3", "Hi Joe"),
    ]);
    let ids = "SELECT group_concat(provider_id) FROM (SELECT provider_id FROM messages
      WHERE direction = 'outbound' ORDER BY created_at)";
    assert_eq!(inbox.text(ids), "m_1,m_2,m_3");
    assert_eq!(inbox.count("messages WHERE status = 'sent'"), 3);
}

#[test]
fn an_echo_with_other_words_or_to_another_is_of_no_message_of_ours() {
    let inbox = Inbox::new();
    hello(&inbox);
    inbox.stack.ports.will(timed_out());
    inbox.try_to_send("facebook", "Hi Joe");
    let now = inbox.now();
    let mut to_ann = echo(PAGE, now, "m_2", "Hi Joe");
    to_ann["recipient"]["id"] = "55".into();
    inbox.page(&[echo(PAGE, now, "m_1", "Hi Ann"), to_ann]);
    assert_eq!(inbox.count("messages WHERE status = 'uncertain'"), 1);
    assert_eq!(inbox.count("messages WHERE detail ->> 'sent_elsewhere'"), 2);
}

#[test]
fn metadata_of_another_app_settles_nothing_and_loses_nothing() {
    let inbox = Inbox::new();
    hello(&inbox);
    let mut event = echo(PAGE, 5, "m_1", "From elsewhere");
    event["message"]["metadata"] = "019b0000-0000-7000-8000-000000000001".into();
    inbox.page(&[event]);
    assert_eq!(inbox.messages()[1..], ["outbound text From elsewhere sent"]);
}
