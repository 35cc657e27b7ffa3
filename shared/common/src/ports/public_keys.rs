//! Checking what others have signed by keys that they publish.

use super::Async;
use crate::http::Error;

/// How something is signed (RFC 7518 §3.1, RFC 8037 §3.1). Nothing here is signed by a key that is secret, or by none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PSS with SHA-256, and a salt of as many bytes.
    Ps256,
    /// ECDSA over P-256 with SHA-256; the signature is both numbers, 32 bytes each.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa];

    /// As a JWS names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of a name; `None` for any other, `none` and those of secret keys among them.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
    }
}

/// A public key. Its numbers are as a JWK has them: base64url without padding (RFC 7517 §4, RFC 7518 §6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// Of RSA: modulus and exponent.
    Rsa {
        /// The modulus.
        n: String,
        /// The exponent.
        e: String,
    },
    /// A point of P-256.
    P256 {
        /// The one coordinate, 32 bytes.
        x: String,
        /// The other, 32 bytes.
        y: String,
    },
    /// Of Ed25519, 32 bytes.
    Ed25519 {
        /// The key.
        x: String,
    },
}

impl PublicKey {
    /// Whether something may be signed so by it.
    #[must_use]
    pub const fn is_for(&self, algorithm: Algorithm) -> bool {
        match self {
            Self::Rsa { .. } => matches!(algorithm, Algorithm::Rs256 | Algorithm::Ps256),
            Self::P256 { .. } => matches!(algorithm, Algorithm::Es256),
            Self::Ed25519 { .. } => matches!(algorithm, Algorithm::EdDsa),
        }
    }
}

/// What somebody is said to have signed.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// How.
    pub algorithm: Algorithm,
    /// By which key.
    pub key: &'a PublicKey,
    /// What.
    pub message: &'a [u8],
    /// The signature, as a JWS has it, decoded.
    pub signature: &'a [u8],
}

/// Checks of signatures. The platform has the ciphers, so that no Worker carries them.
pub trait PublicKeys {
    /// Whether it is signed so. False also for what is no key, and for a key of another algorithm.
    fn is_signed<'a>(&'a self, signed: Signed<'a>) -> Async<'a, Result<bool, Error>>;
}
