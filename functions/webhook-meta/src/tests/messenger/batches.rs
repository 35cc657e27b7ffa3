use super::*;

#[test]
fn a_thousand_mixed_updates_are_a_handful_of_calls() {
    let inbox = Inbox::new();
    hello(&inbox);
    inbox.send("facebook", "Hi", "m_own");
    let before = inbox.stack.db.calls();
    let events: Vec<_> = (0..1000)
        .map(|n: i64| {
            let (user, mid) = (format!("70{:04}", n % 250), format!("m_{}", n / 8));
            let what = match n % 8 {
                0 => text_event(&format!("m_{}", n / 8), "Hello"),
                1 => json!({"message": {"mid": format!("e_{n}"), "text": "Hi", "is_echo": true,
                    "metadata": "019b0000-0000-7000-8000-000000000001"}}),
                2 => json!({"delivery": {"mids": [format!("e_{}", n - 1)], "watermark": 5000 + n}}),
                3 => json!({"read": {"watermark": 5000 + n}}),
                4 => json!({"reaction": {"mid": mid, "action": "react", "reaction": "love"}}),
                5 => json!({"message_edit": {"mid": mid, "text": "Hello!", "num_edit": 1}}),
                6 => json!({"message": {"mid": mid, "is_deleted": true}}),
                _ => json!({"postback": {"title": "Buy", "payload": "BUY"}}),
            };
            match n % 8 {
                1 => by(PAGE, &user, n, &what),
                _ => by(&user, PAGE, n, &what),
            }
        })
        .collect();
    let delivery = delivery("page", PAGE, &events);
    assert_eq!(inbox.take(&delivery)["received"], 1125);
    // Which bytes to erase, and all the rest.
    assert_eq!(inbox.stack.db.calls() - before, 2);
    let rows = inbox.stack.db.sql(
        "SELECT direction || ' ' || type || ' ' || count(*) FROM messages
         GROUP BY direction, type ORDER BY 1",
    );
    assert_eq!(
        texts(rows),
        [
            "inbound button 125",
            "inbound reaction 125",
            "inbound text 126",
            "outbound text 126"
        ]
    );
    assert_eq!(inbox.count("messages WHERE detail ->> 'deleted'"), 125);
    let events = inbox.events();
    inbox.take(&delivery);
    assert_eq!(inbox.events(), events);
}
