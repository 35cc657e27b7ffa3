//! Addresses of email.

use std::borrow::Cow;

/// An email address, trimmed and in lower case: two spellings of one address are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Email<'a>(Cow<'a, str>);

/// Longest address, in bytes (RFC 5321 §4.5.3.1.3, less the angle brackets).
pub const MAX_EMAIL_BYTES: usize = 254;

/// What only a quoted local part may hold (RFC 5322 §3.2.3).
const SPECIALS: &str = "()<>[],;:\\\"";

impl<'a> Email<'a> {
    /// Parses an address; `None` if it cannot be one. Deliberately tolerant: only sending shows whether
    /// an address receives mail.
    #[must_use]
    pub fn parse(text: Cow<'a, str>) -> Option<Self> {
        let is_lower = match text.is_ascii() {
            true => !text.bytes().any(|b| b.is_ascii_uppercase()),
            false => !text.chars().any(char::is_uppercase),
        };
        let trimmed = crate::text::trimmed(text);
        let text = if is_lower {
            trimmed
        } else {
            Cow::Owned(trimmed.to_lowercase())
        };
        let (local, domain) = text.split_once('@')?;
        // Quoted local parts may hold these, but whoever sends one means two addresses or a name.
        let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !SPECIALS.contains(c);
        let is_plain_ascii = |b: &u8| b.is_ascii_graphic() && !SPECIALS.as_bytes().contains(b);
        let is_domain = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
        let valid = !local.is_empty()
            && is_domain
            && !domain.contains('@')
            && text.len() <= MAX_EMAIL_BYTES
            && match text.is_ascii() {
                true => text.as_bytes().iter().all(is_plain_ascii),
                false => text.chars().all(is_plain),
            };
        valid.then_some(Self(text))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
