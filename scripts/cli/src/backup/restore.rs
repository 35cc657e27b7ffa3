//! `tieline restore`

use serde_json::json;

use super::folder::{FORMAT, Folder, Manifest, Part, What, Whole};
use super::passphrase;
use super::progress::{Done, Progress};
use super::remote::{Deployment, Outside, Remote, Restored};
use crate::args::RestoreArgs;
use crate::config::Config;
use crate::failure::{Exit, Failure};
use crate::secret::Secret;
use crate::text::{count, counted};
use crate::world::World;

pub(crate) fn run(
    args: &RestoreArgs,
    config: &Config,
    world: &mut World<'_>,
) -> Result<Exit, Failure> {
    let folder = Folder(args.from.clone());
    let (manifest, whole) = whole(&folder)?;
    let parts = in_order(folder.parts(&whole)?, args.business.as_deref());
    if let Some(business) = &args.business
        && !whole.businesses.contains(business)
    {
        return Err(Failure::usage(format!(
            "{} has no business {business}",
            args.from.display()
        )));
    }
    let (key, key_id) = key(args, &manifest)?;
    let remote = Remote::new(config, &args.common, key)?;
    let bytes = parts.iter().map(|part| part.bytes).sum();
    let quiet = args.common.quiet;
    let progress = Progress::of("checked", bytes, world.interactive, quiet);
    let outside = &mut Outside::of(world, &progress);
    let deployment = remote.deployment(outside, None)?;
    can_take(&manifest, &whole, &deployment, key_id.as_deref())?;
    let mut checked = Done::default();
    for part in &parts {
        folder.read(part)?;
        checked.bytes += part.bytes;
        progress.show(outside.err, checked, false);
    }
    progress.bar.finish();
    if args.check {
        world.say(&format!(
            "{} is whole, and this deployment can restore it.",
            args.from.display()
        ));
        return Ok(Exit::Done);
    }
    let progress = Progress::of("restored", bytes, world.interactive, quiet);
    let outside = &mut Outside::of(world, &progress);
    let restored = send(&folder, &parts, &remote, config.base.as_str(), outside)?;
    progress.bar.finish();
    folder.forget_sent();
    Ok(tell(args, &restored, &parts, world))
}

fn whole(folder: &Folder) -> Result<(Manifest, Whole), Failure> {
    let path = folder.0.display();
    let Some(manifest) = folder.manifest()? else {
        return Err(Failure::usage(format!(
            "{path} has no backup in it: there is no backup.json"
        )));
    };
    if manifest.format != FORMAT {
        return Err(Failure::usage(format!(
            "{path} was written by another version of this program"
        )));
    }
    match manifest.whole.clone() {
        Some(whole) => Ok((manifest, whole)),
        None => Err(Failure::usage(format!(
            "the backup in {path} was cut off: `tieline backup --to` with the same options goes on with it"
        ))),
    }
}

/// The key of the passphrase, and its id.
fn key(
    args: &RestoreArgs,
    manifest: &Manifest,
) -> Result<(Option<Secret>, Option<String>), Failure> {
    match (&manifest.passphrase, &args.common.passphrase_file) {
        (None, None) => Ok((None, None)),
        (Some(derivation), Some(file)) => {
            let sealing = passphrase::of(file, derivation)?;
            Ok((Some(sealing.key), Some(sealing.derivation.key_id)))
        }
        (Some(_), None) => Err(Failure::usage(
            "the secrets of this backup are sealed under a passphrase: give --passphrase-file",
        )),
        (None, Some(_)) => Err(Failure::usage(
            "the secrets of this backup are sealed under master keys: leave out --passphrase-file",
        )),
    }
}

