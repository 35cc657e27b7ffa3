use super::ledger::Method;
use crate::db::DbError;
use crate::ids::RequestId;
use std::borrow::Cow;
use std::fmt;
use std::panic::Location;

/// What kind of failure it is: the closed list from which status and code follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its code, in the table below")]
pub enum Kind {
    MalformedJson,
    MalformedRequest,
    MissingApiKey,
    InvalidApiKey,
    ExpiredApiKey,
    RevokedApiKey,
    MissingToken,
    InvalidToken,
    InvalidCsrfToken,
    InvalidSignature,
    InsufficientScope,
    BusinessSuspended,
    QuotaExceeded,
    InvalidVerifyToken,
    InvalidLink,
    ExpiredLink,
    NotFound,
    MethodNotAllowed,
    AmbiguousExternalId,
    Conflict,
    CrmNotConnected,
    NotSetUp,
    IdempotencyInProgress,
    BodyExpired,
    BodyTooLarge,
    UnsupportedMediaType,
    RangeNotSatisfiable,
    InvalidRequest,
    TooManyRecords,
    OutsideWindow,
    OptedOut,
    ProviderRejected,
    UnsafeUrl,
    IdempotencyKeyReused,
    RateLimited,
    Internal,
    Unavailable,
    Busy,
    CrmUnavailable,
}

impl Kind {
    /// Every kind, for tests and the OpenAPI document.
    pub const ALL: [Self; 39] = [
        Self::MalformedJson,
        Self::MalformedRequest,
        Self::MissingApiKey,
        Self::InvalidApiKey,
        Self::ExpiredApiKey,
        Self::RevokedApiKey,
        Self::MissingToken,
        Self::InvalidToken,
        Self::InvalidCsrfToken,
        Self::InvalidSignature,
        Self::InsufficientScope,
        Self::BusinessSuspended,
        Self::QuotaExceeded,
        Self::InvalidVerifyToken,
        Self::InvalidLink,
        Self::ExpiredLink,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::AmbiguousExternalId,
        Self::Conflict,
        Self::CrmNotConnected,
        Self::NotSetUp,
        Self::IdempotencyInProgress,
        Self::BodyExpired,
        Self::BodyTooLarge,
        Self::UnsupportedMediaType,
        Self::RangeNotSatisfiable,
        Self::InvalidRequest,
        Self::TooManyRecords,
        Self::OutsideWindow,
        Self::OptedOut,
        Self::ProviderRejected,
        Self::UnsafeUrl,
        Self::IdempotencyKeyReused,
        Self::RateLimited,
        Self::Internal,
        Self::Unavailable,
        Self::Busy,
        Self::CrmUnavailable,
    ];

    /// The status and the stable code.
    #[must_use]
    pub const fn status_and_code(self) -> (u16, &'static str) {
        match self {
            Self::MalformedJson => (400, "malformed_json"),
            Self::MalformedRequest => (400, "malformed_request"),
            Self::MissingApiKey => (401, "missing_api_key"),
            Self::InvalidApiKey => (401, "invalid_api_key"),
            Self::ExpiredApiKey => (401, "expired_api_key"),
            Self::RevokedApiKey => (401, "revoked_api_key"),
            Self::MissingToken => (401, "missing_token"),
            Self::InvalidToken => (401, "invalid_token"),
            Self::InvalidCsrfToken => (403, "invalid_csrf_token"),
            Self::InvalidSignature => (401, "invalid_signature"),
            Self::InsufficientScope => (403, "insufficient_scope"),
            Self::BusinessSuspended => (403, "business_suspended"),
            Self::QuotaExceeded => (403, "quota_exceeded"),
            Self::InvalidVerifyToken => (403, "invalid_verify_token"),
            Self::InvalidLink => (403, "invalid_link"),
            Self::ExpiredLink => (403, "expired_link"),
            Self::NotFound => (404, "not_found"),
            Self::MethodNotAllowed => (405, "method_not_allowed"),
            Self::AmbiguousExternalId => (409, "ambiguous_external_id"),
            Self::Conflict => (409, "conflict"),
            Self::CrmNotConnected => (409, "crm_not_connected"),
            Self::NotSetUp => (409, "not_set_up"),
            Self::IdempotencyInProgress => (409, "idempotency_in_progress"),
            Self::BodyExpired => (410, "body_expired"),
            Self::BodyTooLarge => (413, "body_too_large"),
            Self::UnsupportedMediaType => (415, "unsupported_media_type"),
            Self::RangeNotSatisfiable => (416, "range_not_satisfiable"),
            Self::InvalidRequest => (422, "invalid_request"),
            Self::TooManyRecords => (422, "too_many_records"),
            Self::OutsideWindow => (422, "outside_window"),
            Self::OptedOut => (422, "opted_out"),
            Self::ProviderRejected => (422, "provider_rejected"),
            Self::UnsafeUrl => (422, "unsafe_url"),
            Self::IdempotencyKeyReused => (422, "idempotency_key_reused"),
            Self::RateLimited => (429, "rate_limited"),
            Self::Internal => (500, "internal"),
            Self::Unavailable => (503, "unavailable"),
            Self::Busy => (503, "busy"),
            Self::CrmUnavailable => (503, "crm_unavailable"),
        }
    }
}

/// One field that broke one rule.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Detail {
    /// Where: `customers`, `query.limit`, `ids[3]`.
    pub path: Cow<'static, str>,
    /// The rule: `required`, `array`, `at_most_1000`.
    pub rule: Cow<'static, str>,
}

/// A failure of a request: a part for the caller and a part for the log.
///
/// Its status is never 2xx; its message is safe to show; its cause is logged once and never sent.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: Cow<'static, str>,
    details: Vec<Detail>,
    headers: Vec<(&'static str, String)>,
    cause: Option<String>,
    repeat: Option<Box<Repeat>>,
    raised_at: &'static Location<'static>,
}

