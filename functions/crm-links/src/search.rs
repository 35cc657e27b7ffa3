//! A search of what the business's links have.

use common::Context;
use common::http::input::{Expected, Input, number, texts};
use common::http::{Error, Result};
use common::ids::{CustomerId, LinkId};
use common::json::raw;
use knowledge::context::{Asking, CustomerView, Links};
use knowledge::link::LinkChannel;
use knowledge::search::{Hit, MAX_HITS, MAX_QUESTION, Reach, clean_question, find};
use serde::Serialize;

/// Hits where a request does not say how many.
const DEFAULT_HITS: usize = 10;

/// A search.
#[derive(Debug)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct SearchRequest {
    /// What is asked, at most 1000 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_QUESTION)))]
    pub query: String,
    /// For answers of this page alone.
    #[cfg_attr(feature = "schema", schemars(default, with = "String"))]
    pub page_id: Option<String>,
    /// For answers on this channel alone.
    #[cfg_attr(feature = "schema", schemars(default, with = "LinkChannel"))]
    pub channel: Option<LinkChannel>,
    /// As for this customer: what is for all, and what is theirs. All that there is, where absent.
    #[cfg_attr(feature = "schema", schemars(default, with = "CustomerId"))]
    pub customer: Option<CustomerId>,
    /// How many hits at most: 1 to 50, 10 by default.
    #[cfg_attr(
        feature = "schema",
        schemars(default, with = "u32", range(min = 1, max = 50))
    )]
    pub k: usize,
    /// In these links alone.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub links: Vec<LinkId>,
}

impl SearchRequest {
    /// Reads a request's body.
    ///
    /// # Errors
    /// 400 for invalid JSON, 422 for JSON of another shape.
    pub fn read(body: &str) -> Result<Self> {
        let input = Input::read(
            body,
            &["query", "page_id", "channel", "customer", "k", "links"],
        )?;
        let query = input.required("query", Expected::TEXT, raw::text)?;
        if query.trim().is_empty() || query.chars().count() > MAX_QUESTION {
            let message = format!("`query` must have 1 to {MAX_QUESTION} characters.");
            return Err(Error::invalid("query", "1_to_1000_characters", message));
        }
        let channel = Expected::new("channel", "the name of a channel");
        let id = Expected::new("id", "an id");
        let ids = Expected::new("ids", "a list of ids");
        let k = input.optional("k", Expected::INTEGER, number)?;
        let count = k.map_or(Some(DEFAULT_HITS), |k| usize::try_from(k).ok());
        let in_range = count.filter(|count| (1..=MAX_HITS).contains(count));
        let out_of_range = || Error::invalid("k", "1_to_50", "`k` must be from 1 to 50.");
        let links = |json: &str| texts(json)?.iter().map(|id| LinkId::parse(id)).collect();
        Ok(Self {
            query: clean_question(&query),
            page_id: input.optional("page_id", Expected::TEXT, raw::text)?,
            channel: input.optional("channel", channel, |json| {
                LinkChannel::parse(&raw::text(json)?)
            })?,
            customer: input
                .optional("customer", id, |json| CustomerId::parse(&raw::text(json)?))?,
            k: in_range.ok_or_else(out_of_range)?,
            links: input.optional("links", ids, links)?.unwrap_or_default(),
        })
    }
}

/// What a search found.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SearchResults {
    /// The hits, the best first, each record once.
    pub results: Vec<Found>,
    /// How many they are.
    pub total: usize,
    /// Whether words alone decided, since nothing embeds the question at the moment.
    pub degraded: bool,
}

/// A hit.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Found {
    /// The link that it is from.
    pub link_id: String,
    /// Its name.
    pub link_name: String,
    /// What names the record within the link.
    pub record_key: String,
    /// Where the record stood when it was stored.
    pub path: String,
    /// The fields, a line each.
    pub text: String,
    /// How well it fits: up to 1; more where an id, address or number of the question is in it.
    pub score: f32,
    /// When it was fetched.
    pub fetched_at: String,
}

/// Searches the links that are on. A search for a customer finds what is for all and what is theirs.
///
/// # Errors
/// 404 for a customer that there is not.
pub async fn knowledge_search(cx: &Context<'_>, request: &SearchRequest) -> Result<SearchResults> {
    let asking = Asking {
        page_id: request.page_id.as_deref(),
        channel: request.channel,
        links: &request.links,
    };
    let links = Links::of(cx, &asking).await?;
    let ids = links.ids();
    let findings = match &request.customer {
        Some(customer) => {
            let view = CustomerView::of(cx, customer).await?;
            view.passages(cx, &ids, &request.query, request.k).await?
        }
        None => find(cx, &ids, &request.query, Reach::All, request.k).await?,
    };
    let found = |Hit { chunk, score }: Hit| Found {
        link_name: links.name_of(&chunk.link_id).to_owned(),
        link_id: chunk.link_id.as_str().to_owned(),
        record_key: chunk.record_key,
        path: chunk.path,
        text: chunk.text,
        score,
        fetched_at: chunk.fetched_at.to_string(),
    };
    let results: Vec<_> = findings.hits.into_iter().map(found).collect();
    Ok(SearchResults {
        total: results.len(),
        results,
        degraded: findings.is_degraded,
    })
}
