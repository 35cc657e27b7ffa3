//! What tells a file from a changed one.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::failure::Failure;
use crate::secret::Secret;

/// Size and hash of a whole file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fingerprint {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    sha256: String,
}

impl Fingerprint {
    /// Reads the file once, in pieces.
    pub(crate) fn of(path: &Path) -> Result<Self, Failure> {
        let (bytes, sha256) = digest(path).map_err(|error| Failure::file("read", path, &error))?;
        let name = path.file_name().unwrap_or(path.as_os_str());
        Ok(Self {
            name: name.to_string_lossy().into_owned(),
            bytes,
            sha256,
        })
    }
}

fn digest(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut total = 0;
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((total, hex::encode(hash.finalize())));
        }
        total += read as u64;
        hash.update(buffer.get(..read).unwrap_or_default());
    }
}

/// Ties a request to a run of an import and its rows, so that the server does it once however often
/// it is sent. The run is in it because the server remembers for a day, and a file imported anew is
/// to be done anew; the API key, because the server refuses the same idempotency key from two.
pub(crate) fn idempotency_key(
    run: &str,
    key: &Secret,
    file: &Fingerprint,
    rows: (u64, u64),
    dry_run: bool,
    body: &str,
) -> String {
    let mut hash = Sha256::new();
    let (first, last) = rows;
    for part in [
        run,
        key.expose(),
        &file.sha256,
        &format!("{first}-{last} {dry_run}"),
        body,
    ] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let hash = hex::encode(hash.finalize());
    format!("tieline-import-{}", hash.get(..32).unwrap_or(&hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_changes_with_all_that_it_stands_for() {
        let file = |sha256: &str| Fingerprint {
            name: String::new(),
            bytes: 0,
            sha256: sha256.into(),
        };
        let key = |text: &str| Secret::from(text.to_owned());
        let keys = [
            idempotency_key("run", &key("k"), &file("a"), (1, 9), false, "{}"),
            idempotency_key("run", &key("l"), &file("a"), (1, 9), false, "{}"),
            idempotency_key("ruN", &key("k"), &file("a"), (1, 9), false, "{}"),
            idempotency_key("run", &key("k"), &file("b"), (1, 9), false, "{}"),
            idempotency_key("run", &key("k"), &file("a"), (1, 8), false, "{}"),
            idempotency_key("run", &key("k"), &file("a"), (1, 9), true, "{}"),
            idempotency_key("run", &key("k"), &file("a"), (1, 9), false, "{ }"),
        ];
        for (place, key) in keys.iter().enumerate() {
            assert_eq!(keys.iter().position(|other| other == key), Some(place));
        }
    }
}
