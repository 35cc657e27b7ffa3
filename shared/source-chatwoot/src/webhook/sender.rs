use super::channel::Channel;
use super::contact::Contact;
use super::conversation::Conversation;
use crate::reading::e164;
use channels::{NameKind, Sender, SenderName};

/// Who the contact is, by what is proven on the channel.
pub(super) fn sender_of(conversation: &Conversation) -> Sender {
    let contact = conversation.contact.as_ref();
    let (email, phone) = (
        contact.and_then(|contact| contact.email.clone()),
        contact.and_then(|contact| contact.phone.clone()),
    );
    // Providers of numbers tell the visitor's in its own form.
    let source_id = conversation.source_id.as_deref().unwrap_or_default();
    let number = e164(source_id.trim_start_matches("whatsapp:"));
    let (whatsapp, phone) = match conversation.channel {
        Channel::WhatsApp => (number.or_else(|| phone.clone()), phone),
        Channel::Sms => (None, number.or(phone)),
        _ => (None, phone),
    };
    let name_of = |kind, value: &Option<String>| Some(SenderName::new(kind, value.clone()?));
    let is_proven = conversation.is_verified || !conversation.channel.is_self_declared();
    let names = [
        name_of(NameKind::WhatsApp, &whatsapp),
        name_of(NameKind::Email, &email),
        name_of(NameKind::Phone, &phone),
    ];
    Sender {
        names: names.into_iter().flatten().filter(|_| is_proven).collect(),
        name: contact.and_then(Contact::own_name).map(str::to_owned),
        whatsapp_number: whatsapp,
        phone,
        email,
        contact: Some(conversation.thread.clone()),
        customer_id: None,
    }
}
