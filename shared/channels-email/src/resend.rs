//! What Resend sends: webhooks without the mail, and the mail once it is asked for (channels.md §6.4).

use super::address::{Address, addresses, names_many};
use super::mail::Mail;
use super::message_id::message_id;
use channels::{InboundBytes, InboundMedia, MessageStatus, StatusUpdate};
use common::ids::MessageId;
use common::json::raw;
use common::json::raw::Object;
use common::json::tolerant::{checked, child, objects, text};
use common::time::Timestamp;

/// Most files of one mail.
const MAX_FILES: usize = 100;
/// Longest id of Resend's, in bytes.
const MAX_ID_BYTES: usize = 100;
/// Under which name a mail carries our own id, which its webhooks give back.
pub(super) const ID_TAG: &str = "tieline_message";

/// What a webhook says.
#[derive(Debug, Clone, PartialEq)]
pub enum ResendEvent {
    /// A mail came.
    Received {
        /// By which it is asked for.
        email_id: String,
        /// When.
        at: Option<Timestamp>,
    },
    /// A status of an outbound mail.
    Status {
        /// The status.
        update: StatusUpdate,
        /// Its `Message-ID`, by which answers name it.
        message_id: Option<String>,
    },
    /// Anything else, which is not for us.
    Other,
}

impl ResendEvent {
    /// Reads a webhook's body; `None` for invalid JSON.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        let json = checked(body)?;
        let event = raw::part(&json);
        let data = child(&event, "data");
        let kind = text(&event, "type").unwrap_or_default();
        let Some(email_id) = text(&data, "email_id").filter(|id| is_id(id)) else {
            return Some(Self::Other);
        };
        let at = time(&event, "created_at");
        if kind == "email.received" {
            return Some(Self::Received { email_id, at });
        }
        let Some((status, error)) = status_of(&kind, &data) else {
            return Some(Self::Other);
        };
        let update = StatusUpdate {
            provider_id: email_id,
            status,
            at,
            error,
            message_id: text(&child(&data, "tags"), ID_TAG).map(MessageId::unchecked),
            recipient: None,
        };
        let message_id = text(&data, "message_id").and_then(|id| message_id(&id));
        Some(Self::Status { update, message_id })
    }
}

type Failure = Option<(String, String)>;

/// A delay is no news, and a complaint comes of a mail that arrived.
fn status_of(kind: &str, data: &Object<'_>) -> Option<(MessageStatus, Failure)> {
    let value_of = |of: &str, field: &str| text(&child(data, of), field);
    let failure = |code: String, message: Option<String>| {
        let message = message.unwrap_or_else(|| "Resend gave no reason.".to_owned());
        Some((code, message))
    };
    Some(match kind {
        "email.sent" | "email.delivery_delayed" => (MessageStatus::Sent, None),
        "email.delivered" | "email.complained" => (MessageStatus::Delivered, None),
        "email.bounced" => {
            let code = value_of("bounce", "type").unwrap_or_else(|| "bounced".to_owned());
            let failure = failure(code, value_of("bounce", "message"));
            (MessageStatus::Failed, failure)
        }
        "email.failed" => {
            let reason = value_of("failed", "reason");
            (MessageStatus::Failed, failure("failed".to_owned(), reason))
        }
        "email.suppressed" => {
            let reason = value_of("suppressed", "message");
            let reason =
                reason.unwrap_or_else(|| "The address bounced or complained before.".to_owned());
            (
                MessageStatus::Failed,
                failure("suppressed".to_owned(), Some(reason)),
            )
        }
        _ => return None,
    })
}

