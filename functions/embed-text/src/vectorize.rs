//! The adapter of Vectorize's REST API, version 2 (docs/reference/vectorize.md): one index of the deployment, for all
//! businesses that have too many chunks for `SEARCH`.

use crate::server::{Trouble, refused};
use common::Context;
use common::http::ledger::VECTORIZE_TOKEN;
use common::ports::{FetchError, OutboundRequest};
use knowledge::vectorize::is_index;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fmt::Write;

/// Most matches of a query that asks for neither values nor metadata (vectorize.md §2).
const MAX_NEAREST: usize = 100;
/// Most vectors that are asked for by their ids (vectorize.md §2).
pub(crate) const MAX_GOT: usize = 20;
/// Most vectors that are removed by their ids (vectorize.md §2).
pub(crate) const MAX_REMOVED: usize = 100;
/// How long a request may take for which somebody waits, in milliseconds.
const QUESTION_TIMEOUT_MS: u32 = 3_000;
/// How long any other may take.
const TIMEOUT_MS: u32 = 20_000;
/// The most bytes of an answer: 20 vectors of 1,536 numbers.
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// Where the API is, unless `CLOUDFLARE_API_BASE` says otherwise.
const BASE: &str = "https://api.cloudflare.com/client/v4";

/// The deployment's index.
pub(crate) struct Vectorize {
    url: String,
    token: String,
    /// Its name.
    pub(crate) index: String,
}

#[derive(Deserialize)]
struct Envelope<T> {
    result: Option<T>,
}

#[derive(Deserialize)]
struct Index {
    config: Config,
}

#[derive(Deserialize)]
struct Config {
    dimensions: usize,
    metric: String,
}

#[derive(Deserialize)]
struct Matches {
    matches: Vec<Match>,
}

#[derive(Deserialize)]
struct Match {
    id: String,
    score: f32,
}

#[derive(Deserialize)]
struct Stored {
    id: String,
    values: Vec<f32>,
}

/// That a mutation was taken. When it is done, is not told, and nothing waits for it.
#[derive(Deserialize)]
struct Mutation {
    #[serde(rename = "mutationId")]
    _id: String,
}

impl Vectorize {
    /// The one that the deployment has set: `VECTORIZE_ACCOUNT_ID`, `VECTORIZE_INDEX` and `VECTORIZE_TOKEN`. `None`
    /// where it has none, or one of them is no such thing.
    pub(crate) fn of(cx: &Context<'_>) -> Option<Self> {
        let set = |name| (cx.ports.variable)(name).filter(|value| !value.is_empty());
        let account = set("VECTORIZE_ACCOUNT_ID").filter(|account| is_index(account))?;
        let index = set("VECTORIZE_INDEX").filter(|index| is_index(index))?;
        let token = set(VECTORIZE_TOKEN)?;
        let base = cx.ports.base_url("CLOUDFLARE_API_BASE", BASE);
        Some(Self {
            url: format!("{base}/accounts/{account}/vectorize/v2/indexes/{index}"),
            token,
            index,
        })
    }

    /// How many components its vectors have, if it compares them by their cosine.
    pub(crate) async fn dimensions(&self, cx: &Context<'_>) -> Result<Option<usize>, Trouble> {
        let request = self.request("", TIMEOUT_MS);
        let index: Index = self.ask(cx, request).await?;
        Ok((index.config.metric == "cosine").then_some(index.config.dimensions))
    }

    /// Puts vectors, at most 5,000 (vectorize.md §2), as [`Lines`] has them. The same again changes nothing.
    pub(crate) async fn upsert(&self, cx: &Context<'_>, lines: Lines) -> Result<(), Trouble> {
        let mut request = self.request("/upsert", TIMEOUT_MS);
        request.method = "POST";
        let kind = "application/x-ndjson".to_owned();
        request.headers.push(("content-type", kind));
        request.body = Some(lines.text.into_bytes());
        let _taken: Mutation = self.ask(cx, request).await?;
        Ok(())
    }

    /// Removes vectors, at most [`MAX_REMOVED`]. Those that there are not are no error.
    pub(crate) async fn remove(&self, cx: &Context<'_>, ids: &[String]) -> Result<(), Trouble> {
        let body = serde_json::json!({ "ids": ids }).to_string();
        let request = self.request("/delete_by_ids", TIMEOUT_MS);
        let _taken: Mutation = self.ask(cx, request.with_json("POST", body)).await?;
        Ok(())
    }

