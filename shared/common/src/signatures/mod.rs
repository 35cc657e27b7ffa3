//! Digests and their comparison. No I/O; comparison takes the same time wherever two values differ.

mod sealing;
mod standard_webhooks;
pub mod twilio;
mod webhook;

pub use sealing::{AES_GCM, Sealing};
pub use standard_webhooks::{STANDARD_WEBHOOK_TOLERANCE_SECONDS, StandardWebhook};
pub use webhook::{WEBHOOK_SECRET_PREFIX, standard_webhook_signature, webhook_signature};

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// SHA-256.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// SHA-256, in lower-case hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// HMAC-SHA256. A key may have any length (RFC 2104).
#[must_use]
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new(&block_of(key, &Sha256::digest(key)).into());
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// HMAC-SHA1, for providers that sign by nothing better. A key may have any length (RFC 2104).
#[must_use]
pub fn hmac_sha1(key: &[u8], message: &[u8]) -> [u8; 20] {
    let mut mac = Hmac::<Sha1>::new(&block_of(key, &Sha1::digest(key)).into());
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// A key as a block. One that is longer is hashed first, as the RFC says, so that none is refused.
fn block_of(key: &[u8], hashed: &[u8]) -> [u8; 64] {
    let key = if key.len() > 64 { hashed } else { key };
    let mut block = [0; 64];
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    block
}

/// HMAC-SHA256, in lower-case hexadecimal.
#[must_use]
pub fn hmac_sha256_hex(key: &[u8], message: &[u8]) -> String {
    hex::encode(hmac_sha256(key, message))
}

/// Whether two digests are equal, in time that does not depend on where they differ.
#[must_use]
pub fn same_bytes(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.ct_eq(b).into()
}

/// Whether two texts are equal, in time that depends on their lengths alone.
#[must_use]
pub fn equal(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_published_vectors() {
        // FIPS 180-2 appendix B.1; the HMAC is the one Meta's webhook libraries publish.
        assert_eq!(
            sha256_hex(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            hex::encode(hmac_sha256(b"secret", b"test")),
            "0329a06b62cd16b33eb6792be8c60b158d89a2ee3a876fce9a881ebb488c0914"
        );
    }

    #[test]
    fn a_key_longer_than_a_block_is_hashed_first() {
        // RFC 4231, test case 6.
        let mac = hmac_sha256(
            &[0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
        );
        let expected = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54";
        assert_eq!(hex::encode(mac), expected);
        // RFC 2202, test case 6.
        let mac = hmac_sha1(
            &[0xaa; 80],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
        );
        let expected = "aa4ae5e15272d00e95705637ce8a3b55ed402112";
        assert_eq!(hex::encode(mac), expected);
    }

    #[test]
    fn comparison_sees_content_and_length() {
        assert!(equal("abc", "abc"));
        assert!(!equal("abc", "abd") && !equal("abc", "ab") && !equal("", "a"));
    }
}
