//! `tieline backup`

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use super::folder::{FORMAT, Folder, Manifest, Named, Part, What, Whole};
use super::passphrase::{self, Sealing};
use super::progress::{Done, Progress};
use super::remote::{Outside, Remote};
use crate::args::BackupArgs;
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::text::{count, counted, size};
use crate::world::World;

pub(crate) fn run(
    args: &BackupArgs,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let folder = Folder::create(&args.to)?;
    let begun = folder.manifest()?;
    if let Some(begun) = &begun {
        check(begun, args, config)?;
    }
    let sealing = sealing(args, begun.as_ref())?;
    let derivation = sealing.as_ref().map(|sealing| sealing.derivation.clone());
    let remote = Remote::new(config, &args.common, sealing.map(|sealing| sealing.key))?;
    let progress = Progress::reading(world.interactive, args.common.quiet);
    let outside = &mut Outside::of(world, &progress);
    let deployment = remote.deployment(outside, args.business.as_deref())?;
    if deployment.format != FORMAT {
        return Err(Failure::usage(
            "this program and the deployment are of different versions: use the deployment's",
        ));
    }
    let mut manifest = begun.unwrap_or_else(|| Manifest {
        format: FORMAT,
        schema: deployment.schema,
        base_url: config.base.as_str().to_owned(),
        business: args.business.clone(),
        passphrase: derivation,
        whole: None,
    });
    if manifest.schema != deployment.schema {
        return Err(Failure::usage(
            "the deployment was updated since this backup began: begin anew, in another folder",
        ));
    }
    folder.save(&manifest)?;
    let parts = folder.parts_to_go_on()?;
    let mut copy = Copy {
        folder,
        remote,
        parts,
        done: Done::default(),
    };
    copy.done = copy.counted();
    // What is the deployment's own comes first: others name it.
    let mut businesses = vec![String::new()];
    businesses.extend(deployment.businesses);
    for business in &businesses {
        copy.business(outside, business)?;
    }
    progress.bar.finish();
    let whole = copy.whole(businesses.split_off(1))?;
    manifest.whole = Some(whole.clone());
    copy.folder.save(&manifest)?;
    tell(args, &manifest, &whole, world);
    Ok(Exit::Done)
}

/// Whether this command goes on with what is in the folder.
fn check(begun: &Manifest, args: &BackupArgs, config: &Config) -> Result<(), Failure> {
    let folder = args.to.display();
    let wrong = |what: &str| {
        Err(Failure::usage(format!(
            "{folder} has {what}: give a new folder"
        )))
    };
    if begun.whole.is_some() {
        return wrong("a whole backup in it");
    }
    if begun.format != FORMAT {
        return wrong("a backup of another version of this program in it");
    }
    if begun.base_url != config.base.as_str() {
        return wrong(&format!("a backup of {} in it", begun.base_url));
    }
    if begun.business != args.business {
        return wrong("a backup of another business in it");
    }
    if begun.passphrase.is_some() != args.common.passphrase_file.is_some() {
        return wrong("a backup in it whose secrets are sealed otherwise");
    }
    Ok(())
}

fn sealing(args: &BackupArgs, begun: Option<&Manifest>) -> Result<Option<Sealing>, Failure> {
    let Some(file) = &args.common.passphrase_file else {
        return Ok(None);
    };
    match begun.and_then(|begun| begun.passphrase.as_ref()) {
        Some(derivation) => passphrase::of(file, derivation).map(Some),
        None => passphrase::new(file).map(Some),
    }
}

/// A backup that is being made.
struct Copy {
    folder: Folder,
    remote: Remote,
    parts: Vec<Part>,
    done: Done,
}

/// A line of a page that names a file.
#[derive(Deserialize)]
struct FileLine {
    file: String,
    id: String,
    size: i64,
}

impl Copy {
    fn counted(&self) -> Done {
        let mut done = Done::default();
        for part in &self.parts {
            done.bytes += part.bytes;
            match &part.what {
                What::Rows { rows, .. } => done.rows += rows,
                What::File(_) => done.files += 1,
            }
        }
        done
    }

    /// Whatever of a business is not there yet.
    fn business(&mut self, outside: &mut Outside<'_>, business: &str) -> Result<(), Failure> {
        let mut names = BTreeSet::new();
        let mut cursor = None;
        let (mut pages, mut is_done) = (0, false);
        let there: Vec<_> = self
            .parts
            .iter()
            .filter(|part| part.business == business)
            .cloned()
            .collect();
        for part in &there {
            if let What::Rows { next, .. } = &part.what {
                pages += 1;
                is_done = next.is_none();
                cursor.clone_from(next);
                files_of(&self.folder.read(part)?, &mut names);
            }
        }
        let label = if business.is_empty() {
            "deployment"
        } else {
            business
        };
        while !is_done {
            let (page, end) = self.remote.rows(outside, business, cursor.as_deref())?;
            pages += 1;
            let part = Part {
                business: business.to_owned(),
                path: format!("{label}/{pages:06}.ndjson"),
                bytes: 0,
                sha256: String::new(),
                what: What::Rows {
                    rows: rows_of(&page),
                    next: end.next.clone(),
                    keys: end.keys,
                },
            };
            files_of(&page, &mut names);
            self.add(outside, part, &page)?;
            is_done = end.next.is_none();
            cursor = end.next;
        }
        for part in &there {
            if let What::File(named) = &part.what {
                names.remove(named);
            }
        }
        for named in names {
            self.file(outside, (business, label), named)?;
        }
        Ok(())
    }

