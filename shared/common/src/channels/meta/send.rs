use super::errors::failed;
use super::graph::{Graph, bearer};
use super::media::media_rule;
use crate::channels::outbound::{
    AccountToken, Adapter, Answered, Content, Limits, Media, MediaKind, MediaRule, MediaSource,
    Outbound, Recipient, SEND_TIMEOUT_MS, SendOutcome,
};
use crate::json::raw::{integer, list, object, text};
use crate::json::written::Written;
use crate::outside::{OutboundRequest, Outside};

/// Largest answer that is read.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// The WhatsApp Cloud API (channels.md §2.6-§2.9).
pub struct WhatsApp;

impl Adapter for WhatsApp {
    fn name(&self) -> &'static str {
        "WhatsApp"
    }

    fn limits(&self) -> Limits {
        Limits {
            text_chars: 4096,
            caption_chars: 1024,
            window_seconds: Some(24 * 3600),
        }
    }

    fn media_rule(&self, mime_type: &str) -> Option<MediaRule> {
        media_rule(mime_type)
    }

    fn upload(
        &self,
        outside: &Outside<'_>,
        account: &AccountToken<'_>,
        media: &Media,
        mime_type: &str,
        bytes: &[u8],
    ) -> OutboundRequest {
        let boundary = boundary_outside(bytes);
        let filename: String = media.filename.chars().map(header_safe).collect();
        let mut body = Vec::with_capacity(bytes.len() + 600);
        for (name, value) in [("messaging_product", "whatsapp"), ("type", mime_type)] {
            let field = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(field.as_bytes());
        }
        let file = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; \
             filename=\"{filename}\"\r\nContent-Type: {mime_type}\r\n\r\n"
        );
        body.extend_from_slice(file.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        OutboundRequest {
            method: "POST",
            url: Graph::of(outside).url(&format!("{}/media", account.address)),
            headers: vec![
                bearer(account.token),
                (
                    "content-type",
                    format!("multipart/form-data; boundary={boundary}"),
                ),
            ],
            body: Some(body),
            timeout_ms: SEND_TIMEOUT_MS,
            max_bytes: MAX_ANSWER_BYTES,
        }
    }

    fn uploaded(&self, answered: &Answered) -> Result<String, SendOutcome> {
        let id = succeeded(answered).and_then(|answer| id_of(object(answer)?.get("id")?));
        if let Some(id) = id {
            return Ok(id);
        }
        match failed(answered) {
            SendOutcome::Uncertain { message } => Err(SendOutcome::Again {
                after_seconds: 5,
                most_tries: None,
                code: "upload_failed".into(),
                message,
            }),
            other => Err(other),
        }
    }

    fn shape(
        &self,
        outside: &Outside<'_>,
        account: &AccountToken<'_>,
        message_id: &str,
        outbound: &Outbound,
        media_id: Option<&str>,
    ) -> OutboundRequest {
        let message = Written::default()
            .text("messaging_product", "whatsapp")
            .text("recipient_type", "individual");
        let message = match &outbound.to {
            Recipient::Number(number) => message.text("to", number.trim_start_matches('+')),
            Recipient::User(id) => message.text("recipient", id),
        };
        let message = match &outbound.reply_to {
            Some(answered) => {
                let context = Written::default().text("message_id", answered);
                message.json("context", &context.finish())
            }
            None => message,
        };
        let (kind, content) = content_json(&outbound.content, media_id);
        let message = message
            .text("type", kind)
            .json(kind, &content)
            // Statuses name the message by it even when this request's answer was lost.
            .text("biz_opaque_callback_data", message_id);
        let path = format!("{}/messages", account.address);
        let body = message.finish().into_bytes();
        Graph::of(outside).post(&path, account.token, body, SEND_TIMEOUT_MS)
    }

    fn classify(&self, answered: &Answered) -> SendOutcome {
        let id = succeeded(answered).and_then(|answer| {
            let answer = object(answer)?;
            let messages = list(answer.get("messages")?)?;
            id_of(object(messages.first()?)?.get("id")?)
        });
        match id {
            Some(provider_id) => SendOutcome::Sent { provider_id },
            None => failed(answered),
        }
    }
}

fn content_json(content: &Content, media_id: Option<&str>) -> (&'static str, String) {
    match content {
        Content::Text(text) => {
            let text = Written::default().text("body", text);
            ("text", text.json("preview_url", "false").finish())
        }
        Content::Media(media) => (media.kind.as_str(), media_json(media, media_id)),
        Content::Template(template) => {
            let language = Written::default().text("code", &template.language);
            let json = Written::default()
                .text("name", &template.name)
                .json("language", &language.finish());
            let json = match &template.components {
                Some(components) => json.json("components", components),
                None => json,
            };
            ("template", json.finish())
        }
    }
}

fn media_json(media: &Media, media_id: Option<&str>) -> String {
    let json = match &media.source {
        MediaSource::Link(url) => Written::default().text("link", url),
        MediaSource::Stored { .. } => Written::default().maybe("id", media_id),
    };
    let is_document = media.kind == MediaKind::Document;
    json.maybe("caption", media.caption.as_deref())
        .maybe("filename", is_document.then_some(&media.filename))
        .finish()
}

