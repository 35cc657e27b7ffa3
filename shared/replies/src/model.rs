//! The request to the server that writes drafts.

use crate::settings::{PATH, Replies};
use common::Context;
use common::http::{Error, Kind, Result};
use common::ports::{FetchError, OutboundRequest, OutboundResponse, PublicUrl};
use knowledge::source::{retry_after, said};

/// How long one answer may take, in milliseconds. The page of the inbox waits for two of them.
const TIMEOUT_MS: u32 = 25_000;
/// The most bytes of an answer: a draft of 4000 characters, what a model thinks before it, and the object around it.
const MAX_BYTES: usize = 256 * 1024;
/// The longest wait before the second request, in seconds, and that where the server names none.
const MAX_WAIT: u32 = 2;
const WAIT: u32 = 1;

/// What to do where the server has too much to do, or fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Asks once more, unless it wants to be left alone for longer than [`MAX_WAIT`].
    AsksAgain,
    /// Says so.
    AsksOnce,
}

/// Asks for a completion.
///
/// # Errors
/// 422 `unsafe_url` for a server that may not be called, 422 `provider_rejected` where it refuses, 503 where it cannot
/// be reached, is too slow, or still fails. Its words are told without keys.
pub async fn ask(
    cx: &Context<'_>,
    replies: &Replies,
    body: String,
    patience: Patience,
) -> Result<Vec<u8>> {
    let key = replies.key(cx)?;
    let place = [&replies.settings.base_url, PATH].concat();
    // Again at each call: what the deployment allows may have changed since it was set.
    let url = PublicUrl::parse(&cx.ports, "base_url", &place)?;
    let mut headers = vec![("accept", "application/json".to_owned())];
    headers.extend(
        key.iter()
            .map(|key| ("authorization", ["Bearer ", key].concat())),
    );
    let request = OutboundRequest {
        url: url.as_str().to_owned(),
        headers,
        timeout_ms: TIMEOUT_MS,
        max_bytes: MAX_BYTES,
        ..OutboundRequest::default()
    };
    let request = request.with_json("POST", body);
    let mut response = fetch(cx, request.clone()).await?;
    if is_passing(response.status) && patience == Patience::AsksAgain {
        let wait = retry_after(&response, cx.time_now()).unwrap_or(WAIT);
        if wait <= MAX_WAIT {
            cx.ports.pause.pause(wait * 1000).await;
            response = fetch(cx, request).await?;
        }
    }
    let secrets: Vec<String> = key.into_iter().collect();
    match response.status {
        200 if response.is_cut => {
            let message = "The answer of the server that writes drafts is too large. Set a lower `max_tokens`.";
            Err(Error::new(Kind::ProviderRejected, message))
        }
        200 => Ok(response.body),
        _ => Err(refusal(cx, &response, &secrets)),
    }
}

async fn fetch(cx: &Context<'_>, request: OutboundRequest) -> Result<OutboundResponse> {
    // The platform's words are not told, since they may have the URL in them.
    cx.ports.http.fetch(request).await.map_err(|error| {
        let message = match error {
            FetchError::NotSent(_) => "The server that writes drafts cannot be reached.".to_owned(),
            FetchError::Unsure(_) => format!(
                "The server that writes drafts did not answer within {} seconds.",
                TIMEOUT_MS / 1000
            ),
        };
        Error::new(Kind::Unavailable, message).retry_after(MAX_WAIT)
    })
}

/// Whether the same request may well succeed later.
fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..=u16::MAX)
}

fn refusal(cx: &Context<'_>, response: &OutboundResponse, secrets: &[String]) -> Error {
    let status = response.status;
    let mut message = format!("The server that writes drafts answered {status}");
    match said(response, secrets) {
        Some(words) => {
            message.push_str(": ");
            message.push_str(words.trim_end_matches('.'));
            message.push('.');
        }
        None => message.push('.'),
    }
    if is_passing(status) {
        let wait = retry_after(response, cx.time_now()).unwrap_or(MAX_WAIT);
        return Error::new(Kind::Unavailable, message).retry_after(wait);
    }
    message.push_str(match status {
        401 | 403 => " Check its `api_key`.",
        300..=399 => " Set `base_url` to where it leads.",
        404 => " Check `base_url` and `model`.",
        _ => " Check what is set for replies.",
    });
    Error::new(Kind::ProviderRejected, message)
}
