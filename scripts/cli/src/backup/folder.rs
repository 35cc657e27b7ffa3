//! The folder of a backup: `backup.json` says what it is of, `parts.jsonl` has a line for each file in it, as each was
//! whole on disk.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::passphrase::Derivation;
use crate::failure::Failure;

/// Counts up when an older program's folder cannot be read.
pub(super) const FORMAT: u32 = 1;
const MANIFEST: &str = "backup.json";
const PARTS: &str = "parts.jsonl";
const STATE: &str = "restore.json";

/// What a backup is of. Written when it begins, and again when it is whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) format: u32,
    /// The number of the deployment's last migration.
    pub(super) schema: u32,
    pub(super) base_url: String,
    /// The one business that was asked for.
    pub(super) business: Option<String>,
    /// How the key is made that seals the secrets; without it they are sealed under the deployment's master keys.
    pub(super) passphrase: Option<Derivation>,
    pub(super) whole: Option<Whole>,
}

/// What a whole backup has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Whole {
    pub(super) businesses: Vec<String>,
    /// The ids of the keys that its secrets are sealed under.
    pub(super) master_keys: Vec<String>,
    pub(super) rows: u64,
    pub(super) files: u64,
    /// Files that rows name and the deployment lacked.
    pub(super) missing_files: u64,
    pub(super) bytes: u64,
    /// Of `parts.jsonl`.
    pub(super) parts_sha256: String,
}

/// A file in the folder, or one that the deployment lacked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Part {
    /// Empty for what is the deployment's own.
    pub(super) business: String,
    /// Below the folder; empty for one that the deployment lacked.
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
    #[serde(flatten)]
    pub(super) what: What,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum What {
    /// A page of rows.
    Rows {
        rows: u64,
        next: Option<String>,
        keys: Vec<String>,
    },
    /// A file that a row names.
    File(Named),
}

/// What names a file of a business.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Named {
    pub(super) kind: String,
    pub(super) id: String,
    /// None where no row says it.
    pub(super) size: Option<u64>,
}

pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    /// A new folder, or one with a backup in it.
    pub(super) fn create(path: &Path) -> Result<Self, Failure> {
        let failed = |error| Failure::file("make", path, &error);
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        // What customers wrote is nobody else's on this machine.
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path).map_err(failed)?;
        let folder = Self(path.to_owned());
        if folder.manifest()?.is_none() && fs::read_dir(path).map_err(failed)?.next().is_some() {
            return Err(Failure::usage(format!(
                "{} has other files in it: give a new folder",
                path.display()
            )));
        }
        Ok(folder)
    }

    pub(super) fn manifest(&self) -> Result<Option<Manifest>, Failure> {
        self.json(MANIFEST)
    }

    pub(super) fn save(&self, manifest: &Manifest) -> Result<(), Failure> {
        self.save_json(MANIFEST, manifest)
    }

    /// How many parts a server has been sent.
    pub(super) fn sent(&self, base_url: &str) -> Result<usize, Failure> {
        let sent: Option<(String, usize)> = self.json(STATE)?;
        Ok(sent
            .filter(|(to, _)| to == base_url)
            .map_or(0, |(_, sent)| sent))
    }

    pub(super) fn save_sent(&self, base_url: &str, sent: usize) -> Result<(), Failure> {
        self.save_json(STATE, &(base_url, sent))
    }

    pub(super) fn forget_sent(&self) {
        // Without it a restore begins anew, which does nothing twice.
        let _ = fs::remove_file(self.0.join(STATE));
    }

    fn json<T: for<'d> Deserialize<'d>>(&self, name: &str) -> Result<Option<T>, Failure> {
        let path = self.0.join(name);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::file("read", &path, &error)),
        };
        let read = serde_json::from_slice(&text);
        read.map(Some).map_err(|_| {
            Failure::usage(format!(
                "{} is not one that this program wrote",
                path.display()
            ))
        })
    }

    fn save_json(&self, name: &str, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_vec_pretty(value);
        let text =
            text.map_err(|error| Failure::file("write", &self.0.join(name), &error.into()))?;
        self.write(name, &text)
    }

    /// Writes a file in one step, so that it is whole whenever the program ends.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.0.join(name);
        let new = self.0.join(format!("{name}.new"));
        let write = || {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut file = File::create(&new)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&new, &path)
        };
        write().map_err(|error| Failure::file("write", &path, &error))
    }

    /// Stores a part, and then says so.
    pub(super) fn add(&self, mut part: Part, bytes: &[u8]) -> Result<Part, Failure> {
        if !part.path.is_empty() {
            self.write(&part.path, bytes)?;
            part.bytes = bytes.len() as u64;
            part.sha256 = digest(bytes);
        }
        let path = self.0.join(PARTS);
        let append = || {
            let mut line = serde_json::to_vec(&part)?;
            line.push(b'\n');
            let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
            file.write_all(&line)?;
            file.sync_data()
        };
        append().map_err(|error| Failure::file("write", &path, &error))?;
        Ok(part)
    }

    /// The parts that are there. A line that was cut off is taken out: its part is fetched again.
    pub(super) fn parts_to_go_on(&self) -> Result<Vec<Part>, Failure> {
        let text = self.parts_text()?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        if whole < text.len() {
            self.write(PARTS, text.get(..whole).unwrap_or_default().as_bytes())?;
        }
        self.parsed(text.get(..whole).unwrap_or_default())
    }

    /// The parts of a whole backup, held against the digest of their list.
    pub(super) fn parts(&self, whole: &Whole) -> Result<Vec<Part>, Failure> {
        let text = self.parts_text()?;
        if digest(text.as_bytes()) != whole.parts_sha256 {
            return Err(self.altered(PARTS));
        }
        self.parsed(&text)
    }

    pub(super) fn parts_sha256(&self) -> Result<String, Failure> {
        Ok(digest(self.parts_text()?.as_bytes()))
    }

    fn parts_text(&self) -> Result<String, Failure> {
        let path = self.0.join(PARTS);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(text),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(Failure::file("read", &path, &error)),
        }
    }

    fn parsed(&self, text: &str) -> Result<Vec<Part>, Failure> {
        let parts = text.lines().map(serde_json::from_str);
        parts
            .collect::<Result<_, _>>()
            .map_err(|_| self.altered(PARTS))
    }

    /// The bytes of a part, as they were written.
    pub(super) fn read(&self, part: &Part) -> Result<Vec<u8>, Failure> {
        // A list that was altered names nothing outside the folder.
        let is_below = Path::new(&part.path)
            .components()
            .all(|component| matches!(component, std::path::Component::Normal(_)));
        let bytes = match is_below {
            true => fs::read(self.0.join(&part.path)).map_err(|_| self.altered(&part.path))?,
            false => return Err(self.altered(PARTS)),
        };
        match digest(&bytes) == part.sha256 {
            true => Ok(bytes),
            false => Err(self.altered(&part.path)),
        }
    }

    fn altered(&self, name: &str) -> Failure {
        Failure::usage(format!(
            "{} is missing, cut off or altered since the backup was made: nothing was sent",
            self.0.join(name).display()
        ))
    }
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
