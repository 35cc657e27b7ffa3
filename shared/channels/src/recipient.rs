/// The recipient of a message, as the channel names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// A phone number, E.164.
    Number(String),
    /// The provider's id of the user.
    User(String),
    /// An address of email.
    Email(String),
    /// Whoever wrote this comment, in a message that nobody else sees. A user's id is the comment that is
    /// answered where the channel is comments.
    Comment(String),
}

impl Recipient {
    /// The number, id or address.
    #[must_use]
    pub fn value(&self) -> &str {
        let (Self::Number(value) | Self::User(value) | Self::Email(value) | Self::Comment(value)) =
            self;
        value
    }
}