/// What concerns a refusal under an `Idempotency-Key`.
#[derive(Debug, Default)]
struct Repeat {
    recall: Option<String>,
    first_request: Option<String>,
}

impl Error {
    /// An error with a sentence for the caller.
    #[must_use]
    #[track_caller]
    pub fn new(kind: Kind, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            message: message.into(),
            details: Vec::new(),
            headers: Vec::new(),
            cause: None,
            repeat: None,
            raised_at: Location::caller(),
        }
    }

    /// 422 for one field.
    #[must_use]
    #[track_caller]
    pub fn invalid(
        path: impl Into<Cow<'static, str>>,
        rule: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(Kind::InvalidRequest, message).with_detail(path, rule)
    }

    /// 405 with the methods that the path has.
    #[must_use]
    #[track_caller]
    pub fn method_not_allowed(allow: Vec<Method>) -> Self {
        let with_head = |method: &Method| match method {
            Method::Get => "GET, HEAD",
            method => method.as_str(),
        };
        let allow: Vec<_> = allow.iter().map(with_head).collect();
        Self::new(
            Kind::MethodNotAllowed,
            "This path does not take this method.",
        )
        .with_header("allow", allow.join(", "))
    }

    /// Our bug; the cause is for the log.
    #[must_use]
    #[track_caller]
    pub fn internal(cause: impl fmt::Display) -> Self {
        let mut error = Self::new(
            Kind::Internal,
            "Something went wrong on our side. Report the request_id if it happens again.",
        );
        error.cause = Some(cause.to_string());
        error
    }

    /// 503: something we need does not answer; the same request may succeed later.
    #[must_use]
    #[track_caller]
    pub fn unavailable(cause: impl fmt::Display) -> Self {
        let message = "The service cannot answer just now. Try again after a moment.";
        let mut error = Self::new(Kind::Unavailable, message).retry_after(2);
        error.cause = Some(cause.to_string());
        error
    }

    /// Adds a field that broke a rule.
    #[must_use]
    pub fn with_detail(
        mut self,
        path: impl Into<Cow<'static, str>>,
        rule: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.details.push(Detail {
            path: path.into(),
            rule: rule.into(),
        });
        self
    }

    /// Says after how many seconds to try again.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        self.with_header("retry-after", seconds.to_string())
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// See [`Response::recalled_by`](super::Response::recalled_by): of a provider's refusal, which is
    /// stored as an answer is.
    #[must_use]
    pub fn recalled_by(mut self, recall: impl Into<String>) -> Self {
        self.repeat.get_or_insert_default().recall = Some(recall.into());
        self
    }

    /// Tells the id of the request that was refused first, whose refusal this repeats.
    #[must_use]
    pub fn first_answered_to(mut self, request_id: impl Into<String>) -> Self {
        let repeat = self.repeat.get_or_insert_default();
        repeat.first_request = Some(request_id.into());
        self
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.kind.status_and_code().0
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.kind.status_and_code().1
    }

    /// The sentence for the caller.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The rule that the field broke, or what else an error tells of it.
    #[must_use]
    pub fn detail(&self, path: &str) -> Option<&str> {
        let found = self.details.iter().find(|detail| detail.path == path);
        found.map(|detail| &*detail.rule)
    }

    /// What the log shows beside the code: the cause and where it was raised.
    #[must_use]
    pub fn cause(&self) -> Option<String> {
        let cause = self.cause.as_ref()?;
        Some(format!(
            "{cause} ({}:{})",
            self.raised_at.file(),
            self.raised_at.line()
        ))
    }

    /// The one envelope.
    #[must_use]
    pub fn to_response(&self, request_id: &RequestId) -> super::Response {
        #[derive(serde::Serialize)]
        struct Envelope<'e> {
            error: &'e str,
            code: &'e str,
            #[serde(skip_serializing_if = "<[Detail]>::is_empty")]
            details: &'e [Detail],
            request_id: &'e str,
        }
        let repeat = self.repeat.as_deref();
        let first = repeat.and_then(|repeat| repeat.first_request.as_deref());
        let envelope = Envelope {
            error: &self.message,
            code: self.code(),
            details: &self.details,
            request_id: first.unwrap_or(request_id.as_str()),
        };
        let mut response = super::Response::json(self.status(), &envelope);
        for (name, value) in &self.headers {
            response = response.with_header(name, value.clone());
        }
        if let Some(recall) = repeat.and_then(|repeat| repeat.recall.as_deref()) {
            response = response.recalled_by(recall);
        }
        response
    }
}

impl From<DbError> for Error {
    #[track_caller]
    fn from(error: DbError) -> Self {
        match error {
            DbError::Outage(_) | DbError::Race(_) => Self::unavailable(error),
            DbError::TooBig(_) | DbError::Broken(_) => Self::internal(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_a_failure_with_a_code_of_its_own() {
        for (n, kind) in Kind::ALL.into_iter().enumerate() {
            let (status, code) = kind.status_and_code();
            assert!((400..600).contains(&status));
            let same = |other: &Kind| other.status_and_code().1 == code;
            assert_eq!(Kind::ALL.iter().position(same), Some(n), "{code}");
        }
    }

    #[test]
    fn the_cause_is_for_the_log_and_never_for_the_caller() {
        let error = Error::internal("no such table: customers");
        let response = error.to_response(&RequestId::new(|b| b.fill(1)));
        assert!(!String::from_utf8_lossy(response.body()).contains("customers"));
        assert!(
            error
                .cause()
                .unwrap()
                .contains("no such table: customers (shared/common")
        );
    }
}
