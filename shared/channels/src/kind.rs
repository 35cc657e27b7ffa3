use serde::{Deserialize, Serialize};

/// The channel that a conversation is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    /// WhatsApp.
    WhatsApp,
    /// Facebook Messenger; `messenger` is accepted, too.
    #[serde(alias = "messenger")]
    Facebook,
    /// Comments on the posts of a Facebook page.
    #[serde(rename = "facebook_comments")]
    FacebookComments,
    /// Instagram direct messages.
    Instagram,
    /// SMS and MMS.
    Sms,
    /// Email.
    Email,
    /// The chat of a web page.
    Web,
    /// A program of the business's own, behind a source of conversations.
    Api,
    /// Telegram.
    Telegram,
    /// LINE.
    Line,
    /// TikTok direct messages.
    Tiktok,
}

impl ChannelKind {
    /// Every channel.
    pub const ALL: [Self; 11] = [
        Self::WhatsApp,
        Self::Facebook,
        Self::FacebookComments,
        Self::Instagram,
        Self::Sms,
        Self::Email,
        Self::Web,
        Self::Api,
        Self::Telegram,
        Self::Line,
        Self::Tiktok,
    ];

    /// As the contract and the database name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WhatsApp => "whatsapp",
            Self::Facebook => "facebook",
            Self::FacebookComments => "facebook_comments",
            Self::Instagram => "instagram",
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Web => "web",
            Self::Api => "api",
            Self::Telegram => "telegram",
            Self::Line => "line",
            Self::Tiktok => "tiktok",
        }
    }

    /// For people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::WhatsApp => "WhatsApp",
            Self::Facebook => "Messenger",
            Self::FacebookComments => "Facebook comments",
            Self::Instagram => "Instagram",
            Self::Sms => "SMS",
            Self::Email => "Email",
            Self::Web => "Web chat",
            Self::Api => "API",
            Self::Telegram => "Telegram",
            Self::Line => "LINE",
            Self::Tiktok => "TikTok",
        }
    }

    /// The names of all, for a message that says which there are.
    #[must_use]
    pub fn names() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }

    /// Reads a name, also the old one of Messenger.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if name == "messenger" {
            return Some(Self::Facebook);
        }
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The kind of account whose conversations are all on this channel; `None` for a channel that is only
    /// reached through a source of conversations.
    #[must_use]
    pub const fn own_account(self) -> Option<AccountKind> {
        match self {
            Self::WhatsApp => Some(AccountKind::WhatsApp),
            Self::Facebook => Some(AccountKind::Facebook),
            Self::FacebookComments => Some(AccountKind::FacebookComments),
            Self::Instagram => Some(AccountKind::Instagram),
            Self::Sms => Some(AccountKind::Sms),
            Self::Email => Some(AccountKind::Email),
            Self::Web | Self::Api | Self::Telegram | Self::Line | Self::Tiktok => None,
        }
    }
}

/// The kind of an account at a provider: what it takes and how it is reached. A source of conversations has
/// conversations on many channels, those of other kinds of account among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum AccountKind {
    /// WhatsApp, by the Cloud API.
    WhatsApp,
    /// Facebook Messenger; `messenger` is accepted, too.
    #[serde(alias = "messenger")]
    Facebook,
    /// Comments on the posts of a Facebook page.
    #[serde(rename = "facebook_comments")]
    FacebookComments,
    /// Instagram direct messages.
    Instagram,
    /// SMS and MMS.
    Sms,
    /// Email.
    Email,
    /// An account of Chatwoot, with conversations on every channel.
    Chatwoot,
}

impl AccountKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::WhatsApp,
        Self::Facebook,
        Self::FacebookComments,
        Self::Instagram,
        Self::Sms,
        Self::Email,
        Self::Chatwoot,
    ];

    /// As the contract and the database name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WhatsApp => "whatsapp",
            Self::Facebook => "facebook",
            Self::FacebookComments => "facebook_comments",
            Self::Instagram => "instagram",
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Chatwoot => "chatwoot",
        }
    }

    /// Reads a name, also the old one of Messenger.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if name == "messenger" {
            return Some(Self::Facebook);
        }
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether it may have conversations on a channel.
    #[must_use]
    pub fn carries(self, channel: ChannelKind) -> bool {
        self.is_source() || channel.own_account() == Some(self)
    }

    /// Whether it is a source of conversations, which has them on every channel.
    #[must_use]
    pub const fn is_source(self) -> bool {
        matches!(self, Self::Chatwoot)
    }

    /// Whether the provider tells the conversations of a customer apart itself: a source does, and so do
    /// posts, each of which a person comments on in a conversation of its own.
    #[must_use]
    pub const fn tells_threads(self) -> bool {
        matches!(self, Self::Chatwoot | Self::FacebookComments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for kind in ChannelKind::ALL {
            assert_eq!(ChannelKind::parse(kind.as_str()), Some(kind));
            let json = serde_json::to_string(&kind).unwrap();
            assert_eq!(json, format!("\"{}\"", kind.as_str()));
        }
        for kind in AccountKind::ALL {
            assert_eq!(AccountKind::parse(kind.as_str()), Some(kind));
            let json = serde_json::to_string(&kind).unwrap();
            assert_eq!(json, format!("\"{}\"", kind.as_str()));
        }
        assert_eq!(ChannelKind::parse("messenger"), Some(ChannelKind::Facebook));
        assert_eq!(AccountKind::parse("messenger"), Some(AccountKind::Facebook));
        assert_eq!(ChannelKind::parse("chatwoot"), None);
        assert_eq!(AccountKind::parse("web"), None);
    }

    #[test]
    fn an_account_of_a_channels_own_has_conversations_on_that_alone() {
        for channel in ChannelKind::ALL {
            assert!(AccountKind::Chatwoot.carries(channel));
            for kind in AccountKind::ALL {
                if !kind.is_source() {
                    assert_eq!(kind.carries(channel), kind.as_str() == channel.as_str());
                }
            }
        }
    }
}
