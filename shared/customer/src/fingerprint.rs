use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use xxhash_rust::xxh3::xxh3_128;

/// Rises when records come to be read by other rules: those that were applied by the old ones are then read anew.
const RULES: u8 = 1;

/// Most fields of records are written in so many bytes together.
const USUAL_BYTES: usize = 512;

/// How long 16 bytes are in Base64.
const TEXT_BYTES: usize = 22;

/// A digest over a record's fields, equal for equal records.
///
/// 128 bits of XXH3: no two records of a business meet by accident. It is no defence against a CRM
/// that makes its own records collide; that would harm its own customers alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint([u8; TEXT_BYTES]);

impl Fingerprint {
    /// As it is stored.
    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// What a [`Fingerprint`] is taken of.
pub(super) struct Fields(Vec<u8>);

impl Fields {
    /// Those of a record whose national phone numbers are read as of a region.
    pub(super) fn new(region: &str) -> Self {
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        bytes.push(RULES);
        bytes.extend_from_slice(region.as_bytes());
        Self(bytes)
    }

    /// Adds a field: its number, which no JSON holds as a byte, and its value as JSON.
    pub(super) fn add(&mut self, number: u8, json: &str) {
        self.0.push(number);
        self.0.extend_from_slice(json.as_bytes());
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        let mut text = [0; TEXT_BYTES];
        // They fill it.
        let _ = URL_SAFE_NO_PAD.encode_slice(xxh3_128(&self.0).to_le_bytes(), &mut text);
        Fingerprint(text)
    }
}
