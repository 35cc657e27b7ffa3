//! The response for a sent message.

use super::parts::Planned;
use super::read::{Found, StoredAttachment};
use super::request::Draft;
use super::write::StoredMessage;
use channels::MessageStatus;
use channels::opt_outs::OPTED_OUT;
use channels::outbound::{Media, MediaSource};
use common::context::Context;
use common::http::{Error, Kind};
use common::ids::{AttachmentId, ConversationId, CustomerId, MessageId};
use common::json::tolerant;
use common::json::writer::{JsonWriter, quoted};
use common::time::Timestamp;
use messaging::attachments::download_url;
use serde::Serialize;

/// The state of a message after an attempt.
#[derive(Debug, Clone)]
pub(super) struct SendState {
    pub(super) status: MessageStatus,
    pub(super) provider_id: Option<String>,
    pub(super) error: Option<SentError>,
    /// How many segments the provider counted.
    pub(super) segments: Option<u32>,
}

impl SendState {
    pub(super) fn sent(provider_id: String) -> Self {
        Self {
            status: MessageStatus::Sent,
            provider_id: Some(provider_id),
            ..Self::queued()
        }
    }

    pub(super) fn queued() -> Self {
        Self {
            status: MessageStatus::Queued,
            provider_id: None,
            error: None,
            segments: None,
        }
    }

    pub(super) fn failed(code: String, message: String) -> Self {
        Self {
            status: MessageStatus::Failed,
            error: Some(SentError { code, message }),
            ..Self::queued()
        }
    }

    pub(super) fn uncertain(message: String) -> Self {
        let code = "uncertain".to_owned();
        Self {
            status: MessageStatus::Uncertain,
            error: Some(SentError { code, message }),
            ..Self::queued()
        }
    }

    pub(super) fn is_queued(&self) -> bool {
        self.status == MessageStatus::Queued
    }

    /// Whether the next message of the same request may go at once.
    pub(super) fn lets_go_on(&self) -> bool {
        matches!(self.status, MessageStatus::Sent | MessageStatus::Failed)
    }

    /// The error as stored, `{"code", "message"}`.
    pub(super) fn error_json(&self) -> Option<String> {
        let error = self.error.as_ref()?;
        let json = JsonWriter::default().text("code", &error.code);
        Some(json.text("message", &error.message).finish())
    }

    /// The error in one line.
    pub(super) fn reason(&self) -> Option<String> {
        let error = self.error.as_ref()?;
        Some(format!("{}: {}", error.code, error.message))
    }
}

/// Why a message failed, or why its outcome is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SentError {
    /// The provider's code, or ours.
    pub code: String,
    /// A sentence.
    pub message: String,
}

/// A file of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SentAttachment {
    /// The id; null for an external file.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub id: Option<AttachmentId>,
    /// Its name.
    pub filename: String,
    /// The media type; null for an external file.
    #[serde(rename = "type")]
    pub mime_type: Option<String>,
    /// The size in bytes; null for an external file.
    pub size: Option<i64>,
    /// The URL of the file: a signed link that needs no header, or an external URL.
    pub url: Option<String>,
    /// The same.
    pub download_url: Option<String>,
}

impl SentAttachment {
    /// With a fresh link. A deployment that cannot sign has none: what was sent is sent.
    pub(super) fn linked(mut self, cx: &Context<'_>) -> Self {
        if let Some(id) = &self.id {
            self.url = download_url(&cx.ports, id, cx.now).ok();
            self.download_url.clone_from(&self.url);
        }
        self
    }
}

/// An outbound message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SentMessage {
    /// Our id.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub id: MessageId,
    /// The conversation that it is part of.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub conversation_id: ConversationId,
    /// The customer.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub customer_id: CustomerId,
    /// The channel.
    pub channel: String,
    /// Always `outbound`.
    pub direction: &'static str,
    /// `text`, `image`, `video`, `audio`, `document`, `sticker` or `template`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The text.
    pub content: String,
    /// `queued`, `sent`, `failed` or `uncertain`; later `delivered` and `read`.
    pub status: String,
    /// When it was stored.
    pub created_at: Timestamp,
    /// The provider's id, once it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_id: Option<String>,
    /// Why it failed or is uncertain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<SentError>,
    /// SMS: the number of billed segments, estimated by us, then replaced by the provider's count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segments: Option<u32>,
    /// The files.
    pub attachments: Vec<SentAttachment>,
}

/// The response of `POST /api-send-message`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SendResponse {
    /// Whether none of the messages failed.
    pub success: bool,
    /// The first message, which carries the text.
    pub message: SentMessage,
    /// All messages of the request, including the first: on some channels, each message carries one
    /// file.
    pub messages: Vec<SentMessage>,
}

