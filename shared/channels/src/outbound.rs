//! What goes out by a channel, without saying by whose API: an adapter for each provider shapes it
//! and reads the answer.

use super::{Credentials, StatusUpdate};
use common::json::Fields;
use common::outside::{NoAnswer, OutboundRequest, OutboundResponse, Outside};
use common::time::Timestamp;

/// How long a provider has for an answer.
pub const SEND_TIMEOUT_MS: u32 = 30_000;

/// Who gets a message, by the names that the channel knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// A phone number, E.164.
    Number(String),
    /// The provider's id of the user.
    User(String),
    /// An address of email.
    Email(String),
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

impl Media {
    /// Its name as it may stand between quotes in a header, which it cannot break out of.
    #[must_use]
    pub fn quotable_filename(&self) -> String {
        let safe = |c: char| match c {
            '"' | '\\' => '_',
            c if c.is_control() => '_',
            c => c,
        };
        self.filename.chars().map(safe).collect()
    }
}

/// An approved template with its parameters.
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
    /// The parameters, as a JSON array in the provider's format.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Vec<serde_json::Value>>"))]
    pub components: Option<String>,
}

/// A text and its media in one message, as MMS and email have them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compound {
    /// The subject of an email.
    pub subject: Option<String>,
    /// The text; may be empty beside media.
    pub text: String,
    /// Its media; none has a caption.
    pub media: Vec<Media>,
    /// Of an email: the `Message-ID`s of the thread, oldest first, the one it answers last.
    pub references: Vec<String>,
    /// Of an email: where the answer is to go.
    pub reply_address: Option<String>,
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
    /// Text and media together.
    Compound(Compound),
}

impl Content {
    /// The media that it carries.
    #[must_use]
    pub fn media(&self) -> &[Media] {
        match self {
            Self::Text(_) | Self::Template(_) => &[],
            Self::Media(media) => std::slice::from_ref(media),
            Self::Compound(compound) => &compound.media,
        }
    }

    /// See [`Content::media`].
    pub fn media_mut(&mut self) -> &mut [Media] {
        match self {
            Self::Text(_) | Self::Template(_) => &mut [],
            Self::Media(media) => std::slice::from_mut(media),
            Self::Compound(compound) => &mut compound.media,
        }
    }
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
pub struct SendingAccount {
    /// Its id here.
    pub channel_id: String,
    /// The account at the provider.
    pub address: String,
    /// What else is known of it (contract.md, Settings).
    pub settings: Fields<String>,
    /// Speaks for it.
    pub credentials: Credentials,
}

impl SendingAccount {
    /// The token that speaks for a Meta account; empty where it has none, which Meta refuses.
    #[must_use]
    pub fn access_token(&self) -> &str {
        self.credentials.access_token.as_deref().unwrap_or_default()
    }

    /// A setting.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(String::as_str)
    }
}

/// How a medium's bytes get to a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passing {
    /// They are left there before the message.
    Uploaded,
    /// The provider fetches them from us, by a signed link.
    Linked,
    /// The message holds them.
    Inline,
}

/// A medium of a message as it gets to the provider, in the order of [`Content::media`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passed {
    /// What [`Adapter::uploaded`] gave.
    Id(String),
    /// Where the provider finds it.
    Link(String),
    /// Its bytes.
    Bytes(Vec<u8>),
}

/// A message as it is given to a provider.
pub struct Outgoing<'a> {
    /// Our id of it, which goes with it where a provider takes one, so that statuses can name it.
    pub message_id: &'a str,
    /// What it says.
    pub outbound: &'a Outbound,
    /// Its media.
    pub passed: &'a [Passed],
    /// Whether the customer's last message is longer ago than the channel's window, so that only a
    /// person may answer.
    pub is_late: bool,
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
    /// How media get to the provider.
    fn passing(&self) -> Passing;

    /// The request that leaves a medium with the provider, where that goes before the message.
    fn upload(
        &self,
        _outside: &Outside<'_>,
        _account: &SendingAccount,
        _media: &Media,
        _mime_type: &str,
        _bytes: &[u8],
    ) -> Option<OutboundRequest> {
        None
    }

    /// The provider's id of what was uploaded.
    ///
    /// # Errors
    /// What then comes of the message; never [`SendOutcome::Uncertain`], since nothing was sent.
    fn uploaded(&self, _answered: &Answered) -> Result<String, SendOutcome> {
        Err(SendOutcome::Refused {
            code: "unsendable".into(),
            message: "The channel takes no uploads.".into(),
            is_of_account: false,
        })
    }

    /// The request that sends a message.
    fn shape(
        &self,
        outside: &Outside<'_>,
        account: &SendingAccount,
        outgoing: &Outgoing<'_>,
    ) -> OutboundRequest;

    /// What came of it.
    fn classify(&self, account: &SendingAccount, answered: &Answered) -> SendOutcome;

    /// How many segments the provider counted, each of which it charges for.
    fn segments(&self, _answered: &Answered) -> Option<u32> {
        None
    }

    /// The question by which it is found out what became of a message whose answer was lost;
    /// `tried_at` is when it was sent at the soonest. None where the provider cannot be asked.
    fn look_up(
        &self,
        _outside: &Outside<'_>,
        _account: &SendingAccount,
        _outbound: &Outbound,
        _tried_at: Timestamp,
    ) -> Option<OutboundRequest> {
        None
    }

    /// What the provider has that can be the message, and how it stands there, the likeliest first;
    /// none of it need be. `None` for no answer.
    fn looked_up(
        &self,
        _outbound: &Outbound,
        _tried_at: Timestamp,
        _answered: &Answered,
    ) -> Option<Vec<StatusUpdate>> {
        None
    }
}
