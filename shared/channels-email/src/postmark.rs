//! What Postmark sends: a mail as one JSON, and statuses of outbound mails (channels.md §6.3).

use super::address::{Address, addresses, names_many};
use super::mail::Mail;
use super::mime::{MAX_PARTS, MailFile};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use channels::{MessageStatus, StatusUpdate};
use common::ids::MessageId;
use common::json::raw;
use common::json::raw::Object;
use common::json::tolerant::{checked_text, child, objects, text};
use common::time::Timestamp;

/// Under which name a mail carries our own id, which its webhooks give back.
pub(super) const ID_FIELD: &str = "tieline_message";
/// The domain of the `Message-ID` that Postmark makes of its own id.
const ID_DOMAIN: &str = "mtasv.net";

/// What a webhook says.
#[derive(Debug, Clone, PartialEq)]
pub enum PostmarkEvent {
    /// A mail came.
    Received(Box<Mail>, Vec<MailFile>),
    /// A status of an outbound mail.
    Status(StatusUpdate),
    /// Anything else, which is not for us.
    Other,
}

impl PostmarkEvent {
    /// Reads a webhook's body; `None` for invalid JSON.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        let json = checked_text(body)?;
        let event = raw::part(json.trim_start());
        let Some(id) = text(&event, "MessageID") else {
            return Some(Self::Other);
        };
        Some(match text(&event, "RecordType") {
            None if event.get("FromFull").is_some() || event.get("From").is_some() => {
                let (mail, files) = received(&event, id);
                Self::Received(Box::new(mail), files)
            }
            Some(kind) => match status_of(&kind, &event) {
                Some((status, at, error)) => Self::Status(StatusUpdate {
                    provider_id: id,
                    status,
                    at: text(&event, at).and_then(|at| Timestamp::parse(&at)),
                    error,
                    message_id: text(&child(&event, "Metadata"), ID_FIELD)
                        .map(MessageId::unchecked),
                    recipient: None,
                }),
                None => Self::Other,
            },
            None => Self::Other,
        })
    }
}

type Status = (MessageStatus, &'static str, Option<(String, String)>);

/// Bounces that say something else than that the mail did not arrive.
const NO_BOUNCES: [&str; 7] = [
    "AddressChange",
    "AutoResponder",
    "ChallengeVerification",
    "OpenRelayTest",
    "Subscribe",
    "Transient",
    "Unsubscribe",
];

fn status_of(kind: &str, event: &Object<'_>) -> Option<Status> {
    let bounce = text(event, "Type").unwrap_or_default();
    Some(match kind {
        "Delivery" => (MessageStatus::Delivered, "DeliveredAt", None),
        // Of a mail that arrived.
        "SpamComplaint" => (MessageStatus::Delivered, "BouncedAt", None),
        "Bounce" if NO_BOUNCES.contains(&bounce.as_str()) => return None,
        "Bounce" => {
            let reason = text(event, "Description").or_else(|| text(event, "Details"));
            let reason = reason.unwrap_or_else(|| "Postmark gave no reason.".to_owned());
            (MessageStatus::Failed, "BouncedAt", Some((bounce, reason)))
        }
        _ => return None,
    })
}

fn received(event: &Object<'_>, id: String) -> (Mail, Vec<MailFile>) {
    let person = |one: &Object<'_>| {
        Address::new(
            text(one, "Name").as_deref(),
            &text(one, "Email").unwrap_or_default(),
        )
    };
    let people = |full: &str, bare: &str| -> Vec<Address> {
        let all: Vec<_> = objects(event, full).iter().filter_map(person).collect();
        match all.is_empty() {
            true => text(event, bare)
                .map(|all| addresses(&all))
                .unwrap_or_default(),
            false => all,
        }
    };
    let from = || text(event, "From").and_then(|from| addresses(&from).into_iter().next());
    let mut mail = Mail {
        has_many_authors: text(event, "From").is_some_and(|from| names_many(&from)),
        from: person(&child(event, "FromFull")).or_else(from),
        reply_to: text(event, "ReplyTo").and_then(|to| addresses(&to).into_iter().next()),
        to: people("ToFull", "To"),
        cc: people("CcFull", "Cc"),
        subject: text(event, "Subject").unwrap_or_default(),
        text: text(event, "TextBody"),
        html: text(event, "HtmlBody"),
        provider_id: id,
        ..Mail::default()
    };
    mail.envelope_to.extend(text(event, "OriginalRecipient"));
    let blind = people("BccFull", "Bcc").into_iter().map(|one| one.email);
    mail.envelope_to.extend(blind);
    let date = text(event, "Date").map(|date| ("date".to_owned(), date));
    let headers = objects(event, "Headers");
    let headers = headers
        .iter()
        .filter_map(|header| text(header, "Name").zip(text(header, "Value")));
    mail.set_headers(headers.chain(date));
    let mut files = Vec::new();
    for file in objects(event, "Attachments").iter().take(MAX_PARTS) {
        let Some(bytes) = file.get("Content").and_then(|content| decoded(content)) else {
            continue;
        };
        if let Some(cid) = text(file, "ContentID") {
            let cid = cid.trim_start_matches("cid:").trim_matches(['<', '>']);
            mail.content_ids.push((cid.to_owned(), files.len()));
        }
        files.push(MailFile {
            filename: text(file, "Name"),
            mime_type: text(file, "ContentType"),
            bytes,
        });
    }
    (mail, files)
}

