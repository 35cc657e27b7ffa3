use super::error::{Error, Kind};

/// What a failure means to code that decides what to do next. Statuses are for HTTP alone: nothing
/// behind the edge compares them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The request cannot succeed as it is.
    Invalid,
    /// It is not known who calls.
    Unauthenticated,
    /// The caller may not do this.
    Forbidden,
    /// There is no such thing, or not any more, or it is another business's.
    NotFound,
    /// The state of what the request is about does not allow it.
    Conflict,
    /// The request is larger than we take.
    TooLarge,
    /// The caller asks too often.
    RateLimited,
    /// Something that we need does not answer; the same request may succeed later.
    Unavailable,
    /// Others wrote the same at the same time and came first; the same request may succeed later.
    Busy,
    /// Our bug.
    Internal,
}

impl Class {
    /// Whether the request itself was refused. What is left is our own failure.
    #[must_use]
    pub const fn is_refusal(self) -> bool {
        !matches!(self, Self::Unavailable | Self::Busy | Self::Internal)
    }

    /// Whether something failed that somebody should look into.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Unavailable | Self::Internal)
    }
}

impl Kind {
    /// What it means to code.
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Self::MissingApiKey
            | Self::InvalidApiKey
            | Self::ExpiredApiKey
            | Self::RevokedApiKey
            | Self::MissingToken
            | Self::InvalidToken
            | Self::InvalidSignature => Class::Unauthenticated,
            Self::InsufficientScope
            | Self::BusinessSuspended
            | Self::InvalidCsrfToken
            | Self::QuotaExceeded
            | Self::InvalidVerifyToken
            | Self::InvalidLink
            | Self::ExpiredLink => Class::Forbidden,
            Self::NotFound | Self::BodyExpired => Class::NotFound,
            Self::AmbiguousExternalId
            | Self::Conflict
            | Self::CrmNotConnected
            | Self::NotSetUp
            | Self::IdempotencyInProgress => Class::Conflict,
            Self::BodyTooLarge | Self::TooManyRecords => Class::TooLarge,
            Self::MalformedJson
            | Self::MalformedRequest
            | Self::MethodNotAllowed
            | Self::UnsupportedMediaType
            | Self::RangeNotSatisfiable
            | Self::InvalidRequest
            | Self::OutsideWindow
            | Self::OptedOut
            | Self::ProviderRejected
            | Self::UnsafeUrl
            | Self::IdempotencyKeyReused => Class::Invalid,
            Self::RateLimited => Class::RateLimited,
            Self::Internal => Class::Internal,
            Self::Busy => Class::Busy,
            Self::Unavailable | Self::CrmUnavailable => Class::Unavailable,
        }
    }
}

impl Error {
    /// What it means to code.
    #[must_use]
    pub fn class(&self) -> Class {
        self.kind().class()
    }

    /// Whether something that we need does not answer, or is busy, so that the same request may succeed
    /// later.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self.class(), Class::Unavailable | Class::Busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_and_status_of_a_kind_agree() {
        for kind in Kind::ALL {
            let (status, code) = kind.status_and_code();
            let statuses: &[u16] = match kind.class() {
                Class::Invalid => &[400, 405, 415, 416, 422],
                Class::Unauthenticated => &[401],
                Class::Forbidden => &[403],
                Class::NotFound => &[404, 410],
                Class::Conflict => &[409],
                Class::TooLarge => &[413, 422],
                Class::RateLimited => &[429],
                Class::Unavailable | Class::Busy => &[503],
                Class::Internal => &[500],
            };
            assert!(statuses.contains(&status), "{code}");
            assert_eq!(kind.class().is_refusal(), status < 500, "{code}");
        }
    }
}
