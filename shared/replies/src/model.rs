//! The request to the server that writes drafts.

use crate::settings::{PATH, Replies};
use crate::stream::{DraftStream, MAX_BYTES};
use common::Context;
use common::http::{Error, Kind, Result};
use common::ports::{FetchError, OutboundRequest, OutboundResponse, PublicUrl};
use knowledge::source::{retry_after, said};

/// How long one answer may take, in milliseconds. The page of the inbox waits for two of them.
const TIMEOUT_MS: u32 = 25_000;
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
    let (request, secrets) = request(cx, replies, body, "application/json")?;
    let send = || async {
        let response = cx.ports.http.fetch(request.clone()).await;
        response.map_err(|error| no_answer(&error))
    };
    let response = patient(cx, patience, send, |response| response).await?;
    match response.status {
        200 if response.is_cut => Err(too_large()),
        200 => Ok(response.body),
        _ => Err(refusal(cx, &response, &secrets)),
    }
}

/// As [`ask`], where the request has `stream`: as soon as the answer begins. Asks once more as [`Patience::AsksAgain`]
/// says; what goes wrong later is an error of the stream.
///
/// # Errors
/// As [`ask`].
pub async fn ask_streamed(
    cx: &Context<'_>,
    replies: &Replies,
    body: String,
) -> Result<DraftStream> {
    let accept = "text/event-stream, application/json";
    let (request, secrets) = request(cx, replies, body, accept)?;
    let send = || async {
        let opened = cx.ports.streams.open(request.clone()).await;
        let mut opened = opened.map_err(|error| no_answer(&error))?;
        let mut head = OutboundResponse {
            status: opened.status,
            headers: opened.headers,
            ..OutboundResponse::default()
        };
        if head.status == 200 {
            return Ok((head, Some(opened.body)));
        }
        while head.body.len() < MAX_BYTES
            && let Some(piece) = opened.body.next().await
        {
            let broken = |reason| no_answer(&FetchError::Unsure(reason));
            head.body.extend(piece.map_err(broken)?);
        }
        Ok((head, None))
    };
    let (head, body) = patient(cx, Patience::AsksAgain, send, |(head, _)| head).await?;
    match body {
        Some(body) => Ok(DraftStream::of(body, secrets)),
        None => Err(refusal(cx, &head, &secrets)),
    }
}

/// The request, and what must not be told of it.
fn request(
    cx: &Context<'_>,
    replies: &Replies,
    body: String,
    accept: &str,
) -> Result<(OutboundRequest, Vec<String>)> {
    let key = replies.key(cx)?;
    let place = [&replies.settings.base_url, PATH].concat();
    // Again at each call: what the deployment allows may have changed since it was set.
    let url = PublicUrl::parse(&cx.ports, "base_url", &place)?;
    let mut headers = vec![("accept", accept.to_owned())];
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
    Ok((request.with_json("POST", body), key.into_iter().collect()))
}

/// Sends, and once more where the server asks for a moment that one has.
async fn patient<T>(
    cx: &Context<'_>,
    patience: Patience,
    send: impl AsyncFn() -> Result<T>,
    head: impl Fn(&T) -> &OutboundResponse,
) -> Result<T> {
    let answer = send().await?;
    let response = head(&answer);
    if !is_passing(response.status) || patience == Patience::AsksOnce {
        return Ok(answer);
    }
    let wait = retry_after(response, cx.time_now()).unwrap_or(WAIT);
    if wait > MAX_WAIT {
        return Ok(answer);
    }
    cx.ports.pause.pause(wait * 1000).await;
    send().await
}

/// Why there is no answer. The platform's words are not told, since they may have the URL in them.
fn no_answer(error: &FetchError) -> Error {
    let message = match error {
        FetchError::NotSent(_) => "The server that writes drafts cannot be reached.".to_owned(),
        FetchError::Unsure(_) => format!(
            "The server that writes drafts did not answer within {} seconds.",
            TIMEOUT_MS / 1000
        ),
    };
    Error::new(Kind::Unavailable, message).retry_after(MAX_WAIT)
}

/// 422: the answer is longer than is read.
pub(crate) fn too_large() -> Error {
    let message =
        "The answer of the server that writes drafts is too large. Set a lower `max_tokens`.";
    Error::new(Kind::ProviderRejected, message)
}

/// 503: the answer began and does not come to its end. `told`: what the server says of it, and the secrets that are not
/// told.
pub(crate) fn broke_off(told: Option<(&[u8], &[String])>) -> Error {
    let words = told.and_then(|(body, secrets)| {
        let response = OutboundResponse {
            body: body.to_vec(),
            ..OutboundResponse::default()
        };
        said(&response, secrets)
    });
    let message = match words {
        Some(words) => {
            let words = words.trim_end_matches('.');
            ["The server that writes drafts broke off: ", words, "."].concat()
        }
        None => format!(
            "The answer of the server that writes drafts broke off, or took longer than {} seconds.",
            TIMEOUT_MS / 1000
        ),
    };
    Error::new(Kind::Unavailable, message).retry_after(MAX_WAIT)
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
