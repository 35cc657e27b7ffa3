//! The files beside an import's own.

use std::path::{Path, PathBuf};

use crate::args::ImportArgs;
use crate::failure::Failure;

/// Where things go, independent of the folder that the command runs in.
#[derive(Debug)]
pub(crate) struct Paths {
    pub(crate) report: PathBuf,
    /// None in a dry run.
    pub(crate) mapping: Option<PathBuf>,
    pub(crate) state: PathBuf,
}

impl Paths {
    /// A dry run has a report of its own, lest it spoil that of an import that is to go on.
    pub(crate) fn of(args: &ImportArgs) -> Result<Self, Failure> {
        let beside = |ending: &str| args.file.with_extension(ending);
        let ending = if args.dry_run {
            "dry-run.csv"
        } else {
            "failed.csv"
        };
        let report = args.report.clone().unwrap_or_else(|| beside(ending));
        let mapping = args
            .mapping
            .clone()
            .unwrap_or_else(|| beside("mapping.csv"));
        let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
        let paths = Self {
            report: absolute(report),
            mapping: (!args.dry_run).then(|| absolute(mapping)),
            state: beside("tieline-import.json"),
        };
        paths.check(&args.file)?;
        Ok(paths)
    }

    /// No file may be written over another.
    fn check(&self, input: &Path) -> Result<(), Failure> {
        let mut taken = vec![place(input), place(&self.state)];
        for path in [Some(&self.report), self.mapping.as_ref()]
            .into_iter()
            .flatten()
        {
            let own = place(path);
            // A device such as /dev/null may be named twice.
            let is_device = path.exists() && !path.is_file();
            if taken.contains(&own) && !is_device {
                return Err(Failure::usage(format!(
                    "{} is used for something else already: give --report and --mapping files of \
                     their own",
                    path.display()
                )));
            }
            taken.push(own);
        }
        Ok(())
    }
}

/// One name for a file however it is written; a file that does not exist yet is told by its folder.
fn place(path: &Path) -> PathBuf {
    if let Ok(place) = path.canonicalize() {
        return place;
    }
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    match (
        absolute.parent().map(Path::canonicalize),
        absolute.file_name(),
    ) {
        (Some(Ok(folder)), Some(name)) => folder.join(name),
        _ => absolute,
    }
}
