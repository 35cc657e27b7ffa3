//! How links are doing.

use crate::settings::links_of;
use crate::shown::{LinkState, state_of};
use crate::sql::{BACKLOG_BY_LINK, EMBEDDING_TROUBLE, MODELS_SEARCHED};
use common::Context;
use common::db::Columns;
use common::http::Result;
use common::time::{SECOND, Timestamp};
use knowledge::embedder::MODEL;
use knowledge::link::{Fetch, FetchStatus, Link};
use serde::Serialize;
use std::collections::BTreeMap;

/// How all links are doing.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "CrmLinkHealth")
)]
pub struct Health {
    /// The links, those in trouble first.
    pub links: Vec<LinkHealth>,
    /// How many are fresh.
    pub fresh: usize,
    /// How many are failing, or wait for a second fetch that has about as many records.
    pub in_trouble: usize,
    /// How embedding goes, which all links share.
    pub embedding: EmbeddingHealth,
}

/// How embedding goes. What has no vector yet is found by its words.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EmbeddingHealth {
    /// The model that is searched.
    pub searched_model: String,
    /// The model that takes its place once everything has a vector of it; null where none does.
    pub next_model: Option<String>,
    /// How many parts of records have no vector yet.
    pub backlog: i64,
    /// Why the last try to embed them failed, and what to do.
    pub error: Option<String>,
    /// Since when every try failed.
    pub failing_since: Option<String>,
    /// Whether questions are embedded.
    pub questions: QuestionHealth,
}

/// Whether the server embeds questions. While it does not, words alone decide what is found.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuestionHealth {
    /// Why the last one was not embedded, and what to do.
    pub error: Option<String>,
    /// Since when every try failed.
    pub failing_since: Option<String>,
    /// Until when the server is not asked, so that nobody waits for it; null where it is.
    pub rests_until: Option<String>,
}

/// How a link is doing.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LinkHealth {
    /// The link.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its page.
    pub page_id: String,
    /// How it is doing.
    pub state: LinkState,
    /// Since when every fetch failed.
    pub failing_since: Option<String>,
    /// Fetches that failed in a row.
    pub failures: u32,
    /// Why the last one failed, and what to do.
    pub error: Option<String>,
    /// When it is fetched next.
    pub next_fetch_at: Option<String>,
    /// Seconds since what is searched was fetched; absent where nothing ever was.
    pub stale_seconds: Option<i64>,
    /// How many parts of its records have no vector yet, and are found by their words; `embedding` says why.
    pub embedding_backlog: i64,
    /// The last fetches, newest first.
    pub fetches: Vec<Fetch>,
}

/// How every link is doing, those in trouble first.
///
/// # Errors
/// 503 when the database is away.
pub async fn link_health(cx: &Context<'_>) -> Result<Health> {
    let links = links_of(cx, None).await?;
    let (embedding, backlogs) = embedding(cx).await?;
    let mut links: Vec<_> = links
        .into_iter()
        .map(|link| health_of(cx, link, &backlogs))
        .collect();
    let is_in_trouble =
        |link: &LinkHealth| matches!(link.state, LinkState::Failing | LinkState::SuspectShrink);
    links.sort_by_key(|link| !is_in_trouble(link));
    Ok(Health {
        fresh: links
            .iter()
            .filter(|link| link.state == LinkState::Fresh)
            .count(),
        in_trouble: links.iter().filter(|link| is_in_trouble(link)).count(),
        links,
        embedding,
    })
}

fn health_of(cx: &Context<'_>, link: Link, backlogs: &BTreeMap<String, i64>) -> LinkHealth {
    let is_good = |status| matches!(status, FetchStatus::Ok | FetchStatus::NotModified);
    let good = link.fetches.iter().find(|fetch| is_good(fetch.status));
    let fetched = good.and_then(|fetch| Timestamp::parse(&fetch.at));
    LinkHealth {
        embedding_backlog: backlogs.get(link.id.as_str()).copied().unwrap_or_default(),
        id: link.id.as_str().to_owned(),
        state: state_of(&link),
        failing_since: link.failing_since.map(|at| at.to_string()),
        failures: link.attempts,
        error: link.fetches.first().and_then(|fetch| fetch.error.clone()),
        next_fetch_at: link.fetch_at.map(|at| at.to_string()),
        stale_seconds: fetched.map(|at| (cx.now.micros() - at.micros()).max(0) / SECOND),
        fetches: link.fetches,
        name: link.name,
        page_id: link.page_id,
    }
}

/// How embedding goes, and how many parts of each link have no vector yet.
async fn embedding(cx: &Context<'_>) -> Result<(EmbeddingHealth, BTreeMap<String, i64>)> {
    let business = || vec![cx.business_id().into()];
    let mut health = EmbeddingHealth {
        searched_model: MODEL.to_owned(),
        next_model: None,
        backlog: 0,
        error: None,
        failing_since: None,
        questions: QuestionHealth::default(),
    };
    if let Some(row) = cx
        .db
        .rows(EMBEDDING_TROUBLE.bind(business()))
        .await?
        .first()
    {
        let mut columns = Columns::of(row);
        health.error = columns.text_or_null("error")?;
        let since = columns.time_or_null("failing_since")?;
        health.failing_since = since.map(|at| at.to_string());
    }
    let statements = vec![
        MODELS_SEARCHED.bind(business()),
        BACKLOG_BY_LINK.bind(business()),
    ];
    let mut results = cx.ports.search.batch(statements).await?.into_iter();
    if let Some(row) = results.next().unwrap_or_default().first() {
        let mut columns = Columns::of(row);
        health.searched_model = columns.text("model")?;
        health.next_model = columns.text_or_null("next_model")?;
        let until = columns.time("questions_rest_until")?;
        let text = |at: Timestamp| at.to_string();
        health.questions = QuestionHealth {
            rests_until: (until > cx.now).then(|| text(until)),
            error: columns.text_or_null("question_error")?,
            failing_since: columns.time_or_null("questions_failing_since")?.map(text),
        };
    }
    let mut backlogs = BTreeMap::new();
    for row in results.next().unwrap_or_default() {
        let mut columns = Columns::of(&row);
        let link = columns.text("link_id")?;
        let backlog = columns.integer("backlog")?;
        health.backlog += backlog;
        backlogs.insert(link, backlog);
    }
    Ok((health, backlogs))
}
