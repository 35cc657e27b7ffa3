use super::whatsapp;
use channels::{ChannelKind, InboundMessage, StatusUpdate};
use common::json::raw;
pub use common::json::tolerant::{Object, checked, child, objects, text};

/// What one POST of Meta holds, by account. One may mix accounts of several businesses, messages
/// and statuses (channels.md §0).
#[derive(Debug, Default, PartialEq)]
pub struct Delivery {
    /// A part for each account, in the order in which they came.
    pub parts: Vec<DeliveryPart>,
    /// How many changes were of a kind that nothing here is done with.
    pub ignored: usize,
    /// Whether it is of Messenger or Instagram, which are read elsewhere.
    pub is_messaging: bool,
}

/// What a delivery holds for one account.
#[derive(Debug, PartialEq)]
pub struct DeliveryPart {
    /// The account's channel.
    pub kind: ChannelKind,
    /// The account at Meta.
    pub address: String,
    /// Messages from customers.
    pub messages: Vec<InboundMessage>,
    /// Statuses of outbound messages.
    pub statuses: Vec<StatusUpdate>,
}

impl Delivery {
    pub(super) fn part(&mut self, kind: ChannelKind, address: &str) -> &mut DeliveryPart {
        let same = |part: &DeliveryPart| part.kind == kind && part.address == address;
        let n = self.parts.iter().position(same).unwrap_or_else(|| {
            self.parts.push(DeliveryPart {
                kind,
                address: address.to_owned(),
                messages: Vec::new(),
                statuses: Vec::new(),
            });
            self.parts.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "found or pushed just now")]
        &mut self.parts[n]
    }
}

/// Reads a delivery whose signature was checked; `None` where it is no JSON. What one entry lacks
/// or has beyond what is known harms no other.
#[must_use]
pub fn parse(body: &[u8]) -> Option<Delivery> {
    let json = checked(body)?;
    let json = raw::part(&json);
    let mut delivery = Delivery::default();
    let object = text(&json, "object").unwrap_or_default();
    if matches!(object.as_str(), "page" | "instagram") {
        delivery.is_messaging = true;
        return Some(delivery);
    }
    for entry in objects(&json, "entry") {
        if object == "whatsapp_business_account" {
            changes(&entry, &mut delivery);
        } else {
            delivery.ignored += 1;
        }
    }
    Some(delivery)
}

fn changes(entry: &Object<'_>, delivery: &mut Delivery) {
    for change in objects(entry, "changes") {
        let value = child(&change, "value");
        let address = text(&child(&value, "metadata"), "phone_number_id");
        match (text(&change, "field").as_deref(), address) {
            (Some("messages"), Some(address)) => {
                let part = delivery.part(ChannelKind::WhatsApp, &address);
                whatsapp::read(&value, part);
            }
            _ => delivery.ignored += 1,
        }
    }
}
