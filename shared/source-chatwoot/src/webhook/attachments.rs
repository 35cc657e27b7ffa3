use channels::{InboundBytes, InboundMedia, MessageType};
use common::json::raw;
use common::json::tolerant::{Object, is_number, objects, quoted, text};

/// Longest name that is taken from a link, in bytes.
const MAX_NAME_BYTES: usize = 128;

/// What a message carries.
#[derive(Default)]
pub(super) struct Attachments {
    /// Files.
    pub(super) media: Vec<InboundMedia>,
    /// What the first of them makes of the message; `None` where there is none.
    pub(super) kind: Option<MessageType>,
    /// What stands for the text where there is none: a link, a place, a name.
    pub(super) words: Option<String>,
    /// Names and JSON of what is no file.
    pub(super) details: Vec<(&'static str, String)>,
}

/// Reads the attachments of a message (chatwoot.md §2).
pub(super) fn read(message: &Object<'_>) -> Attachments {
    let mut read = Attachments::default();
    let mut links = Vec::new();
    for one in objects(message, "attachments") {
        let kind = text(&one, "file_type").unwrap_or_default();
        let url = text(&one, "data_url");
        let title = text(&one, "fallback_title");
        let kind = match (kind.as_str(), url) {
            ("image" | "audio" | "video" | "file" | "sticker", Some(url)) => {
                let (kind, media) = file(&one, &kind, url);
                read.media.push(media);
                kind
            }
            ("location", url) => match location(&one, title.as_deref(), url.as_deref()) {
                Some((shown, place)) => {
                    read.words.get_or_insert(shown);
                    read.details.push(("location", place));
                    MessageType::Location
                }
                None => MessageType::Unsupported,
            },
            ("contact", _) => {
                let shown = title.unwrap_or_default();
                let (name, value) = (quoted(Some(&shown)), meta(&one));
                read.words.get_or_insert(shown);
                let person = ["[{\"name\":", &name, ",\"meta\":", value, "}]"].concat();
                read.details.push(("contacts", person));
                MessageType::Contacts
            }
            // A share, a story, a reel, a page: where it is.
            (_, Some(url)) => {
                let shown = title.unwrap_or_else(|| url.clone());
                let kind = text(&one, "file_type");
                let link = [
                    "{\"type\":",
                    &quoted(kind.as_deref()),
                    ",\"title\":",
                    &quoted(Some(&shown)),
                    ",\"url\":",
                    &quoted(Some(&url)),
                    "}",
                ];
                links.push(link.concat());
                read.words.get_or_insert(shown);
                MessageType::Text
            }
            _ => MessageType::Unsupported,
        };
        read.kind.get_or_insert(kind);
    }
    if !links.is_empty() {
        let list = ["[", &links.join(","), "]"].concat();
        read.details.push(("attachments", list));
    }
    read
}

fn meta<'j>(one: &Object<'j>) -> &'j str {
    let value = one.get("meta").copied();
    value.filter(|value| value.starts_with('{')).unwrap_or("{}")
}

fn file(one: &Object<'_>, kind: &str, url: String) -> (MessageType, InboundMedia) {
    let (kind, mime_type, otherwise) = match kind {
        "image" => (MessageType::Image, "image/jpeg", "image"),
        "audio" => (MessageType::Audio, "audio/mpeg", "audio"),
        "video" => (MessageType::Video, "video/mp4", "video"),
        "sticker" => (MessageType::Sticker, "image/webp", "sticker"),
        _ => (MessageType::Document, "application/octet-stream", "file"),
    };
    let stated = text(one, "content_type").filter(|stated| stated.contains('/'));
    let extension = text(one, "extension").filter(|extension| is_plain(extension));
    let filename = name_in(&url).unwrap_or_else(|| match extension {
        Some(extension) => [otherwise, ".", &extension].concat(),
        None => otherwise.to_owned(),
    });
    let media = InboundMedia {
        bytes: InboundBytes::At(url),
        mime_type: stated.unwrap_or_else(|| mime_type.to_owned()),
        filename,
        sha256: None,
    };
    (kind, media)
}

fn is_plain(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric();
    (1..=16).contains(&text.len()) && text.bytes().all(is_plain)
}

/// The last segment of a link's path, which Chatwoot ends with the file's name.
fn name_in(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?.split_once("://")?.1;
    let (_, name) = path.rsplit_once('/')?;
    let name = unescaped(name)?;
    let (stem, extension) = name.rsplit_once('.')?;
    let is_name = name.len() <= MAX_NAME_BYTES
        && !stem.is_empty()
        && !extension.is_empty()
        && !name.contains(|c: char| c.is_control() || matches!(c, '/' | '\\'));
    is_name.then_some(name)
}

/// A segment of a path without its escapes; `None` where they are no text.
fn unescaped(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment;
    while let Some((plain, escape)) = rest.split_once('%') {
        bytes.extend_from_slice(plain.as_bytes());
        bytes.push(u8::from_str_radix(escape.get(..2)?, 16).ok()?);
        rest = escape.get(2..)?;
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}

/// What people read of a place, and the place as JSON.
fn location(one: &Object<'_>, title: Option<&str>, url: Option<&str>) -> Option<(String, String)> {
    let degrees = |field: &str| {
        let value = one.get(field).copied()?;
        let number = match value.starts_with('"') {
            true => raw::text(value)?,
            false => value.to_owned(),
        };
        let is_degrees = is_number(&number) && number.bytes().all(|b| b"-.0123456789".contains(&b));
        // A text may have a form that JSON's numbers have not.
        (is_degrees && raw::list(&["[", &number, "]"].concat()).is_some()).then_some(number)
    };
    let (latitude, longitude) = (degrees("coordinates_lat")?, degrees("coordinates_long")?);
    let title = title.filter(|title| !title.is_empty());
    let shown = match title {
        Some(title) => title.to_owned(),
        None => [latitude.as_str(), ", ", &longitude].concat(),
    };
    let place = [
        "{\"latitude\":",
        &latitude,
        ",\"longitude\":",
        &longitude,
        ",\"name\":",
        &quoted(title),
        ",\"address\":null,\"url\":",
        &quoted(url),
        "}",
    ];
    Some((shown, place.concat()))
}