/// The JSON of an answer that says that it went well.
fn succeeded(answered: &Answered) -> Option<&str> {
    let response = answered.as_ref().ok()?;
    let body = std::str::from_utf8(&response.body).ok()?;
    (200..300).contains(&response.status).then_some(body)
}

/// An id that came as text or as a number (channels.md §8).
fn id_of(value: &str) -> Option<String> {
    let id = text(value).or_else(|| integer(value).map(str::to_owned));
    id.filter(|id| !id.is_empty())
}

/// What would end a quoted name, or its line.
fn header_safe(c: char) -> char {
    if c == '"' || c == '\\' || c.is_control() {
        '_'
    } else {
        c
    }
}

/// A boundary that does not stand in the bytes.
fn boundary_outside(bytes: &[u8]) -> String {
    let digest = crate::signatures::sha256_hex(bytes);
    format!("tieline-{digest}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::outbound::Template;
    use crate::outside::OutboundResponse;
    use serde_json::{Value as Json, json};

    const ACCOUNT: AccountToken<'static> = AccountToken {
        address: "1066",
        token: "the-token",
    };

    fn shaped(content: Content, to: Recipient, media_id: Option<&str>) -> Json {
        let outbound = Outbound {
            to,
            reply_to: Some("wamid.1".into()),
            content,
        };
        let request = WhatsApp.shape(&Outside::NOTHING, &ACCOUNT, "m-1", &outbound, media_id);
        assert_eq!(
            request.url,
            "https://graph.facebook.com/v26.0/1066/messages"
        );
        serde_json::from_slice(&request.body.unwrap()).unwrap()
    }

    #[test]
    fn a_text_goes_to_a_number_without_its_plus() {
        let number = Recipient::Number("+353871234567".into());
        let json = shaped(Content::Text("Hi".into()), number, None);
        assert_eq!(
            json,
            json!({
                "messaging_product": "whatsapp", "recipient_type": "individual",
                "to": "353871234567", "context": {"message_id": "wamid.1"}, "type": "text",
                "text": {"body": "Hi", "preview_url": false}, "biz_opaque_callback_data": "m-1"
            })
        );
    }

    #[test]
    fn a_user_without_a_number_is_the_recipient() {
        let user = Recipient::User("IE.134912".into());
        let template = Template {
            name: "order_ready".into(),
            language: "en".into(),
            components: None,
        };
        let json = shaped(Content::Template(template), user, None);
        assert_eq!(json["recipient"], "IE.134912");
        assert_eq!(json.get("to"), None);
        assert_eq!(
            json["template"],
            json!({"name": "order_ready", "language": {"code": "en"}})
        );
    }

    #[test]
    fn a_document_has_a_name_and_an_image_has_none() {
        let media = |kind, source| {
            Content::Media(Media {
                kind,
                source,
                filename: "a.pdf".into(),
                caption: Some("c".into()),
            })
        };
        let stored = MediaSource::Stored {
            attachment_id: "a".into(),
            mime_type: "application/pdf".into(),
        };
        let to = || Recipient::Number("+1".into());
        let json = shaped(media(MediaKind::Document, stored), to(), Some("77"));
        assert_eq!(
            json["document"],
            json!({"id": "77", "caption": "c", "filename": "a.pdf"})
        );
        let link = MediaSource::Link("https://a.example/b.png".into());
        let json = shaped(media(MediaKind::Image, link), to(), None);
        assert_eq!(
            json["image"],
            json!({"link": "https://a.example/b.png", "caption": "c"})
        );
    }

    #[test]
    fn an_upload_is_a_form_whose_names_cannot_break_out() {
        let media = Media {
            kind: MediaKind::Document,
            source: MediaSource::Link(String::new()),
            filename: "a\"\r\nx: y".into(),
            caption: None,
        };
        let request = WhatsApp.upload(
            &Outside::NOTHING,
            &ACCOUNT,
            &media,
            "application/pdf",
            b"%PDF",
        );
        assert_eq!(request.url, "https://graph.facebook.com/v26.0/1066/media");
        let body = String::from_utf8(request.body.unwrap()).unwrap();
        assert!(
            body.contains(
                "filename=\"a___x: y\"\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--"
            )
        );
        assert!(body.contains("name=\"messaging_product\"\r\n\r\nwhatsapp\r\n"));
    }

    #[test]
    fn an_upload_without_an_answer_was_no_message_and_goes_again() {
        let broken = Err(crate::outside::NoAnswer::Unsure("timeout".into()));
        let outcome = WhatsApp.uploaded(&broken).unwrap_err();
        assert!(matches!(outcome, SendOutcome::Again { .. }));
    }

    #[test]
    fn a_success_without_an_id_is_uncertain() {
        let answer = |body: &str| {
            Ok(OutboundResponse {
                status: 200,
                body: body.as_bytes().to_vec(),
                ..OutboundResponse::default()
            })
        };
        let sent = WhatsApp.classify(&answer(r#"{"messages":[{"id":"wamid.2"}]}"#));
        let provider_id = "wamid.2".to_owned();
        assert_eq!(sent, SendOutcome::Sent { provider_id });
        for body in [
            "",
            "{}",
            r#"{"messages":[]}"#,
            r#"{"messages":[{"id":""}]}"#,
        ] {
            let outcome = WhatsApp.classify(&answer(body));
            assert!(matches!(outcome, SendOutcome::Uncertain { .. }), "{body}");
        }
    }
}