/// The bytes of a text in base64. Read where it stands: a file may be as large as memory allows.
fn decoded(json: &str) -> Option<Vec<u8>> {
    let plain = json.strip_prefix('"')?.strip_suffix('"')?;
    if let Ok(bytes) = STANDARD.decode(plain) {
        return Some(bytes);
    }
    let mut text = raw::text(json)?;
    text.retain(|c| !c.is_whitespace());
    STANDARD.decode(text).ok()
}

/// The `Message-ID` that a mail of ours got, by Postmark's id of it.
#[must_use]
pub fn postmark_message_id(provider_id: &str) -> String {
    format!("<{provider_id}@{ID_DOMAIN}>")
}

/// Postmark's id of a mail of ours, by its `Message-ID`.
#[must_use]
pub fn postmark_id(message_id: &str) -> Option<&str> {
    let id = message_id.strip_prefix('<')?.strip_suffix('>')?;
    id.strip_suffix(ID_DOMAIN)?.strip_suffix('@')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(event: &serde_json::Value) -> PostmarkEvent {
        PostmarkEvent::parse(event.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_mail_is_read_with_its_files() {
        let event = json!({
            "FromName": "Joe", "From": "joe@example.com", "FromFull": {"Email": "Joe@example.com", "Name": "Joe", "MailboxHash": ""},
            "ToFull": [{"Email": "support+tag@acme.example", "Name": ""}], "Cc": "\"B, C\" <b@c.example>", "CcFull": [],
            "OriginalRecipient": "in@inbound.example", "Subject": "Hi", "MessageID": "22c74902-a0c1-4511-804f-341342852c90",
            "ReplyTo": "office@example.com", "Date": "Fri, 2 Jan 2026 03:04:05 +0000", "TextBody": "Hello", "HtmlBody": "",
            "Headers": [{"Name": "Message-ID", "Value": "<a@x>"}, {"Name": "In-Reply-To", "Value": "<r@x>"}, {"Value": "x"}],
            "Attachments": [
                {"Name": "a.pdf", "Content": "JVBERg==", "ContentType": "application/pdf", "ContentLength": 4, "ContentID": "cid:c@x"},
                {"Name": "b", "Content": "%%%"},
            ],
        });
        let PostmarkEvent::Received(mail, files) = parse(&event) else {
            panic!("a mail")
        };
        assert_eq!(mail.from, Address::new(Some("Joe"), "joe@example.com"));
        assert_eq!(
            mail.cc,
            Address::new(Some("B, C"), "b@c.example")
                .into_iter()
                .collect::<Vec<_>>()
        );
        assert_eq!(
            (mail.message_id().as_deref(), mail.references()),
            (Some("<a@x>"), vec!["<r@x>".to_owned()])
        );
        assert_eq!(mail.sent_at(), Timestamp::parse("2026-01-02T03:04:05Z"));
        assert_eq!(
            (mail.text.as_deref(), mail.html.as_deref()),
            (Some("Hello"), None)
        );
        assert_eq!((files.len(), files[0].bytes.as_slice()), (1, &b"%PDF"[..]));
        assert_eq!(mail.content_ids, [("c@x".to_owned(), 0)]);
    }

    #[test]
    fn what_becomes_of_a_mail_is_told() {
        let bounce = json!({"RecordType": "Bounce", "Type": "HardBounce", "MessageID": "m", "Description": "No such user",
            "BouncedAt": "2026-01-02T03:04:05Z", "Metadata": {"tieline_message": "ours"}});
        let PostmarkEvent::Status(update) = parse(&bounce) else {
            panic!("a status")
        };
        assert_eq!(
            (
                update.status,
                update.message_id.as_ref().map(MessageId::as_str)
            ),
            (MessageStatus::Failed, Some("ours"))
        );
        assert_eq!(
            update.error,
            Some(("HardBounce".into(), "No such user".into()))
        );
        assert_eq!(update.at, Timestamp::parse("2026-01-02T03:04:05Z"));
        for kind in ["Delivery", "SpamComplaint"] {
            let event = json!({"RecordType": kind, "MessageID": "m"});
            assert!(
                matches!(parse(&event), PostmarkEvent::Status(update) if update.status == MessageStatus::Delivered)
            );
        }
        for event in [
            json!({"RecordType": "Bounce", "Type": "AutoResponder", "MessageID": "m"}),
            json!({"RecordType": "Open", "MessageID": "m"}),
            json!({"RecordType": "Delivery"}),
            json!({"MessageID": "m"}),
            json!(7),
        ] {
            assert_eq!(parse(&event), PostmarkEvent::Other, "{event}");
        }
        assert_eq!(PostmarkEvent::parse(b"{"), None);
    }

    #[test]
    fn a_message_id_of_ours_is_made_of_postmarks_id() {
        let id = postmark_message_id("22c74902");
        assert_eq!(postmark_id(&id), Some("22c74902"));
        assert_eq!(postmark_id("<a@mtasv.net.evil.example>"), None);
    }
}
