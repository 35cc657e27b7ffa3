use channels::{NameKind, Sender, SenderName};
pub use common::json::tolerant::{Object, child, text};

/// Most characters of a profile's name that are kept, as of a customer's name.
const MAX_NAME_CHARS: usize = 200;

/// Who wrote: by the user id, which stays, then by the number, which may be absent (channels.md
/// §2.2).
pub(super) fn read(message: &Object<'_>, contacts: &[Object<'_>]) -> Option<Sender> {
    let from = text(message, "from");
    let user = text(message, "from_user_id");
    let is_theirs = |contact: &&Object<'_>| {
        let same = |field: &str, id: &Option<String>| id.is_some() && text(contact, field) == *id;
        same("wa_id", &from) || same("user_id", &user)
    };
    let contact = contacts.iter().find(is_theirs).or(match contacts {
        [only] => Some(only),
        _ => None,
    });
    let value_of = |field: &str| contact.and_then(|contact| text(contact, field));
    let user = user.or_else(|| value_of("user_id"));
    let number = from
        .or_else(|| value_of("wa_id"))
        .as_deref()
        .and_then(number_of);
    let mut names = Vec::new();
    let mut add = |kind: NameKind, value: &str| {
        names.push(SenderName::new(kind, value.to_owned()));
    };
    if let Some(user) = &user {
        add(NameKind::WhatsAppUser, user);
    }
    let others = number.as_deref().map(variants).unwrap_or_default();
    for number in number.iter().chain(&others) {
        add(NameKind::WhatsApp, number);
        add(NameKind::Phone, number);
    }
    if names.is_empty() {
        return None;
    }
    let name = contact.and_then(|contact| text(&child(contact, "profile"), "name"));
    Some(Sender {
        names,
        name: name.map(|name| name.trim().chars().take(MAX_NAME_CHARS).collect()),
        // Where two spellings reach one person, the id need not be a number that can be called.
        phone: number.clone().filter(|_| others.is_empty()),
        whatsapp_number: number,
        ..Sender::default()
    })
}

/// A WhatsApp id as E.164: its digits behind a `+`.
pub(super) fn number_of(wa_id: &str) -> Option<String> {
    let digits = wa_id.strip_prefix('+').unwrap_or(wa_id);
    let is_number = (5..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| format!("+{digits}"))
}

/// The other spelling of a mobile number in Brazil, Argentina and Mexico, where WhatsApp and people
/// write a prefix differently. To find a customer by, never to be stored (channels.md §8).
fn variants(number: &str) -> Vec<String> {
    let other = |from: &str, to: &str, rest: usize| {
        let tail = number
            .strip_prefix(from)
            .filter(|tail| tail.len() == rest)?;
        Some(format!("{to}{tail}"))
    };
    // Where the eight digits begin below 6, the number is a landline, which has no other spelling.
    let is_mobile = |eight: &str| eight.as_bytes().first() >= Some(&b'6');
    let brazil = || {
        let national = number.strip_prefix("+55")?;
        let (area, local) = national.split_at_checked(2)?;
        match (local.len(), local.strip_prefix('9')) {
            (9, Some(short)) if is_mobile(short) => Some(format!("+55{area}{short}")),
            (8, _) if is_mobile(local) => Some(format!("+55{area}9{local}")),
            _ => None,
        }
    };
    let all = [
        brazil(),
        other("+549", "+54", 10),
        other("+54", "+549", 10),
        other("+521", "+52", 10),
        other("+52", "+521", 10),
    ];
    all.into_iter().flatten().collect()
}
