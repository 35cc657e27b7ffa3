use super::sql::{
    CHUNKS_BACK, CHUNKS_DELETE, CHUNKS_GONE, CHUNKS_OF_LINK, CHUNKS_SOME, CHUNKS_STAGED,
    GENERATION_PUBLISH, LINK_FORGET, OWNERS_DELETE, REMOVALS_ADD, STAGING_END, WORDS_DELETE,
};
use super::{Generation, json, json_of};
use common::Context;
use common::db::Statement;
use common::http::Error;
use common::ids::LinkId;
use std::collections::BTreeSet;

/// How many chunks one statement removes.
const REMOVED_AT_ONCE: i64 = 2_000;

/// What a run has staged so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Staged {
    /// Chunks that the new generation has: those that are as they were, and those that are new.
    pub there: BTreeSet<i64>,
    /// Chunks whose place was taken.
    pub gone: Vec<i64>,
    /// Whether anything was written.
    pub is_written: bool,
}

/// Puts a generation in the place of the one before, at once. What is neither in it nor new is gone, where the
/// generation is `complete`. Gives how many chunks went that nothing took the place of. A generation that is like the
/// one before writes nothing.
///
/// # Errors
/// 503 when the database is away: then nothing happened.
pub async fn publish(
    cx: &Context<'_>,
    link: &LinkId,
    before: &Generation,
    generation: i64,
    staged: &Staged,
    records: u32,
    complete: bool,
) -> Result<usize, Error> {
    let business = || cx.business_id().into();
    let mut missing = Vec::new();
    let mut chunks = staged.there.len();
    if complete {
        let of_link = CHUNKS_OF_LINK.bind(vec![business(), link.into()]);
        let there: Vec<i64> = json_of(cx.ports.search.rows(of_link).await?, "chunks")?;
        let mut taken = staged.gone.clone();
        taken.sort_unstable();
        let is_missing = |id: &i64| !staged.there.contains(id) && taken.binary_search(id).is_err();
        missing.extend(there.into_iter().filter(is_missing));
    } else {
        let count = usize::try_from(before.chunks).unwrap_or_default();
        chunks = (count + chunks).saturating_sub(staged.gone.len());
    }
    let is_same = before.current > 0
        && !staged.is_written
        && missing.is_empty()
        && before.records == i64::from(records);
    if is_same {
        return Ok(0);
    }
    let mut gone = staged.gone.clone();
    gone.extend(&missing);
    let mut statements = Vec::new();
    if !missing.is_empty() {
        let params = vec![business(), generation.into(), json(&missing)?.into()];
        statements.push(CHUNKS_GONE.bind(params));
    }
    statements.push(GENERATION_PUBLISH.bind(vec![
        business(),
        link.into(),
        generation.into(),
        i64::try_from(chunks).unwrap_or_default().into(),
        i64::from(records).into(),
    ]));
    remove(cx, &gone, &mut statements)?;
    cx.ports.search.batch(statements).await?;
    Ok(missing.len())
}

/// Takes back what was staged of a generation that is not to be.
///
/// # Errors
/// 503 when the database is away.
pub async fn abort(cx: &Context<'_>, link: &LinkId, before: &Generation) -> Result<(), Error> {
    let at = || vec![cx.business_id().into(), link.into(), before.current.into()];
    let rows = cx.ports.search.rows(CHUNKS_STAGED.bind(at())).await?;
    let staged: Vec<i64> = json_of(rows, "chunks")?;
    let mut statements = Vec::new();
    remove(cx, &staged, &mut statements)?;
    statements.push(CHUNKS_BACK.bind(at()));
    statements.push(STAGING_END.bind(vec![cx.business_id().into(), link.into()]));
    cx.ports.search.batch(statements).await?;
    Ok(())
}

/// Removes what there is of a link, as much as one call should; says whether that was all.
///
/// # Errors
/// 503 when the database is away.
pub async fn link_remove(cx: &Context<'_>, link: &LinkId) -> Result<bool, Error> {
    let some = CHUNKS_SOME.bind(vec![
        cx.business_id().into(),
        link.into(),
        REMOVED_AT_ONCE.into(),
    ]);
    let chunks: Vec<i64> = json_of(cx.ports.search.rows(some).await?, "chunks")?;
    let is_all = i64::try_from(chunks.len()).unwrap_or(i64::MAX) < REMOVED_AT_ONCE;
    let mut statements = Vec::new();
    remove(cx, &chunks, &mut statements)?;
    if is_all {
        statements.push(LINK_FORGET.bind(vec![cx.business_id().into(), link.into()]));
    }
    cx.ports.search.batch(statements).await?;
    Ok(is_all)
}

/// Removes chunks with their words and owners. Their vectors stay until the segments are written anew, or until they are
/// removed from Vectorize, and lead nowhere.
pub(super) fn remove(
    cx: &Context<'_>,
    chunks: &[i64],
    statements: &mut Vec<Statement>,
) -> Result<(), Error> {
    if chunks.is_empty() {
        return Ok(());
    }
    let chunks = json(&chunks)?;
    for sql in [&REMOVALS_ADD, &OWNERS_DELETE, &WORDS_DELETE, &CHUNKS_DELETE] {
        statements.push(sql.bind(vec![cx.business_id().into(), chunks.as_str().into()]));
    }
    Ok(())
}
