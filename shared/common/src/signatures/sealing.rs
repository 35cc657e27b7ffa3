use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// Seals texts that hold secrets, for storing: AES-256-GCM, the nonce before the ciphertext, in
/// base64. Given to the functions that need it as a value, since others should not carry the cipher.
#[derive(Clone, Copy)]
pub struct Sealing {
    /// Seals a text under a key; the context must be the same when it is opened.
    pub seal: fn(key: &[u8; 32], nonce: [u8; 12], context: &str, text: &str) -> Option<String>,
    /// Opens what was sealed; `None` for another key, another context, or an altered text.
    pub open: fn(key: &[u8; 32], context: &str, sealed: &str) -> Option<String>,
}

/// AES-256-GCM.
pub const AES_GCM: Sealing = Sealing { seal, open };

fn cipher(key: &[u8; 32]) -> Aes256Gcm {
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key))
}

fn seal(key: &[u8; 32], nonce: [u8; 12], context: &str, text: &str) -> Option<String> {
    let payload = Payload {
        msg: text.as_bytes(),
        aad: context.as_bytes(),
    };
    let sealed = cipher(key).encrypt(&Nonce::from(nonce), payload).ok()?;
    Some(STANDARD_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
}

fn open(key: &[u8; 32], context: &str, sealed: &str) -> Option<String> {
    let bytes = STANDARD_NO_PAD.decode(sealed).ok()?;
    let (nonce, sealed) = bytes.split_first_chunk::<12>()?;
    let payload = Payload {
        msg: sealed,
        aad: context.as_bytes(),
    };
    String::from_utf8(cipher(key).decrypt(&Nonce::from(*nonce), payload).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_text_opens_under_its_key_and_context_alone() {
        let sealed = seal(&[1; 32], [2; 12], "idempotency", "a secret").unwrap();
        assert!(!sealed.contains("secret"));
        assert_eq!(
            open(&[1; 32], "idempotency", &sealed).as_deref(),
            Some("a secret")
        );
        assert_eq!(open(&[3; 32], "idempotency", &sealed), None);
        assert_eq!(open(&[1; 32], "credentials", &sealed), None);
        let altered = sealed.replace(
            &sealed[20..21],
            if &sealed[20..21] == "A" { "B" } else { "A" },
        );
        assert_eq!(open(&[1; 32], "idempotency", &altered), None);
        assert_eq!(open(&[1; 32], "idempotency", "short"), None);
    }
}
