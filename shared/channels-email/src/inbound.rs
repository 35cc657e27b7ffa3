use super::address::{Address, without_tag};
use super::authentication::SenderVerified;
use super::automatic::is_automatic;
use super::html::{sanitised, text_of};
use super::mail::Mail;
use super::message_id::capped;
use super::quoted::without_quotes;
use channels::{InboundMedia, InboundMessage, MessageType, NameKind, Sender, SenderName};
use common::ids::CustomerId;
use common::json::writer::{JsonWriter, quoted};

/// Largest HTML that is kept, in bytes.
pub const MAX_HTML_BYTES: usize = 64 * 1024;
/// Largest whole text that is kept beside what is new of it, in bytes.
const MAX_FULL_TEXT_BYTES: usize = 32 * 1024;
/// Largest detail, in bytes; what a message stores of it (see `messages::receive`).
const MAX_DETAIL_BYTES: usize = 128 * 1024;
/// Longest subject that is kept, in bytes.
const MAX_SUBJECT_BYTES: usize = 998;
/// Most recipients that are shown.
const MAX_SHOWN: usize = 50;
/// The sender of a mail without one, in a reserved domain (RFC 2606 §2).
const NOBODY: &str = "unknown-sender@invalid.invalid";

/// What a mail belongs to, as it was found out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thread {
    /// The customer.
    pub customer_id: Option<CustomerId>,
    /// The provider's id of the message that it answers.
    pub answered: Option<String>,
    /// Who its sender is to the customer.
    pub role: Role,
}

/// Who the sender of a mail is to the customer whose thread it belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Role {
    /// The customer: the address is one by which they are known.
    #[default]
    Customer,
    /// Who answers go to, as an agent confirmed.
    Contact,
    /// Somebody else, whose words are not the customer's.
    Other,
}

impl Mail {
    /// Whether the sender may be taken for who `From` says.
    #[must_use]
    pub fn is_credible(&self) -> bool {
        let is_forged = self.sender_verified == SenderVerified::Fail;
        self.from.is_some() && !self.has_many_authors && !is_forged
    }
}

/// Whether a mail comes from the account itself, which could loop for ever.
#[must_use]
pub fn is_own(mail: &Mail, address: &str) -> bool {
    let from = mail.from.as_ref();
    from.is_some_and(|from| is_ours(&from.email, address))
}

/// A mail as a message of its customer's.
#[must_use]
pub fn inbound_message(
    mail: &Mail,
    address: &str,
    thread: Thread,
    media: Vec<InboundMedia>,
) -> InboundMessage {
    let kind = match (is_automatic(mail), is_other(mail, thread.role)) {
        (true, _) => MessageType::AutomaticEmail,
        (false, true) => MessageType::OtherPartyEmail,
        (false, false) => MessageType::Email,
    };
    let whole = whole_text(mail);
    let content = without_quotes(&whole);
    let head = head(mail, address, thread.role);
    let detail = detail(mail, &head, (whole != content).then_some(&*whole));
    InboundMessage {
        provider_id: mail
            .message_id()
            .unwrap_or_else(|| mail.provider_id.clone()),
        thread: None,
        sender: sender(mail, address, thread.role, thread.customer_id),
        is_echo: false,
        kind,
        content,
        detail: Some(detail),
        sent_at: mail.sent_at(),
        reply_to: thread.answered,
        media,
    }
}

/// Whether a mail is not the customer's own word: another wrote it, or somebody who only pretends to be
/// them.
fn is_other(mail: &Mail, role: Role) -> bool {
    role == Role::Other || !mail.is_credible()
}

fn sender(mail: &Mail, address: &str, role: Role, customer_id: Option<CustomerId>) -> Sender {
    let returned = || {
        mail.envelope_from
            .as_deref()
            .and_then(|from| Address::new(None, from))
    };
    let from = mail
        .from
        .clone()
        .or_else(returned)
        .unwrap_or_else(|| Address {
            name: None,
            email: NOBODY.to_owned(),
        });
    let is_customer = role == Role::Customer && !is_other(mail, role);
    let is_proven = mail.sender_verified == SenderVerified::Pass;
    let moves_contact = is_customer && is_proven && !is_ours(&from.email, address);
    Sender {
        names: vec![SenderName::new(NameKind::Email, from.email.clone())],
        // The name of another is not learnt as the customer's.
        name: from.name.filter(|_| !is_other(mail, role)),
        // Answers go to nobody but the customer. Where `Reply-To` wants them is for an agent to confirm.
        contact: moves_contact.then(|| from.email.clone()),
        email: Some(from.email).filter(|email| email != NOBODY),
        customer_id,
        ..Sender::default()
    }
}

