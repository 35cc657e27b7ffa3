use std::borrow::Cow;

/// Why a person is not signed in, or a provider cannot be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// A stable code, for the log.
    pub code: &'static str,
    /// A sentence for people. It has no secret in it.
    pub message: Cow<'static, str>,
}

impl Trouble {
    /// Trouble of a kind.
    pub fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// What the provider answers is not what the specification wants.
    pub(crate) fn unusable(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("provider_unusable", message)
    }

    /// An ID token that proves nothing.
    pub(crate) fn token(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("token_refused", message)
    }
}