    fn file(
        &mut self,
        outside: &mut Outside<'_>,
        (business, label): (&str, &str),
        named: Named,
    ) -> Result<(), Failure> {
        let bytes = self.remote.file(outside, business, &named)?;
        let path = match &bytes {
            Some(_) => format!("{label}/files/{}-{}", named.kind, named.id),
            None => {
                let line = format!(
                    "{} {} of {label} is not there any more",
                    named.kind, named.id
                );
                outside.progress.bar.note(outside.err, &line);
                String::new()
            }
        };
        let part = Part {
            business: business.to_owned(),
            path,
            bytes: 0,
            sha256: String::new(),
            what: What::File(named),
        };
        self.add(outside, part, &bytes.unwrap_or_default())
    }

    fn add(&mut self, outside: &mut Outside<'_>, part: Part, bytes: &[u8]) -> Result<(), Failure> {
        let part = self.folder.add(part, bytes)?;
        self.done.bytes += part.bytes;
        let is_page = match &part.what {
            What::Rows { rows, .. } => {
                self.done.rows += rows;
                true
            }
            What::File(_) => {
                self.done.files += 1;
                self.done.files.is_multiple_of(100)
            }
        };
        outside.progress.show(outside.err, self.done, is_page);
        self.parts.push(part);
        Ok(())
    }

    fn whole(&self, businesses: Vec<String>) -> Result<Whole, Failure> {
        let mut master_keys = BTreeSet::new();
        let mut missing_files = 0;
        for part in &self.parts {
            match &part.what {
                What::Rows { keys, .. } => master_keys.extend(keys.iter().cloned()),
                What::File(_) if part.path.is_empty() => missing_files += 1,
                What::File(_) => {}
            }
        }
        Ok(Whole {
            businesses,
            master_keys: master_keys.into_iter().collect(),
            rows: self.done.rows,
            files: self.done.files - missing_files,
            missing_files,
            bytes: self.done.bytes,
            parts_sha256: self.folder.parts_sha256()?,
        })
    }
}

fn lines(page: &[u8]) -> impl Iterator<Item = &[u8]> {
    page.split(|byte| *byte == b'\n')
}

fn rows_of(page: &[u8]) -> u64 {
    lines(page).filter(|line| line.starts_with(b"[")).count() as u64
}

/// The files that the rows of a page name. Those whose ids could name another place in the folder are none of ours.
fn files_of(page: &[u8], names: &mut BTreeSet<Named>) {
    let named = lines(page).filter(|line| line.starts_with(b"{\"file\""));
    let named = named.filter_map(|line| serde_json::from_slice::<FileLine>(line).ok());
    let is_plain = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    names.extend(
        named
            .filter(|file| is_plain(&file.id) && is_plain(&file.file))
            .map(|file| Named {
                kind: file.file,
                id: file.id,
                size: u64::try_from(file.size).ok(),
            }),
    );
}

fn tell(args: &BackupArgs, manifest: &Manifest, whole: &Whole, world: &mut World<'_>) {
    if args.common.json {
        let summary = json!({"schema": manifest.schema, "businesses": whole.businesses.len(), "rows": whole.rows,
            "files": whole.files, "missing_files": whole.missing_files, "bytes": whole.bytes,
            "master_keys": whole.master_keys, "passphrase": manifest.passphrase.is_some()});
        world.say(&summary.to_string());
        return;
    }
    let businesses = whole.businesses.len() as u64;
    let plural = if businesses == 1 {
        "business"
    } else {
        "businesses"
    };
    world.say(&format!(
        "{} {plural}: {} and {}, {}, in {}.",
        count(businesses),
        counted(whole.rows, "row"),
        counted(whole.files, "file"),
        size(whole.bytes),
        args.to.display()
    ));
    if whole.missing_files > 0 {
        world.note(&format!(
            "{} that rows name could not be had",
            counted(whole.missing_files, "file")
        ));
    }
    match manifest.passphrase {
        Some(_) => {
            world.say("Its secrets are sealed under the passphrase: keep that apart from it.")
        }
        None if whole.master_keys.is_empty() => world.say("It has no secrets."),
        None => {
            let keys = whole.master_keys.join(", ");
            world.say(&format!(
                "Its secrets are sealed under the master keys {keys}: keep those apart from it."
            ));
        }
    }
}
