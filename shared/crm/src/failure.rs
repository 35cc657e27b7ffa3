use common::db::DbError;
use common::http::{Error, Kind};

/// What came of asking a CRM, where it is not what was asked for. Messages are for people: they
/// have no key in them, and of the CRM's sentence the beginning.
#[derive(Debug)]
pub enum Failure {
    /// The CRM does not accept the key, or not at this host. Every other request will fail in the same
    /// way.
    Auth {
        /// `bad_key`, `wrong_region`.
        code: &'static str,
        /// Why.
        message: String,
    },
    /// The key may not do this, and may do other things.
    Forbidden {
        /// What it lacks.
        message: String,
    },
    /// There is no such thing, or none that the key may see.
    NotFound,
    /// A conflict in the CRM: a newer revision, or another record with the same identity.
    Conflict {
        /// What.
        message: String,
    },
    /// The CRM will not take it, now or later.
    Invalid {
        /// Its code, or ours where it gave none.
        code: String,
        /// Why, with the place in the request where it named one.
        message: String,
    },
    /// The CRM stumbled over this request, and answers others: it may have been done, and may not.
    Faulted {
        /// What it said.
        message: String,
    },
    /// Too much was asked. Nothing was done.
    Throttled {
        /// When to ask again at the soonest, in microseconds since 1970, where it said so.
        until: Option<i64>,
        /// Why.
        message: String,
    },
    /// The request certainly never arrived.
    Unreached {
        /// Why.
        message: String,
    },
    /// It may have been done, and may not.
    Unclear {
        /// Why nobody knows.
        message: String,
    },
    /// Nothing was asked, since no budget is left. Counts as no try.
    Waiting {
        /// When there is some again, in microseconds since 1970.
        until: i64,
    },
    /// Nothing was asked, since enough was for this customer within the minute. Counts as no try.
    Capped {
        /// When more may be, in microseconds since 1970.
        until: i64,
    },
    /// Nothing is wrong with the CRM: our own side failed.
    Away(Error),
}

impl Failure {
    /// What a connection comes to whose settings cannot be read: one that lacks its key fails as one whose key is
    /// refused.
    #[must_use]
    pub fn not_connected(error: Error) -> Self {
        if error.kind() != Kind::Conflict {
            return Self::Away(error);
        }
        Self::Auth {
            code: "not_connected",
            message: error.message().to_owned(),
        }
    }

    /// A stable code of the failure.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Auth { code, .. } => code,
            Self::Forbidden { .. } => "missing_role",
            Self::NotFound => "not_found",
            Self::Conflict { .. } => "conflict",
            Self::Invalid { code, .. } => code,
            Self::Faulted { .. } => "server_error",
            Self::Throttled { .. } => "throttled",
            Self::Unreached { .. } => "unreached",
            Self::Unclear { .. } => "unclear",
            Self::Waiting { .. } | Self::Capped { .. } => "waiting",
            Self::Away(error) => error.code(),
        }
    }

    /// A sentence for people.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::Auth { message, .. }
            | Self::Forbidden { message }
            | Self::Conflict { message }
            | Self::Invalid { message, .. }
            | Self::Faulted { message }
            | Self::Throttled { message, .. }
            | Self::Unreached { message }
            | Self::Unclear { message } => message,
            Self::NotFound => "The CRM has no such record.",
            Self::Waiting { .. } => "The budget of requests is used up for now.",
            Self::Capped { .. } => "The CRM takes no more requests for one customer this minute.",
            Self::Away(error) => error.message(),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Away(error)
    }
}

impl From<DbError> for Failure {
    #[track_caller]
    fn from(error: DbError) -> Self {
        Self::Away(error.into())
    }
}
