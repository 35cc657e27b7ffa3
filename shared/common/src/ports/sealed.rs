//! What is sealed for storing. A text says under which master key it is sealed, so that a rotation
//! knows what is left to do:
//!
//! - `k1.<key id>.<ciphertext>`: sealed under the master key itself. Data keys are.
//! - `d1.<key id>.<sealed data key>.<ciphertext>`: sealed under the data key of a business, which goes
//!   along, sealed under the master key. To read it takes no other row; to seal it anew under another
//!   master key, the secret itself is not opened.
//! - a ciphertext alone: sealed before there were rings, under one of the master keys.

use super::Ports;
use super::ring::KEY_ID_LEN;
use crate::http::Error;
use crate::ids::Entropy;
use crate::signatures::{Sealing, hmac_sha256};
use std::cell::RefCell;

/// The purpose of the keys that seal (see [`Ports::key_for`]).
const PURPOSE: &str = "seal";
/// What data keys are sealed for.
const DATA_KEY_CONTEXT: &str = "data key";
/// Begins a text that is sealed under a master key.
const UNDER_MASTER_KEY: &str = "k1.";
/// Begins a text that is sealed under a data key.
const UNDER_DATA_KEY: &str = "d1.";
/// Most data keys that an isolate remembers.
const MAX_DATA_KEYS: usize = 256;

thread_local! {
    /// Sealed and open. They are never wrong, since a sealed text opens to one key alone.
    static DATA_KEYS: RefCell<Vec<(String, [u8; 32])>> = const { RefCell::new(Vec::new()) };
}

/// The characters by which a sealed text names its form and its master key.
pub const SEALED_PREFIX_LEN: usize = UNDER_DATA_KEY.len() + KEY_ID_LEN;

/// A key under which a business's secrets are sealed.
pub struct DataKey {
    bytes: [u8; 32],
    sealed: String,
}

impl DataKey {
    /// As it is stored: sealed under a master key.
    #[must_use]
    pub fn sealed(&self) -> &str {
        &self.sealed
    }

    /// HMAC-SHA256 by it.
    #[must_use]
    pub fn hmac(&self, message: &[u8]) -> [u8; 32] {
        hmac_sha256(&self.bytes, message)
    }

    /// The key id and what comes after it.
    fn named(&self) -> &str {
        self.sealed
            .strip_prefix(UNDER_MASTER_KEY)
            .unwrap_or_default()
    }
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataKey(…)")
    }
}

/// The id of the master key under which a text is sealed; `None` for one that names none.
#[must_use]
pub fn master_key_id(sealed: &str) -> Option<&str> {
    let forms = [UNDER_MASTER_KEY, UNDER_DATA_KEY];
    let named = forms.iter().find_map(|form| sealed.strip_prefix(form))?;
    named.split_once('.').map(|(id, _)| id)
}