/// Reads a mail as the API gives it, or, without its body, as the webhook announces it.
#[must_use]
pub fn mail_of_resend(email_id: &str, body: &[u8]) -> Option<(Mail, Vec<InboundMedia>)> {
    let json = checked(body)?;
    let whole = raw::part(&json);
    let data = child(&whole, "data");
    let is_announcement = data.get("email_id").is_some();
    let object = if is_announcement { data } else { whole };
    object.get("from")?;
    let people = |field: &str| -> Vec<Address> {
        let each = texts(&object, field).into_iter();
        each.flat_map(|one| addresses(&one)).collect()
    };
    let authors = texts(&object, "from");
    let mut mail = Mail {
        has_many_authors: authors.len() > 1 || authors.iter().any(|from| names_many(from)),
        from: people("from").into_iter().next(),
        reply_to: people("reply_to").into_iter().next(),
        to: people("to"),
        cc: people("cc"),
        envelope_to: texts(&object, "received_for"),
        subject: text(&object, "subject").unwrap_or_default(),
        text: text(&object, "text"),
        html: text(&object, "html"),
        provider_id: email_id.to_owned(),
        received_at: time(&object, "created_at"),
        is_incomplete: is_announcement,
        ..Mail::default()
    };
    mail.envelope_to.extend(texts(&object, "bcc"));
    let headers = headers_of(&object);
    let id = text(&object, "message_id").map(|id| ("message-id".to_owned(), id));
    mail.set_headers(id.into_iter().chain(headers));
    let mut media = Vec::new();
    for file in objects(&object, "attachments").iter().take(MAX_FILES) {
        let Some(id) = text(file, "id").filter(|id| is_id(id)) else {
            continue;
        };
        if let Some(cid) = text(file, "content_id") {
            let cid = cid.trim_matches(['<', '>']).to_owned();
            mail.content_ids.push((cid, media.len()));
        }
        media.push(InboundMedia {
            bytes: InboundBytes::Id(format!("{email_id}/{id}")),
            mime_type: text(file, "content_type").unwrap_or_default(),
            filename: text(file, "filename").unwrap_or_default(),
            sha256: None,
        });
    }
    Some((mail, media))
}

/// Headers by name, or as a list of names and values; a value that is a list has one for each time
/// that the header came.
fn headers_of(object: &Object<'_>) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    for (name, value) in child(object, "headers").iter() {
        match raw::text(value) {
            Some(value) => headers.push((name.to_owned(), value)),
            None => {
                let values = raw::items(value).into_iter().filter_map(raw::text);
                headers.extend(values.map(|value| (name.to_owned(), value)));
            }
        }
    }
    for header in objects(object, "headers") {
        headers.extend(text(&header, "name").zip(text(&header, "value")));
    }
    headers
}

/// A field that is a text or a list of texts.
fn texts(object: &Object<'_>, field: &str) -> Vec<String> {
    let Some(value) = object.get(field) else {
        return Vec::new();
    };
    match raw::text(value) {
        Some(text) => vec![text],
        None => raw::items(value)
            .into_iter()
            .filter_map(raw::text)
            .collect(),
    }
}

/// Ids go into the paths of requests.
fn is_id(id: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    (1..=MAX_ID_BYTES).contains(&id.len()) && id.bytes().all(is_part)
}

