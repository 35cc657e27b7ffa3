//! Why a page could not be fetched, in sentences for the people who can do something about it.

use super::{MAX_BODY_BYTES, TIMEOUT_MS, limits, url, words};
use common::ports::{FetchError, OutboundResponse};
use common::time::Timestamp;

/// Whether a later run may fare better with the same settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// It may: a limit, a fault of the other side, a broken connection.
    Retry,
    /// It will not until someone changes the settings, here or there.
    Settings,
}

/// Why there is no page. Nothing that was fetched before is to be removed for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What kind it is.
    pub class: Class,
    /// The status that was answered, where there was an answer.
    pub status: Option<u16>,
    /// For people: what happened, up to 300 characters of what the other side says of it, and what to do. Without
    /// keys and control characters.
    pub message: String,
    /// For how many seconds the other side wants to be left alone, at most a day, where it says so.
    pub retry_after: Option<u32>,
}

impl Trouble {
    /// One that settings cause.
    pub(super) fn settings(message: impl Into<String>) -> Self {
        Self {
            class: Class::Settings,
            status: None,
            message: message.into(),
            retry_after: None,
        }
    }

    /// One that may pass.
    pub(super) fn passing(message: impl Into<String>) -> Self {
        Self {
            class: Class::Retry,
            ..Self::settings(message)
        }
    }

    /// The same without any of these in its message.
    pub(super) fn without(self, secrets: &[String]) -> Self {
        Self {
            message: words::without(&self.message, secrets),
            ..self
        }
    }

    pub(super) fn with_status(self, status: u16) -> Self {
        Self {
            status: Some(status),
            ..self
        }
    }
}

/// What is shown of a URL: no path and no query, which may have keys in them.
fn shown(url: &str) -> String {
    let origin = url::origin(url).unwrap_or_else(|| "a place that is none".to_owned());
    words::cleaned(&origin, &[])
}

pub(super) fn unsafe_url(url: &str) -> Trouble {
    Trouble::settings(format!(
        "{} may not be called: a link leads to a public host, by https. Set the URL of the data itself.",
        shown(url)
    ))
}

pub(super) fn unsafe_redirect(status: u16, url: &str) -> Trouble {
    let message = format!(
        "The endpoint redirects to {}, which may not be called. Set the URL of the link to where the data is.",
        shown(url)
    );
    Trouble::settings(message).with_status(status)
}

pub(super) fn next_elsewhere(url: &str) -> Trouble {
    Trouble::settings(format!(
        "The next page is said to be at {}, and keys are sent nowhere but where the link leads: scheme, host and port \
         have to be the same. Have the endpoint name its own, or set the URL of the link to that one.",
        shown(url)
    ))
}

pub(super) fn redirected_elsewhere(status: u16, url: &str) -> Trouble {
    let message = format!(
        "The endpoint redirects to {}, and keys are sent nowhere but where the link leads: scheme, host and port have to \
         be the same. If that is where the data is, set the URL of the link to it.",
        shown(url)
    );
    Trouble::settings(message).with_status(status)
}

pub(super) fn redirect_without_target(status: u16) -> Trouble {
    let message = "The endpoint redirects without saying where to. Verify the URL of the link.";
    Trouble::settings(message).with_status(status)
}

pub(super) fn post_redirected(status: u16) -> Trouble {
    let message = "The endpoint redirects a POST. Set the URL of the link to where it leads.";
    Trouble::settings(message).with_status(status)
}

pub(super) fn too_many_redirects(max: usize) -> Trouble {
    Trouble::settings(format!(
        "The endpoint redirects more than {max} times. Set the URL of the link to where the data is."
    ))
}

/// There was no answer. The platform's words are not told, since they may have the URL in them.
pub(super) fn no_answer(error: &FetchError) -> Trouble {
    Trouble::passing(match error {
        FetchError::NotSent(_) => {
            "The endpoint could not be reached: its name is unknown, or nothing answers there. It is tried again at \
             the next run."
                .to_owned()
        }
        FetchError::Unsure(_) => format!(
            "The answer broke off, cannot be decoded, or took longer than {} seconds. It is tried again at the next \
             run.",
            TIMEOUT_MS / 1000
        ),
    })
}

