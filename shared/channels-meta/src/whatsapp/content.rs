use crate::content::Content;
use channels::{InboundBytes, InboundMedia, MessageType};
pub use common::json::tolerant::{Object, child, is_number, objects, quoted, text};

/// Reads a message by its type (channels.md §2.3); a type that is not known, or that lacks its body, is `unsupported`.
pub(super) fn read(message: &Object<'_>) -> Content {
    let kind = text(message, "type").unwrap_or_default();
    let body = child(message, &kind);
    // What is kept whole is kept as it came.
    let whole = message.get(&kind).copied().unwrap_or("null");
    let known = match kind.as_str() {
        "text" => text(&body, "body").map(|body| Content::of(MessageType::Text, body)),
        "image" => media(MessageType::Image, "jpg", &body),
        "video" => media(MessageType::Video, "mp4", &body),
        "audio" => media(MessageType::Audio, "ogg", &body),
        "document" => media(MessageType::Document, "bin", &body),
        "sticker" => media(MessageType::Sticker, "webp", &body),
        "location" => location(&body),
        "contacts" => contacts(message, whole),
        "reaction" => reaction(&body),
        "button" => text(&body, "text")
            .map(|text| Content::of(MessageType::Button, text).with("button", whole)),
        "interactive" => interactive(&body),
        "order" => order(&body, whole),
        "system" => {
            let body_text = text(&body, "body").unwrap_or_default();
            Some(Content::of(MessageType::System, body_text).with("system", whole))
        }
        _ => None,
    };
    let mut content = known.unwrap_or_else(|| unsupported(&kind, message));
    let context = child(message, "context");
    for extra in ["referral", "forwarded"] {
        if let Some(described) = message.get(extra).or_else(|| context.get(extra)) {
            content = content.with(extra, *described);
        }
    }
    content
}

fn unsupported(kind: &str, message: &Object<'_>) -> Content {
    let errors = message
        .get("errors")
        .filter(|errors| errors.starts_with('['));
    let errors = errors.copied().unwrap_or("[]");
    let kind: String = kind.chars().take(64).collect();
    let described = format!("{{\"type\":{},\"errors\":{errors}}}", quoted(Some(&kind)));
    Content::of(MessageType::Unsupported, "").with("unsupported", described)
}

fn media(kind: MessageType, extension: &str, body: &Object<'_>) -> Option<Content> {
    let media_id = text(body, "id")?;
    let mut content = Content::of(kind, text(body, "caption").unwrap_or_default());
    let filename = text(body, "filename");
    content.media.push(InboundMedia {
        filename: filename.unwrap_or_else(|| format!("{}.{extension}", kind.as_str())),
        mime_type: mime_of(body),
        sha256: text(body, "sha256"),
        bytes: InboundBytes::Id(media_id),
    });
    let is_so = |trait_of: &&&str| body.get(trait_of) == Some(&"true");
    match ["voice", "animated"].iter().find(is_so) {
        Some(trait_of) => Some(content.with(trait_of, "true")),
        None => Some(content),
    }
}

/// The type without its parameters (`audio/ogg; codecs=opus`).
fn mime_of(body: &Object<'_>) -> String {
    let described = text(body, "mime_type").unwrap_or_default();
    let essence = described.split(';').next().unwrap_or_default().trim();
    match essence {
        "" => "application/octet-stream".to_owned(),
        essence => essence.to_ascii_lowercase(),
    }
}

fn location(body: &Object<'_>) -> Option<Content> {
    let degrees = |field: &str| body.get(field).copied().filter(|value| is_number(value));
    let (latitude, longitude) = (degrees("latitude")?, degrees("longitude")?);
    let [name, address, url] = ["name", "address", "url"].map(|field| text(body, field));
    let named: Vec<String> = [&name, &address].into_iter().flatten().cloned().collect();
    let shown = match named.is_empty() {
        true => format!("{latitude}, {longitude}"),
        false => named.join(", "),
    };
    let [name, address, url] = [name, address, url].map(|text| quoted(text.as_deref()));
    let place = format!(
        "{{\"latitude\":{latitude},\"longitude\":{longitude},\"name\":{name},\
           \"address\":{address},\"url\":{url}}}"
    );
    Some(Content::of(MessageType::Location, shown).with("location", place))
}

fn contacts(message: &Object<'_>, whole: &str) -> Option<Content> {
    let list = objects(message, "contacts");
    let name = |contact: &Object<'_>| text(&child(contact, "name"), "formatted_name");
    let names: Vec<String> = list.iter().filter_map(name).collect();
    (!list.is_empty())
        .then(|| Content::of(MessageType::Contacts, names.join(", ")).with("contacts", whole))
}

/// A reaction without an emoji takes an earlier one back.
fn reaction(body: &Object<'_>) -> Option<Content> {
    let about = text(body, "message_id")?;
    let emoji = text(body, "emoji");
    let described = format!("{{\"removed\":{}}}", emoji.is_none());
    let mut content = Content::of(MessageType::Reaction, emoji.unwrap_or_default());
    content.reacts_to = Some(about);
    Some(content.with("reaction", described))
}

fn interactive(body: &Object<'_>) -> Option<Content> {
    let kind = text(body, "type")?;
    let whole = body.get(&kind)?;
    let reply = child(body, &kind);
    let shown = ["title", "body", "name"]
        .iter()
        .find_map(|field| text(&reply, field));
    Some(Content::of(MessageType::Interactive, shown.unwrap_or_default()).with(&kind, *whole))
}

fn order(body: &Object<'_>, whole: &str) -> Option<Content> {
    body.iter().next()?;
    let products = objects(body, "product_items").len();
    let shown = text(body, "text").unwrap_or_else(|| format!("Order of {products} products"));
    Some(Content::of(MessageType::Order, shown).with("order", whole))
}
