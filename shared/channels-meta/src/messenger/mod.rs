//! Messenger and Instagram, whose webhooks and whose Send API are nearly one (channels.md §3, §4).

mod attachments;
mod event;
mod message;
mod send;

pub use send::{FACEBOOK, INSTAGRAM};

use channels::{
    ChannelKind, InboundMessage, NameKind, Revision, Sender, SenderName, StatusUpdate, Watermark,
};
use common::ids::MessageId;
use common::json::raw;
pub use common::json::tolerant::{Object, objects, text};

/// What one POST holds for one account, not yet read.
pub struct Part<'j> {
    /// The account's channel.
    pub kind: ChannelKind,
    /// The account at Meta.
    pub address: String,
    events: Vec<Object<'j>>,
}

/// The events of one account, in the order of arrival.
#[derive(Debug, Default, PartialEq)]
pub struct Events {
    /// Messages from customers, and echoes of messages to them.
    pub messages: Vec<InboundMessage>,
    /// Statuses of outbound messages.
    pub statuses: Vec<StatusUpdate>,
    /// Pairs of our id and the provider's id of sent messages.
    pub own: Vec<(MessageId, String)>,
    /// Watermarks: up to when messages were delivered or read.
    pub watermarks: Vec<Watermark>,
    /// Edits and deletions of messages.
    pub revisions: Vec<Revision>,
    /// How many events were of unsupported kinds.
    pub ignored: usize,
}

impl Events {
    /// How many items there are to ingest.
    #[must_use]
    pub fn len(&self) -> usize {
        self.messages.len() + self.statuses.len() + self.watermarks.len() + self.revisions.len()
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The parts of a delivery, a part for each account, and how many of its entries are none. One POST
/// mixes accounts; `standby` has what came while another app held the thread.
#[must_use]
pub fn parts(json: &str) -> (Vec<Part<'_>>, usize) {
    let delivery = raw::part(json);
    let kind = match text(&delivery, "object").as_deref() {
        Some("instagram") => ChannelKind::Instagram,
        _ => ChannelKind::Facebook,
    };
    let (mut parts, mut ignored): (Vec<Part<'_>>, usize) = (Vec::new(), 0);
    for entry in objects(&delivery, "entry") {
        let mut events = objects(&entry, "messaging");
        events.extend(objects(&entry, "standby"));
        match text(&entry, "id") {
            Some(address) if !events.is_empty() => {
                match parts.iter_mut().find(|part| part.address == address) {
                    Some(part) => part.events.extend(events),
                    None => parts.push(Part {
                        kind,
                        address,
                        events,
                    }),
                }
            }
            // Counted where comments are read.
            _ if entry.get("changes").is_some() => {}
            _ => ignored += 1,
        }
    }
    (parts, ignored)
}

impl Part<'_> {
    /// Parses the events. `stores_media` is the account's setting: without it, only links of customers'
    /// files are stored (channels.md §4.4).
    #[must_use]
    pub fn read(&self, stores_media: bool) -> Events {
        let mut events = Events::default();
        for event in &self.events {
            event::read(&mut events, self, stores_media, event);
        }
        events
    }

    /// How many events it holds.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    fn name_of(&self, user: &str) -> SenderName {
        let kind = match self.kind {
            ChannelKind::Instagram => NameKind::Instagram,
            _ => NameKind::Facebook,
        };
        SenderName::new(kind, user.to_owned())
    }

    fn sender(&self, user: &str) -> Sender {
        Sender {
            names: vec![self.name_of(user)],
            contact: Some(user.to_owned()),
            ..Sender::default()
        }
    }
}
