//! The command line of `tieline backup` and `tieline restore`.

use std::path::PathBuf;

use super::{Platform, Retries};

pub(crate) const BACKUP_HELP: &str = "\
The folder then has all that a business has, or all businesses: rows as pages, files as they are, and
backup.json, which says what belongs to it, by counts and SHA-256. Secrets stay sealed: a deployment
that restores them needs the master keys that backup.json names. With --passphrase-file they are sealed
under that passphrase instead, and any deployment can restore them.

Interrupt it whenever you like: the same command goes on where it stopped.

Examples:
  tieline backup --to backups/2026-11-24
  tieline backup --to acme --business 01a1f84a-95c0-7c3a-9f10-2b6d4e8a0000 --passphrase-file passphrase.txt";

pub(crate) const RESTORE_HELP: &str = "\
The whole folder is checked before anything is sent. A row that is there already stays as it is, so that
restoring twice does nothing twice; rows that differ from those in the backup are counted.

Stop the deployment that the backup is of before another one takes its place: both would send webhooks.

Interrupt it whenever you like: the same command goes on where it stopped.

Examples:
  tieline restore --from backups/2026-11-24 --base-url https://new.example.com/functions/v1
  tieline restore --from backups/2026-11-24 --check";

/// The options of `tieline backup`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = BACKUP_HELP, after_help = "`--help` shows more.")]
pub(crate) struct BackupArgs {
    /// A new folder, or that of a backup that was interrupted
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,
    /// Only this business [default: all]
    #[arg(long, value_name = "ID")]
    pub(crate) business: Option<String>,
    #[command(flatten)]
    pub(crate) common: CopyArgs,
}

/// The options of `tieline restore`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = RESTORE_HELP, after_help = "`--help` shows more.")]
pub(crate) struct RestoreArgs {
    /// The folder of a whole backup
    #[arg(long, value_name = "DIR")]
    pub(crate) from: PathBuf,
    /// Only this business [default: all in the backup]
    #[arg(long, value_name = "ID")]
    pub(crate) business: Option<String>,
    /// Check the folder, and whether the deployment could restore it; send nothing
    #[arg(long)]
    pub(crate) check: bool,
    #[command(flatten)]
    pub(crate) common: CopyArgs,
}

/// What both take.
#[derive(Debug, clap::Args)]
pub(crate) struct CopyArgs {
    /// A file whose first line is the passphrase that seals the secrets
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Print the summary as JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) retries: Retries,
    /// Print nothing but errors and the summary
    #[arg(long, short)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) platform: Platform,
}
