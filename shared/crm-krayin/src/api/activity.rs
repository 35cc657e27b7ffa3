/// Longest title, in characters: 255 are stored, and what is longer is cut without a word.
const MAX_TITLE_CHARS: usize = 250;

/// What an activity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActivityKind {
    /// A mail.
    Email,
    /// A call, as which text messages count.
    Call,
    /// A note.
    Note,
}

impl ActivityKind {
    /// By a conversation's channel. What comes by an API is a mail where it has a subject.
    #[must_use]
    pub fn of(channel: &str, has_subject: bool) -> Self {
        match channel {
            "email" => Self::Email,
            "sms" | "whatsapp" => Self::Call,
            "api" if has_subject => Self::Email,
            _ => Self::Note,
        }
    }

    /// Krayin's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Call => "call",
            Self::Note => "note",
        }
    }

    /// Whether Krayin wants to know when it took place.
    #[must_use]
    pub const fn has_schedule(self) -> bool {
        !matches!(self, Self::Note)
    }
}

/// The title of a conversation's activity. `number` is what people call the conversation.
#[must_use]
pub fn conversation_title(number: &str) -> String {
    title(&["Conversation #", number].concat())
}

/// The title of a message's activity.
#[must_use]
pub fn message_title(author: &str, number: &str) -> String {
    title(&["Message from ", author, " - Conversation #", number].concat())
}

/// A text on one line and without commas, which would be taken for several where one is looked for.
fn title(text: &str) -> String {
    let bare = text.replace(',', " ");
    let line = bare.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MAX_TITLE_CHARS {
        return line;
    }
    line.chars().take(MAX_TITLE_CHARS).chain(['…']).collect()
}
