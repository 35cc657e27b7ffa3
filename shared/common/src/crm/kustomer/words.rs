//! What things are called there.

use super::OURS;

/// A channel's name for people.
pub(super) fn channel_name(channel: &str) -> &str {
    match channel {
        "whatsapp" => "WhatsApp",
        "facebook" => "Messenger",
        "instagram" => "Instagram",
        "sms" => "SMS",
        "email" => "Email",
        other => other,
    }
}

/// What a conversation of ours has for an external id.
pub(super) fn conversation_key(id: &str) -> String {
    [OURS, "conversation:", id].concat()
}

/// What a message of ours has for an external id.
pub(super) fn message_key(id: &str) -> String {
    [OURS, "message:", id].concat()
}

/// What a note of ours has for an external id, or the part of one.
pub(super) fn note_key(id: &str, part: usize) -> String {
    match part {
        0 => [OURS, "note:", id].concat(),
        part => format!("{OURS}note:{id}:{part}"),
    }
}

/// What a message without text is called on the timeline.
pub(super) fn kind_name(kind: &str) -> &str {
    match kind {
        "image" => "[Image]",
        "video" => "[Video]",
        "audio" => "[Voice message]",
        "document" => "[File]",
        "sticker" => "[Sticker]",
        "location" => "[Location]",
        "contacts" => "[Contact]",
        "template" => "[Template]",
        "reaction" => "[Reaction]",
        _ => "[Message]",
    }
}
