use common::ids::{AttachmentId, CustomerId, MessageId};
use common::time::Timestamp;

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
    Email,
    /// An email that a program wrote: shown as any other, but not the customer's own word.
    AutomaticEmail,
    /// An email of somebody else than the customer, in the customer's thread.
    OtherPartyEmail,
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
            Self::Email | Self::AutomaticEmail | Self::OtherPartyEmail => "email",
        }
    }

    /// Whether a message of this type is the customer's own word, which opens the window for free
    /// answers.
    #[must_use]
    pub const fn opens_window(self) -> bool {
        !matches!(
            self,
            Self::System | Self::AutomaticEmail | Self::OtherPartyEmail
        )
    }
}

/// The status of a message. An outbound status only advances: a failed message stays failed, and a read
/// message cannot fail (contract.md, Words; channels.md §0).
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

    /// Reads what [`MessageStatus::as_str`] gives.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Queued,
            Self::Uncertain,
            Self::Sent,
            Self::Delivered,
            Self::Failed,
            Self::Read,
        ]
        .into_iter()
        .find(|status| status.as_str() == text)
    }
}

/// The kinds of `identities` by which providers name a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// A phone number, E.164.
    Phone,
    /// A WhatsApp number, E.164.
    WhatsApp,
    /// A WhatsApp user's id within the business's portfolio, which stays where the number is hidden
    /// (channels.md §2.2).
    WhatsAppUser,
    /// A person's id to a Facebook page (channels.md §3.5).
    Facebook,
    /// A person's id to an Instagram account.
    Instagram,
    /// An email address, in lower case.
    Email,
    /// The short code or the name that a sender of SMS goes by instead of a number.
    SmsSender,
    /// An id in another system, as a source of conversations has one of everybody.
    External,
}

impl NameKind {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::WhatsApp => "whatsapp",
            Self::WhatsAppUser => "whatsapp_user",
            Self::Facebook => "facebook",
            Self::Instagram => "instagram",
            Self::Email => "email",
            Self::SmsSender => "sms_sender",
            Self::External => "external_id",
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
    /// Of an external id: the system that it is of; else empty.
    pub system: String,
}

impl SenderName {
    /// A name that is the same everywhere.
    #[must_use]
    pub const fn new(kind: NameKind, value: String) -> Self {
        let system = String::new();
        Self {
            kind,
            value,
            system,
        }
    }

    /// The id of somebody in another system.
    #[must_use]
    pub const fn external(value: String, system: String) -> Self {
        let kind = NameKind::External;
        Self {
            kind,
            value,
            system,
        }
    }
}

/// The sender, as the provider names them.
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
    /// The email address that a new customer gets.
    pub email: Option<String>,
    /// Where an answer goes, on channels that do not send to the customer's own numbers.
    pub contact: Option<String>,
    /// Whose the message is by the thread that it answers, whoever wrote it.
    pub customer_id: Option<CustomerId>,
}

/// Where the bytes are that a message carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboundBytes {
    /// With the provider, which gives their address for this id.
    Id(String),
    /// At this address.
    At(String),
    /// In KV already, under the id that the attachment gets.
    Stored {
        /// The attachment's id: the same for the same part of the same message, so that a delivery
        /// that comes twice stores its bytes once.
        attachment_id: AttachmentId,
        /// How many they are.
        size: i64,
    },
}

/// What a message carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundMedia {
    /// Where its bytes are.
    pub bytes: InboundBytes,
    /// The MIME type that the provider states.
    pub mime_type: String,
    /// The name; a made one where the provider has none.
    pub filename: String,
    /// The SHA-256, if known: in base64 from the provider, in hexadecimal of stored bytes.
    pub sha256: Option<String>,
}

/// A message from a customer, or one that the business sent them by other means than ours.
#[derive(Debug, Clone, PartialEq)]
pub struct InboundMessage {
    /// The provider's id, by which a repetition is known.
    pub provider_id: String,
    /// The provider's id of the conversation, where it tells several of a customer apart itself; never
    /// empty.
    pub thread: Option<String>,
    /// The customer.
    pub sender: Sender,
    /// Whether the business wrote it: in the provider's own app, say.
    pub is_echo: bool,
    /// What it is.
    pub kind: MessageType,
    /// Its text.
    pub content: String,
    /// The detail of its type besides the text: a JSON object.
    pub detail: Option<String>,
    /// When it was written, by the provider's clock.
    pub sent_at: Option<Timestamp>,
    /// The provider's id of the message that it answers.
    pub reply_to: Option<String>,
    /// What it carries.
    pub media: Vec<InboundMedia>,
}

/// A status of an outbound message, as a provider reports it.
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
    pub message_id: Option<MessageId>,
    /// The recipient.
    pub recipient: Option<SenderName>,
}

/// Up to when a customer got or read what the account sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watermark {
    /// Whose it is, and up to when.
    pub mark: Mark,
    /// `Delivered` or `Read`.
    pub status: MessageStatus,
    /// The time of the status, by the provider's clock.
    pub at: Option<Timestamp>,
}

/// How a provider says up to when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// By the time of the last message, to this recipient.
    UpTo {
        /// The customer.
        recipient: SenderName,
        /// By the provider's clock.
        up_to: Timestamp,
    },
    /// By the last message.
    Message {
        /// The provider's id of it.
        provider_id: String,
    },
}

/// That a message is no longer what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// The provider's id of the message.
    pub provider_id: String,
    /// What happened to it.
    pub change: Change,
}

/// What can happen to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It says something else now.
    Edited {
        /// Which edit it is, the first being 1.
        number: i64,
        /// What it says.
        text: String,
    },
    /// It was taken back, with all that it held.
    Deleted,
}

/// That a message is hidden from other people than its writer, or shown to them again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visibility {
    /// The provider's id of the message.
    pub provider_id: String,
    /// Whether it is hidden now.
    pub is_hidden: bool,
    /// Since when, by the provider's clock: what was said of earlier changes nothing.
    pub at: Timestamp,
}
