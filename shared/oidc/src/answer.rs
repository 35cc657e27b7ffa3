//! Asking a provider, and reading what it answers.

use crate::Trouble;
use common::Context;
use common::json::raw::{self, Object};
use common::ports::{FetchError, OutboundRequest, OutboundResponse, PublicUrl};

/// How long a provider may take, in milliseconds. A person waits for up to four of its answers.
const TIMEOUT_MS: u32 = 8_000;
/// Most characters of a provider's own words that are shown.
const MAX_SAID_CHARS: usize = 300;

/// Asks a provider. `what` names in a sentence what is asked, as `its keys`.
///
/// # Errors
/// Where nothing comes: it may not be called, cannot be reached, takes too long, or says more than `max_bytes`.
pub(crate) async fn ask(
    cx: &Context<'_>,
    request: OutboundRequest,
    max_bytes: usize,
    what: &str,
) -> Result<OutboundResponse, Trouble> {
    if !PublicUrl::is_one(&cx.ports, &request.url) {
        let message = [
            "The provider has ",
            what,
            " at a URL that may not be called.",
        ];
        return Err(Trouble::unusable(message.concat()));
    }
    let request = OutboundRequest {
        timeout_ms: TIMEOUT_MS,
        max_bytes,
        ..request
    };
    let answer = cx.ports.http.fetch(request).await.map_err(|error| {
        cx.note(["the sign-in provider: ", &error.to_string()].concat());
        let how = match error {
            FetchError::NotSent(_) => " could not be asked: the provider cannot be reached.",
            FetchError::Unsure(_) => " could not be had: the provider did not answer in time.",
        };
        Trouble::new("provider_unreachable", [what, how].concat().capitalized())
    })?;
    if answer.is_cut {
        let message = [what, " are more than is read of a provider."].concat();
        return Err(Trouble::unusable(message.capitalized()));
    }
    Ok(answer)
}

/// Asks for JSON by GET, and gives the text of an object.
///
/// # Errors
/// As [`ask`]; and for another status than 200, redirects among them, and for what is no object of JSON.
pub(crate) async fn object_at(
    cx: &Context<'_>,
    url: &str,
    authorization: Option<String>,
    max_bytes: usize,
    what: &str,
) -> Result<String, Trouble> {
    let mut headers = vec![("accept", "application/json".to_owned())];
    headers.extend(authorization.map(|value| ("authorization", value)));
    let request = OutboundRequest {
        method: "GET",
        url: url.to_owned(),
        headers,
        ..OutboundRequest::default()
    };
    let answer = ask(cx, request, max_bytes, what).await?;
    if answer.status != 200 {
        let status = answer.status.to_string();
        let parts = [
            what,
            " could not be had: the provider answered with status ",
        ];
        let message = [&parts.concat(), &status, "."].concat();
        return Err(Trouble::unusable(message.capitalized()));
    }
    let text = String::from_utf8(answer.body).unwrap_or_default();
    if raw::object(&text).is_none() {
        let message = [what, " are no object of JSON."].concat();
        return Err(Trouble::unusable(message.capitalized()));
    }
    Ok(text)
}

/// What a provider says of why it refuses, fit to be shown: without what must not be told, and not at length.
pub(crate) fn said(object: &Object<'_>, hidden: &[&str]) -> Option<String> {
    let words = object
        .text("error_description")
        .or_else(|| object.text("error"))?;
    let mut words: String = words.chars().filter(|c| !c.is_control()).collect();
    for secret in hidden.iter().filter(|secret| !secret.is_empty()) {
        words = words.replace(secret, "***");
    }
    let short: String = words.chars().take(MAX_SAID_CHARS).collect();
    Some(short)
}

trait Capitalized {
    fn capitalized(self) -> String;
}

impl Capitalized for String {
    fn capitalized(mut self) -> String {
        if let Some(first) = self.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        self
    }
}
