//! Outbound messages, independent of the provider: an adapter for each provider builds the request and
//! reads the response.

pub use super::recipient::Recipient;

use super::{Credentials, StatusUpdate};
use common::ids::{AttachmentId, ChannelId, MessageId};
use common::json::Fields;
use common::ports::{FetchError, OutboundRequest, OutboundResponse, Ports};
use common::time::Timestamp;

/// The timeout of a request to a provider.
pub const SEND_TIMEOUT_MS: u32 = 30_000;

/// The provider's kind of a file.
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
        attachment_id: AttachmentId,
        /// What it was found to be.
        mime_type: String,
        /// How many bytes it has; `None` in messages that were stored before it was stored with them.
        size: Option<usize>,
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
    /// The filename, made safe for a quoted string in a header.
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

/// One message to the provider, without the account's credentials, since it is stored while it waits.
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
    pub channel_id: ChannelId,
    /// The account at the provider.
    pub address: String,
    /// What else is known of it (contract.md, Settings).
    pub settings: Fields<String>,
    /// Its credentials.
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

/// How a provider gets the bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaTransfer {
    /// They are uploaded before the message is sent.
    Uploaded,
    /// The provider fetches them from us, by a signed link.
    Linked,
    /// The message holds them.
    Inline,
}

/// How the provider gets a file of the message, in the order of [`Content::media`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaRef {
    /// What [`Adapter::uploaded`] gave.
    Id(String),
    /// Where the provider finds it.
    Link(String),
    /// Its bytes.
    Bytes(Vec<u8>),
}

/// A message as it is given to a provider.
pub struct Outgoing<'a> {
    /// Our id of the message. It is sent along where the provider supports that, so that statuses can
    /// refer to it.
    pub message_id: &'a MessageId,
    /// What it says.
    pub outbound: &'a Outbound,
    /// Its media.
    pub media_refs: &'a [MediaRef],
    /// Whether the channel's window has closed, so that only a human agent may reply.
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
    /// The provider refused it for good.
    Refused {
        /// Its code, or ours where it gave none.
        code: String,
        /// Its sentence, for people.
        message: String,
        /// Whether the refusal concerns the account, and with it every other message of the account.
        is_of_account: bool,
    },
    /// The provider certainly did not accept it, and may do so later.
    Again {
        /// After how many seconds at the soonest.
        after_seconds: u32,
        /// The most attempts in all; `None` for the general limit.
        max_tries: Option<i64>,
        /// Why, in a code.
        code: String,
        /// Why, for people.
        message: String,
    },
    /// The provider may have accepted it. It is never sent again.
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

/// The response of a provider, or why there was none.
pub type FetchResult = Result<OutboundResponse, FetchError>;

/// The sending side of a provider's API. It does no I/O: the caller makes the requests that it builds.
pub trait Adapter {
    /// How media get to the provider.
    fn media_transfer(&self) -> MediaTransfer;

    /// The request that leaves a medium with the provider, where that goes before the message.
    fn upload(
        &self,
        _ports: &Ports<'_>,
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
    fn uploaded(&self, _answered: &FetchResult) -> Result<String, SendOutcome> {
        Err(SendOutcome::Refused {
            code: "unsendable".into(),
            message: "The channel takes no uploads.".into(),
            is_of_account: false,
        })
    }

    /// The request that sends a message.
    fn shape(
        &self,
        ports: &Ports<'_>,
        account: &SendingAccount,
        outgoing: &Outgoing<'_>,
    ) -> OutboundRequest;

    /// The result.
    fn classify(&self, account: &SendingAccount, answered: &FetchResult) -> SendOutcome;

    /// How many segments the provider counted, each of which it charges for.
    fn segments(&self, _answered: &FetchResult) -> Option<u32> {
        None
    }

    /// The request that looks up a message whose response was lost. `tried_at` is the earliest time at
    /// which it may have been sent. `None` where the provider has no such request.
    fn look_up(
        &self,
        _ports: &Ports<'_>,
        _account: &SendingAccount,
        _outbound: &Outbound,
        _tried_at: Timestamp,
    ) -> Option<OutboundRequest> {
        None
    }

    /// The candidates that the lookup returned, with their statuses, the likeliest first; none of them
    /// has to be the message. `None` where the lookup failed.
    fn looked_up(
        &self,
        _outbound: &Outbound,
        _tried_at: Timestamp,
        _answered: &FetchResult,
    ) -> Option<Vec<StatusUpdate>> {
        None
    }
}
