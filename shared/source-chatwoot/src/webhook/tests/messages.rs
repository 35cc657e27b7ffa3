use super::*;
use channels::{Change, MessageStatus, MessageType};
use common::time::Timestamp;

#[test]
fn a_message_of_a_contact_is_read_with_its_conversation_and_its_sender() {
    let delivery = parsed(&incoming());
    assert_eq!(
        (delivery.name.as_str(), delivery.account_id.as_deref()),
        ("message_created", Some("1"))
    );
    let event = message(&incoming());
    assert_eq!(
        (event.said, event.is_new, event.is_automatic),
        (Said::Inbound, true, false)
    );
    assert_eq!(
        (
            event.author.as_ref(),
            event.revision.as_ref(),
            event.status.as_ref()
        ),
        (None, None, None)
    );
    let conversation = &event.conversation;
    assert_eq!(
        (conversation.thread.as_str(), conversation.channel),
        ("130", Channel::WhatsApp)
    );
    assert_eq!(conversation.contact_id.as_deref(), Some("46"));
    assert_eq!(
        conversation.updated_at.map(Timestamp::micros),
        Some(1_772_359_200_250_000)
    );
    assert_eq!(
        conversation.labels.as_deref(),
        Some(&["vip".to_owned()][..])
    );
    assert_eq!(conversation.state, Some(State::Open));
    let number = "+5511912345678";
    assert_eq!(
        names(&event),
        [(NameKind::WhatsApp, number), (NameKind::Phone, number)]
    );
    let said = &event.message;
    assert_eq!(
        (said.provider_id.as_str(), said.content.as_str(), said.kind),
        ("501", "oi", MessageType::Text)
    );
    assert_eq!(
        (
            said.is_echo,
            said.detail.as_deref(),
            said.reply_to.as_deref()
        ),
        (false, None, None)
    );
    assert_eq!(
        said.sent_at.map(|at| at.to_string()).as_deref(),
        Some("2026-03-01T10:00:00.000000Z")
    );
    assert_eq!(said.sender.name.as_deref(), Some("Ana"));
    assert_eq!(said.sender.contact.as_deref(), Some("130"));
    assert!(!format!("{event:?}").contains("a-credential"));
}

#[test]
fn every_version_and_relay_tells_the_same() {
    let plain = message(&incoming());
    for (what, changes) in [
        ("a number for the type", vec![("message_type", json!(0))]),
        ("a text of a number", vec![("message_type", json!("0"))]),
        ("seconds", vec![("created_at", json!(1_772_359_200))]),
        (
            "seconds with a fraction",
            vec![("created_at", json!(1_772_359_200.0))],
        ),
        (
            "seconds as a text",
            vec![("created_at", json!("1772359200"))],
        ),
        (
            "lists for attributes",
            vec![
                ("content_attributes", json!([])),
                ("additional_attributes", json!([])),
                ("conversation.additional_attributes", json!([])),
            ],
        ),
        (
            "null for attributes",
            vec![
                ("content_attributes", json!(null)),
                ("conversation.custom_attributes", json!(null)),
            ],
        ),
        (
            "a text for attributes",
            vec![("content_attributes", json!("{}"))],
        ),
        ("no sender", vec![("sender", json!(null))]),
        ("no account", vec![("account", json!(null))]),
        ("no messages", vec![("conversation.messages", json!([]))]),
        (
            "4.3: no type of the assignee",
            vec![("conversation.meta.assignee_type", json!(null))],
        ),
        (
            "ids as texts",
            vec![
                ("id", json!("501")),
                ("conversation.id", json!("130")),
                ("conversation.meta.sender.id", json!("46")),
            ],
        ),
        (
            "an answer to nothing",
            vec![(
                "content_attributes",
                json!({"in_reply_to": null, "items": null}),
            )],
        ),
        (
            "something new",
            vec![
                ("sentiment", json!({"score": 0.5})),
                ("conversation.whatever", json!([1])),
            ],
        ),
    ] {
        assert_eq!(message(&with(&changes)), plain, "{what}");
    }
    let elsewhere = parsed(&with(&[("account", json!(null))]));
    assert_eq!(elsewhere.account_id, None);
    // Without the contact in the conversation, who sent it is the contact.
    let lone = message(&with(&[("conversation.meta", json!(null))]));
    assert_eq!(lone.conversation.contact, plain.conversation.contact);
    let nobody = message(&with(&[
        ("conversation.meta", json!(null)),
        ("sender", json!(null)),
    ]));
    assert_eq!(
        (
            nobody.conversation.contact_id.as_deref(),
            nobody.conversation.contact
        ),
        (Some("46"), None)
    );
    assert_eq!(
        names(&message(&with(&[
            ("conversation.meta", json!(null)),
            ("sender", json!(null))
        ]))),
        [(NameKind::WhatsApp, "+5511912345678")]
    );
}

