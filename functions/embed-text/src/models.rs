//! Which model is searched, and which takes its place: in the database `SEARCH`, beside the vectors.

use crate::backlog::Stopped;
use crate::sql::{
    BACKLOG_FILL, BACKLOG_SWEEP, EMBEDDER_MODELS, EMBEDDERS_FORGET, MODEL_SWITCH, MODELS_GET,
    NEXT_MODEL_SET, REMOVALS_OF_NEXT, REMOVALS_OF_SEARCHED, REMOVALS_TAKE_BACK, SEGMENTS_FORGET,
    SEGMENTS_SWEEP,
};
use crate::vectorize::Vectorize;
use common::Context;
use common::db::{Columns, Value};
use common::http::{Error, Result};
use knowledge::embedder::{MODEL, dimension_of};
use knowledge::index::MAX_CHUNKS;
use knowledge::index::sql::{CHUNKS_COUNT, SPACE_RESERVE};
use knowledge::vectorize::{name_in, parts_of};

/// How many segments one statement removes: at most 32 MB.
const SWEPT_AT_ONCE: i64 = 32;

/// The models of a business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Models {
    /// The one that is searched.
    pub(crate) searched: String,
    /// The one that takes its place once each chunk has its vector.
    pub(crate) next: Option<String>,
    /// Whether the business has had more chunks than are searched without Vectorize.
    pub(crate) is_large: bool,
}

impl Models {
    /// Those that chunks are to have vectors of.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        let searched = std::iter::once(self.searched.as_str());
        searched.chain(self.next.as_deref())
    }

    /// Whether Vectorize has vectors of any of them.
    pub(crate) fn are_in_vectorize(&self) -> bool {
        self.all().any(|name| parts_of(name).1.is_some())
    }
}

/// What names the vectors of a model for the caller's business: they are in Vectorize where it has more chunks than are
/// searched without, and the deployment has an index for vectors of this length. What is too much for `SEARCH` and is in
/// an index that the deployment has no more stays there: it may be back.
///
/// # Errors
/// What Vectorize says; 503 where a database is away.
pub(crate) async fn target(
    cx: &Context<'_>,
    model: &str,
    known: Option<&Models>,
) -> Result<String, Stopped> {
    let Some(known) = known.filter(|known| known.is_large) else {
        return Ok(model.to_owned());
    };
    if let Some(vectorize) = Vectorize::of(cx) {
        let name = name_in(model, &vectorize.index);
        let is_there = known.all().any(|one| one == name);
        if is_there || vectorize.dimensions(cx).await? == Some(dimension_of(model)) {
            return Ok(name);
        }
    }
    let mut there = known.all().filter(|name| parts_of(name).1.is_some());
    let there = there.find(|name| parts_of(name).0 == model);
    Ok(match there {
        Some(name) if chunks(cx).await? > MAX_CHUNKS => name.to_owned(),
        _ => model.to_owned(),
    })
}

/// How many chunks the caller's business has.
pub(crate) async fn chunks(cx: &Context<'_>) -> Result<usize> {
    let count = CHUNKS_COUNT.bind(vec![cx.business_id().into()]);
    let rows = cx.ports.search.rows(count).await?;
    let chunks = rows.first().map(|row| Columns::of(row).integer("chunks"));
    Ok(usize::try_from(chunks.transpose()?.unwrap_or_default()).unwrap_or(usize::MAX))
}

/// The models of the caller's business; `None` where nothing was ever searched.
pub(crate) async fn models(cx: &Context<'_>) -> Result<Option<Models>> {
    let get = MODELS_GET.bind(vec![cx.business_id().into()]);
    let rows = cx.ports.search.rows(get).await?;
    let read = |row: &common::db::Row| {
        let mut columns = Columns::of(row);
        Ok(Models {
            searched: columns.text("model")?,
            next: columns.text_or_null("next_model")?,
            is_large: columns.integer("is_large")? != 0,
        })
    };
    rows.first().map(read).transpose()
}

