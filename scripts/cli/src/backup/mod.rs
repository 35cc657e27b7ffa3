//! `tieline backup` and `tieline restore`: all of a business, or of all, in a folder.

mod folder;
mod passphrase;
mod progress;
mod read;
mod remote;
mod restore;

pub(crate) use read::run as backup;
pub(crate) use restore::run as restore;
