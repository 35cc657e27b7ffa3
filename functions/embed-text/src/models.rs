//! Which model is searched, and which takes its place: in the database `SEARCH`, beside the vectors.

use crate::sql::{
    BACKLOG_FILL, BACKLOG_SWEEP, EMBEDDER_MODELS, EMBEDDERS_FORGET, MODEL_SWITCH, MODELS_GET,
    NEXT_MODEL_SET, SEGMENTS_FORGET, SEGMENTS_SWEEP,
};
use common::Context;
use common::db::{Columns, Value};
use common::http::{Error, Result};
use knowledge::embedder::MODEL;
use knowledge::index::sql::SPACE_RESERVE;

/// How many segments one statement removes: at most 32 MB.
const SWEPT_AT_ONCE: i64 = 32;

/// The models of a business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Models {
    /// The one that is searched.
    pub(crate) searched: String,
    /// The one that takes its place once each chunk has its vector.
    pub(crate) next: Option<String>,
}

impl Models {
    /// Those that chunks are to have vectors of.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        let searched = std::iter::once(self.searched.as_str());
        searched.chain(self.next.as_deref())
    }
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
        })
    };
    rows.first().map(read).transpose()
}

/// Begins to take a model in the place of the one that is searched, from the start, unless that was begun. What is
/// searched stays as it is.
///
/// # Errors
/// 503 where the database is away: then nothing happened.
pub(crate) async fn begin(cx: &Context<'_>, model: &str) -> Result<()> {
    let business = || cx.business_id().into();
    let known = models(cx).await?;
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
        NEXT_MODEL_SET.bind(vec![business(), next]),
        BACKLOG_SWEEP.bind(vec![business(), ever_set(cx).await?.into()]),
    ];
    if !is_back {
        // Of an earlier change to it that was given up.
        statements.push(SEGMENTS_FORGET.bind(vec![business(), model.into()]));
        statements.push(BACKLOG_FILL.bind(vec![business(), model.into()]));
    }
    cx.ports.search.batch(statements).await?;
    Ok(())
}

/// Has the next model searched, if each chunk has its vector.
pub(crate) async fn switch(cx: &Context<'_>, next: &str) -> Result<bool> {
    let switch = MODEL_SWITCH.bind(vec![cx.business_id().into(), next.into()]);
    Ok(!cx.ports.search.rows(switch).await?.is_empty())
}

/// Removes what is left of models that are neither searched nor will be, and forgets their servers and keys. Says
/// whether that was all.
pub(crate) async fn sweep(cx: &Context<'_>, models: &Models) -> Result<bool> {
    let business = || cx.business_id().into();
    let statements = vec![
        BACKLOG_SWEEP.bind(vec![business(), ever_set(cx).await?.into()]),
        SEGMENTS_SWEEP.bind(vec![business(), SWEPT_AT_ONCE.into()]),
    ];
    let results = cx.ports.search.batch(statements).await?;
    let swept = results.last().map_or(0, Vec::len);
    let kept: Vec<&str> = models.all().collect();
    let kept = serde_json::to_string(&kept).map_err(Error::internal)?;
    let forget = EMBEDDERS_FORGET.bind(vec![business(), kept.into()]);
    cx.db.rows(forget).await?;
    Ok(i64::try_from(swept).unwrap_or(i64::MAX) < SWEPT_AT_ONCE)
}

/// The models of which something may be left, as a JSON list: a server is forgotten after what its model has.
async fn ever_set(cx: &Context<'_>) -> Result<String> {
    let get = EMBEDDER_MODELS.bind(vec![cx.business_id().into()]);
    let rows = cx.db.rows(get).await?;
    let mut models = vec![MODEL];
    for row in &rows {
        models.push(Columns::of(row).str("model")?);
    }
    serde_json::to_string(&models).map_err(Error::internal)
}
