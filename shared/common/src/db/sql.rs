use super::Value;

/// How a statement is kept within one business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// `?1` is the business, and every table is reached through it.
    Business,
    /// The statement finds out which business it is, by a key that is unique everywhere, or makes
    /// one. The reason is said here.
    Everywhere(&'static str),
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

/// Declares the statements of a domain as constants, and the list `ALL` that the SQL test reads.
#[macro_export]
macro_rules! statements {
    ($( $(#[$doc:meta])* $name:ident, $binding:expr, $text:expr; )+) => {
        $( $(#[$doc])* pub static $name: $crate::db::Sql = $crate::db::Sql {
            name: stringify!($name), text: $text, binding: $binding,
        }; )+
        /// Every statement of this domain.
        pub static ALL: &[&$crate::db::Sql] = &[$( &$name ),+];
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