    /// The vectors of a namespace that are nearest, with their cosines.
    pub(crate) async fn query(
        &self,
        cx: &Context<'_>,
        namespace: &str,
        vector: &[i8],
    ) -> Result<Vec<(String, f32)>, Trouble> {
        let body = serde_json::json!({
            "vector": vector, "namespace": namespace, "topK": MAX_NEAREST,
            "returnValues": false, "returnMetadata": "none",
        });
        let request = self.request("/query", QUESTION_TIMEOUT_MS);
        let request = request.with_json("POST", body.to_string());
        let found: Matches = self.ask(cx, request).await?;
        let matches = found.matches.into_iter();
        Ok(matches.map(|one| (one.id, one.score)).collect())
    }

    /// Vectors by their ids, at most [`MAX_GOT`]; those that there are.
    pub(crate) async fn get(
        &self,
        cx: &Context<'_>,
        ids: &[String],
    ) -> Result<Vec<(String, Vec<f32>)>, Trouble> {
        let body = serde_json::json!({ "ids": ids }).to_string();
        let request = self.request("/get_by_ids", QUESTION_TIMEOUT_MS);
        let found: Vec<Stored> = self.ask(cx, request.with_json("POST", body)).await?;
        let found = found.into_iter();
        Ok(found.map(|one| (one.id, one.values)).collect())
    }

    fn request(&self, path: &str, timeout_ms: u32) -> OutboundRequest {
        OutboundRequest {
            method: "GET",
            url: [&self.url, path].concat(),
            headers: vec![("authorization", ["Bearer ", &self.token].concat())],
            timeout_ms,
            max_bytes: MAX_BYTES,
            ..OutboundRequest::default()
        }
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        cx: &Context<'_>,
        request: OutboundRequest,
    ) -> Result<T, Trouble> {
        let seconds = request.timeout_ms / 1000;
        let response = cx.ports.http.fetch(request).await;
        // The platform's words are not told, since they may have the URL in them.
        let response = response.map_err(|error| {
            let message = match error {
                FetchError::NotSent(_) => "Vectorize cannot be reached.".to_owned(),
                FetchError::Unsure(_) => {
                    format!("Vectorize did not answer within {seconds} seconds.")
                }
            };
            Trouble::passing(message, None)
        })?;
        if response.status != 200 {
            let mut trouble = refused(cx, &response, "Vectorize", Some(&self.token));
            // None of it is about what businesses wrote.
            trouble.is_about_texts = false;
            return Err(trouble);
        }
        let answer: Option<Envelope<T>> = serde_json::from_slice(&response.body).ok();
        let result = answer.and_then(|answer| answer.result);
        let other = || Trouble::passing("Vectorize answered with something else.".to_owned(), None);
        result.ok_or_else(other)
    }
}

/// Vectors, as a line of JSON each.
#[derive(Default)]
pub(crate) struct Lines {
    text: String,
}

impl Lines {
    /// Adds a vector. Its components are whole numbers: an index that compares by cosine needs no others.
    pub(crate) fn push(&mut self, id: &str, namespace: &str, components: &[i8]) {
        self.text.push_str("{\"id\":\"");
        self.text.push_str(id);
        self.text.push_str("\",\"namespace\":\"");
        self.text.push_str(namespace);
        self.text.push_str("\",\"values\":[");
        for (at, component) in components.iter().enumerate() {
            if at > 0 {
                self.text.push(',');
            }
            let _never_fails = write!(self.text, "{component}");
        }
        self.text.push_str("]}\n");
    }
}

/// Where the vectors of a business and a model are within the index: ids are the index's, namespaces divide it.
pub(crate) struct Place {
    business: String,
    tag: String,
}

impl Place {
    /// Of the caller's business. Nobody can choose an id or a namespace of another's.
    pub(crate) fn of(cx: &Context<'_>, model: &str) -> Self {
        let business = cx.business_id();
        let bytes = business.bytes().chain([b'\n']).chain(model.bytes());
        // FNV-1a.
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self {
            business: business.to_owned(),
            tag: format!("{hash:016x}"),
        }
    }

    /// The namespace of what is somebody's own, or of what is for all.
    pub(crate) fn namespace(&self, is_owned: bool) -> String {
        let part = if is_owned { "own" } else { "all" };
        [&self.business, ".", &self.tag, ".", part].concat()
    }

    /// The id of a chunk's vector.
    pub(crate) fn id(&self, chunk: i64) -> String {
        [&chunk.to_string(), ".", &self.tag].concat()
    }

    /// The chunk of an id; `None` for what is of another place.
    pub(crate) fn chunk(&self, id: &str) -> Option<i64> {
        let (chunk, tag) = id.split_once('.')?;
        (tag == self.tag).then(|| chunk.parse().ok()).flatten()
    }
}
