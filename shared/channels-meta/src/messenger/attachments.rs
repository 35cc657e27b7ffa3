use super::message::story_json;
use crate::content::Content;
use channels::{InboundBytes, InboundMedia, MessageType};
use common::json::raw;
pub use common::json::tolerant::{Object, child, is_number, quoted, text};

/// Longest name that is taken from a link.
const MAX_NAME_BYTES: usize = 128;

/// Reads the attachments of a message. The first one gives the message its type.
pub(super) fn read(message: &Object<'_>, text_sent: String, stores_media: bool) -> Content {
    let raw = message.get("attachments").map(|raw| raw::items(raw));
    let raw = raw.unwrap_or_default();
    let mut content = Content::of(MessageType::Text, text_sent);
    // What is not fetched is kept as it came.
    let mut unsupported: Vec<&str> = Vec::new();
    let mut unknown = None;
    for (n, whole) in raw.iter().copied().enumerate() {
        let attachment = raw::part(whole);
        let payload = child(&attachment, "payload");
        let name = text(&attachment, "type").unwrap_or_default();
        let is_sticker = text(&payload, "sticker_id").is_some();
        let url = text(&payload, "url");
        let kind = match (name.as_str(), url) {
            ("image" | "video" | "audio" | "file" | "sticker", Some(url)) => {
                let (kind, mime_type, filename) = file(&name, is_sticker, &url);
                if stores_media {
                    content.media.push(InboundMedia {
                        bytes: InboundBytes::At(url),
                        mime_type: mime_type.to_owned(),
                        filename,
                        sha256: None,
                    });
                } else {
                    unsupported.push(whole);
                }
                kind
            }
            ("story_mention", _) => {
                content = content.with("story", story_json("mention", &payload));
                MessageType::Text
            }
            ("location", _) => match location(&payload) {
                Some(place) => {
                    if content.text.is_empty() {
                        content.text = place.0;
                    }
                    content = content.with("location", place.1);
                    MessageType::Location
                }
                None => MessageType::Unsupported,
            },
            ("share" | "fallback" | "reel" | "ig_reel" | "post" | "ig_post", url) => {
                let title = text(&attachment, "title").or_else(|| text(&payload, "title"));
                let link = title.or_else(|| text(&attachment, "url")).or(url);
                if content.text.is_empty() {
                    content.text = link.unwrap_or_default();
                }
                unsupported.push(whole);
                MessageType::Text
            }
            ("template", _) => {
                unsupported.push(whole);
                MessageType::Interactive
            }
            _ => {
                unsupported.push(whole);
                MessageType::Unsupported
            }
        };
        if kind == MessageType::Unsupported {
            unknown.get_or_insert(name);
        }
        if n == 0 {
            content.kind = kind;
        }
    }
    let says_nothing = raw.is_empty() && content.text.is_empty();
    if says_nothing || message.get("is_unsupported") == Some(&"true") {
        content.kind = MessageType::Unsupported;
        unknown.get_or_insert_default();
    }
    if !unsupported.is_empty() {
        let list = ["[", &unsupported.join(","), "]"].concat();
        content = content.with("attachments", list);
    }
    match unknown {
        Some(name) => {
            let name: String = name.chars().take(64).collect();
            let described = ["{\"type\":", &quoted(Some(&name)), ",\"errors\":[]}"].concat();
            content.with("unsupported", described)
        }
        None => content,
    }
}

/// The kind of a file, its type if stated, and its name.
fn file(name: &str, is_sticker: bool, url: &str) -> (MessageType, &'static str, String) {
    // Until 2026-08-30 a sticker came as an image, too.
    let (kind, mime_type, filename) = match name {
        "image" | "sticker" if is_sticker || name == "sticker" => {
            (MessageType::Sticker, "image/png", "sticker.png")
        }
        "image" => (MessageType::Image, "image/jpeg", "image.jpg"),
        "video" => (MessageType::Video, "video/mp4", "video.mp4"),
        "audio" => (MessageType::Audio, "audio/mp4", "audio.m4a"),
        _ => {
            let described = name_in(url).unwrap_or("file.bin");
            let opaque = "application/octet-stream";
            return (MessageType::Document, opaque, described.to_owned());
        }
    };
    (kind, mime_type, filename.to_owned())
}

/// The last segment of a link's path, where it is a plain name.
fn name_in(url: &str) -> Option<&str> {
    let path = url.split(['?', '#']).next()?.split_once("://")?.1;
    let (_, name) = path.rsplit_once('/')?;
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    let (stem, extension) = name.rsplit_once('.')?;
    let is_name = name.len() <= MAX_NAME_BYTES && name.bytes().all(is_plain);
    (is_name && !stem.is_empty() && !extension.is_empty()).then_some(name)
}

/// What people read of a place, and the place as JSON.
fn location(payload: &Object<'_>) -> Option<(String, String)> {
    let coordinates = child(payload, "coordinates");
    let degrees = |field: &str| {
        let value = coordinates.get(field).copied();
        value.filter(|value| is_number(value))
    };
    let (latitude, longitude) = (degrees("lat")?, degrees("long")?);
    let shown = [latitude, ", ", longitude].concat();
    let place = [
        "{\"latitude\":",
        latitude,
        ",\"longitude\":",
        longitude,
        ",\"name\":null,\"address\":null,\"url\":null}",
    ];
    Some((shown, place.concat()))
}
