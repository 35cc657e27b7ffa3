//! What each kind of account takes: the checks of send-message and the composer of the inbox go by the
//! same table.

mod media;

pub use media::MediaRule;

use super::outbound::MediaKind;
use super::{AccountKind, MessageStatus};
use media::{DOCX, MIB, PPTX, XLSX, audio, document, every_type, image, rule, video};

/// How much text one message of the provider's takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextLimit {
    /// So many characters.
    Characters(usize),
    /// So many bytes of UTF-8.
    Bytes(usize),
}

/// What an account takes.
#[derive(Debug)]
pub struct Capabilities {
    /// What it sends by, for people.
    pub name: &'static str,
    /// Most of a text in one message.
    pub text: TextLimit,
    /// Whether a longer text goes in several messages; else it is refused.
    pub splits_text: bool,
    /// Most characters of a medium's caption; 0 where media have none.
    pub caption_chars: usize,
    /// For how many seconds after the customer's last message anything may be said.
    pub window_seconds: Option<i64>,
    /// For how many seconds a person may still answer, by an account that is set up for it.
    pub human_agent_seconds: Option<i64>,
    /// Whether templates are sent.
    pub templates: bool,
    /// Whether a message can answer another.
    pub replies: bool,
    /// Whether customers react to messages.
    pub reactions: bool,
    /// Whether a message has a subject.
    pub subject: bool,
    /// Which statuses the provider reports.
    pub receipts: &'static [MessageStatus],
    /// How many media one message of the provider's carries beside its text; 1 where each goes
    /// alone.
    pub media_per_message: usize,
    /// How large the media of one message may be together, in bytes.
    pub total_bytes: Option<i64>,
    /// The media it takes; what is not listed it does not.
    pub media: &'static [MediaRule],
}

impl Capabilities {
    /// Those of a kind of account.
    #[must_use]
    pub fn of(kind: AccountKind) -> &'static Self {
        match kind {
            AccountKind::WhatsApp => &WHATSAPP,
            AccountKind::Facebook => &FACEBOOK,
            AccountKind::FacebookComments => &FACEBOOK_COMMENTS,
            AccountKind::Instagram => &INSTAGRAM,
            AccountKind::Sms => &SMS,
            AccountKind::Email => &EMAIL,
            AccountKind::Chatwoot => &CHATWOOT,
        }
    }

    /// How it takes a type of media; `None` where it does not.
    #[must_use]
    pub fn media_rule(&self, mime_type: &str) -> Option<&'static MediaRule> {
        self.media.iter().find(|rule| rule.mime_type == mime_type)
    }

    /// Whether a text and all its media travel as one message.
    #[must_use]
    pub const fn is_compound(&self) -> bool {
        self.media_per_message > 1
    }
}

const HOURS: i64 = 3600;
const ALL_RECEIPTS: &[MessageStatus] = &[
    MessageStatus::Sent,
    MessageStatus::Delivered,
    MessageStatus::Read,
];

/// channels.md §2.6 to §2.9.
static WHATSAPP: Capabilities = Capabilities {
    name: "WhatsApp",
    text: TextLimit::Characters(4096),
    splits_text: false,
    caption_chars: 1024,
    window_seconds: Some(24 * HOURS),
    human_agent_seconds: None,
    templates: true,
    replies: true,
    reactions: true,
    subject: false,
    receipts: ALL_RECEIPTS,
    media_per_message: 1,
    total_bytes: None,
    media: &[
        image("image/jpeg", 5 * MIB),
        image("image/png", 5 * MIB),
        rule("image/webp", "image/webp", MediaKind::Sticker, 500 * 1024),
        audio("audio/aac", "audio/aac", 16 * MIB),
        audio("audio/amr", "audio/amr", 16 * MIB),
        audio("audio/mpeg", "audio/mpeg", 16 * MIB),
        audio("audio/mp3", "audio/mpeg", 16 * MIB),
        audio("audio/mp4", "audio/mp4", 16 * MIB),
        audio("audio/m4a", "audio/mp4", 16 * MIB),
        audio("audio/x-m4a", "audio/mp4", 16 * MIB),
        audio("audio/ogg", "audio/ogg", 16 * MIB),
        audio("audio/opus", "audio/ogg", 16 * MIB),
        video("video/mp4", 16 * MIB),
        video("video/3gpp", 16 * MIB),
        document("text/plain", 100 * MIB),
        document("application/pdf", 100 * MIB),
        document("application/msword", 100 * MIB),
        document("application/vnd.ms-excel", 100 * MIB),
        document("application/vnd.ms-powerpoint", 100 * MIB),
        document(DOCX, 100 * MIB),
        document(XLSX, 100 * MIB),
        document(PPTX, 100 * MIB),
    ],
};

