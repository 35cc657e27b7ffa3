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
    /// The database is unreachable, overloaded or full, or its limit of the day is spent. Retry later.
    Outage(String),
    /// Anything else is our bug.
    Broken(String),
}

/// What D1 puts before its errors. Behind it stands what SQLite says, with its code at the end
/// (`: SQLITE_ERROR`), or what D1 says of itself, without one.
const D1_PREFIX: &str = "D1_ERROR: ";
/// Codes of SQLite that are about the machine below it and not about a statement.
const MACHINE_CODES: [&str; 9] = [
    "SQLITE_FULL",
    "SQLITE_NOMEM",
    "SQLITE_IOERR",
    "SQLITE_BUSY",
    "SQLITE_LOCKED",
    "SQLITE_INTERRUPT",
    "SQLITE_CANTOPEN",
    "SQLITE_PROTOCOL",
    "SQLITE_READONLY",
];
/// What D1 itself says of a statement, or of the values that are bound to it.
const OF_A_STATEMENT: [&str; 3] = [
    "No SQL statements detected",
    "Wrong number of parameter bindings",
    "too many ",
];
/// The same where neither prefix nor code comes along: D1's list of errors
/// (<https://developers.cloudflare.com/d1/observability/debug-d1/>), and SQLite's own words.
const OUTAGES: [&str; 19] = [
    "Network connection lost",
    "is overloaded",
    "storage operation exceeded timeout",
    "reset because its code was updated",
    "Cannot resolve D1 DB due to transient issue",
    "Can't read from request stream",
    "caused object to be reset",
    "internal error",
    "Internal error",
    "Too many requests",
    "exceeded its CPU time limit",
    "exceeded its memory limit",
    "Exceeded maximum DB size",
    "Exceeded maximum account storage",
    "free tier daily row",
    "database is locked",
    "database or disk is full",
    "disk I/O error",
    "out of memory",
];

impl DbError {
    /// Classifies an engine's message, which is all that D1 and SQLite return. Whatever D1 says that is
    /// not about the statement is an outage: the same statement succeeds once D1 has recovered, has
    /// room again, or a new day begins.
    #[must_use]
    pub fn from_message(message: &str) -> Self {
        let has = |phrases: &[&str]| phrases.iter().any(|phrase| message.contains(phrase));
        let of_d1_itself =
            message.contains(D1_PREFIX) && !message.contains("SQLITE_") && !has(&OF_A_STATEMENT);
        let races = [
            "UNIQUE constraint failed",
            "stale_write",
            // knowledge::index::sql::SPACE_CHANGED_SINCE
            "constraint failed: spaces.version",
        ];
        let class = if has(&races) {
            Self::Race
        } else if has(&["too big", "SQLITE_TOOBIG"]) {
            Self::TooBig
        } else if of_d1_itself || has(&MACHINE_CODES) || has(&OUTAGES) {
            Self::Outage
        } else {
            Self::Broken
        };
        class(message.to_owned())
    }

    /// The engine's message.
    #[must_use]
    pub fn message(&self) -> &str {
        let (Self::Race(m) | Self::TooBig(m) | Self::Outage(m) | Self::Broken(m)) = self;
        m
    }

    /// Whether reading again and retrying can help at once.
    #[must_use]
    pub fn is_race(&self) -> bool {
        matches!(self, Self::Race(_))
    }

    /// Whether the database takes nothing just now.
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
        f.write_str(self.message())
    }
}

impl std::error::Error for DbError {}
