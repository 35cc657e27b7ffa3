//! What can go wrong with a call, in the user's words.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::Value;

use super::retry_after;
use crate::config::SecretKind;
use crate::text;

/// Why a call gave no answer of use.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// No answer, or only a part of one. What was asked may have been done.
    Unreachable(String),
    /// An answer other than 2xx.
    Refused(Box<Refusal>),
    /// A 2xx that is not the API's.
    Unintelligible,
}

/// The error envelope of an answer, as far as it had one.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    error: Option<String>,
    pub(crate) code: Option<String>,
    details: Vec<String>,
    request_id: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    location: Option<String>,
    secret: SecretKind,
}

#[derive(Default, Deserialize)]
struct Envelope {
    error: Option<Value>,
    code: Option<String>,
    #[serde(default)]
    details: Value,
    request_id: Option<String>,
}

impl ApiError {
    pub(super) fn refused(
        status: u16,
        header: &dyn Fn(&str) -> Option<String>,
        body: &[u8],
        secret: SecretKind,
    ) -> Self {
        let envelope: Envelope = serde_json::from_slice(body).unwrap_or_default();
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0, |since| {
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
        });
        let request_id = header("x-request-id").or(envelope.request_id);
        Self::Refused(Box::new(Refusal {
            status,
            error: envelope.error.as_ref().and_then(Value::as_str).map(short),
            code: envelope.code.as_deref().map(short),
            details: details(&envelope.details),
            request_id: request_id.as_deref().map(short),
            retry_after: header("retry-after").and_then(|value| retry_after(&value, now)),
            location: header("location").as_deref().map(short),
            secret,
        }))
    }

    /// Whether the same request may succeed later.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Refused(refusal) => match refusal.status {
                408 | 429 | 500..=599 => true,
                409 => refusal.code.as_deref() == Some("idempotency_in_progress"),
                _ => false,
            },
            Self::Unintelligible => false,
        }
    }

    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.status),
            _ => None,
        }
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.retry_after,
            _ => None,
        }
    }

    /// What the user can do about it, if anything is known.
    pub(crate) fn advice(&self) -> Option<String> {
        let refusal = match self {
            Self::Unreachable(_) => return Some("Is the server running? Check --base-url.".into()),
            Self::Unintelligible => return Some("Check --base-url.".into()),
            Self::Refused(refusal) => refusal,
        };
        let (option, variable) = (refusal.secret.option(), refusal.secret.variable());
        match refusal.status {
            300..=399 => Some(match &refusal.location {
                Some(location) => format!("It points to {location}: check --base-url."),
                None => "Check --base-url.".into(),
            }),
            401 => Some(format!("Check {option} or {variable}.")),
            403 => Some(format!(
                "Use a key that has the scope ({option} or {variable})."
            )),
            404 | 405 if refusal.code.is_none() => Some("Check --base-url.".into()),
            429 => Some("Try again later.".into()),
            500..=599 => Some("Try again later; if it stays so, name the request id.".into()),
            _ => None,
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(reason) => write!(f, "no answer from the server: {reason}"),
            Self::Unintelligible => f.write_str("the answer is not one that Tieline gives"),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server answered {}", self.status)?;
        if let Some(error) = &self.error {
            write!(f, ": {}", error.trim_end_matches('.'))?;
        }
        if !self.details.is_empty() {
            write!(f, " [{}]", self.details.join("; "))?;
        }
        let code = self.code.as_ref().map(|code| format!("code {code}"));
        let request = self.request_id.as_ref().map(|id| format!("request {id}"));
        let known: Vec<String> = code.into_iter().chain(request).collect();
        if !known.is_empty() {
            write!(f, " ({})", known.join(", "))?;
        }
        Ok(())
    }
}

fn short(text: &str) -> String {
    text::clean(text, 300)
}

/// `details` as `field: rule`, the first few.
fn details(value: &Value) -> Vec<String> {
    let Some(list) = value.as_array() else {
        return Vec::new();
    };
    let first = |detail: &Value, names: &[&str]| {
        let found = names.iter().find_map(|name| detail.get(name)?.as_str());
        found.map(short)
    };
    let shown = list.iter().take(5).filter_map(|detail| {
        let rule = first(detail, &["rule", "message", "error"])?;
        Some(match first(detail, &["path", "field"]) {
            Some(path) => format!("{path}: {rule}"),
            None => rule,
        })
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, body: &str) -> ApiError {
        let header = |name: &str| (name == "x-request-id").then(|| "req-1".to_owned());
        ApiError::refused(status, &header, body.as_bytes(), SecretKind::ApiKey)
    }

    #[test]
    fn the_servers_sentence_details_and_request_id_are_told() {
        let body = r#"{"error":"The body is invalid.","code":"invalid",
            "details":[{"path":"customers","rule":"too_many"}],"request_id":"other"}"#;
        assert_eq!(
            refused(422, body).to_string(),
            "the server answered 422: The body is invalid [customers: too_many] \
             (code invalid, request req-1)"
        );
    }

    #[test]
    fn an_answer_that_is_no_envelope_still_has_its_status() {
        let error = refused(502, "<html>");
        assert_eq!(error.to_string(), "the server answered 502 (request req-1)");
        assert!(error.is_transient());
    }

    #[test]
    fn only_what_time_can_heal_is_transient() {
        for status in [408, 429, 500, 503, 599] {
            assert!(refused(status, "").is_transient(), "{status}");
        }
        for status in [302, 400, 401, 403, 404, 409, 413, 422] {
            assert!(!refused(status, "").is_transient(), "{status}");
        }
        assert!(refused(409, r#"{"code":"idempotency_in_progress"}"#).is_transient());
        assert!(ApiError::Unreachable(String::new()).is_transient());
        assert!(!ApiError::Unintelligible.is_transient());
    }

    #[test]
    fn a_refused_key_names_the_option_to_check() {
        let advice = refused(401, "").advice().unwrap_or_default();
        assert!(advice.contains("--api-key or TIELINE_API_KEY"), "{advice}");
    }
}
