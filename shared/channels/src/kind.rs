use serde::{Deserialize, Serialize};

/// The kind of a channel account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    /// WhatsApp, by the Cloud API.
    WhatsApp,
    /// Facebook Messenger; `messenger` is accepted, too.
    #[serde(alias = "messenger")]
    Facebook,
    /// Instagram direct messages.
    Instagram,
    /// SMS and MMS.
    Sms,
    /// Email.
    Email,
}

impl ChannelKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::WhatsApp,
        Self::Facebook,
        Self::Instagram,
        Self::Sms,
        Self::Email,
    ];

    /// As the contract and the database name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WhatsApp => "whatsapp",
            Self::Facebook => "facebook",
            Self::Instagram => "instagram",
            Self::Sms => "sms",
            Self::Email => "email",
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
}
