use super::attachments;
use super::event::Event;
use crate::content::Content;
use channels::MessageType;
pub use common::json::tolerant::{Object, child, quoted, text};

/// Reads what a message says (channels.md §3.1, §4.2). What is not understood is `unsupported`,
/// never refused.
pub(super) fn read(event: &Event<'_, '_>, message: &Object<'_>) -> Content {
    let content_text = text(message, "text").unwrap_or_default();
    let mut content = attachments::read(message, content_text, event.stores_media);
    if let Some(tapped) = message.get("quick_reply") {
        content.kind = MessageType::Button;
        content = content.with("quick_reply", *tapped);
    }
    let story = child(&child(message, "reply_to"), "story");
    if text(&story, "url").or_else(|| text(&story, "id")).is_some() {
        content = content.with("story", story_json("reply", &story));
    }
    for extra in ["referral", "commands"] {
        if let Some(told) = message.get(extra) {
            content = content.with(extra, *told);
        }
    }
    content
}

/// A story, of which nothing but the link may be kept (channels.md §4.4).
pub(super) fn story_json(kind: &str, story: &Object<'_>) -> String {
    let of = |field: &str| quoted(text(story, field).as_deref());
    let parts = ["{\"kind\":\"", kind, "\",\"id\":", &of("id"), ",\"url\":"];
    [&parts.concat(), of("url").as_str(), "}"].concat()
}
