use serde::{Deserialize, Serialize};

/// Where what a link knows is used: for answers on this channel of its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum LinkChannel {
    /// Comments on posts of a Facebook page.
    Facebook,
    /// Messenger.
    Messenger,
    /// WhatsApp.
    Whatsapp,
    /// Instagram.
    Instagram,
    /// SMS.
    Sms,
    /// Email.
    Email,
    /// A chat on a web page.
    Web,
}

impl LinkChannel {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::Facebook,
        Self::Messenger,
        Self::Whatsapp,
        Self::Instagram,
        Self::Sms,
        Self::Email,
        Self::Web,
    ];

    /// Reads its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|channel| channel.as_str() == name)
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Facebook => "facebook",
            Self::Messenger => "messenger",
            Self::Whatsapp => "whatsapp",
            Self::Instagram => "instagram",
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Web => "web",
        }
    }

    /// The channel of an account of this kind. Chats of a Facebook page are Messenger's here; its comments
    /// are `facebook` (crm-links-guide.md, Channel-Specific Configuration).
    #[must_use]
    pub fn of_kind(kind: &str) -> Option<Self> {
        match kind {
            "facebook" => Some(Self::Messenger),
            "facebook_comments" => Some(Self::Facebook),
            other => Self::parse(other),
        }
    }

    /// The kind of its accounts: what [`LinkChannel::of_kind`] takes.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Facebook => "facebook_comments",
            Self::Messenger => "facebook",
            other => other.as_str(),
        }
    }
}
