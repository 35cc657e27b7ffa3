//! Why a message was not replied to.

/// Why a message was not replied to: a closed list, which the row keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Replies are not sent by themselves on this channel any more.
    Off,
    /// The customer wrote again before; the newest message is replied to.
    Overtaken,
    /// Somebody else replied.
    Answered,
    /// A person has the conversation.
    WithPerson,
    /// A program wrote it.
    Automatic,
    /// Nobody proves who wrote it.
    UnverifiedSender,
    /// The customer wants no messages.
    OptedOut,
    /// The conversation is closed, or its customer erased.
    Closed,

    /// The customer asks for a person.
    Asked,
    /// It is something other than a text.
    NoText,
    /// No record fits.
    NoSources,
    /// The model says that it has no answer.
    NoAnswer,
    /// Too many replies in an hour.
    TooMany,
    /// It took too long until it was looked at.
    Late,
    /// The server that writes replies does not answer, or refuses.
    ModelFailed,
    /// The reply breaks off, or is too long.
    TooLong,
    /// The reply calls tools, or has marks of prompts or of markup.
    NoProse,
    /// The reply has a link that no record has.
    ForeignLink,
    /// The reply has something that looks secret.
    Secret,
    /// The reply names somebody else, or an address or a number that no record has.
    ForeignIdentity,
    /// The channel does not take it.
    Refused,
    /// It could not be sent.
    Unsent,
}

impl Reason {
    const ALL: [Self; 22] = [
        Self::Off,
        Self::Overtaken,
        Self::Answered,
        Self::WithPerson,
        Self::Automatic,
        Self::UnverifiedSender,
        Self::OptedOut,
        Self::Closed,
        Self::Asked,
        Self::NoText,
        Self::NoSources,
        Self::NoAnswer,
        Self::TooMany,
        Self::Late,
        Self::ModelFailed,
        Self::TooLong,
        Self::NoProse,
        Self::ForeignLink,
        Self::Secret,
        Self::ForeignIdentity,
        Self::Refused,
        Self::Unsent,
    ];

    /// As the row keeps it, and as a person is told why they have the conversation.
    const fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::Off => ("off", ""),
            Self::Overtaken => ("overtaken", ""),
            Self::Answered => ("answered", ""),
            Self::WithPerson => ("with_person", ""),
            Self::Automatic => ("automatic", ""),
            Self::UnverifiedSender => ("unverified_sender", ""),
            Self::OptedOut => ("opted_out", ""),
            Self::Closed => ("closed", ""),
            Self::Asked => ("asked", "The customer asks for a person."),
            Self::NoText => ("no_text", "The customer sent something other than text."),
            Self::NoSources => ("no_sources", "No record fits what the customer asks."),
            Self::NoAnswer => (
                "no_answer",
                "The records do not answer what the customer asks.",
            ),
            Self::TooMany => (
                "too_many",
                "Too many automatic replies in an hour: a program may be writing.",
            ),
            Self::Late => ("late", "No automatic reply was written in time."),
            Self::ModelFailed => ("model_failed", "No automatic reply could be written."),
            Self::TooLong => ("too_long", "The automatic reply was too long to be sent."),
            Self::NoProse => (
                "no_prose",
                "The automatic reply was not sent: it has markup, or marks of a prompt.",
            ),
            Self::ForeignLink => (
                "foreign_link",
                "The automatic reply was not sent: it has a link that no record has.",
            ),
            Self::Secret => (
                "secret",
                "The automatic reply was not sent: it has something that looks secret.",
            ),
            Self::ForeignIdentity => (
                "foreign_identity",
                "The automatic reply was not sent: it names somebody else.",
            ),
            Self::Refused => (
                "refused",
                "The automatic reply may not be sent on this channel.",
            ),
            Self::Unsent => ("unsent", "The automatic reply could not be sent."),
        }
    }

    /// As the row keeps it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.row().0
    }

    /// Why a person has the conversation.
    pub(crate) const fn sentence(self) -> &'static str {
        self.row().1
    }

    /// Reads what a row keeps.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}