/// Begins to take a model in the place of the one that is searched, from the start, unless that was begun. What is
/// searched stays as it is.
///
/// # Errors
/// What Vectorize says; 503 where the database is away: then nothing happened.
pub(crate) async fn begin(cx: &Context<'_>, model: &str) -> Result<(), Stopped> {
    let business = || cx.business_id().into();
    let known = models(cx).await?;
    let model = target(cx, model, known.as_ref()).await?;
    let model = model.as_str();
    let searched = known.as_ref().map_or(MODEL, |known| &known.searched);
    let next = known.as_ref().and_then(|known| known.next.as_deref());
    if next.unwrap_or(searched) == model {
        return Ok(());
    }
    let is_back = searched == model;
    let next = if is_back { Value::Null } else { model.into() };
    let mut statements = vec![
        // For a business that has nothing yet.
        SPACE_RESERVE.bind(vec![business(), 0.into(), 0.into()]),
        REMOVALS_OF_NEXT.bind(vec![business()]),
        NEXT_MODEL_SET.bind(vec![business(), next]),
        BACKLOG_SWEEP.bind(vec![business(), ever_set(cx, known.as_ref()).await?.into()]),
    ];
    if !is_back {
        statements.push(REMOVALS_TAKE_BACK.bind(vec![business(), model.into()]));
        // Of an earlier change to it that was given up.
        statements.push(SEGMENTS_FORGET.bind(vec![business(), model.into()]));
        statements.push(BACKLOG_FILL.bind(vec![business(), model.into()]));
    }
    cx.ports
        .search
        .batch(statements)
        .await
        .map_err(Error::from)?;
    Ok(())
}

/// Has the next model searched, if each chunk has its vector.
pub(crate) async fn switch(cx: &Context<'_>, next: &str) -> Result<bool> {
    let params = || vec![cx.business_id().into(), next.into()];
    let statements = vec![
        REMOVALS_OF_SEARCHED.bind(params()),
        MODEL_SWITCH.bind(params()),
    ];
    let results = cx.ports.search.batch(statements).await?;
    Ok(results.last().is_some_and(|switched| !switched.is_empty()))
}

/// Removes what is left of models that are neither searched nor will be, and forgets their servers and keys. Says
/// whether that was all.
pub(crate) async fn sweep(cx: &Context<'_>, models: &Models) -> Result<bool> {
    let business = || cx.business_id().into();
    let statements = vec![
        BACKLOG_SWEEP.bind(vec![business(), ever_set(cx, Some(models)).await?.into()]),
        SEGMENTS_SWEEP.bind(vec![business(), SWEPT_AT_ONCE.into()]),
    ];
    let results = cx.ports.search.batch(statements).await?;
    let swept = results.last().map_or(0, Vec::len);
    let kept: Vec<&str> = models.all().map(|name| parts_of(name).0).collect();
    let kept = serde_json::to_string(&kept).map_err(Error::internal)?;
    let forget = EMBEDDERS_FORGET.bind(vec![business(), kept.into()]);
    cx.db.rows(forget).await?;
    Ok(i64::try_from(swept).unwrap_or(i64::MAX) < SWEPT_AT_ONCE)
}

/// The models of which something may be left, as a JSON list: a server is forgotten after what its model has.
async fn ever_set(cx: &Context<'_>, known: Option<&Models>) -> Result<String> {
    let get = EMBEDDER_MODELS.bind(vec![cx.business_id().into()]);
    let rows = cx.db.rows(get).await?;
    let mut models = vec![MODEL.to_owned()];
    for row in &rows {
        models.push(Columns::of(row).text("model")?);
    }
    if let Some(vectorize) = Vectorize::of(cx) {
        let there: Vec<String> = models
            .iter()
            .map(|one| name_in(one, &vectorize.index))
            .collect();
        models.extend(there);
    }
    models.extend(known.into_iter().flat_map(Models::all).map(str::to_owned));
    serde_json::to_string(&models).map_err(Error::internal)
}
