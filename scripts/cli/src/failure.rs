//! How a command ends.

use std::fmt::Display;
use std::io;
use std::path::Path;

/// The exit codes that scripts may rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All that was asked is done.
    Done,
    /// The server refused, or some records of an import failed.
    Refused,
    /// The command line, the configuration or a local file has to be put right first.
    Usage,
    /// An import, a backfill or a move stopped part-way; the same command goes on where it stopped.
    Stopped,
}

impl Exit {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Refused => 1,
            Self::Usage => 2,
            Self::Stopped => 3,
        }
    }
}

/// The end of a command that could not do its work. The message says what to do about it, and never
/// carries a secret.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Usage,
            message: message.into(),
        }
    }

    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Refused,
            message: message.into(),
        }
    }

    pub(crate) fn stopped(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::Stopped,
            message: message.into(),
        }
    }

    /// A local file that cannot be used: `doing` reads like "read" or "write".
    pub(crate) fn file(doing: &str, path: &Path, error: &io::Error) -> Self {
        Self::usage(format!("cannot {doing} {}: {error}", path.display()))
    }

    /// The same failure with what it means for the work under way.
    pub(crate) fn with_context(mut self, context: impl Display) -> Self {
        self.message = format!("{}\n{context}", self.message);
        self
    }
}
