use super::channel::Channel;
use super::contact::Contact;
use super::conversation::Conversation;
use crate::reading::e164;
use channels::{NameKind, Sender, SenderName};

/// Who the contact is, by what is proven on the channel: the number that a provider of numbers tells, and the address
/// that a mail came from. All else of a contact may have been typed by a visitor, in any of the contact's inboxes, unless
/// the business's own site proved who the visitor is. `is_bridge` says that a program writes into the inbox, which has the
/// number nowhere but at the contact.
pub(super) fn sender_of(conversation: &Conversation, is_bridge: bool) -> Sender {
    let contact = conversation.contact.as_ref();
    let (email, phone) = (
        contact.and_then(|contact| contact.email.clone()),
        contact.and_then(|contact| contact.phone.clone()),
    );
    let is_verified = conversation.is_verified;
    // Providers of numbers tell the visitor's in its own form.
    let source_id = conversation.source_id.as_deref().unwrap_or_default();
    let number = e164(source_id.trim_start_matches("whatsapp:"));
    let number = number.or_else(|| phone.clone().filter(|_| is_bridge || is_verified));
    let (whatsapp, phone) = match conversation.channel {
        Channel::WhatsApp => (number.clone(), phone),
        Channel::Sms => (None, number.clone().or(phone)),
        _ => (None, phone),
    };
    let is_told = conversation.channel.has_numbers() && phone == number;
    let is_mail = conversation.channel == Channel::Email;
    let name_of = |kind, value: &Option<String>, is_proven: bool| {
        let value = value.clone().filter(|_| is_proven)?;
        Some(SenderName::new(kind, value))
    };
    let names = [
        name_of(NameKind::WhatsApp, &whatsapp, true),
        name_of(NameKind::Email, &email, is_verified || is_mail),
        name_of(NameKind::Phone, &phone, is_verified || is_told),
    ];
    Sender {
        names: names.into_iter().flatten().collect(),
        name: contact.and_then(Contact::own_name).map(str::to_owned),
        whatsapp_number: whatsapp,
        phone,
        email,
        contact: Some(conversation.thread.clone()),
        customer_id: None,
    }
}