fn time(object: &Object<'_>, field: &str) -> Option<Timestamp> {
    Timestamp::parse(&text(object, field)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    fn event(kind: &str, more: &Json) -> ResendEvent {
        let mut data = json!({"email_id": "e-1", "message_id": "<m@resend.dev>", "tags": {"tieline_message": "ours"}});
        for (name, value) in more.as_object().unwrap() {
            data[name] = value.clone();
        }
        let body = json!({"type": kind, "created_at": "2026-01-02T03:04:05.000Z", "data": data});
        ResendEvent::parse(body.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn what_becomes_of_a_mail_is_told() {
        let none = json!({});
        for (kind, status) in [
            ("email.sent", MessageStatus::Sent),
            ("email.delivery_delayed", MessageStatus::Sent),
            ("email.delivered", MessageStatus::Delivered),
            ("email.complained", MessageStatus::Delivered),
            ("email.bounced", MessageStatus::Failed),
            ("email.failed", MessageStatus::Failed),
            ("email.suppressed", MessageStatus::Failed),
        ] {
            let ResendEvent::Status { update, message_id } = event(kind, &none) else {
                panic!("{kind}")
            };
            assert_eq!(
                (update.status, update.provider_id.as_str()),
                (status, "e-1"),
                "{kind}"
            );
            assert_eq!(
                update.error.is_some(),
                status == MessageStatus::Failed,
                "{kind}"
            );
            assert_eq!(update.message_id, Some(MessageId::unchecked("ours")));
            assert_eq!(message_id.as_deref(), Some("<m@resend.dev>"));
        }
        let bounce = json!({"bounce": {"type": "Permanent", "message": "No such user"}});
        let ResendEvent::Status { update, .. } = event("email.bounced", &bounce) else {
            panic!("a status")
        };
        assert_eq!(
            update.error,
            Some(("Permanent".into(), "No such user".into()))
        );
    }

    #[test]
    fn what_is_not_for_us_is_let_pass() {
        for kind in [
            "email.opened",
            "email.clicked",
            "email.scheduled",
            "contact.created",
            "what.ever",
        ] {
            assert_eq!(event(kind, &json!({})), ResendEvent::Other, "{kind}");
        }
        for body in [
            "{}",
            "[]",
            "7",
            r#"{"type":"email.sent"}"#,
            r#"{"type":"email.received","data":{"email_id":"../x"}}"#,
        ] {
            assert_eq!(
                ResendEvent::parse(body.as_bytes()),
                Some(ResendEvent::Other),
                "{body}"
            );
        }
        assert_eq!(ResendEvent::parse(b"{"), None);
    }

    #[test]
    fn a_mail_is_read_and_its_files_are_named() {
        let body = json!({
            "object": "email", "id": "e-1", "from": "Joe <joe@example.com>", "to": ["support@acme.example"],
            "received_for": ["support+x@acme.example"], "reply_to": ["office@example.com"], "cc": null,
            "subject": "Hi", "text": "Hello", "html": null, "message_id": "<a@x>",
            "created_at": "2026-01-02T03:04:05.123456+00:00",
            "headers": {"References": "<r@x>", "Received": ["a", "b"], "Date": "Fri, 02 Jan 2026 03:00:00 +0000"},
            "attachments": [
                {"id": "att-1", "filename": "a.pdf", "content_type": "application/pdf", "content_id": "<c@x>"},
                {"id": "../../x"}, {"filename": "no id"},
            ],
        });
        let (mail, media) = mail_of_resend("e-1", body.to_string().as_bytes()).unwrap();
        assert_eq!(mail.from, Address::new(Some("Joe"), "joe@example.com"));
        assert_eq!(
            mail.recipients().collect::<Vec<_>>(),
            ["support+x@acme.example", "support@acme.example"]
        );
        assert_eq!(
            (mail.message_id().as_deref(), mail.references()),
            (Some("<a@x>"), vec!["<r@x>".to_owned()])
        );
        assert_eq!(mail.sent_at(), Timestamp::parse("2026-01-02T03:00:00Z"));
        assert_eq!(
            (
                mail.text.as_deref(),
                mail.html.as_deref(),
                mail.is_incomplete
            ),
            (Some("Hello"), None, false)
        );
        assert_eq!(media.len(), 1);
        assert_eq!(media[0].bytes, InboundBytes::Id("e-1/att-1".into()));
        assert_eq!(mail.content_ids, [("c@x".to_owned(), 0)]);
    }

    #[test]
    fn an_announcement_is_a_mail_without_its_body() {
        let body = json!({"type": "email.received", "created_at": "2026-01-02T03:04:05Z", "data": {
            "email_id": "e-1", "from": "joe@example.com", "to": ["a@b.example"], "subject": "Hi", "message_id": "<a@x>"}});
        let (mail, media) = mail_of_resend("e-1", body.to_string().as_bytes()).unwrap();
        assert!(mail.is_incomplete && media.is_empty());
        assert_eq!(
            (mail.subject.as_str(), mail.message_id().as_deref()),
            ("Hi", Some("<a@x>"))
        );
        assert!(
            mail_of_resend("e-1", b"{}").is_none() && mail_of_resend("e-1", b"<html>").is_none()
        );
    }
}
