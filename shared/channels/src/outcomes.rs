//! What every adapter says of a request that did not succeed.

use super::outbound::SendOutcome;
use common::ports::{FetchError, OutboundResponse};

/// Longest sentence of a provider's that is kept, in characters.
const MAX_MESSAGE_CHARS: usize = 500;
/// The longest Retry-After that is honoured, one day.
const MAX_SECONDS: u32 = 86_400;
/// How long to leave a provider alone that says nothing about it, in seconds.
pub const SOON_SECONDS: u32 = 5;

/// It will not be taken, now or later. Of a provider's sentence the beginning is kept.
pub fn refused(code: impl Into<String>, message: &str, is_of_account: bool) -> SendOutcome {
    SendOutcome::Refused {
        code: code.into(),
        message: sentence(message),
        is_of_account,
    }
}

/// It was not taken, and may be after so many seconds.
pub fn again(
    after_seconds: u32,
    max_tries: Option<i64>,
    code: impl Into<String>,
    message: &str,
) -> SendOutcome {
    SendOutcome::Again {
        after_seconds: after_seconds.min(MAX_SECONDS),
        max_tries,
        code: code.into(),
        message: sentence(message),
    }
}

/// Nobody knows.
pub fn uncertain(message: &str) -> SendOutcome {
    SendOutcome::Uncertain {
        message: message.into(),
    }
}

/// There was no answer, to what must not be sent twice.
pub fn unanswered(no_answer: &FetchError) -> SendOutcome {
    match no_answer {
        FetchError::NotSent(_) => again(
            SOON_SECONDS,
            None,
            "unreachable",
            "The provider could not be reached.",
        ),
        FetchError::Unsure(_) => {
            uncertain("The connection broke off or timed out after the message had left.")
        }
    }
}

/// An answer that says nothing of what became of the message.
pub fn unclear(status: u16) -> SendOutcome {
    uncertain(&format!(
        "The provider answered with status {status} and nothing that says what became of the message."
    ))
}

/// What a provider said, or that it said nothing.
pub fn sentence(message: &str) -> String {
    match message {
        "" => "The provider gave no reason.".into(),
        message => message.chars().take(MAX_MESSAGE_CHARS).collect(),
    }
}

/// For how many seconds the provider wants to be left alone, where it says so.
pub fn retry_after(response: &OutboundResponse) -> Option<u32> {
    response.header("retry-after")?.trim().parse().ok()
}
