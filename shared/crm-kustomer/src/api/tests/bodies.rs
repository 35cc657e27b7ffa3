use super::now;
use crate::api::{
    APP, AttachmentRef, ConversationPatch, CustomerPatch, DeliveryError, Direction, FacebookId,
    InstagramId, MAX_TEXT, MessageStatus, NewConversation, NewCustomer, NewMessage, NewNote,
    Social, Status, channel_from_kustomer, channel_to_kustomer, parts_of, priority_from_kustomer,
    priority_to_kustomer, status_from_kustomer, status_to_kustomer, usable_tags,
};
use channels::{AccountKind, ChannelKind};
use serde_json::{Value as Json, json};

fn read(body: &str) -> Json {
    serde_json::from_str(body).unwrap()
}

fn owned<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}

#[test]
fn what_is_absent_is_left_out() {
    assert_eq!(NewCustomer::default().body(), "{}");
    assert_eq!(CustomerPatch::default().body(), "{}");
    assert_eq!(ConversationPatch::default().body(), "{}");
    let message = NewMessage::new(ChannelKind::Sms, Direction::In);
    let expected = json!({"channel": "sms", "app": APP, "direction": "in"});
    assert_eq!(read(&message.body()), expected);
}

#[test]
fn a_customer_is_written_as_the_schema_has_it() {
    let customer = NewCustomer {
        name: Some("Ada \"Test\"".into()),
        external_id: Some("crm:42".into()),
        emails: owned(["ada@example.org", "no address", "@x", "a@b@c"]),
        phones: owned(["+4915100000000", "0871234567", "+1", "12a"]),
        whatsapps: owned(["+353871234567"]),
        socials: vec![
            Social {
                network: "instagram".into(),
                username: "ada".into(),
                userid: Some("17".into()),
            },
            Social {
                network: "myspace".into(),
                ..Social::default()
            },
        ],
        facebook_ids: vec![FacebookId {
            page_id: "1550".into(),
            user_id: "99".into(),
        }],
        instagram_ids: vec![InstagramId {
            page_id: "1551".into(),
            thread_id: "17".into(),
            username: "ada".into(),
            instagram_id: "18".into(),
        }],
        tags: owned(["vip", "#no"]),
        locale: Some("en_IE".into()),
        custom: Some(r#"{"planStr":"gold"}"#.into()),
    };
    let mut expected = json!({
        "name": "Ada \"Test\"", "externalId": "crm:42", "emails": [{"email": "ada@example.org"}],
        "phones": [{"phone": "+4915100000000"}], "whatsapps": [{"phone": "+353871234567"}],
        "socials": [{"type": "instagram", "username": "ada", "userid": "17"}],
        "facebookIds": [{"pageId": "1550", "userId": "99"}],
        "instagramIds": [{"pageId": "1551", "threadId": "17", "username": "ada", "instagramId": "18"}], "tags": ["vip"], "locale": "en_IE",
        "custom": {"planStr": "gold"},
    });
    assert_eq!(read(&customer.body()), expected);
    let patch = CustomerPatch {
        customer: NewCustomer {
            emails: Vec::new(),
            ..customer
        },
        contacts: vec![(
            "emails",
            r#"[{"email":"b@example.org","type":"work"}]"#.into(),
        )],
        company: Some("co1".into()),
        rev: Some(7),
    };
    expected["emails"] = json!([{"email": "b@example.org", "type": "work"}]);
    expected["company"] = json!("co1");
    expected["rev"] = json!(7);
    assert_eq!(read(&patch.body()), expected);
}

#[test]
fn what_is_too_long_is_cut_and_what_cannot_be_cut_is_left_out() {
    let many: Vec<_> = (0..30).map(|n| format!("a{n}@example.org")).collect();
    let customer = NewCustomer {
        name: Some("é".repeat(300)),
        external_id: Some("x".repeat(257)),
        emails: many,
        locale: Some("l".repeat(17)),
        custom: Some(r#"{}, "rev": 1"#.into()),
        ..NewCustomer::default()
    };
    let body = read(&customer.body());
    assert_eq!(body["name"].as_str().unwrap().chars().count(), 256);
    assert_eq!(body["emails"].as_array().unwrap().len(), 10);
    assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    let mut message = NewMessage::new(ChannelKind::Email, Direction::Out);
    message.preview = Some("😀".repeat(MAX_TEXT));
    message.subject = Some("s".repeat(999));
    let body = read(&message.body());
    assert_eq!(
        body["preview"].as_str().unwrap().encode_utf16().count(),
        MAX_TEXT
    );
    assert_eq!(body["subject"].as_str().unwrap().len(), 256);
    assert!(message.body().len() < 100_000);
}

#[test]
fn a_conversation_is_written_as_the_schema_has_it() {
    let conversation = NewConversation {
        customer: "k1".into(),
        external_id: Some("tieline:7".into()),
        name: Some("Chat".into()),
        status: Some(Status::Snoozed),
        priority: Some(9),
        direction: Some(Direction::In),
        reply_channel: Some(ChannelKind::WhatsApp),
        assigned_teams: owned(["t1"]),
        imported_at: Some(now()),
    };
    let expected = json!({
        "customer": "k1", "externalId": "tieline:7", "name": "Chat", "status": "open",
        "priority": 5, "direction": "in", "replyChannel": "whatsapp", "assignedTeams": ["t1"],
        "importedAt": "2026-11-21T06:20:00.000Z",
    });
    assert_eq!(read(&conversation.body()), expected);
    let patch = ConversationPatch {
        status: Some(Status::Snoozed),
        snoozed_until: Some(now()),
        priority: Some(4),
        assigned_teams: Some(vec![]),
        assigned_users: Some(owned(["u1"])),
        custom: Some(r#"{"csatNum":1}"#.into()),
        rev: Some(3),
        ..ConversationPatch::default()
    };
    let expected = json!({
        "status": "snoozed", "snooze": {"status": "scheduled", "time": "2026-11-21T06:20:00.000Z"},
        "priority": 4, "assignedTeams": [], "assignedUsers": ["u1"], "custom": {"csatNum": 1},
        "rev": 3,
    });
    assert_eq!(read(&patch.body()), expected);
    let awake = ConversationPatch {
        status: Some(Status::Open),
        snoozed_until: Some(now()),
        ..ConversationPatch::default()
    };
    assert_eq!(read(&awake.body()), json!({"status": "open"}));
}

#[test]
fn a_message_and_a_note_are_written_as_the_schema_has_them() {
    let error = DeliveryError {
        code: "opted_out".into(),
        title: "Said STOP".into(),
        detail: None,
    };
    let message = NewMessage {
        preview: Some("Hi".into()),
        subject: Some("Re".into()),
        external_id: Some("m1".into()),
        sent_at: Some(now().plus(123_456)),
        status: Some(MessageStatus::Error),
        attachments: vec![AttachmentRef::new(
            "a1".into(),
            "a.pdf",
            "application/pdf",
            7,
        )],
        error: Some((error, now())),
        imported_at: Some(now()),
        ..NewMessage::new(ChannelKind::Facebook, Direction::Out)
    };
    let expected = json!({
        "channel": "facebook", "app": APP, "direction": "out", "preview": "Hi", "subject": "Re",
        "externalId": "m1", "sentAt": "2026-11-21T06:20:00.123Z", "status": "error",
        "attachments": [
            {"_id": "a1", "name": "a.pdf", "contentType": "application/pdf", "contentLength": 7},
        ],
        "error": {"code": "opted_out", "title": "Said STOP"},
        "errorAt": "2026-11-21T06:20:00.000Z", "importedAt": "2026-11-21T06:20:00.000Z",
    });
    assert_eq!(read(&message.body()), expected);
    let note = NewNote {
        body: "Summary".into(),
        external_id: Some("n1".into()),
        mentioned_teams: owned(["t1", "t2"]),
        imported_at: None,
    };
    let expected = json!({
        "body": "Summary", "externalId": "n1",
        "userMentions": [{"team": "t1"}, {"team": "t2"}],
    });
    assert_eq!(read(&note.body()), expected);
}

#[test]
fn a_long_text_is_parted_at_lines_and_words_and_loses_none() {
    assert!(parts_of("").is_empty() && parts_of(" \n ").is_empty());
    assert_eq!(parts_of("short"), ["short"]);
    let line = format!("{}\n", "word ".repeat(20).trim_end());
    let text = line.repeat(500);
    let parts = parts_of(&text);
    assert!(parts.len() > 4);
    for part in &parts {
        assert!(part.encode_utf16().count() <= MAX_TEXT);
        assert!(part.starts_with("word") && part.ends_with("word"));
    }
    assert_eq!(parts.join("\n"), text.trim_end());
    let emojis = "😀".repeat(MAX_TEXT);
    assert_eq!(parts_of(&emojis).concat(), emojis);
    assert_eq!(parts_of(&emojis).len(), 2);
}

#[test]
fn tags_that_kustomer_refuses_are_left_out() {
    let tags = owned([
        "a",
        "_x",
        "À ÿ",
        "a/b<c>-d.e",
        " a",
        "a\tb",
        "é×",
        "日本",
        "a,b",
        "",
    ]);
    assert_eq!(usable_tags(&tags), ["a", "_x", "À ÿ", "a/b<c>-d.e", "é×"]);
    assert!(usable_tags(&["x".repeat(65)]).is_empty());
    let many: Vec<_> = (0..30).map(|n| n.to_string()).collect();
    assert_eq!(usable_tags(&many).len(), 20);
}

#[test]
fn our_words_and_theirs_answer_to_each_other() {
    for (local, remote) in [("low", 2), ("medium", 3), ("high", 4), ("urgent", 5)] {
        assert_eq!(priority_to_kustomer(local), Some(remote));
        assert_eq!(priority_from_kustomer(remote.into()), Some(local));
    }
    assert_eq!(priority_from_kustomer(1), Some("low"));
    assert_eq!(
        (priority_from_kustomer(0), priority_from_kustomer(6)),
        (None, None)
    );
    assert_eq!(priority_to_kustomer("none"), None);
    for (local, remote, back) in [
        ("open", "open", "open"),
        ("pending", "open", "open"),
        ("snoozed", "snoozed", "snoozed"),
        ("closed", "done", "closed"),
    ] {
        assert_eq!(status_to_kustomer(local).as_str(), remote);
        assert_eq!(status_from_kustomer(remote), Some(back));
    }
    assert_eq!(status_from_kustomer("merged"), None);
    for kind in ChannelKind::ALL {
        let remote = channel_to_kustomer(kind);
        match kind.own_account() {
            Some(AccountKind::FacebookComments) | None => assert_eq!(remote, "chat", "{kind:?}"),
            Some(_) => assert_eq!(channel_from_kustomer(remote), Some(kind)),
        }
    }
    for other in ["chat", "voice", "messenger", ""] {
        assert_eq!(channel_from_kustomer(other), None, "{other}");
    }
}
