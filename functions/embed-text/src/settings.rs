//! Who embeds for a business.

use crate::models::{begin, chunks, models, target};
use crate::platform;
use crate::request::EmbedderRequest;
use crate::server::{self, Settings};
use crate::sql::{
    BACKLOG_COUNT, EMBEDDER_OF_MODEL, EMBEDDER_PUT, EMBEDDER_SET, EMBEDDING_SET, EMBEDDING_STATE,
    MODELS_GET, QUESTIONS_RESUME,
};
use common::Context;
use common::db::{Columns, Row};
use common::http::{Error, Result};
use common::ports::PublicUrl;
use common::time::Timestamp;
use knowledge::embedder::{MODEL, dimension_of, name_of};
use knowledge::index::MAX_CHUNKS;
use knowledge::server::ServerKey;
use knowledge::vector::MAX_DIMENSION;
use knowledge::vectorize::parts_of;
use secrets::EMBEDDER_KEY;
use serde::Serialize;

/// Most components of the vectors of a business together: a search reads all of them, and an isolate has 128 MiB.
pub const MAX_COMPONENTS: usize = 16 * 1024 * 1024;
/// How long the one request may take that tries what is set, in milliseconds.
const TIMEOUT_MS: u32 = 20_000;
/// What it embeds.
pub(crate) const TRIED: [&str; 2] = ["support level: Gold", "Where is my order?"];

/// A server that embeds for a business.
#[derive(Debug)]
pub struct Embedder {
    /// What names its vectors (see [`name_of`]).
    pub model: String,
    /// What is set.
    pub settings: Settings,
    key: ServerKey,
    updated_at: Timestamp,
}

/// How embedding goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EmbeddingState {
    /// Everything has its vector.
    Ready,
    /// Something has none yet, and is found by its words.
    Embedding,
    /// The last try failed; `error` says why.
    Failing,
}

/// An embedder, as it is shown.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShownEmbedder {
    /// The base URL of an OpenAI-compatible server, or `workers-ai:`.
    pub base_url: String,
    /// The model.
    pub model: String,
    /// How many components the server is asked for; null: as many as the model has.
    pub dimensions: Option<usize>,
    /// How many its vectors have.
    pub dimension: usize,
    /// `***` where a key is set, else null.
    pub api_key: Option<&'static str>,
    /// When that was set.
    pub updated_at: Timestamp,
}

/// Who embeds.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EmbedderAnswer {
    /// What is set; null: the built-in model.
    pub embedder: Option<ShownEmbedder>,
    /// How embedding goes.
    pub state: EmbeddingState,
    /// The model that is searched: `static128`, or the dimension, the model and the server of another. It is the one
    /// before as long as something has no vector of the one that is set.
    pub searched_model: String,
    /// How many parts of records have no vector yet of the one that is set.
    pub backlog: i64,
    /// Why the last try failed, and what to do.
    pub error: Option<String>,
    /// Since when every try failed.
    pub failing_since: Option<Timestamp>,
}

impl Embedder {
    fn of_row(row: &Row) -> Result<Self> {
        let mut columns = Columns::of(row);
        let id = columns.text("id")?;
        Ok(Self {
            model: columns.text("model")?,
            settings: serde_json::from_str(columns.str("settings")?).map_err(Error::internal)?,
            key: ServerKey::of(&EMBEDDER_KEY, id, columns.text("credentials")?),
            updated_at: columns.time("updated_at")?,
        })
    }

    /// The one of these vectors; `None` where the business has it no more.
    ///
    /// # Errors
    /// 503 where the database is away.
    pub async fn of_model(cx: &Context<'_>, model: &str) -> Result<Option<Self>> {
        let get = EMBEDDER_OF_MODEL.bind(vec![cx.business_id().into(), model.into()]);
        cx.db.rows(get).await?.first().map(Self::of_row).transpose()
    }

    /// The one that is set; `None` for the built-in model.
    ///
    /// # Errors
    /// 503 where the database is away.
    pub async fn set(cx: &Context<'_>) -> Result<Option<Self>> {
        let get = EMBEDDER_SET.bind(vec![cx.business_id().into()]);
        cx.db.rows(get).await?.first().map(Self::of_row).transpose()
    }

    /// The server's key, where it asks for one.
    ///
    /// # Errors
    /// 500 where the deployment's ring lacks the key that sealed it.
    pub fn key(&self, cx: &Context<'_>) -> Result<Option<String>> {
        self.key.open(cx)
    }

    fn shown(self) -> ShownEmbedder {
        ShownEmbedder {
            api_key: self.key.shown(),
            base_url: self.settings.base_url,
            model: self.settings.model,
            dimensions: self.settings.dimensions,
            dimension: self.settings.dimension,
            updated_at: self.updated_at,
        }
    }
}