/// channels.md §3.2, §3.3.
static FACEBOOK: Capabilities = Capabilities {
    name: "Messenger",
    text: TextLimit::Characters(2000),
    splits_text: true,
    caption_chars: 0,
    window_seconds: Some(24 * HOURS),
    human_agent_seconds: Some(7 * 24 * HOURS),
    templates: false,
    replies: true,
    reactions: true,
    subject: false,
    receipts: ALL_RECEIPTS,
    media_per_message: 1,
    total_bytes: None,
    media: &[
        image("image/jpeg", 8 * MIB),
        image("image/png", 8 * MIB),
        image("image/gif", 8 * MIB),
        video("video/mp4", 25 * MIB),
        video("video/3gpp", 25 * MIB),
        video("video/quicktime", 25 * MIB),
        video("video/webm", 25 * MIB),
        audio("audio/aac", "audio/aac", 25 * MIB),
        audio("audio/mpeg", "audio/mpeg", 25 * MIB),
        audio("audio/mp4", "audio/mp4", 25 * MIB),
        audio("audio/ogg", "audio/ogg", 25 * MIB),
        audio("audio/wav", "audio/wav", 25 * MIB),
        document("text/plain", 25 * MIB),
        document("text/csv", 25 * MIB),
        document("application/pdf", 25 * MIB),
        document("application/msword", 25 * MIB),
        document("application/vnd.ms-excel", 25 * MIB),
        document("application/vnd.ms-powerpoint", 25 * MIB),
        document(DOCX, 25 * MIB),
        document(XLSX, 25 * MIB),
        document(PPTX, 25 * MIB),
    ],
};

/// channels.md §3.7. A comment takes one image beside its text, and nothing else.
static FACEBOOK_COMMENTS: Capabilities = Capabilities {
    name: "A Facebook comment",
    text: TextLimit::Characters(8000),
    splits_text: false,
    caption_chars: 8000,
    window_seconds: None,
    human_agent_seconds: None,
    templates: false,
    replies: true,
    reactions: false,
    subject: false,
    receipts: &[MessageStatus::Sent],
    media_per_message: 1,
    total_bytes: None,
    media: &[
        image("image/jpeg", 4 * MIB),
        image("image/png", 4 * MIB),
        image("image/gif", 4 * MIB),
    ],
};

/// channels.md §4.2, §4.3: no delivery receipts.
static INSTAGRAM: Capabilities = Capabilities {
    name: "Instagram",
    text: TextLimit::Bytes(1000),
    splits_text: true,
    caption_chars: 0,
    window_seconds: Some(24 * HOURS),
    human_agent_seconds: Some(7 * 24 * HOURS),
    templates: false,
    replies: true,
    reactions: true,
    subject: false,
    receipts: &[MessageStatus::Sent, MessageStatus::Read],
    media_per_message: 1,
    total_bytes: None,
    media: &[
        image("image/jpeg", 8 * MIB),
        image("image/png", 8 * MIB),
        image("image/gif", 8 * MIB),
        video("video/mp4", 25 * MIB),
        video("video/ogg", 25 * MIB),
        video("video/x-msvideo", 25 * MIB),
        video("video/quicktime", 25 * MIB),
        video("video/webm", 25 * MIB),
        audio("audio/aac", "audio/aac", 25 * MIB),
        audio("audio/mp4", "audio/mp4", 25 * MIB),
        audio("audio/wav", "audio/wav", 25 * MIB),
        document("application/pdf", 25 * MIB),
    ],
};

/// channels.md §5.3, §5.4: ten files, 5 MB in all; what is resized may be as large, what is not
/// 500 KB.
static SMS: Capabilities = Capabilities {
    name: "SMS",
    text: TextLimit::Characters(1600),
    splits_text: false,
    caption_chars: 1600,
    window_seconds: None,
    human_agent_seconds: None,
    templates: false,
    replies: false,
    reactions: false,
    subject: false,
    receipts: &[MessageStatus::Sent, MessageStatus::Delivered],
    media_per_message: 10,
    total_bytes: Some(5 * MIB),
    media: &[
        image("image/jpeg", 5 * MIB),
        image("image/png", 5 * MIB),
        image("image/gif", 5 * MIB),
        audio("audio/mpeg", "audio/mpeg", 500 * 1024),
        audio("audio/mp4", "audio/mp4", 500 * 1024),
        audio("audio/ogg", "audio/ogg", 500 * 1024),
        audio("audio/amr", "audio/amr", 500 * 1024),
        video("video/mp4", 500 * 1024),
        video("video/3gpp", 500 * 1024),
        document("application/pdf", 500 * 1024),
        document("text/vcard", 500 * 1024),
        document("text/csv", 500 * 1024),
    ],
};

/// channels.md §7.1: what Postmark takes, the least of the providers.
const EMAIL_BYTES: i64 = 10 * MIB;
/// channels.md §7. Any file that we store may be attached.
static EMAIL: Capabilities = Capabilities {
    name: "Email",
    text: TextLimit::Characters(100_000),
    splits_text: false,
    caption_chars: 100_000,
    window_seconds: None,
    human_agent_seconds: None,
    templates: false,
    replies: true,
    reactions: false,
    subject: true,
    receipts: &[MessageStatus::Sent, MessageStatus::Delivered],
    media_per_message: 10,
    total_bytes: Some(EMAIL_BYTES),
    media: &every_type(EMAIL_BYTES),
};

/// The largest file that Chatwoot takes, by its default.
const CHATWOOT_FILE_BYTES: i64 = 40 * MIB;
/// What Chatwoot takes for all of its inboxes. What it cannot hand on is a message that fails there: it alone
/// knows which inbox still takes an answer.
static CHATWOOT: Capabilities = Capabilities {
    name: "Chatwoot",
    text: TextLimit::Characters(150_000),
    splits_text: false,
    caption_chars: 150_000,
    window_seconds: None,
    human_agent_seconds: None,
    templates: false,
    replies: true,
    reactions: false,
    subject: false,
    receipts: ALL_RECEIPTS,
    media_per_message: 10,
    total_bytes: None,
    media: &every_type(CHATWOOT_FILE_BYTES),
};