/// What can be told before anything is sent.
fn can_take(
    manifest: &Manifest,
    whole: &Whole,
    deployment: &Deployment,
    key_id: Option<&str>,
) -> Result<(), Failure> {
    if deployment.format != FORMAT {
        return Err(Failure::usage(
            "this program and the deployment are of different versions: use the deployment's",
        ));
    }
    if manifest.schema > deployment.schema {
        return Err(Failure::refused(format!(
            "the backup is of schema {}, the deployment has {}: update the deployment first",
            manifest.schema, deployment.schema
        )));
    }
    let is_known =
        |id: &&String| deployment.master_keys.contains(id) || key_id == Some(id.as_str());
    let missing: Vec<_> = whole
        .master_keys
        .iter()
        .filter(|id| !is_known(id))
        .cloned()
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Failure::refused(format!(
            "the deployment lacks the master key {} of the backup's secrets (it has {}): add it to the end of its \
             MASTER_KEYS, deploy, and restore again",
            missing.join(" and "),
            deployment.master_keys.join(", ")
        ))),
    }
}

/// The parts to send: of each business its pages from the last one on, which has what the others name, then its files.
fn in_order(parts: Vec<Part>, business: Option<&str>) -> Vec<Part> {
    let is_wanted = |part: &Part| {
        let of_all = part.business.is_empty();
        !part.path.is_empty() && (of_all || business.is_none_or(|id| part.business == id))
    };
    let mut groups: Vec<(String, Vec<Part>, Vec<Part>)> = Vec::new();
    for part in parts.into_iter().filter(is_wanted) {
        let known = groups.iter().position(|(id, _, _)| *id == part.business);
        let at = known.unwrap_or_else(|| {
            groups.push((part.business.clone(), Vec::new(), Vec::new()));
            groups.len() - 1
        });
        if let Some((_, pages, files)) = groups.get_mut(at) {
            match part.what {
                What::Rows { .. } => pages.push(part),
                What::File(_) => files.push(part),
            }
        }
    }
    let ordered = groups
        .into_iter()
        .flat_map(|(_, pages, files)| pages.into_iter().rev().chain(files));
    ordered.collect()
}

fn send(
    folder: &Folder,
    parts: &[Part],
    remote: &Remote,
    base_url: &str,
    outside: &mut Outside<'_>,
) -> Result<Restored, Failure> {
    let sent = folder.sent(base_url)?;
    let (mut total, mut done) = (Restored::default(), Done::default());
    done.bytes = parts.iter().take(sent).map(|part| part.bytes).sum();
    outside.progress.begin_at(done.bytes);
    for (n, part) in parts.iter().enumerate().skip(sent) {
        let bytes = folder.read(part)?;
        match &part.what {
            What::Rows { .. } => {
                let restored = remote.restore_rows(outside, &part.business, &bytes)?;
                total.rows += restored.rows;
                total.same += restored.same;
                total.different += restored.different;
                done.rows += restored.rows;
            }
            What::File(named) => {
                remote.restore_file(outside, &part.business, named, &bytes)?;
                done.files += 1;
            }
        }
        done.bytes += part.bytes;
        let is_page = matches!(part.what, What::Rows { .. });
        outside
            .progress
            .show(outside.err, done, is_page || done.files.is_multiple_of(100));
        folder.save_sent(base_url, n + 1)?;
    }
    Ok(total)
}

fn tell(args: &RestoreArgs, restored: &Restored, parts: &[Part], world: &mut World<'_>) -> Exit {
    let files = parts
        .iter()
        .filter(|part| matches!(part.what, What::File(_)))
        .count() as u64;
    let lost = restored.rows
        - restored.same.min(restored.rows)
        - restored.different.min(restored.rows - restored.same);
    if args.common.json {
        let summary = json!({"rows": restored.rows, "same": restored.same, "different": restored.different,
            "files": files});
        world.say(&summary.to_string());
    } else {
        world.say(&format!(
            "{} and {} restored from {}.",
            counted(restored.same, "row"),
            counted(files, "file"),
            args.from.display()
        ));
    }
    if restored.different > 0 {
        world.note(&format!(
            "{} there before and not as in the backup: left as it is",
            counted(restored.different, "row")
        ));
    }
    if lost > 0 {
        world.note(&format!(
            "{} rows are not there: restore again",
            count(lost)
        ));
    }
    match restored.different + lost {
        0 => Exit::Done,
        _ => Exit::Refused,
    }
}
