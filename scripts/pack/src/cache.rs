//! Which WASM, and which packer, a folder was made of.

use anyhow::{Context, Result};
use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::Path;

/// The file in a Worker's folder that says what it was made of. It is written last.
const NOTE: &str = ".made-of";

/// What all keys of this run have in common: the packer, and how it shrinks.
pub struct Cache {
    tools: u64,
}

impl Cache {
    /// For this very program: a packer that was changed makes everything anew. `wasm-opt` is known by the
    /// file that it is.
    pub fn new(wasm_opt: Option<&Path>, keep_names: bool) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        let program = std::env::current_exe().context("which program is this?")?;
        for file in [Some(program.as_path()), wasm_opt].into_iter().flatten() {
            hasher
                .write(&fs::read(file).with_context(|| format!("cannot read {}", file.display()))?);
            hasher.write_u8(0);
        }
        hasher.write_u8(keep_names.into());
        Ok(Self {
            tools: hasher.finish(),
        })
    }

    /// The key of a Worker that is made of this WASM.
    pub fn key(&self, wasm: &[u8]) -> String {
        let mut hasher = DefaultHasher::new();
        hasher.write(wasm);
        format!(
            "{:016x} {:016x} {}",
            self.tools,
            hasher.finish(),
            wasm.len()
        )
    }
}

/// Whether a folder was made of this.
pub fn is_made_of(folder: &Path, key: &str) -> bool {
    fs::read_to_string(folder.join(NOTE)).is_ok_and(|noted| noted == key)
}

/// Forgets what a folder was made of, before it is made anew: a packer that is stopped leaves half a folder.
pub fn forget(folder: &Path) {
    // Where there is no note, there is nothing to forget.
    drop(fs::remove_file(folder.join(NOTE)));
}

/// Notes what a folder was made of.
pub fn note(folder: &Path, key: &str) -> Result<()> {
    fs::write(folder.join(NOTE), key)
        .with_context(|| format!("cannot write to {}", folder.display()))
}