/// Who embeds, and how it goes.
///
/// # Errors
/// 503 where a database is away.
pub async fn embedder_get(cx: &Context<'_>) -> Result<EmbedderAnswer> {
    let at = || vec![cx.business_id().into()];
    let embedder = Embedder::set(cx).await?;
    let state = cx.db.rows(EMBEDDING_STATE.bind(at())).await?;
    let (mut error, mut failing_since) = (None, None);
    if let Some(row) = state.first() {
        let mut columns = Columns::of(row);
        let _set = columns.str("model")?;
        let _attempts = columns.integer("attempts")?;
        error = columns.text_or_null("error")?;
        failing_since = columns.time_or_null("failing_since")?;
    }
    let statements = vec![MODELS_GET.bind(at()), BACKLOG_COUNT.bind(at())];
    let mut results = cx.ports.search.batch(statements).await?.into_iter();
    let mut searched_model = MODEL.to_owned();
    if let Some(row) = results.next().unwrap_or_default().first() {
        searched_model = Columns::of(row).text("model")?;
    }
    let count = results.next().unwrap_or_default().into_iter().next();
    let count = count.map(|row| Columns::of(&row).integer("backlog"));
    let backlog = count.transpose()?.unwrap_or_default();
    let set = embedder.as_ref().map_or(MODEL, |one| &one.model);
    let is_switched = parts_of(&searched_model).0 == set;
    Ok(EmbedderAnswer {
        state: match error {
            Some(_) => EmbeddingState::Failing,
            None if backlog > 0 || !is_switched => EmbeddingState::Embedding,
            None => EmbeddingState::Ready,
        },
        embedder: embedder.map(Embedder::shown),
        searched_model,
        backlog,
        error,
        failing_since,
    })
}

/// Sets who embeds, after one real request. What is searched stays as it was until everything has its vector.
///
/// # Errors
/// 422 for a server that may not be called, that refuses, or whose vectors are too long; for another server than
/// before without its key. 503 where it does not answer. Then everything is as it was.
pub async fn embedder_put(cx: &Context<'_>, wanted: EmbedderRequest) -> Result<EmbedderAnswer> {
    let is_platform = wanted.base_url == platform::BASE_URL;
    if !is_platform {
        let url = [&wanted.base_url, server::PATH].concat();
        PublicUrl::parse(&cx.ports, "base_url", &url)?;
    }
    let before = Embedder::set(cx).await?;
    let key = match (wanted.api_key, before) {
        (Some(key), _) => key,
        (None, Some(before)) if !is_platform => {
            let is_same_server = before.settings.base_url == wanted.base_url;
            before.key.kept(cx, is_same_server)?
        }
        (None, _) => None,
    };
    let mut settings = Settings {
        base_url: wanted.base_url,
        model: wanted.model,
        dimensions: wanted.dimensions,
        dimension: 0,
    };
    if is_platform {
        platform::check(cx, &settings, key.is_some())?;
    }
    let tried = server::embed(cx, &settings, key.as_deref(), &TRIED, TIMEOUT_MS).await?;
    settings.dimension = tried.first().map_or(0, Vec::len);
    check_dimension(&settings)?;
    let model = name_of(settings.dimension, &settings.model, &settings.base_url);
    check_size(cx, &model).await?;
    let key = ServerKey::seal(cx, &EMBEDDER_KEY, cx.ids.next(), key.as_deref()).await?;
    let (id, sealed) = key.stored();
    let put = EMBEDDER_PUT.bind(vec![
        cx.business_id().into(),
        model.as_str().into(),
        id.into(),
        serde_json::to_string(&settings)
            .map_err(Error::internal)?
            .into(),
        sealed.into(),
        cx.now.micros().into(),
    ]);
    cx.db.batch(vec![put, set(cx, &model)]).await?;
    begin(cx, &model).await?;
    // It has just answered.
    let resume = QUESTIONS_RESUME.bind(vec![cx.business_id().into(), model.into()]);
    cx.ports.search.rows(resume).await?;
    embedder_get(cx).await
}

/// Goes back to the built-in model, as from any model to another.
///
/// # Errors
/// 422 for a business with too many parts of records for it. 503 where a database is away, or Vectorize where it has more
/// than are searched without.
pub async fn embedder_delete(cx: &Context<'_>) -> Result<()> {
    let state = EMBEDDING_STATE.bind(vec![cx.business_id().into()]);
    if cx.db.rows(state).await?.is_empty() {
        return Ok(());
    }
    check_size(cx, MODEL).await?;
    cx.db.rows(set(cx, MODEL)).await?;
    Ok(begin(cx, MODEL).await?)
}

fn set(cx: &Context<'_>, model: &str) -> common::db::Statement {
    EMBEDDING_SET.bind(vec![
        cx.business_id().into(),
        model.into(),
        cx.now.micros().into(),
    ])
}

/// Refuses a model that gives another dimension than it is asked for, since some servers leave the question out, and
/// vectors that are too long by themselves.
fn check_dimension(settings: &Settings) -> Result<()> {
    let has = settings.dimension;
    match settings.dimensions {
        Some(asked) if asked != has => {
            let message = format!(
                "The model was asked for {asked} components and gives {has}. Leave `dimensions` out, or choose another."
            );
            Err(Error::invalid("dimensions", "supported", message))
        }
        _ if has > MAX_DIMENSION => {
            let message = format!(
                "The model's vectors have {has} components, and at most {MAX_DIMENSION} are taken. Set `dimensions` to \
                 fewer if the model can be asked for them, or choose another."
            );
            Err(Error::invalid("dimensions", "at_most_1536", message))
        }
        _ => Ok(()),
    }
}

/// Refuses vectors that are too long for all that the business has, unless they are in Vectorize.
async fn check_size(cx: &Context<'_>, model: &str) -> Result<()> {
    let target = target(cx, model, models(cx).await?.as_ref()).await?;
    if parts_of(&target).1.is_some() {
        return Ok(());
    }
    let (chunks, dimension) = (chunks(cx).await?, dimension_of(model));
    let most = (MAX_COMPONENTS / dimension.max(1)).min(MAX_CHUNKS);
    if chunks > most {
        let message = format!(
            "Your links have {chunks} parts of records, and {most} vectors of {dimension} components are taken. Set \
             `dimensions` to fewer if the model can be asked for them, or choose another."
        );
        return Err(Error::invalid("dimensions", "fits", message));
    }
    Ok(())
}
