use super::*;
use serde_json::{Value as Json, json};

const ACCOUNT: &str = "support@acme.example";

fn mail(text: &str, html: Option<&str>) -> Mail {
    Mail {
        from: Address::new(Some("Joe"), "joe@example.com"),
        to: Address::new(None, ACCOUNT).into_iter().collect(),
        subject: "Your order".into(),
        text: Some(text.into()),
        html: html.map(str::to_owned),
        provider_id: "p-1".into(),
        headers: vec![("message-id".into(), "<a@x>".into())],
        ..Mail::default()
    }
}

fn taken(mail: &Mail) -> (InboundMessage, Json) {
    let message = inbound_message(mail, ACCOUNT, Thread::default(), vec![]);
    let detail = serde_json::from_str(message.detail.as_deref().unwrap()).unwrap();
    (message, detail)
}

#[test]
fn what_is_new_is_the_content_and_the_whole_is_kept() {
    let text = "Yes.\n\nOn 3 Nov 2025, Shop wrote:\n> Shall we?";
    let (message, detail) = taken(&mail(text, Some("<p onclick=x>Yes.</p>")));
    assert_eq!(
        (message.content.as_str(), message.provider_id.as_str()),
        ("Yes.", "<a@x>")
    );
    assert_eq!(
        detail,
        json!({"subject": "Your order", "from": "joe@example.com", "from_name": "Joe",
            "sender_verified": "none", "participant": "customer", "to": [ACCOUNT],
            "full_text": text, "html": "<p>Yes.</p>"})
    );
}

#[test]
fn html_alone_is_read_as_text() {
    let (message, detail) = taken(&mail(
        " \r\n",
        Some("<p>Hello</p><blockquote>old</blockquote>"),
    ));
    assert_eq!(message.content, "Hello");
    assert_eq!(detail["full_text"], "Hello\n\n> old");
}

#[test]
fn answers_go_to_a_proven_customer_and_where_reply_to_wants_them_is_shown() {
    let mut mail = mail("Hi", None);
    assert_eq!(taken(&mail).0.sender.contact, None);
    mail.sender_verified = SenderVerified::Pass;
    let (message, detail) = taken(&mail);
    assert_eq!(message.sender.contact.as_deref(), Some("joe@example.com"));
    assert_eq!(detail.get("reply_to"), None);
    mail.reply_to = Address::new(None, "office@example.com");
    let (message, detail) = taken(&mail);
    assert_eq!(message.sender.contact.as_deref(), Some("joe@example.com"));
    assert_eq!(message.sender.names[0].value, "joe@example.com");
    assert_eq!(detail["reply_to"], "office@example.com");
    mail.reply_to = Address::new(None, "support+x@acme.example");
    assert_eq!(taken(&mail).1.get("reply_to"), None);
    mail.sender_verified = SenderVerified::Fail;
    let (message, detail) = taken(&mail);
    assert_eq!(
        (message.sender.contact, &detail["sender_unverified"]),
        (None, &json!(true))
    );
    assert_eq!(detail["participant"], "other");
}

#[test]
fn another_participant_is_named_and_is_not_the_customer() {
    let mut mail = mail("Hi", None);
    mail.sender_verified = SenderVerified::Pass;
    for (role, participant, contact, name) in [
        (
            Role::Customer,
            "customer",
            Some("joe@example.com"),
            Some("Joe"),
        ),
        (Role::Contact, "customer", None, Some("Joe")),
        (Role::Other, "other", None, None),
    ] {
        let thread = Thread {
            role,
            ..Thread::default()
        };
        let message = inbound_message(&mail, ACCOUNT, thread, vec![]);
        let detail: Json = serde_json::from_str(message.detail.as_deref().unwrap()).unwrap();
        let sender = message.sender;
        assert_eq!(detail["participant"], participant);
        assert_eq!(detail["from_name"], "Joe");
        assert_eq!(
            (sender.contact.as_deref(), sender.name.as_deref()),
            (contact, name)
        );
        assert_eq!(message.kind.opens_window(), role != Role::Other);
    }
}

#[test]
fn a_program_opens_no_window() {
    let mut mail = mail("I am away", None);
    assert_eq!(taken(&mail).0.kind, MessageType::Email);
    mail.headers
        .push(("auto-submitted".into(), "auto-replied".into()));
    let (message, detail) = taken(&mail);
    assert_eq!(message.kind.as_str(), "email");
    assert!(!message.kind.opens_window() && detail["auto_submitted"] == json!(true));
}

#[test]
fn our_own_address_is_known_with_any_tag() {
    let from = |email: &str| Mail {
        from: Address::new(None, email),
        ..Mail::default()
    };
    for (email, expected) in [
        (ACCOUNT, true),
        ("support+a.b@acme.example", true),
        ("other@acme.example", false),
    ] {
        assert_eq!(is_own(&from(email), ACCOUNT), expected, "{email}");
    }
}

#[test]
fn a_mail_from_nobody_is_taken_in_all_the_same() {
    let mut mail = mail("Hi", None);
    mail.from = None;
    mail.headers.clear();
    let (message, _) = taken(&mail);
    assert_eq!(
        (message.provider_id.as_str(), message.sender.email),
        ("p-1", None)
    );
    assert_eq!(message.sender.names[0].value, NOBODY);
    // The envelope alone, which anybody can write, makes nobody the customer.
    mail.envelope_from = Some("joe@example.com".into());
    let (message, detail) = taken(&mail);
    assert_eq!(message.sender.names[0].value, "joe@example.com");
    assert_eq!(
        (detail["participant"].as_str(), message.sender.contact),
        (Some("other"), None)
    );
}

#[test]
fn whatever_comes_fits_into_a_row() {
    let html = format!(
        "<p title='{}'>{}</p>",
        "\"".repeat(3000),
        "\\\"".repeat(100_000)
    );
    let mut mail = mail(&format!("a\n> {}", "\"".repeat(200_000)), Some(&html));
    mail.to = (0..500)
        .filter_map(|n| Address::new(None, &format!("a{n}@b.example")))
        .collect();
    let (message, detail) = taken(&mail);
    assert!(message.detail.unwrap().len() <= MAX_DETAIL_BYTES);
    assert_eq!(detail["to"].as_array().unwrap().len(), 50);
}
