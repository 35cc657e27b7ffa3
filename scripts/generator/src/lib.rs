//! Writes what follows from the ledger: the wrangler files, the lists of functions in manifests, tests
//! and scripts. A test fails while one of these files is not what would be written now. What needs the
//! Rust types beside the ledger (OpenAPI and its page) is written by `tests/contract`.

mod examples;
mod handlers;
mod manifests;
pub mod new_function;
mod wrangler;

#[cfg(test)]
mod tests;

use common::http::ledger::WORKERS;
use std::path::{Path, PathBuf};

/// What goes wrong, as a text for whoever runs it.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A file, whole.
#[derive(Debug)]
pub struct Generated {
    /// Where, from the root of the repository.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// The root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files, as they should be now. Of a manifest only a part is written; the rest is taken from what
/// is there.
///
/// # Errors
/// When a manifest cannot be read, or has lost the marks between which its list stands.
pub fn generate(root: &Path) -> Result<Vec<Generated>> {
    let mut files: Vec<_> = WORKERS.iter().map(wrangler::file).collect();
    files.extend(manifests::files(root)?);
    files.push(handlers::file());
    files.extend(examples::files());
    files.push(optional_secrets()?);
    Ok(files)
}

/// The secrets that a deployment may have, by the functions that read them.
fn optional_secrets() -> Result<Generated> {
    let of_settings = |connector: &&dyn crm::Setup| connector.settings().variables();
    let secret = |(name, field): (&'static str, Option<&crm::table::Field>)| {
        let is_secret = field.is_some_and(|field| field.secret().is_some());
        is_secret.then_some(name)
    };
    let secrets: Vec<_> = connectors::SETUP
        .iter()
        .flat_map(of_settings)
        .filter_map(secret)
        .collect();
    let readers: serde_json::Map<_, _> = WORKERS
        .iter()
        .filter_map(|worker| {
            let mut names = worker.optional_secrets.to_vec();
            if worker.connectors {
                names.extend(&secrets);
            }
            (!names.is_empty()).then(|| (worker.function.to_owned(), names.into()))
        })
        .collect();
    Ok(Generated {
        path: "scripts/lib/optional-secrets.json".to_owned(),
        text: serde_json::to_string_pretty(&readers)? + "\n",
    })
}
