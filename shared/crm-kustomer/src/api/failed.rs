use super::resource::whole;
use channels::outbound::FetchResult;
use common::json::raw;
use common::json::tolerant;
use common::json::tolerant::{child, objects, text};
use common::ports::{FetchError, OutboundResponse};
use common::time::{SECOND, Timestamp};
use crm::{Failure, Reported};

/// Longest part of Kustomer's sentences that is kept, in characters.
const MAX_MESSAGE_CHARS: usize = 300;
/// Longest wait that is believed: budgets are of a minute.
const MAX_MICROS: i64 = 3600 * SECOND;
/// Highest budget that is believed, in requests a minute.
const MAX_REQUESTS: i64 = 1_000_000;
/// Words longer than this may be keys.
const MAX_WORD_CHARS: usize = 60;

/// Reads the headers of an answer; what is missing or nonsense is `None`.
#[must_use]
pub fn limits(answered: &FetchResult, now: Timestamp) -> Reported {
    let Ok(response) = answered else {
        return Reported::default();
    };
    let number = |name: &str| {
        let number = whole(response.header(name)?.trim())?;
        Some(number.clamp(0, MAX_REQUESTS))
    };
    Reported {
        limit: number("x-ratelimit-limit").filter(|limit| *limit > 0),
        remaining: number("x-ratelimit-remaining"),
        reset: moment(response, "x-ratelimit-reset", now),
    }
}

/// A time in a header: seconds since 1970, milliseconds since 1970, or seconds from now.
fn moment(response: &OutboundResponse, name: &str, now: Timestamp) -> Option<i64> {
    let text = response.header(name)?.trim();
    let number = whole(text.split_once('.').map_or(text, |(whole, _)| whole))?;
    let micros = match number {
        1_000_000_000_000.. => number.saturating_mul(SECOND / 1000),
        1_000_000_000.. => number * SECOND,
        _ => now.micros().saturating_add(number.saturating_mul(SECOND)),
    };
    let now = now.micros();
    Some(micros.clamp(now, now.saturating_add(MAX_MICROS)))
}

/// What came of a request that did not succeed (kustomer.md §5).
#[must_use]
pub fn failure(answered: &FetchResult, now: Timestamp) -> Failure {
    let response = match answered {
        Ok(response) => response,
        Err(FetchError::NotSent(_)) => {
            let message = "The CRM could not be reached.".into();
            return Failure::Unreached { message };
        }
        Err(FetchError::Unsure(_)) => {
            let message = "The connection broke off or timed out after the request had left.";
            let message = message.into();
            return Failure::Unclear { message };
        }
    };
    let error = ErrorBody::read(&response.body);
    let message = error.sentence(response.status);
    let may_be_region = matches!(response.status, 400..=404 | 421) && error.pointer.is_none();
    if may_be_region && error.speaks_of_region() {
        let code = "wrong_region";
        return Failure::Auth { code, message };
    }
    match response.status {
        401 if error.speaks_of_role() => Failure::Forbidden { message },
        401 => Failure::Auth {
            code: "bad_key",
            message,
        },
        403 => Failure::Forbidden { message },
        404 => Failure::NotFound,
        409 => Failure::Conflict { message },
        400 | 422 if error.speaks_of_duplicate() => Failure::Conflict { message },
        413 => Failure::Invalid {
            code: "too_large".into(),
            message,
        },
        429 => Failure::Throttled {
            until: until(response, now),
            message,
        },
        200..300 => unsuited(),
        408 | 500.. => Failure::Unclear { message },
        status => Failure::Invalid {
            code: error.code.unwrap_or_else(|| format!("http_{status}")),
            message,
        },
    }
}

/// Why a request was refused for want of a role; `None` for any other answer.
#[must_use]
pub fn forbidden(answered: &FetchResult, now: Timestamp) -> Option<String> {
    let status = answered.as_ref().ok()?.status;
    match (401..=403)
        .contains(&status)
        .then(|| failure(answered, now))?
    {
        Failure::Forbidden { message } => Some(message),
        _ => None,
    }
}

