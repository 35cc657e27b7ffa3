use super::{Comment, Comments, MAX_ID_BYTES, UNNAMED, sender, thread_of};
use crate::content::Content;
use channels::{
    Change, InboundBytes, InboundMedia, InboundMessage, MessageType, Revision, Sender, Visibility,
};
pub use common::json::tolerant::{Object, child, millis, quoted, seconds, text};
use common::time::{SECOND, Timestamp};

/// Longest name of a person that is kept, in characters, as of a customer's name.
const MAX_NAME_CHARS: usize = 200;
/// Longest subject, in characters: the beginning of a post, as that of an email.
const MAX_SUBJECT_CHARS: usize = 250;
/// Times above this are milliseconds, since those of `changes` are seconds, and those of `messaging` are
/// not (channels.md §3.6).
const FIRST_MILLIS: i64 = 100_000_000_000;

/// When Meta says that it sent an entry.
pub(super) fn entry_time(entry: &Object<'_>) -> Option<Timestamp> {
    let time: i64 = text(entry, "time")?.parse().ok()?;
    match time >= FIRST_MILLIS {
        true => millis(entry, "time"),
        false => seconds(entry, "time"),
    }
}

/// Reads one change. `None` for what is no comment, or lacks what would make it one.
pub(super) fn read(
    comments: &mut Comments,
    page: &str,
    stores_media: bool,
    change: &Object<'_>,
    sent_at: Option<Timestamp>,
) -> Option<()> {
    let value = child(change, "value");
    if text(&value, "item").as_deref() != Some("comment") {
        return None;
    }
    let id = id_in(&value, "comment_id")?;
    // Of an edit and of what is hidden, it is when that was done.
    let at = seconds(&value, "created_time").or(sent_at);
    match text(&value, "verb").as_deref()? {
        "add" => {
            let comment = added(page, stores_media, &value, id.clone(), at)?;
            if flag(&value, "is_hidden") {
                hidden(comments, id, true, at);
            }
            comments.added.push(comment);
        }
        // Some of Meta's objects say `edit`, others `edited`.
        "edit" | "edited" => comments.revisions.push(Revision {
            provider_id: id,
            change: Change::Edited {
                number: sent_at.max(at)?.micros() / SECOND,
                text: text(&value, "message").unwrap_or_default(),
            },
        }),
        "remove" | "delete" => comments.revisions.push(Revision {
            provider_id: id,
            change: Change::Deleted,
        }),
        "hide" => hidden(comments, id, true, sent_at.max(at)),
        "unhide" => hidden(comments, id, false, sent_at.max(at)),
        _ => return None,
    }
    Some(())
}

fn hidden(comments: &mut Comments, provider_id: String, is_hidden: bool, at: Option<Timestamp>) {
    comments.visibility.push(Visibility {
        provider_id,
        is_hidden,
        at: at.unwrap_or(Timestamp::from_micros(0)),
    });
}

fn added(
    page: &str,
    stores_media: bool,
    value: &Object<'_>,
    id: String,
    at: Option<Timestamp>,
) -> Option<Comment> {
    let (post, from) = (child(value, "post"), child(value, "from"));
    let post_id = id_in(value, "post_id").or_else(|| id_in(&post, "id"))?;
    let parent = id_in(value, "parent_id").filter(|parent| *parent != post_id && *parent != id);
    let person = id_in(&from, "id");
    let is_own = person.as_deref() == Some(page);
    let content = content(value, &post, &post_id, parent.as_deref(), stores_media);
    let (thread, sender) = if is_own {
        (None, Sender::default())
    } else {
        // Without the permission to see people's content Meta names nobody; the comment came all the same.
        let person = person.unwrap_or_else(|| [UNNAMED, &id].concat());
        let name =
            text(&from, "name").map(|name| name.trim().chars().take(MAX_NAME_CHARS).collect());
        let name = name.filter(|name: &String| !name.is_empty());
        (Some(thread_of(&post_id, &person)), sender(&person, name))
    };
    let content = match is_own {
        true => content.with("sent_elsewhere", "true"),
        false => content,
    };
    Some(Comment {
        message: InboundMessage {
            provider_id: id,
            thread,
            sender,
            is_echo: is_own,
            kind: content.kind,
            detail: content.detail(),
            content: content.text,
            sent_at: at,
            reply_to: None,
            media: content.media,
        },
        parent,
        post: post_id,
    })
}

fn content(
    value: &Object<'_>,
    post: &Object<'_>,
    post_id: &str,
    parent: Option<&str>,
    stores_media: bool,
) -> Content {
    let words = text(value, "message").unwrap_or_default();
    let mut content = Content::of(MessageType::Text, words);
    let mut links: Vec<String> = Vec::new();
    for (field, kind, mime_type, filename) in [
        ("photo", MessageType::Image, "image/jpeg", "image.jpg"),
        ("video", MessageType::Video, "video/mp4", "video.mp4"),
    ] {
        let Some(url) = text(value, field) else {
            continue;
        };
        if stores_media {
            content.media.push(InboundMedia {
                bytes: InboundBytes::At(url),
                mime_type: mime_type.to_owned(),
                filename: filename.to_owned(),
                sha256: None,
            });
        } else {
            links.push(format!(
                "{{\"type\":{},\"url\":{}}}",
                quoted(Some(field)),
                quoted(Some(&url))
            ));
        }
        content.kind = kind;
    }
    if content.kind == MessageType::Text && content.text.is_empty() {
        // A sticker, say, of which Meta tells nothing.
        content.kind = MessageType::Unsupported;
    }
    let permalink = text(post, "permalink_url").filter(|url| url.starts_with("https://"));
    let permalink = permalink.unwrap_or_else(|| ["https://www.facebook.com/", post_id].concat());
    let words = text(post, "message").map(|words| words.trim().to_owned());
    let subject = words.filter(|words| !words.is_empty());
    let subject: String = match &subject {
        Some(words) => words.chars().take(MAX_SUBJECT_CHARS).collect(),
        None => permalink.clone(),
    };
    let of_post = [
        "{\"id\":",
        &quoted(Some(post_id)),
        ",\"url\":",
        &quoted(Some(&permalink)),
        "}",
    ];
    content = content
        .with("subject", quoted(Some(&subject)))
        .with("post", of_post.concat());
    if let Some(parent) = parent {
        content = content.with("parent", quoted(Some(parent)));
    }
    if !links.is_empty() {
        content = content.with("attachments", format!("[{}]", links.join(",")));
    }
    content
}

/// An id, which may come as a text or as a number, and goes into URLs later.
fn id_in(object: &Object<'_>, field: &str) -> Option<String> {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b':');
    text(object, field).filter(|id| id.len() <= MAX_ID_BYTES && id.bytes().all(is_part))
}

fn flag(object: &Object<'_>, field: &str) -> bool {
    object.get(field) == Some(&"true")
}
