//! Secrets that are shown once, as texts.

use common::ids::Entropy;
use common::signatures::{equal, sha256_hex};

/// What a token is for, which its prefix tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// `tl_…`: an API key.
    ApiKey,
    /// `tls_…`: a session of the dashboard.
    Session,
}

/// A token as its holder presents it: `<prefix>_<id>_<secret>`, the id 20 and the secret 64
/// hexadecimal digits. It is shown once; only the SHA-256 of the secret is stored (contract.md, Access).
#[derive(Clone)]
pub struct SecretToken {
    /// Public, and the key of its row.
    pub id: String,
    secret: String,
    kind: TokenKind,
}

const ID_BYTES: usize = 10;
const SECRET_BYTES: usize = 32;

impl TokenKind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::ApiKey => "tl_",
            Self::Session => "tls_",
        }
    }
}

impl SecretToken {
    /// A new one.
    #[must_use]
    pub fn generate(kind: TokenKind, entropy: Entropy) -> Self {
        let (mut id, mut secret) = ([0; ID_BYTES], [0; SECRET_BYTES]);
        entropy(&mut id);
        entropy(&mut secret);
        Self {
            id: hex::encode(id),
            secret: hex::encode(secret),
            kind,
        }
    }

    /// Reads a presented token; `None` when it has not the form of one.
    #[must_use]
    pub fn parse(kind: TokenKind, text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(kind.prefix())?.split_once('_')?;
        let is_hex = |part: &str, bytes: usize| {
            part.len() == 2 * bytes && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        (is_hex(id, ID_BYTES) && is_hex(secret, SECRET_BYTES)).then(|| Self {
            id: id.to_owned(),
            secret: secret.to_owned(),
            kind,
        })
    }

    /// The whole text, to be shown once.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{}{}_{}", self.kind.prefix(), self.id, self.secret)
    }

    /// What is stored of the secret.
    #[must_use]
    pub fn hash(&self) -> String {
        sha256_hex(self.secret.as_bytes())
    }

    /// Whether the stored hash is of this secret, in constant time.
    #[must_use]
    pub fn matches(&self, stored_hash: &str) -> bool {
        equal(&self.hash(), stored_hash)
    }
}

impl std::fmt::Debug for SecretToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}_…", self.kind.prefix(), self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> SecretToken {
        SecretToken::generate(TokenKind::ApiKey, |b| b.fill(0x5a))
    }

    #[test]
    fn a_revealed_token_is_parsed_and_matches_its_hash_alone() {
        let parsed = SecretToken::parse(TokenKind::ApiKey, &token().reveal()).unwrap();
        assert!(parsed.matches(&token().hash()));
        assert!(!parsed.matches(&sha256_hex(b"other")) && !parsed.matches(""));
    }

    #[test]
    fn what_has_not_the_form_of_a_token_is_refused() {
        let whole = token().reveal();
        let cases = [
            "",
            "tl_",
            "tl__",
            &whole[..whole.len() - 1],
            &whole[3..],
            &whole.to_uppercase(),
        ];
        for text in cases {
            assert!(
                SecretToken::parse(TokenKind::ApiKey, text).is_none(),
                "{text}"
            );
        }
        assert!(SecretToken::parse(TokenKind::Session, &whole).is_none());
    }

    #[test]
    fn a_debug_print_hides_the_secret() {
        let shown = format!("{:?}", token());
        assert!(!shown.contains(&token().secret), "{shown}");
    }
}
