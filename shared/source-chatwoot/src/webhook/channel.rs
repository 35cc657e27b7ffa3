/// What a conversation of Chatwoot's is on, by the name that it has here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its name")]
pub enum Channel {
    Web,
    Api,
    Telegram,
    Line,
    Tiktok,
    WhatsApp,
    Sms,
    Email,
    Facebook,
    Instagram,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 10] = [
        Self::Web,
        Self::Api,
        Self::Telegram,
        Self::Line,
        Self::Tiktok,
        Self::WhatsApp,
        Self::Sms,
        Self::Email,
        Self::Facebook,
        Self::Instagram,
    ];

    /// Its name here.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Api => "api",
            Self::Telegram => "telegram",
            Self::Line => "line",
            Self::Tiktok => "tiktok",
            Self::WhatsApp => "whatsapp",
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Facebook => "facebook",
            Self::Instagram => "instagram",
        }
    }

    /// By its name here, as an account's settings have it for an inbox.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|channel| channel.as_str() == name)
    }

    /// By Chatwoot's class of the inbox. Twilio's is either of two, which the visitor's address tells
    /// apart, and the older one of Facebook pages has Instagram, too. A class that is not known may be
    /// of a bridge, as inboxes of the API are.
    #[must_use]
    pub fn of(class: &str, source_id: Option<&str>, conversation_type: Option<&str>) -> Self {
        let source_id = source_id.unwrap_or_default();
        match class.strip_prefix("Channel::").unwrap_or(class) {
            "WebWidget" => Self::Web,
            "Telegram" => Self::Telegram,
            "Line" => Self::Line,
            "Tiktok" => Self::Tiktok,
            "Whatsapp" => Self::WhatsApp,
            "TwilioSms" if source_id.starts_with("whatsapp:") => Self::WhatsApp,
            "TwilioSms" | "Sms" => Self::Sms,
            "Email" => Self::Email,
            "FacebookPage" if conversation_type == Some("instagram_direct_message") => {
                Self::Instagram
            }
            "FacebookPage" => Self::Facebook,
            "Instagram" => Self::Instagram,
            _ => Self::Api,
        }
    }

    /// Whether people are known there by their number.
    #[must_use]
    pub(super) const fn has_numbers(self) -> bool {
        matches!(self, Self::WhatsApp | Self::Sms)
    }
}
