use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use xxhash_rust::xxh3::Xxh3;

/// A digest over a record's fields, equal for equal records.
///
/// 128 bits of XXH3: no two records of a business meet by accident. It is no defence against a CRM
/// that makes its own records collide; that would harm its own customers alone.
pub(super) struct Fingerprint(Xxh3);

impl Fingerprint {
    pub(super) fn new() -> Self {
        Self(Xxh3::new())
    }

    /// Adds a field: its number, its state, and its text with the length before it.
    pub(super) fn field(&mut self, number: u8, text: Option<Option<&str>>) {
        match text {
            None => {}
            Some(None) => self.0.update(&[number, 0]),
            Some(Some(text)) => {
                self.0.update(&[number, 1]);
                self.0.update(&(text.len() as u64).to_le_bytes());
                self.0.update(text.as_bytes());
            }
        }
    }

    pub(super) fn finish(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.digest128().to_le_bytes())
    }
}
