//! The ring of master keys: the first one seals and signs, all of them open and verify, so that a
//! deployment changes its key without an hour in which something cannot be read (docs/deploy.md).

use crate::http::Error;
use crate::signatures::hmac_sha256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The variable that has the ring: keys of 32 bytes in base64, divided by commas or spaces.
const MASTER_KEYS: &str = "MASTER_KEYS";
/// The variable of a deployment that has a single key. It is not read where there is a ring.
const MASTER_KEY: &str = "MASTER_KEY";
/// Most keys of a ring: what nothing has a key for is tried with each.
const MAX_KEYS: usize = 8;
/// Digits of a key's id.
pub(super) const KEY_ID_LEN: usize = 8;

/// The deployment's master keys, the one that seals first.
pub struct Ring {
    first: MasterKey,
    others: Vec<MasterKey>,
}

/// One of them.
pub struct MasterKey {
    /// What sealed texts name it by. It is made of the key and tells nothing of it.
    pub id: String,
    bytes: [u8; 32],
}

impl MasterKey {
    fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 32] = STANDARD.decode(text).ok()?.try_into().ok()?;
        let mut id = hex::encode(hmac_sha256(&bytes, b"key id"));
        id.truncate(KEY_ID_LEN);
        Some(Self { id, bytes })
    }

    /// A key for one purpose, made of it.
    #[must_use]
    pub fn key_for(&self, purpose: &str) -> [u8; 32] {
        hmac_sha256(&self.bytes, purpose.as_bytes())
    }
}

impl Ring {
    /// Reads the ring of a deployment.
    ///
    /// # Errors
    /// 500 where it has none, or where something in it is no key; the error says which, by its place.
    pub(super) fn of(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let set = |name| variable(name).filter(|text| !text.trim().is_empty());
        let (name, text) = match set(MASTER_KEYS) {
            Some(text) => (MASTER_KEYS, text),
            None => (MASTER_KEY, set(MASTER_KEY).unwrap_or_default()),
        };
        let texts = text.split([',', ' ', '\n', '\r', '\t']);
        let mut keys = Vec::new();
        for text in texts.filter(|text| !text.is_empty()) {
            let number = keys.len() + 1;
            let key = MasterKey::parse(text).ok_or_else(|| {
                Error::internal(format!("{name}: key {number} is not 32 bytes in base64"))
            })?;
            keys.push(key);
        }
        if keys.len() > MAX_KEYS {
            return Err(Error::internal(format!("{name} has over {MAX_KEYS} keys")));
        }
        let mut keys = keys.into_iter();
        let first = keys
            .next()
            .ok_or_else(|| Error::internal("neither MASTER_KEYS nor MASTER_KEY is set"))?;
        Ok(Self {
            first,
            others: keys.collect(),
        })
    }

    /// The key that seals and signs.
    #[must_use]
    pub const fn first(&self) -> &MasterKey {
        &self.first
    }

    /// The key at the end.
    #[must_use]
    pub fn last(&self) -> &MasterKey {
        self.others.last().unwrap_or(&self.first)
    }

    /// All keys, the first one first.
    pub fn keys(&self) -> impl Iterator<Item = &MasterKey> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The key of an id.
    ///
    /// # Errors
    /// 500 that names the id, where the ring has no such key.
    pub(super) fn key(&self, id: &str) -> Result<&MasterKey, Error> {
        self.keys().find(|key| key.id == id).ok_or_else(|| {
            Error::internal(format!(
                "a stored secret is sealed under the master key {id}, which the ring lacks"
            ))
        })
    }
}

impl std::fmt::Debug for Ring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.keys().map(|key| &key.id))
            .finish()
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MasterKey({})", self.id)
    }
}
