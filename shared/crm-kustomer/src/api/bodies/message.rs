use super::{MAX_NAME, MAX_TEXT, cut, external_id, iso, list, time};
use crate::api::requests::APP;
use crate::api::words::{Direction, MessageStatus, channel_to_kustomer};
use channels::ChannelKind;
use common::json::writer::JsonWriter;
use common::time::Timestamp;

/// Most mentions of a note.
const MAX_MENTIONS: usize = 20;
/// Longest explanation of an error.
const MAX_DETAIL: usize = 1024;

/// A file that was uploaded, as messages name it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachmentRef {
    /// Kustomer's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its type.
    pub content_type: String,
    /// Its length in bytes.
    pub content_length: u64,
}

impl AttachmentRef {
    /// The reference to a file that was made by `Api::attachment_create` of the same.
    #[must_use]
    pub fn new(id: String, name: &str, mime: &str, length: u64) -> Self {
        Self {
            id,
            name: name.to_owned(),
            content_type: mime.to_owned(),
            content_length: length,
        }
    }
}

/// Why a message did not arrive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryError {
    /// A stable word.
    pub code: String,
    /// For people.
    pub title: String,
    /// More of it.
    pub detail: Option<String>,
}

impl DeliveryError {
    pub(in crate::api) fn written(&self) -> String {
        JsonWriter::default()
            .text("code", cut(&self.code, MAX_NAME))
            .text("title", cut(&self.title, MAX_NAME))
            .maybe(
                "detail",
                self.detail.as_deref().map(|detail| cut(detail, MAX_DETAIL)),
            )
            .finish()
    }
}

/// A message to be written down. Nothing is delivered to the customer by it (kustomer.md §8.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// Their id of it, where we choose it.
    pub id: Option<String>,
    /// What it came or went by.
    pub channel: ChannelKind,
    /// Which way.
    pub direction: Direction,
    /// The text, of which the beginning is kept; see [`parts_of`].
    pub preview: Option<String>,
    /// Of an email.
    pub subject: Option<String>,
    /// Our id of it.
    pub external_id: Option<String>,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// How it stands.
    pub status: Option<MessageStatus>,
    /// Its files.
    pub attachments: Vec<AttachmentRef>,
    /// Why it did not arrive, and when that was found out.
    pub error: Option<(DeliveryError, Timestamp)>,
    /// That it is of the past: then no limit per customer counts.
    pub imported_at: Option<Timestamp>,
}

impl NewMessage {
    /// A message without anything in it.
    #[must_use]
    pub const fn new(channel: ChannelKind, direction: Direction) -> Self {
        Self {
            id: None,
            channel,
            direction,
            preview: None,
            subject: None,
            external_id: None,
            sent_at: None,
            status: None,
            attachments: Vec::new(),
            error: None,
            imported_at: None,
        }
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> String {
        self.written(JsonWriter::default()).finish()
    }

    /// An item of a bulk request: of which conversation, and the word by which its result is known.
    #[must_use]
    pub fn bulk_item(&self, conversation: &str, reference: &str) -> String {
        let item = JsonWriter::default()
            .text("_clientRef", reference)
            .text("conversation", conversation);
        self.written(item).finish()
    }

    fn written(&self, to: JsonWriter) -> JsonWriter {
        let written = to
            .maybe("id", self.id.as_deref())
            .text("channel", channel_to_kustomer(self.channel))
            .text("app", APP)
            .text("direction", self.direction.as_str())
            .maybe(
                "preview",
                self.preview.as_deref().map(|text| cut(text, MAX_TEXT)),
            )
            .maybe(
                "subject",
                self.subject.as_deref().map(|text| cut(text, MAX_NAME)),
            )
            .maybe("externalId", external_id(self.external_id.as_deref()));
        let written = time(written, "sentAt", self.sent_at)
            .maybe("status", self.status.map(MessageStatus::as_str));
        let files = &self.attachments;
        let written = list(written, "attachments", files, usize::MAX, attachment);
        let written = match &self.error {
            Some((error, at)) => written
                .json("error", &error.written())
                .text("errorAt", &iso(*at)),
            None => written,
        };
        time(written, "importedAt", self.imported_at)
    }
}

/// A note on a conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewNote {
    /// The text, which must not be empty; of a long one see [`parts_of`].
    pub body: String,
    /// Our id of it.
    pub external_id: Option<String>,
    /// Kustomer's ids of teams that are told of it.
    pub mentioned_teams: Vec<String>,
    /// That it is of the past: then no limit per customer counts.
    pub imported_at: Option<Timestamp>,
}

impl NewNote {
    /// The body.
    #[must_use]
    pub fn body(&self) -> String {
        let mention = |team: &String| Some(JsonWriter::default().text("team", team).finish());
        let written = JsonWriter::default()
            .text("body", cut(&self.body, MAX_TEXT))
            .maybe("externalId", external_id(self.external_id.as_deref()));
        let teams = &self.mentioned_teams;
        let written = list(written, "userMentions", teams, MAX_MENTIONS, mention);
        time(written, "importedAt", self.imported_at).finish()
    }
}

fn attachment(file: &AttachmentRef) -> Option<String> {
    let written = JsonWriter::default()
        .text("_id", &file.id)
        .text("name", cut(&file.name, MAX_NAME))
        .text("contentType", &file.content_type)
        .json("contentLength", &file.content_length.to_string());
    Some(written.finish())
}
