use channels::outbound::FetchResult;
use channels::outcomes::{retry_after, sentence};
use common::json::raw::{self, Object};
use common::json::tolerant::text;
use common::ports::{FetchError, OutboundResponse};

/// What is said of a record that the token's role, or its inboxes, do not reach; all else that is said
/// with 401 is of the token or of the account.
const NOT_YOURS: &str = "You are not authorized to do this action";
/// What is said of more messages in a conversation than one minute may have.
const FLOODED: &str = "Too many messages";

/// Why a request did not succeed (chatwoot.md §3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failed {
    /// The server was not reached: nothing was done.
    Unreached,
    /// No answer came: it may have been done.
    Unclear,
    /// The token is none, or a proxy drops the header that it comes in.
    BadToken,
    /// The token may not do that to the account: it is another's, a bot's, or suspended.
    Forbidden {
        /// What Chatwoot says.
        message: String,
    },
    /// The token's role, or its inboxes, do not reach this record.
    NotYours,
    /// There is no such record.
    NotFound,
    /// It was refused as it is.
    Invalid {
        /// What Chatwoot says.
        message: String,
        /// The attributes that are wrong, where it names them.
        attributes: Vec<String>,
    },
    /// Not now.
    Throttled {
        /// For how many seconds to wait, where the answer tells.
        seconds: Option<u32>,
    },
    /// The server stumbled: it may have been done.
    Faulted {
        /// The status.
        status: u16,
    },
    /// What answers is not Chatwoot's API: a redirect, a page, or a path that it does not have.
    NotAnApi {
        /// The status.
        status: u16,
    },
}

/// The JSON of a request that succeeded; empty where Chatwoot answers with nothing.
///
/// # Errors
/// What else came of it.
pub fn answer(answered: &FetchResult) -> Result<&str, Failed> {
    let response = match answered {
        Ok(response) => response,
        Err(FetchError::NotSent(_)) => return Err(Failed::Unreached),
        Err(FetchError::Unsure(_)) => return Err(Failed::Unclear),
    };
    let status = response.status;
    let body = std::str::from_utf8(&response.body).unwrap_or("<");
    match status {
        200..=299 if body.trim().is_empty() || is_json(body) => Ok(body),
        200..=399 => Err(Failed::NotAnApi { status }),
        _ => Err(failed(response, body)),
    }
}

fn is_json(body: &str) -> bool {
    raw::object(body).is_some() || raw::list(body).is_some() || body.trim() == "null"
}

/// Chatwoot tells errors in five ways: `{error}`, `{errors: […]}`, `{message, attributes}`,
/// `{status, error}` where Rails itself does, and as plain text.
fn failed(response: &OutboundResponse, body: &str) -> Failed {
    let status = response.status;
    let told = raw::object(body);
    let shape = told.unwrap_or_default();
    let is_told = is_json(body);
    let words = words(&shape);
    match status {
        401 if !is_told => Failed::NotAnApi { status },
        401 | 403 if words == NOT_YOURS => Failed::NotYours,
        401 if words.starts_with("Invalid") || shape.get("errors").is_some() => Failed::BadToken,
        401..=403 => Failed::Forbidden {
            message: sentence(&words),
        },
        404 if !is_told || shape.get("status").is_some() => Failed::NotAnApi { status },
        404 => Failed::NotFound,
        429 => Failed::Throttled {
            seconds: retry_after(response),
        },
        422 if words == FLOODED => Failed::Throttled { seconds: Some(60) },
        408 | 500..=599 => Failed::Faulted { status },
        405 => Failed::NotAnApi { status },
        _ => Failed::Invalid {
            message: match is_told {
                true => sentence(&words),
                false => format!("Chatwoot answered with status {status}."),
            },
            attributes: list(&shape, "attributes"),
        },
    }
}

fn words(shape: &Object<'_>) -> String {
    let told = text(shape, "error").or_else(|| text(shape, "message"));
    told.unwrap_or_else(|| list(shape, "errors").join(" "))
}

fn list(shape: &Object<'_>, name: &str) -> Vec<String> {
    let items = shape.get(name).map(|list| raw::items(list));
    items.into_iter().flatten().filter_map(raw::text).collect()
}
