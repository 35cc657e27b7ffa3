use super::address::{Address, without_tag};
use super::automatic::is_automatic;
use super::html::{sanitised, text_of};
use super::mail::Mail;
use super::message_id::capped;
use super::quoted::without_quotes;
use channels::{InboundMedia, InboundMessage, MessageType, NameKind, Sender, SenderName};
use common::ids::CustomerId;
use common::json::writer::{JsonWriter, quoted};

/// Largest HTML that is kept, in bytes.
pub const MAX_HTML_BYTES: usize = 64 * 1024;
/// Largest whole text that is kept beside what is new of it, in bytes.
const MAX_FULL_TEXT_BYTES: usize = 32 * 1024;
/// Largest detail, in bytes; what a message stores of it (see `messages::receive`).
const MAX_DETAIL_BYTES: usize = 128 * 1024;
/// Longest subject that is kept, in bytes.
const MAX_SUBJECT_BYTES: usize = 998;
/// Most recipients that are shown.
const MAX_SHOWN: usize = 50;
/// The sender of a mail without one, in a reserved domain (RFC 2606 §2).
const NOBODY: &str = "unknown-sender@invalid.invalid";

/// What a mail belongs to, as it was found out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thread {
    /// The customer.
    pub customer_id: Option<CustomerId>,
    /// The provider's id of the message that it answers.
    pub answered: Option<String>,
}

/// Whether a mail comes from the account itself, which could loop for ever.
#[must_use]
pub fn is_own(mail: &Mail, address: &str) -> bool {
    let is_it = |email: &str| without_tag(email).0 == without_tag(address).0;
    mail.from.as_ref().is_some_and(|from| is_it(&from.email))
}

/// A mail as a message of its customer's.
#[must_use]
pub fn inbound_message(
    mail: &Mail,
    address: &str,
    thread: Thread,
    media: Vec<InboundMedia>,
) -> InboundMessage {
    let automatic = is_automatic(mail);
    let whole = whole_text(mail);
    let content = without_quotes(&whole);
    let detail = detail(mail, automatic, (whole != content).then_some(&*whole));
    InboundMessage {
        provider_id: mail
            .message_id()
            .unwrap_or_else(|| mail.provider_id.clone()),
        sender: sender(mail, address, thread.customer_id),
        is_echo: false,
        kind: match automatic {
            true => MessageType::AutomaticEmail,
            false => MessageType::Email,
        },
        content,
        detail: Some(detail),
        sent_at: mail.sent_at(),
        reply_to: thread.answered,
        media,
    }
}

fn sender(mail: &Mail, address: &str, customer_id: Option<CustomerId>) -> Sender {
    let returned = || {
        mail.envelope_from
            .as_deref()
            .and_then(|from| Address::new(None, from))
    };
    let from = mail
        .from
        .clone()
        .or_else(returned)
        .unwrap_or_else(|| Address {
            name: None,
            email: NOBODY.to_owned(),
        });
    let is_ours = |email: &str| without_tag(email).0 == without_tag(address).0;
    let reply_to = mail.reply_to.as_ref().filter(|to| !is_ours(&to.email));
    let contact = reply_to.unwrap_or(&from).email.clone();
    Sender {
        names: vec![SenderName {
            kind: NameKind::Email,
            value: from.email.clone(),
        }],
        name: from.name,
        // Whoever only pretends to be the sender does not get the answers.
        contact: Some(contact).filter(|to| to != NOBODY && !is_forged(mail)),
        email: Some(from.email).filter(|email| email != NOBODY),
        customer_id,
        ..Sender::default()
    }
}

/// Whether the receiving server found that the sender's domain did not send it.
fn is_forged(mail: &Mail) -> bool {
    let results = mail.header("authentication-results").unwrap_or_default();
    results.to_ascii_lowercase().contains("dmarc=fail")
}

