use super::{Desk, encoded};
use common::time::{DAY, SECOND};
use serde_json::{Value, json};

#[test]
fn inbox_thread_answers_the_conversation_its_customer_and_its_newest_messages() {
    let desk = Desk::new();
    let id = desk.receive("353871234567", "One");
    desk.receive("353871234567", "Two");
    let customer = desk.customer_of(&id);
    desk.stack.db.sql(&format!(
        "UPDATE customers SET custom_fields = '{{\"vip\":true}}', tags = '[\"a\"]'
         WHERE id = '{customer}'"
    ));
    let answer = desk.get(&format!("conversation?id={}", id.to_uppercase()));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let conversation = &answer.json["conversation"];
    assert_eq!(conversation["id"], id.as_str());
    assert_eq!(conversation["unread_count"], 2);
    assert_eq!(conversation["can_reply"], true);
    assert_eq!(conversation["reply_block"], Value::Null);
    assert_eq!(conversation["email_subject"], Value::Null);
    let customer = &answer.json["customer"];
    assert_eq!(customer["custom_fields"], json!({"vip": true}));
    assert_eq!(customer["conversation_count"], 1);
    let messages = answer.json["messages"].as_array().unwrap();
    let texts: Vec<_> = messages.iter().map(|message| &message["content"]).collect();
    assert_eq!(texts, ["One", "Two"]);
    assert_eq!(messages[0]["attachments"], json!([]));
    assert_eq!(answer.json["has_more"], false);
}

#[test]
fn an_attachment_comes_with_a_fresh_link() {
    let desk = Desk::new();
    let id = desk.receive("353871234567", "One");
    let message = desk.newest_message(&id);
    let file = "019a0000-0000-7000-8000-0000000000f1";
    desk.stack.db.sql(&format!(
        "INSERT INTO attachments (business_id, id, message_id, state, filename, type, size,
           created_at)
         VALUES ('{}', '{file}', '{message}', 'ready', '<b>.png', 'image/png', 3, 0)",
        desk.tenant.business_id
    ));
    let answer = desk.get(&format!("conversation?id={id}"));
    let attachment = &answer.json["messages"][0]["attachments"][0];
    let url = attachment["url"].as_str().unwrap();
    let start = format!("https://tieline.example/api/download-media?id={file}&expires=");
    assert!(url.starts_with(&start), "{url}");
}

