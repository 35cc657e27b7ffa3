//! Why a database gave no rows, in sentences for the people who can do something about it.

use super::super::Trouble;
use super::PAGE_ROWS;
use serde::{Deserialize, Serialize};

/// Why there are no rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of failure it is.
    pub reason: Reason,
    /// The database's code of an error (PostgreSQL's Appendix A), where it gave one.
    #[serde(default)]
    pub code: String,
    /// What the database or the platform says of it.
    #[serde(default)]
    pub said: String,
}

/// Kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// There is no connection.
    NotConnected,
    /// It did not answer while the connection was made.
    NoAnswer,
    /// The rows took too long.
    TooSlow,
    /// The connection broke.
    Broken,
    /// It has no TLS.
    NoTls,
    /// TLS failed: most often a certificate that is not trusted.
    TlsFailed,
    /// It asks for a proof that we do not give.
    LoginUnsupported,
    /// It does not know the password either.
    Impostor,
    /// It says no; `code` says why.
    Refused,
    /// There are more rows than a page has, and no column by which to go on.
    NeedsKey,
    /// A page of rows has nothing in that column.
    KeysMissing,
    /// It answered with what is no answer of PostgreSQL.
    NotPostgres,
    /// A reason that a newer build gives.
    #[serde(other)]
    Other,
}

impl Failure {
    /// A failure without a code.
    #[must_use]
    pub fn of(reason: Reason, said: impl Into<String>) -> Self {
        Self {
            reason,
            code: String::new(),
            said: said.into(),
        }
    }

    /// As it is told; `said` is cleaned.
    pub(super) fn trouble(&self, said: &str) -> Trouble {
        const AGAIN: &str = "It is tried again at the next run.";
        match self.reason {
            Reason::NotConnected => Trouble::passing(format!(
                "The database could not be reached: its name is unknown, or nothing answers there. Verify host and port, \
                 and that its firewall lets Cloudflare's addresses in. {AGAIN}"
            )),
            Reason::NoAnswer => Trouble::passing(format!(
                "The database did not answer in time while the connection was made. Verify that it is a PostgreSQL. {AGAIN}"
            )),
            Reason::TooSlow => Trouble::passing(format!(
                "The statement took too long and was given up. Have it read less, or by an index. {AGAIN}"
            )),
            Reason::Broken => {
                Trouble::passing(format!("The connection to the database broke off. {AGAIN}"))
            }
            Reason::NoTls => Trouble::settings(
                "The database refuses TLS, and without it nothing is sent. Set `ssl = on` there, with a certificate.",
            ),
            Reason::TlsFailed => Trouble::settings(
                "TLS failed: the certificate has to be of the host that the URL names, by an authority that browsers \
                 trust. Install such a certificate, or use a name that the one there is for.",
            ),
            Reason::LoginUnsupported => Trouble::settings(format!(
                "The database asks for a login by {said}. It has to be `scram-sha-256`: set \
                 `password_encryption` to that, and then the password of the role anew."
            )),
            Reason::Impostor => Trouble::settings(
                "The database could not prove that it knows the password. Verify the host of the URL.",
            ),
            Reason::NeedsKey => Trouble::settings(format!(
                "The statement has more rows than fit a page ({PAGE_ROWS}, or 2 MiB) and no column `id`. Set `key` to \
                 the column that names a row, or have the statement read less."
            )),
            Reason::KeysMissing => Trouble::settings(format!(
                "More rows than fit a page ({PAGE_ROWS}) have nothing in the column that names a row. Set `key` to another, or \
                 leave them out: `WHERE … IS NOT NULL`."
            )),
            Reason::NotPostgres => {
                Trouble::settings("What answers there speaks no PostgreSQL. Verify host and port.")
            }
            Reason::Other => {
                Trouble::passing(format!("The database could not be read: {said}. {AGAIN}"))
            }
            Reason::Refused => self.refused(said),
        }
    }

    /// By the classes of PostgreSQL's error codes.
    fn refused(&self, said: &str) -> Trouble {
        let class = self.code.get(..2).unwrap_or_default();
        let (passes, advice) = match (&*self.code, class) {
            ("57014", _) => (
                true,
                "The statement took longer than 20 seconds. Have it read less, or by an index. It is tried again at \
                 the next run.",
            ),
            ("25006", _) => (
                false,
                "The statement writes, and nothing but reading is done. Remove what changes the database.",
            ),
            ("42501", _) => (false, "Grant the role SELECT on what the statement reads."),
            ("3D000", _) => (false, "Verify the database's name in the URL."),
            (_, "28") => (
                false,
                "Check the user in the URL, the password in `api_key`, and pg_hba.conf.",
            ),
            (_, "0A" | "22" | "42") => (
                false,
                "Check the statement: it has to be a single one that reads, without parameters.",
            ),
            (_, "08" | "40" | "53" | "55" | "57" | "58" | "XX") => {
                (true, "It is tried again at the next run.")
            }
            _ => (
                false,
                "Run the statement in the database itself to see more.",
            ),
        };
        let end = match said.ends_with(['.', '!', '?']) {
            true => "",
            false => ".",
        };
        let code = &self.code;
        let message = format!("The database says: {said}{end} ({code}) {advice}");
        match passes {
            true => Trouble::passing(message),
            false => Trouble::settings(message),
        }
    }
}