impl SendResponse {
    /// 202 where a message waits or its sending is unsure; else 200.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        let is_open = |message: &SentMessage| matches!(&*message.status, "queued" | "uncertain");
        if self.messages.iter().any(is_open) {
            202
        } else {
            200
        }
    }
}

/// The refusal of a message to somebody who said STOP to the account.
pub(super) fn opted_out() -> Error {
    let message = "The customer has opted out of messages of this account, until they write START.";
    Error::new(Kind::OptedOut, message)
}

/// # Errors
/// 422 where the first was refused: nothing of the request was sent.
pub(super) fn response(messages: Vec<SentMessage>) -> Result<SendResponse, Error> {
    let Some(first) = messages.first() else {
        return Err(Error::internal("a send without a message"));
    };
    if let (true, Some(error)) = (first.status == "failed", &first.error) {
        if error.code == OPTED_OUT {
            let error = opted_out().with_detail("message_id", first.id.to_string());
            return Err(error.recalled_by(recall_of(&messages)));
        }
        let message = format!("The provider refused the message: {}", error.message);
        return Err(Error::new(Kind::ProviderRejected, message)
            .with_detail("provider", error.code.clone())
            .with_detail("message_id", first.id.to_string())
            .recalled_by(recall_of(&messages)));
    }
    Ok(SendResponse {
        success: messages.iter().all(|message| message.status != "failed"),
        message: first.clone(),
        messages,
    })
}

/// What a repeated request's answer is made of again: of each message its id and how it stood, as
/// `[id, status, segments, whether it had a provider's id, code, message]`. What an error says is kept where it
/// is ours; a provider's stands in the message's row.
pub(super) fn recall_of(messages: &[SentMessage]) -> String {
    let one = |message: &SentMessage| {
        let ours = message
            .error
            .as_ref()
            .filter(|_| message.status != "failed");
        let text = |text: fn(&SentError) -> &str| tolerant::quoted(ours.map(text));
        let has_id = if message.provider_id.is_some() {
            "1"
        } else {
            "0"
        };
        let segments = message.segments.unwrap_or_default().to_string();
        let parts = [
            &quoted(message.id.as_str()),
            &quoted(&message.status),
            &segments,
            has_id,
            &text(|error| &error.code),
            &text(|error| &error.message),
        ];
        ["[", &parts.join(","), "]"].concat()
    };
    let messages: Vec<_> = messages.iter().map(one).collect();
    ["[", &messages.join(","), "]"].concat()
}

pub(super) fn answer(
    cx: &Context<'_>,
    draft: &Draft,
    found: &Found,
    planned: Vec<Planned>,
    stored: &[StoredMessage],
    states: Vec<SendState>,
) -> Result<SendResponse, Error> {
    let messages = planned.into_iter().zip(states).map(|(part, state)| {
        let row = stored.iter().find(|row| row.id == part.message_id);
        let row = row.ok_or_else(|| Error::internal("a message was not stored"))?;
        Ok(SentMessage {
            conversation_id: row.conversation_id.clone(),
            customer_id: found.customer_id.clone(),
            channel: draft.kind.as_str().to_owned(),
            direction: "outbound",
            kind: part.kind.to_owned(),
            status: state.status.as_str().to_owned(),
            created_at: row.created_at,
            provider_id: state.provider_id,
            error: state.error,
            segments: state.segments.or(part.segments),
            attachments: attachments_of(cx, &part),
            content: part.content,
            id: part.message_id,
        })
    });
    response(messages.collect::<Result<_, Error>>()?)
}

fn attachments_of(cx: &Context<'_>, part: &Planned) -> Vec<SentAttachment> {
    let media = part.outbound.content.media().iter().zip(&part.attachments);
    let one = |(media, attachment): (&Media, &Option<StoredAttachment>)| match &media.source {
        MediaSource::Link(url) => Some(SentAttachment {
            id: None,
            filename: media.filename.clone(),
            mime_type: None,
            size: None,
            url: Some(url.clone()),
            download_url: Some(url.clone()),
        }),
        MediaSource::Stored { .. } => {
            let stored = attachment.as_ref()?;
            let sent = SentAttachment {
                id: Some(stored.id.clone()),
                filename: stored.filename.clone(),
                mime_type: Some(stored.mime_type.clone()),
                size: stored.size,
                url: None,
                download_url: None,
            };
            Some(sent.linked(cx))
        }
    };
    media.filter_map(one).collect()
}