fn whole_text(mail: &Mail) -> String {
    let text = mail.text.as_deref().filter(|text| !text.trim().is_empty());
    match (text, &mail.html) {
        (Some(text), _) => text.replace("\r\n", "\n").trim_end().to_owned(),
        (None, Some(html)) => text_of(html),
        (None, None) => String::new(),
    }
}

/// What a mail has beside its text.
fn detail(mail: &Mail, automatic: bool, whole: Option<&str>) -> String {
    let html = mail
        .html
        .as_deref()
        .map(|html| sanitised(html, MAX_HTML_BYTES));
    let html = html.filter(|(html, _)| !html.is_empty());
    let with = |html: Option<&(String, bool)>| {
        let mut detail = head(mail, automatic);
        if let Some(whole) = whole {
            let cut = whole.floor_char_boundary(MAX_FULL_TEXT_BYTES);
            detail = detail.maybe("full_text", whole.get(..cut));
        }
        if let Some((html, is_cut)) = html {
            detail = detail.text("html", html);
            if *is_cut {
                detail = detail.json("html_truncated", "true");
            }
        }
        detail.finish()
    };
    let detail = with(html.as_ref());
    if detail.len() <= MAX_DETAIL_BYTES {
        return detail;
    }
    with(None)
}

fn head(mail: &Mail, automatic: bool) -> JsonWriter {
    let subject = mail.subject.trim();
    let subject = subject.get(..subject.floor_char_boundary(MAX_SUBJECT_BYTES));
    let mut head = JsonWriter::default().text("subject", subject.unwrap_or_default());
    if let Some(from) = &mail.from {
        head = head.text("from", &from.email);
    }
    for (name, all) in [("to", &mail.to), ("cc", &mail.cc)] {
        if !all.is_empty() {
            let shown = all.iter().take(MAX_SHOWN).map(|one| quoted(&one.email));
            head = head.json(name, &list(shown));
        }
    }
    let references = capped(mail.references());
    if !references.is_empty() {
        head = head.json("references", &list(references.iter().map(|id| quoted(id))));
    }
    if !mail.content_ids.is_empty() {
        let inline = mail.content_ids.iter().map(|(cid, n)| {
            let inline = JsonWriter::default().text("cid", cid);
            inline.json("attachment", &n.to_string()).finish()
        });
        head = head.json("inline", &list(inline));
    }
    let marks = [
        ("auto_submitted", automatic),
        ("sender_unverified", is_forged(mail)),
        ("incomplete", mail.is_incomplete),
        ("raw", mail.raw_id.is_some()),
    ];
    for (name, _) in marks.into_iter().filter(|(_, is_so)| *is_so) {
        head = head.json(name, "true");
    }
    head.maybe("raw_id", mail.raw_id.as_deref())
}

fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<_> = items.collect();
    format!("[{}]", items.join(","))
}

#[cfg(test)]
mod tests {
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
            json!({"subject": "Your order", "from": "joe@example.com", "to": [ACCOUNT],
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
    fn answers_go_where_the_writer_wants_them_but_never_to_ourselves() {
        let mut mail = mail("Hi", None);
        assert_eq!(
            taken(&mail).0.sender.contact.as_deref(),
            Some("joe@example.com")
        );
        mail.reply_to = Address::new(None, "office@example.com");
        let sender = taken(&mail).0.sender;
        assert_eq!(sender.contact.as_deref(), Some("office@example.com"));
        assert_eq!(sender.names[0].value, "joe@example.com");
        mail.reply_to = Address::new(None, "support+x@acme.example");
        assert_eq!(
            taken(&mail).0.sender.contact.as_deref(),
            Some("joe@example.com")
        );
        mail.headers.push((
            "authentication-results".into(),
            "mx; dkim=none; DMARC=fail".into(),
        ));
        let (message, detail) = taken(&mail);
        assert_eq!(
            (message.sender.contact, &detail["sender_unverified"]),
            (None, &json!(true))
        );
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
}
