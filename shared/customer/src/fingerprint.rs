use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use xxhash_rust::xxh3::xxh3_128;

/// Rises when records come to be read by other rules: those that were applied by the old ones are then read anew.
const RULES: u8 = 1;

/// Most fields of records are written in so many bytes together.
const USUAL_BYTES: usize = 512;

/// A digest over a record's fields, equal for equal records.
///
/// 128 bits of XXH3: no two records of a business meet by accident. It is no defence against a CRM
/// that makes its own records collide; that would harm its own customers alone.
pub(super) struct Fingerprint(Vec<u8>);

impl Fingerprint {
    /// Of a record whose national phone numbers are read as of a region.
    pub(super) fn new(region: &str) -> Self {
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        bytes.push(RULES);
        bytes.extend_from_slice(region.as_bytes());
        Self(bytes)
    }

    /// Adds a field: its number, which no JSON holds as a byte, and its value as JSON.
    pub(super) fn field(&mut self, number: u8, json: &str) {
        self.0.push(number);
        self.0.extend_from_slice(json.as_bytes());
    }

    pub(super) fn finish(&self) -> String {
        URL_SAFE_NO_PAD.encode(xxh3_128(&self.0).to_le_bytes())
    }
}