impl Ports<'_> {
    /// Seals a secret under the master key that seals. `context` says what it is and whose, and must be
    /// the same when it is opened.
    ///
    /// # Errors
    /// 500 where the deployment has no master key.
    pub fn seal(&self, entropy: Entropy, context: &str, secret: &str) -> Result<String, Error> {
        let ring = self.ring()?;
        let key = ring.first();
        let text = self.encrypt(entropy, &key.key_for(PURPOSE), context, secret)?;
        Ok([UNDER_MASTER_KEY, &key.id, ".", &text].concat())
    }

    /// Seals a secret as [`Ports::seal`] does, under a data key.
    ///
    /// # Errors
    /// 500 where it cannot be sealed.
    pub fn seal_under(
        &self,
        entropy: Entropy,
        key: &DataKey,
        context: &str,
        secret: &str,
    ) -> Result<String, Error> {
        let text = self.encrypt(entropy, &key.bytes, context, secret)?;
        Ok([UNDER_DATA_KEY, key.named(), ".", &text].concat())
    }

    /// Opens what [`Ports::seal`] or [`Ports::seal_under`] sealed.
    ///
    /// # Errors
    /// 500 for a master key that the ring lacks, another context, or an altered text.
    pub fn open(&self, context: &str, sealed: &str) -> Result<String, Error> {
        let open = self.cipher()?.open;
        let opened = if let Some((key, text)) = under_data_key(sealed) {
            open(&self.data_key_open(key)?.bytes, context, text)
        } else if let Some((id, text)) = under_master_key(sealed) {
            open(&self.ring()?.key(id)?.key_for(PURPOSE), context, text)
        } else {
            let ring = self.ring()?;
            let mut keys = ring.keys();
            keys.find_map(|key| open(&key.key_for(PURPOSE), context, sealed))
        };
        opened.ok_or_else(|| match master_key_id(sealed) {
            Some(id) => Error::internal(format!(
                "a stored secret cannot be opened, although the ring has its master key {id}"
            )),
            None => Error::internal("no master key of the ring opens a stored secret"),
        })
    }

    /// A new data key, sealed under the master key that seals.
    ///
    /// # Errors
    /// 500 where the deployment has no master key.
    pub fn data_key_new(&self, entropy: Entropy) -> Result<DataKey, Error> {
        let mut bytes = [0; 32];
        entropy(&mut bytes);
        self.data_key_of(entropy, bytes)
    }

    /// A data key of these bytes, sealed under the master key that seals.
    ///
    /// # Errors
    /// 500 where the deployment has no master key.
    pub fn data_key_of(&self, entropy: Entropy, bytes: [u8; 32]) -> Result<DataKey, Error> {
        let sealed = self.seal(entropy, DATA_KEY_CONTEXT, &hex::encode(bytes))?;
        Ok(DataKey { bytes, sealed })
    }

    /// Opens a data key.
    ///
    /// # Errors
    /// As [`Ports::open`].
    pub fn data_key_open(&self, sealed: &str) -> Result<DataKey, Error> {
        let sealed = match under_master_key(sealed) {
            Some(_) => sealed.to_owned(),
            None => [UNDER_MASTER_KEY, sealed].concat(),
        };
        if let Some(id) = master_key_id(&sealed) {
            self.ring()?.key(id)?;
        }
        let known = DATA_KEYS.with_borrow(|keys| {
            let known = keys.iter().find(|(known, _)| *known == sealed);
            known.map(|(_, bytes)| *bytes)
        });
        if let Some(bytes) = known {
            return Ok(DataKey { bytes, sealed });
        }
        let text = self.open(DATA_KEY_CONTEXT, &sealed)?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(Error::internal)?;
        DATA_KEYS.with_borrow_mut(|keys| {
            if keys.len() >= MAX_DATA_KEYS {
                keys.clear();
            }
            keys.push((sealed.clone(), bytes));
        });
        Ok(DataKey { bytes, sealed })
    }

    /// The same data key, sealed under the master key that seals.
    ///
    /// # Errors
    /// 500 where the deployment has no master key.
    pub fn data_key_reseal(&self, entropy: Entropy, key: DataKey) -> Result<DataKey, Error> {
        let ring = self.ring()?;
        if master_key_id(&key.sealed) == Some(ring.first().id.as_str()) {
            return Ok(key);
        }
        self.data_key_of(entropy, key.bytes)
    }

    /// A text sealed anew: under the data key of the business, and so under the master key that seals
    /// that. What this data key sealed already keeps its ciphertext.
    ///
    /// # Errors
    /// As [`Ports::open`].
    pub fn reseal(
        &self,
        entropy: Entropy,
        key: &DataKey,
        context: &str,
        sealed: &str,
    ) -> Result<String, Error> {
        if let Some((named, text)) = under_data_key(sealed)
            && self.data_key_open(named)?.bytes == key.bytes
        {
            return Ok([UNDER_DATA_KEY, key.named(), ".", text].concat());
        }
        let secret = self.open(context, sealed)?;
        self.seal_under(entropy, key, context, &secret)
    }

    fn encrypt(
        &self,
        entropy: Entropy,
        key: &[u8; 32],
        context: &str,
        secret: &str,
    ) -> Result<String, Error> {
        let mut nonce = [0; 12];
        entropy(&mut nonce);
        let sealed = (self.cipher()?.seal)(key, nonce, context, secret);
        sealed.ok_or_else(|| Error::internal("a secret could not be sealed"))
    }

    fn cipher(&self) -> Result<Sealing, Error> {
        self.sealing.ok_or_else(|| Error::internal("no cipher"))
    }
}

/// The key id and the ciphertext.
fn under_master_key(sealed: &str) -> Option<(&str, &str)> {
    sealed.strip_prefix(UNDER_MASTER_KEY)?.split_once('.')
}

/// The data key, without its first letters, and the ciphertext.
fn under_data_key(sealed: &str) -> Option<(&str, &str)> {
    sealed.strip_prefix(UNDER_DATA_KEY)?.rsplit_once('.')
}

#[cfg(test)]
mod tests;
