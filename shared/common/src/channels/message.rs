use crate::time::Timestamp;

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its name")]
pub enum MessageType {
    Text,
    Image,
    Video,
    Audio,
    Document,
    Sticker,
    Location,
    Contacts,
    Reaction,
    Button,
    Interactive,
    Order,
    System,
    /// What this version does not understand, kept so that people see that something came.
    Unsupported,
    Template,
}

impl MessageType {
    /// As stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Document => "document",
            Self::Sticker => "sticker",
            Self::Location => "location",
            Self::Contacts => "contacts",
            Self::Reaction => "reaction",
            Self::Button => "button",
            Self::Interactive => "interactive",
            Self::Order => "order",
            Self::System => "system",
            Self::Unsupported => "unsupported",
            Self::Template => "template",
        }
    }

    /// Whether a message of this type is the customer's own word, which opens the window for free
    /// answers.
    #[must_use]
    pub const fn opens_window(self) -> bool {
        !matches!(self, Self::System)
    }
}

/// How a message stands. An outbound one climbs, and never goes back; what failed is over, and what
/// was read did not fail (contract.md, Words; channels.md §0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is its name")]
pub enum MessageStatus {
    Queued,
    Uncertain,
    Sent,
    Delivered,
    Failed,
    Read,
}

impl MessageStatus {
    /// As stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Uncertain => "uncertain",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
        }
    }
}

/// What kind of name a sender goes by: those of `identities` that providers tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// A phone number, E.164.
    Phone,
    /// A WhatsApp number, E.164.
    WhatsApp,
    /// A WhatsApp user's id within the business's portfolio, which stays where the number is hidden
    /// (channels.md §2.2).
    WhatsAppUser,
}

impl NameKind {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::WhatsApp => "whatsapp",
            Self::WhatsAppUser => "whatsapp_user",
        }
    }
}

/// One name by which a sender may be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderName {
    /// What kind of name.
    pub kind: NameKind,
    /// The name, normalised.
    pub value: String,
}

/// Who wrote, as a provider tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sender {
    /// Names to find the customer by, best first; never empty.
    pub names: Vec<SenderName>,
    /// The profile's name.
    pub name: Option<String>,
    /// The WhatsApp number, which is learnt.
    pub whatsapp_number: Option<String>,
    /// The phone number that a new customer gets.
    pub phone: Option<String>,
}

/// Bytes that a message carries and that have to be fetched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboundMedia {
    /// The provider's id.
    pub media_id: String,
    /// The type, as the provider tells it.
    pub mime_type: String,
    /// The name; a made one where the provider has none.
    pub filename: String,
    /// SHA-256 in base64, where the provider tells it.
    pub sha256: Option<String>,
}

/// A message from a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct InboundMessage {
    /// The provider's id, by which a repetition is known.
    pub provider_id: String,
    /// Who wrote.
    pub sender: Sender,
    /// What it is.
    pub kind: MessageType,
    /// Its text.
    pub content: String,
    /// What its type has beside the text: a JSON object.
    pub detail: Option<String>,
    /// When it was written, by the provider's clock.
    pub sent_at: Option<Timestamp>,
    /// The provider's id of the message that it answers.
    pub reply_to: Option<String>,
    /// What it carries.
    pub media: Vec<InboundMedia>,
}

/// What a provider tells of a message of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusUpdate {
    /// The provider's id of the message.
    pub provider_id: String,
    /// How it stands.
    pub status: MessageStatus,
    /// Since when, by the provider's clock.
    pub at: Option<Timestamp>,
    /// Why it failed: the provider's code and words.
    pub error: Option<(String, String)>,
    /// Our own id, where the provider gives it back.
    pub message_id: Option<String>,
    /// To whom it went.
    pub recipient: Option<SenderName>,
}
