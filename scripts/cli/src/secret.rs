//! Keys and tokens, kept out of every text.

use std::convert::Infallible;
use std::fmt;

/// A key or token. Only [`Secret::expose`] shows it; `Debug` does not.
#[derive(Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct Secret(String);

impl Secret {
    /// Never fails: a parser's error would print the value it refuses.
    pub(crate) fn from_argument(value: &str) -> Result<Self, Infallible> {
        Ok(Self(value.trim().to_owned()))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it can travel in a header: visible ASCII only.
    pub(crate) fn is_sendable(&self) -> bool {
        !self.is_empty() && self.0.bytes().all(|byte| byte.is_ascii_graphic())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self(value)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