/// An answer that says that it went well, and not what came of it.
pub(super) fn unsuited() -> Failure {
    Failure::Unclear {
        message: "The answer broke off, or is none of the CRM's.".into(),
    }
}

/// When Kustomer accepts requests again.
fn until(response: &OutboundResponse, now: Timestamp) -> Option<i64> {
    let told = ["retry-after", "x-ratelimit-reset"].map(|name| moment(response, name, now));
    told.into_iter().flatten().max()
}

/// The error in a response body, in any of Kustomer's shapes.
#[derive(Debug, Default)]
struct ErrorBody {
    code: Option<String>,
    message: String,
    pointer: Option<String>,
}

impl ErrorBody {
    /// Reads `errors[0]`, or the older `error` and `message`; without anything for other bodies.
    fn read(body: &[u8]) -> Self {
        let body = tolerant::checked(body).unwrap_or_default();
        let whole = raw::part(&body);
        let first = objects(&whole, "errors").into_iter().next();
        let error = first.unwrap_or_else(|| child(&whole, "error"));
        let told = |name: &str| text(&error, name);
        let either = told("detail").or_else(|| told("message"));
        let older = || text(&whole, "message").or_else(|| text(&whole, "error"));
        let message = match (told("title"), either) {
            (Some(title), Some(detail)) if title != detail => format!("{title}: {detail}"),
            (title, detail) => detail.or(title).or_else(older).unwrap_or_default(),
        };
        let source = child(&error, "source");
        let pointer = text(&source, "pointer").or_else(|| text(&source, "parameter"));
        Self {
            code: told("code").map(|code| code.chars().take(64).collect()),
            message,
            pointer,
        }
    }

    fn sentence(&self, status: u16) -> String {
        let error = match (self.message.as_str(), &self.pointer) {
            ("", None) => return format!("The CRM answered with status {status}."),
            ("", Some(pointer)) => format!("The CRM refuses {pointer}."),
            (message, Some(pointer)) if !message.contains(pointer.as_str()) => {
                format!("{pointer}: {message}")
            }
            (message, _) => message.to_owned(),
        };
        masked(&error).chars().take(MAX_MESSAGE_CHARS).collect()
    }

    fn speaks_of_region(&self) -> bool {
        self.says("associated with pod")
    }

    fn speaks_of_role(&self) -> bool {
        let words = [
            "org.permission",
            "org.user",
            "org.admin",
            "missing role",
            "required role",
        ];
        words.iter().any(|word| self.says(word))
    }

    fn speaks_of_duplicate(&self) -> bool {
        let words = [
            "duplicate",
            "already exists",
            "already in use",
            "must be unique",
        ];
        words.iter().any(|word| self.says(word))
    }

    fn says(&self, words: &str) -> bool {
        let code = self.code.as_deref().unwrap_or_default();
        let is_in = |text: &str| text.to_ascii_lowercase().contains(words);
        is_in(&self.message) || is_in(code)
    }
}

/// A sentence without what may be the key.
fn masked(sentence: &str) -> String {
    let mut masked = String::with_capacity(sentence.len());
    let mut is_behind_bearer = false;
    for word in sentence.split_inclusive(|c: char| c.is_whitespace() || "\"',;()<>".contains(c)) {
        let bare = word.trim_end_matches(|c: char| c.is_whitespace() || "\"',;()<>".contains(c));
        let is_key = is_behind_bearer || bare.contains("eyJ") || bare.len() > MAX_WORD_CHARS;
        let is_key = is_key && !bare.is_empty();
        masked.push_str(if is_key { "***" } else { bare });
        masked.push_str(word.get(bare.len()..).unwrap_or_default());
        if !bare.is_empty() {
            is_behind_bearer = bare.eq_ignore_ascii_case("bearer");
        }
    }
    masked
}
