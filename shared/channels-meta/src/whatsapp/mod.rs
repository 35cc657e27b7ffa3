//! WhatsApp, as the Cloud API sends it (channels.md §2).

mod content;
mod sender;
mod status;

use super::webhook::DeliveryPart;
use channels::{InboundMessage, MessageType};
pub use common::json::tolerant::{Object, child, objects, seconds, text};

/// Reads the value of one change of the field `messages`.
pub(super) fn read(value: &Object<'_>, part: &mut DeliveryPart) {
    let contacts = objects(value, "contacts");
    let messages = objects(value, "messages");
    let messages = messages
        .iter()
        .filter_map(|message| read_message(message, &contacts));
    part.messages.extend(messages);
    let statuses = objects(value, "statuses");
    part.statuses
        .extend(statuses.iter().filter_map(status::read));
}

/// A message without an id or a sender cannot be deduplicated or answered.
fn read_message(message: &Object<'_>, contacts: &[Object<'_>]) -> Option<InboundMessage> {
    let provider_id = text(message, "id")?;
    let sender = sender::read(message, contacts)?;
    let content = content::read(message);
    let reply_to = match content.kind {
        MessageType::Reaction => content.reacts_to.clone(),
        _ => text(&child(message, "context"), "id"),
    };
    Some(InboundMessage {
        provider_id,
        thread: None,
        sender,
        is_echo: false,
        kind: content.kind,
        detail: content.detail(),
        content: content.text,
        sent_at: seconds(message, "timestamp"),
        reply_to,
        media: content.media,
    })
}
