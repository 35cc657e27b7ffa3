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
    /// `tli_…`: a link by which a member signs in, once.
    SignIn,
}

/// A token as its holder presents it: `<prefix>_<id>_<secret>`, the id 20 and the secret 72 hexadecimal
/// digits. It is shown once; only the SHA-256 of the secret is stored (contract.md, Access).
///
/// The last eight digits are a checksum of everything before them: the beginning of its SHA-256. What is
/// mistyped or made up is so refused without a read, and scanners for secrets can tell a token from other
/// texts (docs/credentials.md). Tokens made before there were checksums have 64 digits.
#[derive(Clone)]
pub struct SecretToken {
    /// Public, and the key of its row.
    pub id: String,
    secret: String,
    kind: TokenKind,
}

const ID_BYTES: usize = 10;
const SECRET_BYTES: usize = 32;
/// Digits of a checksum.
const CHECKSUM_LEN: usize = 8;

impl TokenKind {
    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::ApiKey => "tl_",
            Self::Session => "tls_",
            Self::SignIn => "tli_",
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
        let mut token = Self {
            id: hex::encode(id),
            secret: hex::encode(secret),
            kind,
        };
        let checksum = checksum(&token.reveal());
        token.secret.push_str(&checksum);
        token
    }

    /// Reads a presented token; `None` when it has not the form of one, or another checksum.
    #[must_use]
    pub fn parse(kind: TokenKind, text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(kind.prefix())?.split_once('_')?;
        let is_hex = |part: &str, digits: usize| {
            part.len() == digits && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        let is_old = is_hex(secret, 2 * SECRET_BYTES);
        let is_checked = || {
            let parts = text.len().checked_sub(CHECKSUM_LEN);
            let parts = parts.and_then(|end| text.split_at_checked(end));
            is_hex(secret, 2 * SECRET_BYTES + CHECKSUM_LEN)
                && parts.is_some_and(|(before, given)| equal(&checksum(before), given))
        };
        (is_hex(id, 2 * ID_BYTES) && (is_old || is_checked())).then(|| Self {
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

/// The first digits of a text's SHA-256.
fn checksum(text: &str) -> String {
    let mut digest = sha256_hex(text.as_bytes());
    digest.truncate(CHECKSUM_LEN);
    digest
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
    fn a_token_with_a_digit_that_is_another_is_refused() {
        let whole = token().reveal();
        for place in 3..whole.len() {
            let digit = if &whole[place..=place] == "0" {
                "1"
            } else {
                "0"
            };
            let mistyped = format!("{}{digit}{}", &whole[..place], &whole[place + 1..]);
            if mistyped != whole && &whole[place..=place] != "_" {
                let parsed = SecretToken::parse(TokenKind::ApiKey, &mistyped);
                assert!(parsed.is_none(), "{mistyped}");
            }
        }
    }

    #[test]
    fn a_token_of_before_there_were_checksums_is_read_and_a_shortened_one_is_another() {
        let secret = "5a".repeat(SECRET_BYTES);
        let old = format!("tl_{}_{secret}", "5a".repeat(ID_BYTES));
        let parsed = SecretToken::parse(TokenKind::ApiKey, &old).unwrap();
        assert!(parsed.matches(&sha256_hex(secret.as_bytes())));
        // The same digits as those of the new one, without its checksum.
        assert!(token().reveal().starts_with(&old) && !parsed.matches(&token().hash()));
    }

    #[test]
    fn the_checksum_is_the_documented_one() {
        let text = format!("tl_{}_{}", "5a".repeat(ID_BYTES), "5a".repeat(SECRET_BYTES));
        let expected = &sha256_hex(text.as_bytes())[..8];
        assert_eq!(token().reveal(), format!("{text}{expected}"));
    }

    #[test]
    fn a_debug_print_hides_the_secret() {
        let shown = format!("{:?}", token());
        assert!(!shown.contains(&token().secret), "{shown}");
    }
}
