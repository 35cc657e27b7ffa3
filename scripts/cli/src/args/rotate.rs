//! The command line of `tieline rotate-platform-token`.

use std::path::PathBuf;

const HELP: &str = "\
In two steps, with a deployment after each, so that a token is good all the while:

  1. tieline rotate-platform-token --secrets secrets.local
     writes a new token before the old one into the file; deploy: both are good from then on
  2. tieline rotate-platform-token --secrets secrets.local --finish
     asks the deployment whether it takes the new one everywhere, and takes the old one out of the file;
     deploy: the old one is void from then on";

/// The options of `tieline rotate-platform-token`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = HELP, after_help = "`--help` shows the steps.")]
pub(crate) struct RotateArgs {
    /// The file of secrets that scripts/deploy is given: lines of NAME=VALUE
    #[arg(long, value_name = "FILE")]
    pub(crate) secrets: PathBuf,
    /// Take the old token out, once the deployment takes the new one
    #[arg(long)]
    pub(crate) finish: bool,
}
