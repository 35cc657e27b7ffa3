use super::*;
use channels::{InboundBytes, MessageStatus, MessageType};

#[test]
fn files_places_and_links_are_read_without_any_text() {
    let base = "https://chat.example/rails/active_storage/blobs/redirect/x--y";
    let carrying = |attachments: Value| {
        message(&with(&[
            ("content", json!(null)),
            ("attachments", attachments),
        ]))
        .message
    };
    let photo = carrying(json!([
        {"id": 1, "message_id": 501, "file_type": "image", "account_id": 1, "extension": null, "content_type": "image/png",
         "data_url": format!("{base}/a%20b%C3%A9.png"), "thumb_url": "", "file_size": 9, "width": null, "height": null},
        {"id": 2, "file_type": "file", "extension": "pdf", "data_url": "https://cdn.example/get?id=7"},
    ]));
    assert_eq!(
        (photo.kind, photo.content.as_str()),
        (MessageType::Image, "")
    );
    let files: Vec<_> = photo
        .media
        .iter()
        .map(|file| (file.filename.as_str(), file.mime_type.as_str()))
        .collect();
    assert_eq!(
        files,
        [
            ("a bé.png", "image/png"),
            ("file.pdf", "application/octet-stream")
        ]
    );
    assert_eq!(
        photo.media[0].bytes,
        InboundBytes::At(format!("{base}/a%20b%C3%A9.png"))
    );
    let nameless =
        carrying(json!([{"file_type": "audio", "data_url": "https://cdn.example/%2e%2e%2fetc"}]));
    assert_eq!(
        (nameless.kind, nameless.media[0].filename.as_str()),
        (MessageType::Audio, "audio")
    );
    let place = carrying(
        json!([{"file_type": "location", "coordinates_lat": -23.55, "coordinates_long": "-46.63", "fallback_title": "Sé"}]),
    );
    assert_eq!(
        (place.kind, place.content.as_str()),
        (MessageType::Location, "Sé")
    );
    let detail: Value = serde_json::from_str(&place.detail.unwrap()).unwrap();
    assert_eq!(detail["location"]["longitude"], json!(-46.63));
    let reel = carrying(json!([{"file_type": "ig_reel", "data_url": "https://ig.example/r"}]));
    assert_eq!(
        (reel.kind, reel.content.as_str(), reel.media.len()),
        (MessageType::Text, "https://ig.example/r", 0)
    );
    let person = carrying(
        json!([{"file_type": "contact", "fallback_title": "+15550100", "meta": {"first_name": "Bo"}}]),
    );
    assert_eq!(
        (person.kind, person.content.as_str()),
        (MessageType::Contacts, "+15550100")
    );
    for odd in [
        json!([{"file_type": "location"}]),
        json!([{"file_type": "image"}]),
        json!([]),
        json!(null),
        json!([7]),
    ] {
        assert_eq!(
            carrying(odd.clone()).kind,
            MessageType::Unsupported,
            "{odd}"
        );
    }
    let broken = carrying(
        json!([{"file_type": "location", "coordinates_lat": "1,\"x\":", "coordinates_long": "2"}]),
    );
    assert_eq!(broken.kind, MessageType::Unsupported);
    let unsupported = message(&with(&[(
        "content_attributes",
        json!({"is_unsupported": true}),
    )]))
    .message;
    assert_eq!(
        (unsupported.kind, unsupported.content.as_str()),
        (MessageType::Unsupported, "oi")
    );
}

