//! WhatsApp, as the Cloud API sends it (channels.md §2).

mod content;
mod sender;
mod status;

use super::json::{items, seconds, text};
use super::webhook::DeliveryPart;
use crate::channels::{InboundMessage, MessageType};
use serde_json::Value as Json;

/// Reads the value of one change of the field `messages`.
pub(super) fn read(value: &Json, part: &mut DeliveryPart) {
    let contacts: Vec<&Json> = items(value, "contacts").collect();
    let messages = items(value, "messages").filter_map(|message| read_message(message, &contacts));
    part.messages.extend(messages);
    part.statuses
        .extend(items(value, "statuses").filter_map(status::read));
}

/// A message without an id or without a sender is nothing that could be answered or told apart.
fn read_message(message: &Json, contacts: &[&Json]) -> Option<InboundMessage> {
    let provider_id = text(message, "id")?;
    let sender = sender::read(message, contacts)?;
    let content = content::read(message);
    let context = message.get("context").unwrap_or(&Json::Null);
    let reply_to = match content.kind {
        MessageType::Reaction => content.reacts_to,
        _ => text(context, "id"),
    };
    Some(InboundMessage {
        provider_id,
        sender,
        kind: content.kind,
        content: content.text,
        detail: content.detail,
        sent_at: seconds(message, "timestamp"),
        reply_to,
        media: content.media,
    })
}
