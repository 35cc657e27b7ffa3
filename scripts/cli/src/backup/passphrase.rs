//! The key that a passphrase makes.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use scrypt::Params;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::failure::Failure;
use crate::secret::Secret;
use crate::world::random;

/// Shorter ones are guessed.
const LEAST_CHARS: usize = 12;
/// What a guess costs: 2^17 blocks of 8 × 128 bytes, so 128 MiB, as OWASP's password storage cheat sheet has it.
const LOG_N: u8 = 17;
const R: u32 = 8;
const P: u32 = 1;

/// How the key of a backup is made of its passphrase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Derivation {
    /// Always `scrypt`.
    kdf: String,
    salt: String,
    log_n: u8,
    r: u32,
    p: u32,
    /// The id of the key, by which another passphrase is told; as the server makes ids of master keys.
    pub(super) key_id: String,
}

/// A key, and how it was made.
pub(super) struct Sealing {
    pub(super) key: Secret,
    pub(super) derivation: Derivation,
}

/// A key of a new backup.
pub(super) fn new(file: &Path) -> Result<Sealing, Failure> {
    let derivation = Derivation {
        kdf: "scrypt".into(),
        // A salt is no secret; it has to be another for each backup.
        salt: format!("{:016x}{:016x}", random(), random()),
        log_n: LOG_N,
        r: R,
        p: P,
        key_id: String::new(),
    };
    derived(file, derivation)
}

/// The key of a backup that there is.
pub(super) fn of(file: &Path, derivation: &Derivation) -> Result<Sealing, Failure> {
    // Whoever altered the file may not make this machine work for hours.
    if derivation.kdf != "scrypt" || derivation.log_n > 20 || derivation.r > 16 || derivation.p > 4
    {
        return Err(Failure::usage(
            "backup.json names a way to make the key that this program does not have",
        ));
    }
    let sealing = derived(file, derivation.clone())?;
    match sealing.derivation == *derivation {
        true => Ok(sealing),
        false => Err(Failure::usage(format!(
            "{} has another passphrase than the backup was made with",
            file.display()
        ))),
    }
}

fn derived(file: &Path, mut derivation: Derivation) -> Result<Sealing, Failure> {
    let text = fs::read_to_string(file).map_err(|error| Failure::file("read", file, &error))?;
    let passphrase = text.lines().next().unwrap_or_default();
    if passphrase.chars().count() < LEAST_CHARS {
        return Err(Failure::usage(format!(
            "the passphrase in {} is shorter than {LEAST_CHARS} characters: `openssl rand -base64 24` makes a good one",
            file.display()
        )));
    }
    let wrong = || Failure::usage("backup.json names a way to make the key that cannot be used");
    let params = Params::new(derivation.log_n, derivation.r, derivation.p).map_err(|_| wrong())?;
    let mut key = [0; 32];
    scrypt::scrypt(
        passphrase.as_bytes(),
        derivation.salt.as_bytes(),
        &params,
        &mut key,
    )
    .map_err(|_| wrong())?;
    derivation.key_id = key_id(&key);
    Ok(Sealing {
        key: Secret::from(STANDARD.encode(key)),
        derivation,
    })
}

/// The first eight digits of the HMAC-SHA256 (RFC 2104) of `key id` under the key.
fn key_id(key: &[u8; 32]) -> String {
    let pad = |byte: u8| {
        let mut block = [byte; 64];
        for (at, of_key) in block.iter_mut().zip(key) {
            *at ^= of_key;
        }
        block
    };
    let inner = Sha256::new()
        .chain_update(pad(0x36))
        .chain_update(b"key id")
        .finalize();
    let digest = Sha256::new()
        .chain_update(pad(0x5c))
        .chain_update(inner)
        .finalize();
    let mut id = hex::encode(digest);
    id.truncate(8);
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_the_id_that_the_server_gives_it() {
        assert_eq!(key_id(&[1; 32]), "cabf5820");
    }
}