/// A status that is none of success. `spoken` cleans what the other side says.
pub(super) fn of_answer(
    response: &OutboundResponse,
    now: Timestamp,
    spoken: &dyn Fn(&str) -> String,
) -> Trouble {
    let status = response.status;
    let is_throttled = limits::is_throttled(response);
    let (name, advice) = match status {
        401 => (
            "Unauthorized",
            "Check that the API key is valid, and verify the authentication headers.",
        ),
        403 => (
            "Forbidden",
            "Check what the API key may read, and verify the authentication headers.",
        ),
        404 | 410 => (
            "Not Found",
            "Verify the URL of the endpoint, and that the resource exists.",
        ),
        405 => (
            "Method Not Allowed",
            "A link with a body or a query is asked by POST, any other by GET: check its settings.",
        ),
        400 | 422 => (
            "Bad Request",
            "Check the URL, its parameters and the body that the link sends.",
        ),
        408 | 425 => ("Request Timeout", "It is tried again at the next run."),
        429 => ("Too Many Requests", ""),
        202 => (
            "Accepted",
            "The data is not ready yet; it is tried again at the next run.",
        ),
        500.. => (
            "Server Error",
            "The link stays active and its data as it was; it is tried again at the next run.",
        ),
        _ => (
            "",
            "Test the endpoint with curl, and review the documentation of its API for changes.",
        ),
    };
    let advice = match is_throttled {
        true => "It is tried again with backoff; consider fetching less often.",
        false => advice,
    };
    let passes = is_throttled || matches!(status, 202 | 304 | 408 | 425 | 500..);
    let said = words::of(&response.body).map(|words| spoken(&words));
    let mut message = status.to_string();
    if !name.is_empty() {
        message.push(' ');
        message.push_str(name);
    }
    let says_more = |said: &String| {
        let said = said.trim_end_matches('.');
        !said.is_empty() && !said.eq_ignore_ascii_case(name) && !said.eq_ignore_ascii_case(&message)
    };
    if let Some(said) = said.filter(says_more) {
        message.push_str(": ");
        message.push_str(&said);
    }
    if !message.ends_with(['.', '!', '?']) {
        message.push('.');
    }
    message.push(' ');
    message.push_str(advice);
    Trouble {
        class: if passes {
            Class::Retry
        } else {
            Class::Settings
        },
        status: Some(status),
        message,
        retry_after: limits::retry_after(response, now).filter(|_| passes),
    }
}

/// Refuses a body that is none, or not the whole one. Whether it is what its type says is for who reads it.
pub(super) fn check_body(
    response: &OutboundResponse,
    content_type: Option<&str>,
) -> Result<(), Trouble> {
    let trouble = |trouble: Trouble| Err(trouble.with_status(response.status));
    if response.is_cut {
        return trouble(Trouble::settings(format!(
            "The answer is larger than {} MiB. Have the endpoint give its list in pages.",
            MAX_BODY_BYTES / (1024 * 1024)
        )));
    }
    let body = response.body.trim_ascii();
    if body.is_empty() {
        return trouble(Trouble::passing(
            "The endpoint answered without a body. It is tried again at the next run.",
        ));
    }
    // RFC 1952 §2.3.1. Answers that say that they are compressed come here decompressed.
    if body.starts_with(&[0x1f, 0x8b]) {
        return trouble(match response.header("content-encoding") {
            Some(_) => Trouble::passing(
                "The compressed answer is broken or broke off. It is tried again at the next run.",
            ),
            None => Trouble::settings(
                "The answer is a compressed file. Have it served as it is, or with Content-Encoding: gzip.",
            ),
        });
    }
    let is_json = content_type.is_some_and(|kind| kind.to_ascii_lowercase().contains("json"));
    let is_closed = match body.first() {
        Some(b'{') => body.ends_with(b"}"),
        Some(b'[') => body.ends_with(b"]"),
        _ => true,
    };
    if is_json && !is_closed {
        return trouble(Trouble::passing(
            "The answer broke off before its end. It is tried again at the next run.",
        ));
    }
    Ok(())
}