#[test]
fn a_mail_has_its_subject_and_what_is_new_in_it() {
    let mail = |email: Value| {
        let changes = [
            ("content", json!("Hello\n\nOn Monday you wrote: …")),
            ("content_type", json!("incoming_email")),
            ("conversation.channel", json!("Channel::Email")),
            (
                "conversation.additional_attributes",
                json!({"mail_subject": "Of the thread"}),
            ),
            ("conversation.meta.sender.email", json!("Ana@Example.org ")),
            ("content_attributes", json!({"email": email})),
        ];
        message(&with(&changes))
    };
    let event = mail(
        json!({"subject": "Re: Order", "text_content": {"full": "all", "reply": "Hello", "quoted": "q"}, "from": ["ana@example.org"]}),
    );
    let said = &event.message;
    assert_eq!(
        (said.kind, said.content.as_str(), said.detail.as_deref()),
        (
            MessageType::Email,
            "Hello",
            Some(r#"{"subject":"Re: Order"}"#)
        )
    );
    assert_eq!(names(&event)[0], (NameKind::Email, "ana@example.org"));
    let older = mail(json!(null)).message;
    assert_eq!(
        (older.content.as_str(), older.detail.as_deref()),
        (
            "Hello\n\nOn Monday you wrote: …",
            Some(r#"{"subject":"Of the thread"}"#)
        )
    );
    assert_eq!(
        mail(json!({"auto_reply": true})).message.kind,
        MessageType::AutomaticEmail
    );
}

#[test]
fn what_a_visitor_says_of_themselves_names_nobody_unless_it_is_proven() {
    let mut changes = vec![
        ("conversation.channel", json!("Channel::WebWidget")),
        ("conversation.contact_inbox.source_id", json!("b7c1-uuid")),
        ("conversation.meta.sender.email", json!("boss@example.org")),
    ];
    let mut declared = message(&with(&changes));
    assert_eq!(declared.conversation.channel, Channel::Web);
    assert_eq!(names(&declared), []);
    // A new customer is given what they said.
    assert_eq!(
        declared.message.sender.email.as_deref(),
        Some("boss@example.org")
    );
    declared.set_channel(Channel::WhatsApp);
    assert_eq!(names(&declared), []);
    // A bridge has the number from its provider.
    declared.conversation.channel = Channel::Api;
    declared.set_channel(Channel::WhatsApp);
    let number = "+5511912345678";
    let named = [(NameKind::WhatsApp, number), (NameKind::Phone, number)];
    assert_eq!(names(&declared), named);
    changes.push(("conversation.meta.hmac_verified", json!(true)));
    let proven = message(&with(&changes));
    assert_eq!(
        names(&proven),
        [
            (NameKind::Email, "boss@example.org"),
            (NameKind::Phone, "+5511912345678")
        ]
    );
}

#[test]
fn a_channel_proves_what_its_provider_tells_and_nothing_else() {
    let (number, other) = ("+5511912345678", "+353871234567");
    let of = |class: &str, source_id: &str, phone: &str| {
        let event = message(&with(&[
            ("conversation.channel", json!(class)),
            ("conversation.contact_inbox.source_id", json!(source_id)),
            ("conversation.meta.sender.phone_number", json!(phone)),
            ("conversation.meta.sender.email", json!("boss@example.org")),
        ]));
        let names = names(&event).into_iter();
        let names = names.map(|(kind, value)| (kind, value.to_owned()));
        (
            names.collect::<Vec<_>>(),
            event.message.sender.whatsapp_number,
        )
    };
    for class in [
        "Telegram",
        "Line",
        "Tiktok",
        "FacebookPage",
        "Instagram",
        "Api",
    ] {
        let class = ["Channel::", class].concat();
        assert_eq!(
            of(&class, "5511912345678", number),
            (vec![], None),
            "{class}"
        );
    }
    let mail = (NameKind::Email, "boss@example.org".to_owned());
    assert_eq!(of("Channel::Email", "boss@example.org", number).0, [mail]);
    let whatsapp = (NameKind::WhatsApp, number.to_owned());
    let told = of("Channel::Whatsapp", "5511912345678", other);
    assert_eq!(told, (vec![whatsapp], Some(number.to_owned())));
    // Somebody with a name in place of a number.
    assert_eq!(of("Channel::Whatsapp", "BR.1234", other), (vec![], None));
    let sms = (NameKind::Phone, number.to_owned());
    assert_eq!(of("Channel::Sms", number, other).0, [sms]);
}

#[test]
fn an_assignee_that_is_no_user_is_nobody() {
    for (kind, is_somebody) in [
        (json!("User"), true),
        (json!(null), true),
        (json!("AgentBot"), false),
    ] {
        let event = message(&with(&[
            (
                "conversation.meta.assignee",
                json!({"id": 3, "name": "Bia"}),
            ),
            ("conversation.meta.assignee_type", kind.clone()),
        ]));
        let assignee = event.conversation.assignee;
        assert_eq!(assignee.is_some(), is_somebody, "{kind}");
    }
    let bot = json!({"id": 3, "name": "Bot", "type": "agent_bot"});
    let event = message(&with(&[("conversation.meta.assignee", bot)]));
    assert_eq!(event.conversation.assignee, None);
}

#[test]
fn the_api_lists_the_same_in_other_places() {
    let conversation = json!({
        "id": 3, "inbox_id": 4, "account_id": 1, "status": "snoozed", "labels": ["vip"], "priority": null,
        "created_at": 1772359200, "updated_at": 1772359500.5, "custom_attributes": {}, "additional_attributes": {},
        "meta": {
            "sender": {"id": 46, "name": "Ana", "phone_number": "+5511912345678", "email": "", "thumbnail": ""},
            "channel": "Channel::TwilioSms", "hmac_verified": false,
            "assignee": {"id": 3, "email": "bia@example.org", "name": "Bia", "role": "agent"},
        },
        "messages": [{"id": 9, "conversation": {"contact_inbox": {"source_id": "whatsapp:+5511912345678"}}}],
    });
    let text = conversation.to_string();
    let conversation = Conversation::read(&raw::part(&text)).unwrap();
    assert_eq!(conversation.channel, Channel::WhatsApp);
    assert_eq!(conversation.state, Some(State::Snoozed));
    let assignee = conversation.assignee.clone().unwrap();
    assert_eq!(assignee.email.as_deref(), Some("bia@example.org"));
    let listed = |message: Value| {
        let text = message.to_string();
        MessageEvent::listed(&raw::part(&text), &conversation)
    };
    let said = json!({
        "id": 9, "content": "oi", "conversation_id": 3, "message_type": 0, "content_type": "text", "status": "sent",
        "content_attributes": {}, "created_at": 1772359200, "private": false, "source_id": null,
        "sender": {"id": 46, "name": "Ana", "type": "contact"},
    });
    let event = listed(said.clone()).unwrap();
    let (thread, author) = (event.conversation.thread.as_str(), event.author.as_ref());
    assert_eq!(
        (thread, event.said, author, event.is_new),
        ("3", Said::Inbound, None, true)
    );
    assert_eq!(names(&event)[0], (NameKind::WhatsApp, "+5511912345678"));
    let mut answer = said;
    answer["message_type"] = json!(1);
    answer["status"] = json!("read");
    answer["sender"] = json!({"id": 3, "name": "Bia", "type": "user"});
    let event = listed(answer.clone()).unwrap();
    assert_eq!(event.author.unwrap().name, "Bia");
    assert_eq!(event.status.unwrap().status, MessageStatus::Read);
    answer["message_type"] = json!(2);
    assert_eq!(listed(answer), None);
}
