//! How far an import has come, on disk after every batch.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::batch::MAX_BYTES;
use super::fingerprint::Fingerprint;
use super::output::Place;
use super::paths::Paths;
use super::totals::Totals;
use crate::args::ImportArgs;
use crate::config::BaseUrl;
use crate::failure::Failure;
use crate::world::random;

/// Counts up when an older program's file cannot be gone on with.
const VERSION: u32 = 1;

/// An import that is not at its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    version: u32,
    /// Told apart from every other import, also of the same file.
    pub(crate) run: String,
    pub(crate) file: Fingerprint,
    base_url: String,
    options: Options,
    pub(crate) report: Place,
    /// None in a dry run, whose ids nobody can use.
    pub(crate) mapping: Option<Place>,
    /// Number of the last row that is done.
    pub(crate) rows_done: u64,
    /// The largest request that the server is known not to refuse for its size.
    pub(crate) max_bytes: usize,
    pub(crate) totals: Totals,
}

/// The options that decide what is sent; an import cannot change them half-way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Options {
    map: Vec<String>,
    system: Option<String>,
    delimiter: Option<String>,
}

impl Options {
    fn of(args: &ImportArgs) -> Self {
        Self {
            map: args.maps.iter().map(|rule| rule.text()).collect(),
            system: args.system.clone(),
            delimiter: args.delimiter.map(|delimiter| delimiter.name()),
        }
    }
}

impl State {
    /// An import at its beginning.
    pub(crate) fn begin(
        args: &ImportArgs,
        base: &BaseUrl,
        file: Fingerprint,
        paths: &Paths,
    ) -> Self {
        let place = |path: &PathBuf| Place {
            path: path.clone(),
            bytes: 0,
        };
        Self {
            version: VERSION,
            run: format!("{:016x}{:016x}", random(), random()),
            file,
            base_url: base.as_str().to_owned(),
            options: Options::of(args),
            report: place(&paths.report),
            mapping: paths.mapping.as_ref().map(place),
            rows_done: 0,
            max_bytes: MAX_BYTES,
            totals: Totals::default(),
        }
    }

    pub(crate) fn load(path: &Path) -> Result<Option<Self>, Failure> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::file("read", path, &error)),
        };
        match serde_json::from_str::<Self>(&text) {
            Ok(state) if state.version == VERSION => Ok(Some(state)),
            _ => Err(Failure::usage(format!(
                "{} is not a state that this program wrote: begin anew with --restart",
                path.display()
            ))),
        }
    }

    /// Whether the same import can go on with these options; the error says what differs.
    pub(crate) fn check(
        &self,
        args: &ImportArgs,
        base: &BaseUrl,
        file: &Fingerprint,
        paths: &Paths,
    ) -> Result<(), Failure> {
        let name = &self.file.name;
        let mapping = self.mapping.as_ref().map(|place| &place.path);
        let stopped = format!("an import of {name} stopped after row {}", self.rows_done);
        let problem = if *name != file.name {
            // Both would write the same files.
            return Err(Failure::usage(format!(
                "{stopped}, and {} would use the same files beside it: finish that import first, \
                 rename this file, or give up the other with --restart",
                file.name
            )));
        } else if self.file != *file {
            "the file has changed since. Put the old one back to go on"
        } else if self.base_url != base.as_str() {
            return Err(Failure::usage(format!(
                "{stopped}; it goes to {}, not to {}. Give that --base-url to go on, or begin anew \
                 with --restart",
                self.base_url,
                base.as_str()
            )));
        } else if self.options != Options::of(args) {
            "--map, --system or --delimiter were others then. Give the same to go on"
        } else if args.report.is_some() && paths.report != self.report.path {
            "--report was another file then. Give the same to go on"
        } else if args.mapping.is_some() && paths.mapping.as_ref() != mapping {
            "--mapping was another file then. Give the same to go on"
        } else {
            return Ok(());
        };
        Err(Failure::usage(format!(
            "{stopped}; {problem}, or begin anew with --restart"
        )))
    }

    /// Replaces the file in one step, so that it is whole whenever the program ends.
    pub(crate) fn save(&self, path: &Path) -> Result<(), Failure> {
        let failed = |error| Failure::file("write", path, &error);
        let text = serde_json::to_vec_pretty(self).map_err(|error| failed(error.into()))?;
        let new = path.with_extension("json.new");
        let write = || {
            let mut file = File::create(&new)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&new, path)
        };
        write().map_err(failed)
    }

    pub(crate) fn remove(path: &Path) -> Result<(), Failure> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Failure::file("remove", path, &error))
            }
            _ => Ok(()),
        }
    }
}