/// Whether an address is the account's own, with any tag.
fn is_ours(email: &str, address: &str) -> bool {
    without_tag(email).0 == without_tag(address).0
}

fn whole_text(mail: &Mail) -> String {
    let text = mail.text.as_deref().filter(|text| !text.trim().is_empty());
    match (text, &mail.html) {
        (Some(text), _) => text.replace("\r\n", "\n").trim_end().to_owned(),
        (None, Some(html)) => text_of(html),
        (None, None) => String::new(),
    }
}

/// What a mail has beside its text.
fn detail(mail: &Mail, head: &JsonWriter, whole: Option<&str>) -> String {
    let html = mail
        .html
        .as_deref()
        .map(|html| sanitised(html, MAX_HTML_BYTES));
    let html = html.filter(|(html, _)| !html.is_empty());
    let with = |html: Option<&(String, bool)>| {
        let mut detail = head.clone();
        if let Some(whole) = whole {
            let cut = whole.floor_char_boundary(MAX_FULL_TEXT_BYTES);
            detail = detail.maybe("full_text", whole.get(..cut));
        }
        if let Some((html, is_cut)) = html {
            detail = detail.text("html", html);
            if *is_cut {
                detail = detail.json("html_truncated", "true");
            }
        }
        detail.finish()
    };
    let detail = with(html.as_ref());
    if detail.len() <= MAX_DETAIL_BYTES {
        return detail;
    }
    with(None)
}

fn head(mail: &Mail, address: &str, role: Role) -> JsonWriter {
    let subject = mail.subject.trim();
    let subject = subject.get(..subject.floor_char_boundary(MAX_SUBJECT_BYTES));
    let mut head = JsonWriter::default().text("subject", subject.unwrap_or_default());
    if let Some(from) = &mail.from {
        head = head.text("from", &from.email);
        head = head.maybe("from_name", from.name.as_deref());
    }
    let elsewhere = mail.reply_to.as_ref().map(|to| to.email.as_str());
    let elsewhere = elsewhere.filter(|to| {
        let is_sender = mail.from.as_ref().is_some_and(|from| from.email == *to);
        !is_sender && !is_ours(to, address)
    });
    let is_other = is_other(mail, role);
    head = head
        .maybe("reply_to", elsewhere)
        .text("sender_verified", mail.sender_verified.as_str())
        .text("participant", if is_other { "other" } else { "customer" });
    for (name, all) in [("to", &mail.to), ("cc", &mail.cc)] {
        if !all.is_empty() {
            let shown = all.iter().take(MAX_SHOWN).map(|one| quoted(&one.email));
            head = head.json(name, &list(shown));
        }
    }
    let references = capped(mail.references());
    if !references.is_empty() {
        head = head.json("references", &list(references.iter().map(|id| quoted(id))));
    }
    if !mail.content_ids.is_empty() {
        let inline = mail.content_ids.iter().map(|(cid, n)| {
            let inline = JsonWriter::default().text("cid", cid);
            inline.json("attachment", &n.to_string()).finish()
        });
        head = head.json("inline", &list(inline));
    }
    let marks = [
        ("auto_submitted", is_automatic(mail)),
        (
            "sender_unverified",
            mail.sender_verified == SenderVerified::Fail,
        ),
        ("incomplete", mail.is_incomplete),
        ("raw", mail.raw_id.is_some()),
    ];
    for (name, _) in marks.into_iter().filter(|(_, is_so)| *is_so) {
        head = head.json(name, "true");
    }
    head.maybe("raw_id", mail.raw_id.as_deref())
}

fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<_> = items.collect();
    format!("[{}]", items.join(","))
}

#[cfg(test)]
mod tests;
