use super::headers::has_limits;
use channels::outbound::FetchResult;
use channels::outcomes::retry_after;
use common::json::tolerant::{self, text};
use common::json::{raw, raw::Object};
use common::ports::{FetchError, OutboundResponse};
use common::time::{SECOND, Timestamp};
use crm::Failure;

/// Longest part of Krayin's sentences that is kept, in characters.
const MAX_MESSAGE_CHARS: usize = 300;
/// Longest wait that is believed.
const MAX_SECONDS: u32 = 3600;

/// What came of a request that did not succeed.
#[derive(Debug)]
pub enum Refusal {
    /// As the engine knows it.
    Failed(Failure),
    /// Fields that Krayin does not take. Its sentences are translated, so that the field alone tells
    /// why: an address or a number that is well-formed is another's.
    Fields(Vec<FieldError>),
    /// A handler failed, which says nothing of other requests. It may have written before: there is no
    /// transaction around a request.
    Faulted(String),
    /// A 500 that got to no handler: a bad token, the rate limit, or a method that there is not. In
    /// production they all look the same.
    Bare,
}

/// A field that Krayin does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Its path: `emails.0.value`, `name`, `lead_value`; of a person in a lead without `person.`.
    pub field: String,
    /// Why, in Krayin's language.
    pub message: String,
}

impl FieldError {
    /// Whether it is an entry of a list: `emails`, `contact_numbers`; which one.
    #[must_use]
    pub fn entry_of(&self, list: &str) -> Option<usize> {
        let rest = self.field.strip_prefix(list)?.strip_prefix('.')?;
        rest.strip_suffix(".value")?.parse().ok()
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Failed(failure) => failure,
            Refusal::Fields(fields) => Self::Invalid {
                code: "invalid".to_owned(),
                message: sentence_of(&fields),
            },
            Refusal::Faulted(message) => Self::Faulted { message },
            Refusal::Bare => Self::Faulted {
                message: FAULT.to_owned(),
            },
        }
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

const FAULT: &str = "The CRM answered with an error of its own (500).";

fn sentence_of(fields: &[FieldError]) -> String {
    let all = fields
        .iter()
        .map(|one| [&one.field, ": ", &one.message].concat());
    beginning(&all.collect::<Vec<_>>().join(" "))
}

fn beginning(text: &str) -> String {
    text.chars().take(MAX_MESSAGE_CHARS).collect()
}

/// The JSON of an answer that succeeded.
///
/// # Errors
/// What came of the request instead.
pub fn body_of(answered: &FetchResult, now: Timestamp) -> Result<String, Refusal> {
    let response = match answered {
        Ok(response) => response,
        Err(FetchError::NotSent(_)) => {
            let message = "The CRM could not be reached.".into();
            return Err(Failure::Unreached { message }.into());
        }
        Err(FetchError::Unsure(_)) => {
            return Err(unclear(
                "The connection broke off or timed out after the request had left.",
            ));
        }
    };
    let body = tolerant::checked(&response.body);
    match (response.status, body) {
        (200..300, Some(body)) if is_json(response) => Ok(body),
        (200..300, _) if response.is_cut => Err(unclear("The answer is too long to be read.")),
        (200..300, None) if says_json(response) => Err(unclear("The answer broke off.")),
        // A page, a redirect to the log-in, an answer of something else: nothing was done for certain.
        (200..400, _) => Err(no_api(response.status)),
        (_, body) => Err(refusal(response, body, now)),
    }
}

fn refusal(response: &OutboundResponse, body: Option<String>, now: Timestamp) -> Refusal {
    let status = response.status;
    let is_api = body.is_some();
    let body = body.unwrap_or_default();
    let body = raw::part(&body);
    let message = sentence(&body, status);
    let failure = match status {
        401 => Failure::Auth {
            code: "bad_key",
            message,
        },
        403 => Failure::Forbidden { message },
        404 if is_api => Failure::NotFound,
        404 => return no_api(status),
        400 | 422 => {
            let fields = fields_of(&body);
            if !fields.is_empty() {
                return Refusal::Fields(fields);
            }
            invalid(status, message)
        }
        429 => Failure::Throttled {
            until: retry_after(response)
                .map(|seconds| now.micros() + i64::from(seconds.min(MAX_SECONDS)) * SECOND),
            message,
        },
        500 if is_api && has_limits(response) => return Refusal::Faulted(message),
        500 if is_api => return Refusal::Bare,
        // Maintenance, by Krayin itself or by what stands before it.
        503 => Failure::Throttled {
            until: None,
            message,
        },
        408 | 500.. => Failure::Unclear { message },
        status => invalid(status, message),
    };
    failure.into()
}

fn invalid(status: u16, message: String) -> Failure {
    Failure::Invalid {
        code: format!("http_{status}"),
        message,
    }
}

fn unclear(message: &str) -> Refusal {
    let message = message.to_owned();
    Failure::Unclear { message }.into()
}

/// An answer that is none of Krayin's API, which every other request will get, too.
fn no_api(status: u16) -> Refusal {
    let message = format!(
        "What answers at api_url (with status {status}) is no API of Krayin: check the URL, and that \
         the package krayin/rest-api is installed."
    );
    let code = "not_an_api";
    Failure::Auth { code, message }.into()
}

fn says_json(response: &OutboundResponse) -> bool {
    let kind = response.header("content-type");
    kind.is_some_and(|kind| kind.to_ascii_lowercase().contains("json"))
}

/// A page may be JSON by chance, and an answer may come without its type.
fn is_json(response: &OutboundResponse) -> bool {
    says_json(response) || response.header("content-type").is_none()
}

/// What a refusal says; keys of translations that Krayin does not have say nothing.
fn sentence(body: &Object<'_>, status: u16) -> String {
    let message = text(body, "message").filter(|message| !message.contains("::app."));
    match message {
        Some(message) => beginning(&message),
        None if status == 500 => FAULT.to_owned(),
        None => format!("The CRM answered with status {status}."),
    }
}

fn fields_of(body: &Object<'_>) -> Vec<FieldError> {
    let errors = tolerant::child(body, "errors");
    let error = |(field, messages): (&str, &&str)| FieldError {
        field: field.strip_prefix("person.").unwrap_or(field).to_owned(),
        message: raw::items(messages)
            .first()
            .and_then(|message| raw::text(message))
            .unwrap_or_default(),
    };
    errors.iter().map(error).collect()
}
