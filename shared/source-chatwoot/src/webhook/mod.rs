//! What Chatwoot calls a webhook with (chatwoot.md §1, §2): whether it is Chatwoot's, what happened, and
//! that in the terms of what is ingested here.
//!
//! A webhook is built when it is sent, not when something happened, so that an older one may tell a newer
//! state, and it is sent once. Contacts and conversations are therefore read here to learn whose they are,
//! not how they stand: who keeps a state reads it anew.

mod attachments;
mod channel;
mod contact;
mod conversation;
mod message;
mod sender;
mod verify;

pub use channel::Channel;
pub use contact::{Contact, ContactEvent, is_own_attribute, is_visitor_name};
pub use conversation::{Assignee, Conversation, ConversationEvent, State};
pub use message::{Author, MessageEvent, Said};
pub use verify::{MIN_TOKEN_CHARS, Refusal, Signature, TOLERANCE_SECONDS, is_token};

use common::json::raw;
use common::json::tolerant::{self, Object, child, text};

/// One delivery.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// The name of the event.
    pub name: String,
    /// The account that it says it is of; conversations do not say it.
    pub account_id: Option<String>,
    /// What happened.
    pub event: Event,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Somebody wrote, or what was written changed.
    Message(Box<MessageEvent>),
    /// A contact is new, or changed.
    Contact(Box<ContactEvent>),
    /// A conversation is new, or changed.
    Conversation(Box<ConversationEvent>),
    /// Of no use here, or without what would make it anything.
    Ignored,
}

impl Delivery {
    /// Reads a body; `None` for what is no JSON object. Nothing else is refused: a field that is missing
    /// or of another form counts as none, and what is not known is [`Event::Ignored`].
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        let json = tolerant::checked(body)?;
        let whole = raw::object(&json)?;
        let name = text(&whole, "event").unwrap_or_default();
        let event = match name.as_str() {
            "message_created" | "message_updated" => {
                let is_new = name == "message_created";
                message::read(&whole, is_new).map(|event| Event::Message(Box::new(event)))
            }
            "contact_created" | "contact_updated" => {
                contact::read(&whole).map(|event| Event::Contact(Box::new(event)))
            }
            "conversation_created" | "conversation_updated" | "conversation_status_changed" => {
                conversation::read(&whole).map(|event| Event::Conversation(Box::new(event)))
            }
            _ => None,
        };
        Some(Self {
            account_id: account_of(&whole),
            event: event.unwrap_or(Event::Ignored),
            name,
        })
    }
}

/// The account's id: conversations have it in their message alone.
fn account_of(whole: &Object<'_>) -> Option<String> {
    let said = text(&child(whole, "account"), "id");
    said.or_else(|| {
        let messages = tolerant::objects(whole, "messages");
        messages
            .first()
            .and_then(|message| text(message, "account_id"))
    })
}

/// The names of what an event says has changed, with what each was and is; `None` where it does not say.
/// It is a list of objects of one key; one object of all is read, too.
fn changes<'j>(whole: &Object<'j>) -> Option<Vec<(String, Object<'j>)>> {
    let changed = whole.get("changed_attributes")?;
    let parts = match changed.starts_with('[') {
        true => raw::items(changed).into_iter().map(raw::part).collect(),
        false if changed.starts_with('{') => vec![raw::part(changed)],
        false => return None,
    };
    let mut all = Vec::new();
    for part in parts {
        for (name, value) in part.iter() {
            all.push((name.to_owned(), raw::part(value)));
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests;
