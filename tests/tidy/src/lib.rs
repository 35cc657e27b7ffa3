//! What the house rules share: the files of the repository, read as text.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a rule that cannot be checked should fail where it is"
)]

pub mod advisories;
pub mod citations;

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the root is there")
}

/// A file's text.
#[must_use]
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| format!("{path}: {error}"))
}

/// A TOML file.
#[must_use]
pub fn toml(path: &str) -> toml::Table {
    read(path).parse().expect("a TOML file can be parsed")
}

/// The names in a folder, sorted.
#[must_use]
pub fn names(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).expect("the folder is there");
    let mut names: Vec<_> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Every file below these folders with this ending, what is built left out.
#[must_use]
pub fn files(folders: &[&str], ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    for folder in folders {
        for name in names(folder) {
            let path = format!("{folder}/{name}");
            if root().join(&path).is_dir() {
                if name != "build" && name != "target" {
                    found.extend(files(&[&path], ending));
                }
            } else if name.ends_with(ending) {
                found.push(path);
            }
        }
    }
    found
}

/// The folders of the workspace's members.
#[must_use]
pub fn members() -> Vec<String> {
    let manifests = files(&["shared", "functions", "tests", "scripts"], "Cargo.toml");
    manifests
        .iter()
        .filter_map(|path| path.strip_suffix("/Cargo.toml").map(str::to_owned))
        .collect()
}

/// The names in a table of a member's manifest, such as `dependencies`.
#[must_use]
pub fn keys(manifest: &toml::Table, table: &str) -> Vec<String> {
    let table = manifest.get(table).and_then(toml::Value::as_table);
    table
        .map(|table| table.keys().cloned().collect())
        .unwrap_or_default()
}