#[test]
fn earlier_pages_bring_the_messages_and_the_notes_of_their_time() {
    let desk = Desk::new();
    let mut id = String::new();
    for n in 0..5 {
        id = desk.receive("353871234567", &n.to_string());
        let note = json!({"conversation_id": id, "content": format!("note {n}")});
        desk.stack.advance(SECOND);
        assert_eq!(desk.post("notes", &note).status, 200);
    }
    let mut seen = Vec::new();
    let mut before = String::new();
    loop {
        let answer = desk.get(&format!("conversation?id={id}&limit=2&before={before}"));
        let of = |list: &str| -> Vec<String> {
            let all = answer.json[list].as_array().unwrap().iter();
            all.map(|one| one["content"].as_str().unwrap().to_owned())
                .collect()
        };
        seen.push((of("messages").join(" "), of("notes").join(" ")));
        if answer.json["has_more"] == false {
            break;
        }
        before = encoded(answer.json["messages"][0]["created_at"].as_str().unwrap());
    }
    let expected = [
        ("3 4", "note 3 note 4"),
        ("1 2", "note 1 note 2"),
        ("0", "note 0"),
    ];
    assert_eq!(seen, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
}

#[test]
fn why_nothing_can_be_written_is_told() {
    let desk = Desk::new();
    let id = desk.receive("353871234567", "One");
    let block = || {
        let token = desk.stack.inbox_token(&desk.tenant, None, None).token;
        let answer = desk.get_by(&token, &format!("conversation?id={id}"));
        let conversation = &answer.json["conversation"];
        (
            conversation["can_reply"].clone(),
            conversation["reply_block"].clone(),
        )
    };
    desk.stack.advance(DAY);
    assert_eq!(block(), (json!(false), json!("window")));
    desk.stack.db.sql(
        "INSERT INTO opt_outs (business_id, number, channel_id, is_out, changed_at)
         SELECT v.business_id, coalesce(v.contact, c.phone), v.channel_id, 1, 0
         FROM conversations v JOIN customers c ON c.id = v.customer_id",
    );
    assert_eq!(block(), (json!(false), json!("opted_out")));
    desk.stack.db.sql("UPDATE channels SET status = 'disabled'");
    assert_eq!(block(), (json!(false), json!("channel_disabled")));
    desk.stack
        .db
        .sql("UPDATE channels SET status = 'active', deleted_at = 1");
    assert_eq!(block(), (json!(false), json!("channel_disabled")));
}

#[test]
fn a_person_may_answer_late_where_the_account_is_set_up_for_it() {
    let desk = Desk::new();
    let settings = json!({"human_agent": "true"});
    let credentials = json!({"access_token": "t"});
    let page = desk
        .stack
        .channel(&desk.tenant, "facebook", "77", &settings, &credentials);
    let id = desk.receive("353871234567", "One");
    desk.stack.db.sql(&format!(
        "UPDATE conversations SET channel = 'facebook', channel_id = '{page}'"
    ));
    desk.stack.advance(2 * DAY);
    let token = desk.stack.inbox_token(&desk.tenant, None, None).token;
    let answer = desk.get_by(&token, &format!("conversation?id={id}"));
    assert_eq!(answer.json["conversation"]["can_reply"], true);
    let until = &answer.json["conversation"]["window_open_until"];
    assert_eq!(until, "2026-01-09T03:03:20.000000Z");
}

#[test]
fn inbox_thread_refuses_invalid_input() {
    let desk = Desk::new();
    let id = desk.receive("353871234567", "One");
    for query in [
        "".to_owned(),
        format!("?id={id}&before=yesterday"),
        format!("?id={id}&limit=0"),
        format!("?id={id}&limit=101"),
        format!("?id={id}&page=2"),
    ] {
        let answer = desk.get(&format!("conversation{query}"));
        assert_eq!(answer.refusal(), (422, "invalid_request"), "{query}");
    }
    assert_eq!(desk.get("conversation?id=x").refusal(), (404, "not_found"));
}

#[test]
fn what_can_be_answered_depends_on_the_account_and_not_on_the_channel_behind_it() {
    let desk = Desk::new();
    let id = desk.receive("353871234567", "One");
    let long_ago = desk.stack.now().plus(-2 * DAY).micros();
    desk.stack.db.sql(&format!(
        "UPDATE conversations SET last_inbound_at = {long_ago}"
    ));
    let thread = || {
        let answer = desk.get(&format!("conversation?id={id}"));
        let conversation = answer.json["conversation"].clone();
        let told = [
            "channel",
            "account_kind",
            "reply_block",
            "window_open_until",
        ];
        told.map(|field| conversation[field].as_str().map(str::to_owned))
    };
    let text = |text: &str| Some(text.to_owned());
    let [channel, kind, block, until] = thread();
    assert_eq!((channel, kind), (text("whatsapp"), text("whatsapp")));
    assert_eq!(block, text("window"));
    assert!(until.is_some());
    // The same by way of a source, which says itself when it no longer takes one.
    desk.stack.db.sql("UPDATE channels SET kind = 'chatwoot'");
    assert_eq!(thread(), [text("whatsapp"), text("chatwoot"), None, None]);
    // An account that is gone, of a channel that has none of its own.
    desk.stack
        .db
        .sql("UPDATE conversations SET channel = 'web', channel_id = 'gone'");
    let expected = [text("web"), text("web"), text("channel_disabled"), None];
    assert_eq!(thread(), expected);
}
