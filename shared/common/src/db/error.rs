use std::fmt;

/// What went wrong in the database, by what a caller can do about it. The message is the engine's
/// own and is for the log alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DbError {
    /// A concurrent transaction won: a unique key is taken, or a row has changed since it was read. Read
    /// again and retry.
    Race(String),
    /// A value or a result exceeds D1's limits. Use smaller batches.
    TooBig(String),
    /// The database is unreachable or overloaded. Retry later.
    Outage(String),
    /// Anything else is our bug.
    Broken(String),
}

/// Phrases by which D1 says that it is not there, from its list of retryable errors.
const OUTAGES: [&str; 10] = [
    "Network connection lost",
    "is overloaded",
    "storage operation exceeded timeout",
    "reset because its code was updated",
    "Cannot resolve D1 DB due to transient issue",
    "Can't read from request stream",
    "caused object to be reset",
    "internal error",
    "database is locked",
    "Too many requests",
];

impl DbError {
    /// Classifies an engine's message, which is all that D1 and SQLite return.
    #[must_use]
    pub fn from_message(message: &str) -> Self {
        let message = message.to_owned();
        if message.contains("UNIQUE constraint failed") || message.contains("stale_write") {
            Self::Race(message)
        } else if message.contains("too big") || message.contains("SQLITE_TOOBIG") {
            Self::TooBig(message)
        } else if OUTAGES.iter().any(|phrase| message.contains(phrase)) {
            Self::Outage(message)
        } else {
            Self::Broken(message)
        }
    }

    /// Whether reading again and retrying can help at once.
    #[must_use]
    pub fn is_race(&self) -> bool {
        matches!(self, Self::Race(_))
    }

    /// Whether the database is away or overloaded.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Outage(_))
    }

    /// Whether the same in smaller parts may succeed.
    #[must_use]
    pub fn is_too_big(&self) -> bool {
        matches!(self, Self::TooBig(_))
    }
}

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Race(m) | Self::TooBig(m) | Self::Outage(m) | Self::Broken(m)) = self;
        f.write_str(m)
    }
}

impl std::error::Error for DbError {}