#[test]
fn what_agents_and_programs_write_is_an_echo_and_a_note_is_no_message() {
    let bia = json!({"id": 3, "name": "Bia", "email": "Bia@Example.org", "type": "user"});
    let by_bia = [("message_type", json!("outgoing")), ("sender", bia.clone())];
    let event = message(&with(&by_bia));
    let author = event.author.clone().unwrap();
    assert_eq!(
        (event.said, event.is_automatic, event.message.is_echo),
        (Said::Outbound, false, true)
    );
    assert_eq!(
        (
            author.id.as_str(),
            author.name.as_str(),
            author.email.as_deref()
        ),
        ("3", "Bia", Some("bia@example.org"))
    );
    let detail = r#"{"sent_elsewhere":true,"author":{"id":"3","name":"Bia"}}"#;
    assert_eq!(event.message.detail.as_deref(), Some(detail));
    // The customer is the conversation's, never the agent.
    assert_eq!(names(&event)[0], (NameKind::WhatsApp, "+5511912345678"));
    let private = [&by_bia[..], &[("private", json!(true))]].concat();
    let note = message(&with(&private));
    assert_eq!(
        (note.said, note.message.is_echo, note.author),
        (Said::Note, false, Some(author))
    );
    for (what, changes) in [
        (
            "a bot",
            vec![
                ("message_type", json!("outgoing")),
                (
                    "sender",
                    json!({"id": 1, "name": "Robot", "type": "agent_bot"}),
                ),
            ],
        ),
        (
            "a greeting",
            vec![("message_type", json!("template")), ("sender", json!(null))],
        ),
        (
            "a number of it",
            vec![("message_type", json!(3)), ("sender", json!(null))],
        ),
        (
            "nobody",
            vec![("message_type", json!(1)), ("sender", json!(null))],
        ),
        (
            "a rule",
            vec![
                ("message_type", json!("outgoing")),
                ("sender", bia),
                ("content_attributes", json!({"automation_rule_id": 4})),
            ],
        ),
    ] {
        let event = message(&with(&changes));
        assert_eq!(
            (event.said, event.is_automatic),
            (Said::Outbound, true),
            "{what}"
        );
        assert!(
            event
                .message
                .detail
                .unwrap()
                .contains(r#""automatic":true"#)
        );
    }
    let activity = with(&[("message_type", json!("activity"))]);
    assert_eq!(parsed(&activity).event, Event::Ignored);
    assert_eq!(
        parsed(&with(&[("message_type", json!(2))])).event,
        Event::Ignored
    );
}

#[test]
fn what_we_posted_is_known_by_its_mark() {
    let marked = |mark: Value| {
        message(&with(&[
            ("message_type", json!("outgoing")),
            (
                "content_attributes",
                json!({"tieline": mark, "in_reply_to": 12}),
            ),
        ]))
    };
    let ours = marked(json!(ID));
    let (id, provider_id) = ours.own().unwrap();
    assert_eq!((id.as_str(), provider_id.as_str()), (ID, "501"));
    assert_eq!(ours.message.reply_to.as_deref(), Some("12"));
    assert_eq!(marked(json!("note-1")).own(), None);
    assert_eq!(marked(json!("note-1")).mark.as_deref(), Some("note-1"));
    assert_eq!(marked(json!(null)).mark, None);
}

#[test]
fn a_message_that_changed_tells_what_it_says_now_and_what_became_of_it() {
    let updated = |changes: &[(&str, Value)]| {
        message(&with(
            &[&[("event", json!("message_updated"))], changes].concat(),
        ))
    };
    let edited = updated(&[
        ("content", json!("oi!")),
        (
            "conversation.messages.0.updated_at",
            json!("2026-03-01T10:05:00.500Z"),
        ),
    ]);
    let change = Change::Edited {
        number: 1_772_359_500_500,
        text: "oi!".into(),
    };
    assert_eq!(
        (edited.is_new, edited.revision.unwrap().change),
        (false, change)
    );
    // Where the conversation tells another message, its own time is not before the change.
    let other = updated(&[("conversation.messages.0.id", json!(502))]);
    let change = Change::Edited {
        number: 1_772_359_200_250,
        text: "oi".into(),
    };
    assert_eq!(other.revision.unwrap().change, change);
    let deleted = updated(&[
        ("content", json!("This message was deleted")),
        ("content_attributes", json!({"deleted": true})),
    ]);
    assert_eq!(deleted.revision.unwrap().change, Change::Deleted);
    assert_eq!(
        (
            deleted.message.content.as_str(),
            deleted.message.media.len()
        ),
        ("", 0)
    );
    // A webhook that was built late tells of a new message that it is gone.
    let late = message(&with(&[("content_attributes", json!({"deleted": true}))]));
    assert_eq!(
        (late.is_new, late.revision.unwrap().change),
        (true, Change::Deleted)
    );
    let state = |status: &str, more: &[(&str, Value)]| {
        let mut changes = vec![
            ("message_type", json!("outgoing")),
            ("conversation.messages.0.status", json!(status)),
        ];
        changes.extend_from_slice(more);
        updated(&changes).status
    };
    assert_eq!(
        state("delivered", &[]).unwrap().status,
        MessageStatus::Delivered
    );
    let marked = [(
        "content_attributes",
        json!({"tieline": ID, "external_error": "131047: Re-engagement message"}),
    )];
    let failed = state("failed", &marked).unwrap();
    assert_eq!(
        (failed.status, failed.provider_id.as_str()),
        (MessageStatus::Failed, "501")
    );
    assert_eq!(failed.message_id.unwrap().as_str(), ID);
    assert_eq!(failed.error.unwrap().1, "131047: Re-engagement message");
    assert_eq!(
        state("read", &[("conversation.messages.0.id", json!(502))]),
        None
    );
    assert_eq!(updated(&[]).status, None);
    // The skeleton of some servers: a number and nothing else.
    let bare = json!({
        "event": "message_updated", "id": 501, "content": "This message was deleted", "message_type": "incoming", "private": false,
        "content_attributes": {"deleted": true}, "account": {"id": 1}, "inbox": {"id": 6}, "conversation": {"id": 130},
    });
    let bare = message(&bare);
    assert_eq!(bare.revision.unwrap().change, Change::Deleted);
    assert_eq!(
        (
            bare.conversation.thread.as_str(),
            bare.conversation.inbox_id.as_deref()
        ),
        ("130", Some("6"))
    );
    assert_eq!(bare.conversation.contact_id, None);
}
