//! What goes out by a channel, without saying by whose API: an adapter for each provider shapes it
//! and reads the answer.

use super::{ChannelKind, meta};
use crate::outside::{NoAnswer, OutboundRequest, OutboundResponse, Outside};

/// How long a provider has for an answer.
pub const SEND_TIMEOUT_MS: u32 = 30_000;

/// Who gets a message, by the names that the channel knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// A phone number, E.164.
    Number(String),
    /// The provider's id of the user.
    User(String),
}

/// What kind of medium it is to the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its name")]
pub enum MediaKind {
    Image,
    Video,
    Audio,
    Document,
    Sticker,
}

impl MediaKind {
    /// As the message's type.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Document => "document",
            Self::Sticker => "sticker",
        }
    }
}

/// Where the bytes of a medium are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaSource {
    /// Stored with us, under the attachment's id.
    Stored {
        /// The attachment.
        attachment_id: String,
        /// What it was found to be.
        mime_type: String,
    },
    /// Anywhere, for the provider to fetch.
    Link(String),
}

/// A medium.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// What the provider takes it for.
    pub kind: MediaKind,
    /// Where its bytes are.
    pub source: MediaSource,
    /// Its name.
    pub filename: String,
    /// The text shown with it.
    pub caption: Option<String>,
}

/// An approved template, filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// Its language, such as `pt_BR`.
    pub language: String,
    /// What fills its places: a JSON array, as the provider wants it.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<serde_json::Value>>"))]
    pub components: Option<String>,
}

/// The content of one message of the provider's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Text.
    Text(String),
    /// One medium.
    Media(Media),
    /// A template.
    Template(Template),
}

/// One message of the provider's, without what speaks for the account: it is stored while it waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outbound {
    /// Who gets it.
    pub to: Recipient,
    /// The provider's id of the message that it answers.
    pub reply_to: Option<String>,
    /// What it says.
    pub content: Content,
}

/// The account that sends.
pub struct AccountToken<'a> {
    /// The account at the provider.
    pub address: &'a str,
    /// Speaks for it.
    pub token: &'a str,
}

/// What came of sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The provider took it.
    Sent {
        /// The provider's id.
        provider_id: String,
    },
    /// The provider will not take it, now or later.
    Refused {
        /// Its code, or ours where it gave none.
        code: String,
        /// Its sentence, for people.
        message: String,
        /// Whether it is the account that is refused, and everything else of it will be.
        is_of_account: bool,
    },
    /// It was certainly not taken, and may be later.
    Again {
        /// After how many seconds at the soonest.
        after_seconds: u32,
        /// How often it is worth trying in all; `None` for as long as we try anything.
        most_tries: Option<i64>,
        /// Why, in a code.
        code: String,
        /// Why, for people.
        message: String,
    },
    /// It may have been taken. Nothing sends it again.
    Uncertain {
        /// Why nobody knows, for people.
        message: String,
    },
}

/// What a channel takes.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most characters of a text.
    pub text_chars: usize,
    /// Most characters of a medium's caption.
    pub caption_chars: usize,
    /// For how many seconds after the customer's last message anything may be said.
    pub window_seconds: Option<i64>,
}

/// How a channel takes a type of media.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaRule {
    /// As what.
    pub kind: MediaKind,
    /// Under which media type.
    pub mime_type: &'static str,
    /// How large at most, in bytes.
    pub max_bytes: i64,
}

impl MediaKind {
    /// Whether a text can be shown with it.
    #[must_use]
    pub const fn takes_caption(self) -> bool {
        matches!(self, Self::Image | Self::Video | Self::Document)
    }
}

/// What another server answered, or why it did not.
pub type Answered = Result<OutboundResponse, NoAnswer>;

/// A provider's API, as far as sending goes. It reaches nothing itself: the caller makes the
/// requests that it shapes.
pub trait Adapter {
    /// The provider, for people.
    fn name(&self) -> &'static str;

    /// What it takes.
    fn limits(&self) -> Limits;

    /// How it takes a type of media; `None` where it does not.
    fn media_rule(&self, mime_type: &str) -> Option<MediaRule>;

    /// The request that leaves a medium with the provider, where that goes before the message.
    fn upload(
        &self,
        outside: &Outside<'_>,
        account: &AccountToken<'_>,
        media: &Media,
        mime_type: &str,
        bytes: &[u8],
    ) -> OutboundRequest;

    /// The provider's id of what was uploaded.
    ///
    /// # Errors
    /// What then comes of the message; never [`SendOutcome::Uncertain`], since nothing was sent.
    fn uploaded(&self, answered: &Answered) -> Result<String, SendOutcome>;

    /// The request that sends a message, our id of it with it so that its statuses can name it.
    /// `media_id` is what [`Adapter::uploaded`] gave.
    fn shape(
        &self,
        outside: &Outside<'_>,
        account: &AccountToken<'_>,
        message_id: &str,
        outbound: &Outbound,
        media_id: Option<&str>,
    ) -> OutboundRequest;

    /// What came of it.
    fn classify(&self, answered: &Answered) -> SendOutcome;
}

/// The adapter of a kind of channel; `None` where nothing can be sent by it yet.
#[must_use]
pub fn adapter(kind: ChannelKind) -> Option<&'static dyn Adapter> {
    match kind {
        ChannelKind::WhatsApp => Some(&meta::WhatsApp),
        _ => None,
    }
}
