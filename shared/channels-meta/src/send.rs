use super::answer::{id_of, succeeded};
use super::errors::failed;
use super::graph::{Graph, bearer};
use channels::outbound::{
    Adapter, Content, FetchResult, Media, MediaKind, MediaRef, MediaTransfer, Outgoing, Recipient,
    SEND_TIMEOUT_MS, SendOutcome, SendingAccount,
};
use common::json::raw::{list, object};
use common::json::writer::JsonWriter;
use common::ports::{OutboundRequest, Ports};

/// Largest answer that is read.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// The WhatsApp Cloud API (channels.md §2.6-§2.9).
pub struct WhatsApp;

impl Adapter for WhatsApp {
    fn media_transfer(&self) -> MediaTransfer {
        MediaTransfer::Uploaded
    }

    fn upload(
        &self,
        ports: &Ports<'_>,
        account: &SendingAccount,
        media: &Media,
        mime_type: &str,
        bytes: &[u8],
    ) -> Option<OutboundRequest> {
        let boundary = boundary_outside(bytes);
        let filename = media.quotable_filename();
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
        Some(OutboundRequest {
            method: "POST",
            url: Graph::of(ports).url(&format!("{}/media", account.address)),
            headers: vec![
                bearer(account.access_token()),
                (
                    "content-type",
                    format!("multipart/form-data; boundary={boundary}"),
                ),
            ],
            body: Some(body),
            timeout_ms: SEND_TIMEOUT_MS,
            max_bytes: MAX_ANSWER_BYTES,
            ..OutboundRequest::default()
        })
    }

    fn uploaded(&self, answered: &FetchResult) -> Result<String, SendOutcome> {
        let id = succeeded(answered).and_then(|answer| id_of(object(answer)?.get("id")?));
        if let Some(id) = id {
            return Ok(id);
        }
        match failed(answered) {
            SendOutcome::Uncertain { message } => Err(SendOutcome::Again {
                after_seconds: 5,
                max_tries: None,
                code: "upload_failed".into(),
                message,
            }),
            other => Err(other),
        }
    }

    fn shape(
        &self,
        ports: &Ports<'_>,
        account: &SendingAccount,
        outgoing: &Outgoing<'_>,
    ) -> OutboundRequest {
        let outbound = outgoing.outbound;
        let message = JsonWriter::default()
            .text("messaging_product", "whatsapp")
            .text("recipient_type", "individual");
        let message = match &outbound.to {
            Recipient::Number(number) => message.text("to", number.trim_start_matches('+')),
            other => message.text("recipient", other.value()),
        };
        let message = match &outbound.reply_to {
            Some(answered) => {
                let context = JsonWriter::default().text("message_id", answered);
                message.json("context", &context.finish())
            }
            None => message,
        };
        let (kind, content) = content_json(&outbound.content, outgoing.media_refs.first());
        let message = message
            .text("type", kind)
            .json(kind, &content)
            // Statuses name the message by it even when this request's answer was lost.
            .text("biz_opaque_callback_data", outgoing.message_id.as_str());
        let path = format!("{}/messages", account.address);
        let body = message.finish().into_bytes();
        Graph::of(ports).post(&path, account.access_token(), body, SEND_TIMEOUT_MS)
    }

    fn classify(&self, _: &SendingAccount, answered: &FetchResult) -> SendOutcome {
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

fn content_json(content: &Content, media_ref: Option<&MediaRef>) -> (&'static str, String) {
    match content {
        Content::Text(text) => {
            let text = JsonWriter::default().text("body", text);
            ("text", text.json("preview_url", "false").finish())
        }
        Content::Media(media) => (media.kind.as_str(), media_json(media, media_ref)),
        // Never planned for this channel; its text is what can be said.
        Content::Compound(compound) => content_json(&Content::Text(compound.text.clone()), None),
        Content::Template(template) => {
            let language = JsonWriter::default().text("code", &template.language);
            let json = JsonWriter::default()
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

fn media_json(media: &Media, media_ref: Option<&MediaRef>) -> String {
    let json = match media_ref {
        Some(MediaRef::Id(id)) => JsonWriter::default().text("id", id),
        Some(MediaRef::Link(url)) => JsonWriter::default().text("link", url),
        Some(MediaRef::Bytes(_)) | None => JsonWriter::default(),
    };
    let is_document = media.kind == MediaKind::Document;
    json.maybe("caption", media.caption.as_deref())
        .maybe("filename", is_document.then_some(&media.filename))
        .finish()
}

/// A boundary that does not stand in the bytes.
fn boundary_outside(bytes: &[u8]) -> String {
    let digest = common::signatures::sha256_hex(bytes);
    format!("tieline-{digest}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use channels::Credentials;
    use channels::outbound::{MediaSource, Outbound, Template};
    use common::ids::{AttachmentId, ChannelId, MessageId};
    use common::json::Fields;
    use common::ports::OutboundResponse;
    use serde_json::{Value as Json, json};

    fn account() -> SendingAccount {
        SendingAccount {
            channel_id: ChannelId::unchecked("c-1"),
            address: "1066".into(),
            settings: Fields::new(),
            credentials: Credentials {
                access_token: Some("the-token".into()),
                ..Credentials::default()
            },
        }
    }

    fn shaped(content: Content, to: Recipient, media_refs: &[MediaRef]) -> Json {
        let outbound = Outbound {
            to,
            reply_to: Some("wamid.1".into()),
            content,
        };
        let outgoing = Outgoing {
            message_id: &MessageId::unchecked("m-1"),
            outbound: &outbound,
            media_refs,
            is_late: false,
        };
        let request = WhatsApp.shape(&Ports::NOTHING, &account(), &outgoing);
        assert_eq!(
            request.url,
            "https://graph.facebook.com/v26.0/1066/messages"
        );
        serde_json::from_slice(&request.body.unwrap()).unwrap()
    }

    #[test]
    fn a_text_goes_to_a_number_without_its_plus() {
        let number = Recipient::Number("+353871234567".into());
        let json = shaped(Content::Text("Hi".into()), number, &[]);
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
        let json = shaped(Content::Template(template), user, &[]);
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
            attachment_id: AttachmentId::unchecked("a"),
            mime_type: "application/pdf".into(),
            size: Some(1),
        };
        let to = || Recipient::Number("+1".into());
        let json = shaped(
            media(MediaKind::Document, stored),
            to(),
            &[MediaRef::Id("77".into())],
        );
        assert_eq!(
            json["document"],
            json!({"id": "77", "caption": "c", "filename": "a.pdf"})
        );
        let url = "https://a.example/b.png".to_owned();
        let link = MediaSource::Link(url.clone());
        let json = shaped(media(MediaKind::Image, link), to(), &[MediaRef::Link(url)]);
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
            &Ports::NOTHING,
            &account(),
            &media,
            "application/pdf",
            b"%PDF",
        );
        let request = request.unwrap();
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
        let broken = Err(common::ports::FetchError::Unsure("timeout".into()));
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
        let sent = WhatsApp.classify(&account(), &answer(r#"{"messages":[{"id":"wamid.2"}]}"#));
        let provider_id = "wamid.2".to_owned();
        assert_eq!(sent, SendOutcome::Sent { provider_id });
        for body in [
            "",
            "{}",
            r#"{"messages":[]}"#,
            r#"{"messages":[{"id":""}]}"#,
        ] {
            let outcome = WhatsApp.classify(&account(), &answer(body));
            assert!(matches!(outcome, SendOutcome::Uncertain { .. }), "{body}");
        }
    }
}
