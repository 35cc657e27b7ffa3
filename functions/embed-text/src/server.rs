//! The adapter of OpenAI-compatible servers: `POST /embeddings` (OpenAI, Ollama, vLLM, Workers AI's compatible endpoint).

use crate::answer;
use crate::platform;
use common::Context;
use common::http::{Error, Kind};
use common::ports::{FetchError, OutboundRequest, OutboundResponse, PublicUrl};
use knowledge::source::{retry_after, said};
use serde::{Deserialize, Serialize};

/// Behind the base of every such server.
pub(crate) const PATH: &str = "/embeddings";
/// Most texts of a request: far fewer than servers take (embedders.md §1), so that small ones answer in time.
pub const MAX_TEXTS: usize = 100;
/// The most bytes of an answer: 100 vectors of 3,072 numbers, each of up to 24 characters.
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// After how many seconds it is tried again where the server does not say.
const WAIT: u32 = 5;

/// What is stored of a server in the clear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The server's base URL, without a slash at its end.
    pub base_url: String,
    /// The model.
    pub model: String,
    /// How many components the server is asked for, where it is.
    pub dimensions: Option<usize>,
    /// How many they have; 0 where that is not known yet.
    #[serde(default)]
    pub dimension: usize,
}

/// Why there are no vectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// What happened, and what to do. Without keys.
    pub(crate) message: String,
    /// Whether the same request may well succeed later.
    pub(crate) is_passing: bool,
    /// When, in seconds, where the server says so.
    pub(crate) retry_after: Option<u32>,
    /// Whether other texts may fare better.
    pub(crate) is_about_texts: bool,
}

impl Trouble {
    pub(crate) fn lasting(message: String) -> Self {
        Self {
            message,
            is_passing: false,
            retry_after: None,
            is_about_texts: false,
        }
    }

    pub(crate) fn passing(message: String, retry_after: Option<u32>) -> Self {
        Self {
            is_passing: true,
            retry_after,
            ..Self::lasting(message)
        }
    }
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        match trouble.is_passing {
            true => Self::new(Kind::Unavailable, trouble.message)
                .retry_after(trouble.retry_after.unwrap_or(WAIT)),
            false => Self::new(Kind::ProviderRejected, trouble.message),
        }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    input: &'a [&'a str],
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<usize>,
}

/// The vectors (embedders.md §2) of texts, at most [`MAX_TEXTS`] and none of them empty: one for each, in order, as long as the settings
/// say, where they do.
pub(crate) async fn embed(
    cx: &Context<'_>,
    settings: &Settings,
    key: Option<&str>,
    texts: &[&str],
    timeout_ms: u32,
) -> Result<Vec<Vec<f32>>, Trouble> {
    if settings.base_url == platform::BASE_URL {
        return platform::embed(cx, settings, texts, timeout_ms).await;
    }
    let place = [&settings.base_url, PATH].concat();
    // Again at each call: what the deployment allows may have changed since it was set.
    let url = PublicUrl::parse(&cx.ports, "base_url", &place)
        .map_err(|error| Trouble::lasting(error.message().to_owned()))?;
    let body = serde_json::to_string(&Body {
        model: &settings.model,
        input: texts,
        dimensions: settings.dimensions,
    });
    let body = body.map_err(|error| Trouble::lasting(error.to_string()))?;
    let mut headers = vec![("accept", "application/json".to_owned())];
    headers.extend(key.map(|key| ("authorization", ["Bearer ", key].concat())));
    let request = OutboundRequest {
        url: url.as_str().to_owned(),
        headers,
        timeout_ms,
        max_bytes: MAX_BYTES,
        ..OutboundRequest::default()
    };
    let response = cx.ports.http.fetch(request.with_json("POST", body)).await;
    // The platform's words are not told, since they may have the URL in them.
    let response = response.map_err(|error| {
        let message = match error {
            FetchError::NotSent(_) => "The server that embeds cannot be reached.".to_owned(),
            FetchError::Unsure(_) => format!(
                "The server that embeds did not answer within {} seconds.",
                timeout_ms / 1000
            ),
        };
        Trouble::passing(message, None)
    })?;
    if response.status != 200 {
        return Err(refusal(cx, &response, key));
    }
    if response.is_cut {
        let message = "The answer of the server that embeds is larger than 8 MiB.";
        return Err(Trouble::lasting(message.to_owned()));
    }
    let dimension = (settings.dimension > 0).then_some(settings.dimension);
    answer::vectors(&response.body, texts.len(), dimension).map_err(|what| {
        // A proxy that answers for the server may be gone the next time, and so may a model that was exchanged.
        let advice = "Set the embedder again if its model was changed.";
        Trouble::passing(format!("The server that embeds {what}. {advice}"), None)
    })
}

fn refusal(cx: &Context<'_>, response: &OutboundResponse, key: Option<&str>) -> Trouble {
    let mut trouble = refused(cx, response, "The server that embeds", key);
    if !trouble.is_passing {
        trouble.message.push_str(match response.status {
            401 | 403 => " Check its `api_key`.",
            300..=399 => " Set `base_url` to where it leads.",
            404 => " Check `base_url` and `model`.",
            _ => " Check `model` and `dimensions`.",
        });
    }
    trouble
}

/// What an answer other than 200 means, with the server's words and without its key.
pub(crate) fn refused(
    cx: &Context<'_>,
    response: &OutboundResponse,
    who: &str,
    key: Option<&str>,
) -> Trouble {
    let status = response.status;
    let secrets: Vec<String> = key.into_iter().map(str::to_owned).collect();
    let mut message = format!("{who} answered {status}");
    match said(response, &secrets) {
        Some(words) => {
            message.push_str(": ");
            message.push_str(words.trim_end_matches('.'));
            message.push('.');
        }
        None => message.push('.'),
    }
    if matches!(status, 408 | 429 | 500..) {
        let wait = retry_after(response, cx.time_now());
        return Trouble::passing(message, wait);
    }
    Trouble {
        is_about_texts: matches!(status, 400 | 413 | 422),
        ..Trouble::lasting(message)
    }
}
