use super::super::json::{items, text};
use crate::channels::{InboundMedia, MessageType};
use crate::db::json_text;
use serde_json::{Map, Value as Json, json};

/// What a message says, by its type (channels.md §2.3).
pub(super) struct Content {
    pub(super) kind: MessageType,
    pub(super) text: String,
    pub(super) detail: Option<Json>,
    pub(super) media: Vec<InboundMedia>,
    /// The message that a reaction is about.
    pub(super) reacts_to: Option<String>,
}

impl Content {
    fn of(kind: MessageType, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            detail: None,
            media: Vec::new(),
            reacts_to: None,
        }
    }

    fn with(mut self, name: &str, value: Json) -> Self {
        self.detail = Some(json!({ name: value }));
        self
    }
}

/// Reads a message; a type that is not known, or that lacks its body, is `unsupported`.
pub(super) fn read(message: &Json) -> Content {
    let kind = text(message, "type").unwrap_or_default();
    let body = message.get(&kind).unwrap_or(&Json::Null);
    let known = match kind.as_str() {
        "text" => text(body, "body").map(|body| Content::of(MessageType::Text, body)),
        "image" => media(MessageType::Image, "jpg", body),
        "video" => media(MessageType::Video, "mp4", body),
        "audio" => media(MessageType::Audio, "ogg", body),
        "document" => media(MessageType::Document, "bin", body),
        "sticker" => media(MessageType::Sticker, "webp", body),
        "location" => location(body),
        "contacts" => contacts(body),
        "reaction" => reaction(body),
        "button" => text(body, "text")
            .map(|text| Content::of(MessageType::Button, text).with("button", body.clone())),
        "interactive" => interactive(body),
        "order" => order(body),
        "system" => Some(
            Content::of(MessageType::System, text(body, "body").unwrap_or_default())
                .with("system", body.clone()),
        ),
        _ => None,
    };
    let mut content = known.unwrap_or_else(|| unsupported(&kind, message));
    for extra in ["referral", "forwarded"] {
        let told = message
            .get(extra)
            .or_else(|| message.get("context")?.get(extra));
        if let Some(told) = told {
            let detail = content
                .detail
                .get_or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(fields) = detail {
                fields.insert(extra.to_owned(), told.clone());
            }
        }
    }
    content
}

fn unsupported(kind: &str, message: &Json) -> Content {
    let errors: Vec<&Json> = items(message, "errors").collect();
    let kind: String = kind.chars().take(64).collect();
    Content::of(MessageType::Unsupported, "")
        .with("unsupported", json!({"type": kind, "errors": errors}))
}

fn media(kind: MessageType, extension: &str, body: &Json) -> Option<Content> {
    let media_id = text(body, "id")?;
    let mut content = Content::of(kind, text(body, "caption").unwrap_or_default());
    let filename = text(body, "filename");
    content.media.push(InboundMedia {
        filename: filename.unwrap_or_else(|| format!("{}.{extension}", kind.as_str())),
        mime_type: mime_of(body),
        sha256: text(body, "sha256"),
        media_id,
    });
    if body.get("voice").and_then(Json::as_bool) == Some(true) {
        return Some(content.with("voice", Json::Bool(true)));
    }
    if body.get("animated").and_then(Json::as_bool) == Some(true) {
        return Some(content.with("animated", Json::Bool(true)));
    }
    Some(content)
}

/// The type without its parameters (`audio/ogg; codecs=opus`).
fn mime_of(body: &Json) -> String {
    let told = text(body, "mime_type").unwrap_or_default();
    let essence = told.split(';').next().unwrap_or_default().trim();
    match essence {
        "" => "application/octet-stream".to_owned(),
        essence => essence.to_ascii_lowercase(),
    }
}

fn location(body: &Json) -> Option<Content> {
    let degrees = |field: &str| body.get(field).filter(|value| value.is_number()).cloned();
    let (latitude, longitude) = (degrees("latitude")?, degrees("longitude")?);
    let named: Vec<String> = ["name", "address"]
        .iter()
        .filter_map(|f| text(body, f))
        .collect();
    let shown = match named.is_empty() {
        true => format!("{}, {}", json_text(&latitude), json_text(&longitude)),
        false => named.join(", "),
    };
    let place = json!({
        "latitude": latitude, "longitude": longitude,
        "name": text(body, "name"), "address": text(body, "address"), "url": text(body, "url"),
    });
    Some(Content::of(MessageType::Location, shown).with("location", place))
}

fn contacts(body: &Json) -> Option<Content> {
    let list = body.as_array().filter(|list| !list.is_empty())?;
    let name = |contact: &Json| text(contact.get("name")?, "formatted_name");
    let names: Vec<String> = list.iter().filter_map(name).collect();
    Some(Content::of(MessageType::Contacts, names.join(", ")).with("contacts", body.clone()))
}

/// A reaction without an emoji takes an earlier one back.
fn reaction(body: &Json) -> Option<Content> {
    let about = text(body, "message_id")?;
    let emoji = text(body, "emoji");
    let removed = emoji.is_none();
    let mut content = Content::of(MessageType::Reaction, emoji.unwrap_or_default())
        .with("reaction", json!({ "removed": removed }));
    content.reacts_to = Some(about);
    Some(content)
}

fn interactive(body: &Json) -> Option<Content> {
    let kind = text(body, "type")?;
    let reply = body.get(&kind)?;
    let shown = ["title", "body", "name"]
        .iter()
        .find_map(|field| text(reply, field));
    let content = Content::of(MessageType::Interactive, shown.unwrap_or_default());
    Some(content.with(&kind, reply.clone()))
}

fn order(body: &Json) -> Option<Content> {
    let products = items(body, "product_items").count();
    let shown = text(body, "text").unwrap_or_else(|| format!("Order of {products} products"));
    body.is_object()
        .then(|| Content::of(MessageType::Order, shown).with("order", body.clone()))
}
