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

/// What a [`Fingerprint`] is taken of: the fields of one record after the other, in one region.
pub(super) struct Fields {
    bytes: Vec<u8>,
    /// Bytes before the fields.
    head: usize,
}

impl Fields {
    /// Of records whose national phone numbers are read as of a region.
    pub(super) fn new(region: &str) -> Self {
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        bytes.push(RULES);
        bytes.extend_from_slice(region.as_bytes());
        let head = bytes.len();
        Self { bytes, head }
    }

    /// Adds a field: its number, which no JSON holds as a byte, and its value as JSON.
    pub(super) fn add(&mut self, number: u8, json: &str) {
        self.bytes.push(number);
        self.bytes.extend_from_slice(json.as_bytes());
    }

    /// The fingerprint of the fields that were added, after which the next record's come.
    pub(super) fn take(&mut self) -> Fingerprint {
        let mut text = [0; TEXT_BYTES];
        // They fill it.
        let _ = URL_SAFE_NO_PAD.encode_slice(xxh3_128(&self.bytes).to_le_bytes(), &mut text);
        self.bytes.truncate(self.head);
        Fingerprint(text)
    }
}
