use super::Value;

/// How a statement is kept within one business, and so which of several databases it is for. What is not of one
/// business says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// `?1` is the business, and every table is reached through it: the database that has the business.
    Business,
    /// Finds by a key that is unique everywhere whose it is: every database is asked, and the one that has rows answers.
    Key(&'static str),
    /// Of all businesses: every database answers, or it fails; their rows come one after another.
    Everywhere(&'static str),
    /// Of all businesses, looked after again and again: as [`Binding::Everywhere`], without the databases that are away
    /// just now, unless all are.
    Each(&'static str),
    /// Of the deployment and of no business: the first database.
    Deployment(&'static str),
    /// Makes the business `?1`: the database for new ones.
    New(&'static str),
}

/// A statement's text with its name for messages and its binding for the test that reads the list.
#[derive(Debug)]
pub struct Sql {
    /// Noun first, as the constant is called.
    pub name: &'static str,
    /// The text that both engines prepare.
    pub text: &'static str,
    /// How it is kept within one business.
    pub binding: Binding,
}

/// A statement with its parameters, ready to run.
#[derive(Debug, Clone)]
pub struct Statement {
    /// What to run.
    pub sql: &'static Sql,
    /// What is bound to `?1`, `?2`, ….
    pub params: Vec<Value>,
}

impl Sql {
    /// This text with these parameters.
    #[must_use]
    pub fn bind(&'static self, params: Vec<Value>) -> Statement {
        Statement { sql: self, params }
    }
}

/// Declares the statements of a domain as constants, and the list `ALL` that the SQL test reads. They are compiled once and
/// kept ([`kept`](crate::db::kept)).
#[macro_export]
macro_rules! statements {
    ($( $(#[$doc:meta])* $name:ident, $binding:expr, $text:expr; )+) => {
        $( $(#[$doc])* pub static $name: $crate::db::Sql = $crate::db::Sql {
            name: stringify!($name),
            text: {
                const TEXT: &str = $text;
                const KEPT: [u8; $crate::db::kept_len(TEXT)] = $crate::db::kept(TEXT);
                match ::core::str::from_utf8(&KEPT) {
                    Ok(kept) => kept,
                    Err(_) => TEXT,
                }
            },
            binding: $binding,
        }; )+
        /// Every statement of this domain.
        pub static ALL: &[&$crate::db::Sql] = &[$( &$name ),+];
    };
}

/// Whether the rows that a business has in this database are those that count: not a copy that is still being made, nor
/// one that was left (`move-business`). For what reads rows of businesses that it does not name.
#[macro_export]
macro_rules! is_here {
    ($business:literal) => {
        concat!(
            "NOT EXISTS (SELECT 1 FROM moves WHERE moves.business_id = ",
            $business,
            " AND moves.state IN ('arriving', 'moved'))"
        )
    };
}

/// As [`is_here!`], and may be written to: not while it is copied either. For what writes rows of businesses that it does
/// not name.
#[macro_export]
macro_rules! is_open {
    ($business:literal) => {
        concat!(
            "NOT EXISTS (SELECT 1 FROM moves WHERE moves.business_id = ",
            $business,
            " AND moves.state <> 'draining')"
        )
    };
}

/// Whether the business `?1` is about to be moved to another database; then nothing is begun that others see happen, so
/// that all of it has ended before the rows are copied. For claims.
#[macro_export]
macro_rules! stays {
    () => {
        "NOT EXISTS (SELECT 1 FROM moves WHERE moves.business_id = ?1)"
    };
}

/// A column of microseconds as JSON, to be printed by `common::json::marks`; null where it is. It stands beside SQLite's
/// JSON functions, never within them.
#[macro_export]
macro_rules! time_mark {
    ($column:literal) => {
        concat!(
            "coalesce('\"' || char(30) || ",
            $column,
            " || '\"', 'null')"
        )
    };
}

/// A column of microseconds as the contract prints it.
#[macro_export]
macro_rules! time_json {
    ($column:literal) => {
        concat!(
            "strftime('%Y-%m-%dT%H:%M:%S', ",
            $column,
            " / 1000000, 'unixepoch')
               || printf('.%06dZ', ",
            $column,
            " % 1000000)"
        )
    };
}
