//! What an erased customer leaves in the index: chunks with their words, and vectors.

use super::publish::remove;
use super::sql::{
    BACKLOG_DELETE, CHUNKS_EXISTING, CHUNKS_OF_OWNERS, LINK_COUNT, SEGMENT_DELETE, SEGMENT_WRITE,
    SEGMENTS_AFTER, SPACE_CHANGED, SPACE_VERSION,
};
use super::{OWNED, SPACE, Segment, ascending, json, json_of};
use common::Context;
use common::db::Columns;
use common::http::Error;
use std::collections::BTreeSet;

/// Chunks that one call removes.
const AT_ONCE: i64 = 1_000;
/// Segments that one call looks at: each is a text of at most 0.7 MB.
const SEGMENTS: i64 = 16;

/// Removes chunks that have one of these owners, as many as one call should; says whether that was all. What was
/// staged goes as well.
///
/// # Errors
/// 503 when the database is away.
pub async fn owners_erase(cx: &Context<'_>, owners: &[String]) -> Result<bool, Error> {
    let owners = json(&owners)?;
    let some = CHUNKS_OF_OWNERS.bind(vec![cx.business_id().into(), owners.into(), AT_ONCE.into()]);
    let found: Vec<(i64, String)> = json_of(cx.ports.search.rows(some).await?, "chunks")?;
    if found.is_empty() {
        return Ok(true);
    }
    let chunks = ascending(found.iter().map(|(id, _)| *id).collect());
    let links = ascending(found.iter().map(|(_, link)| link.as_str()).collect());
    let is_all = found.len() < usize::try_from(AT_ONCE).unwrap_or_default();
    let mut statements = Vec::new();
    let params = vec![cx.business_id().into(), json(&chunks)?.into()];
    statements.push(BACKLOG_DELETE.bind(params));
    remove(cx, &chunks, &mut statements)?;
    for link in links {
        statements.push(LINK_COUNT.bind(vec![cx.business_id().into(), link.into()]));
    }
    cx.ports.search.batch(statements).await?;
    Ok(is_all)
}

/// Writes segments of all models without the vectors that lead nowhere: those of chunks that went, also long ago. Gives
/// the segment behind which there are more, as the next call takes it, which begins with an empty text; `None` at the
/// end.
///
/// # Errors
/// 503 when the database is away, and where somebody else wrote vectors meanwhile: then nothing happened.
pub async fn vectors_erase(cx: &Context<'_>, after: &str) -> Result<Option<String>, Error> {
    let (id, model) = after.split_once(' ').unwrap_or_default();
    let id: i64 = id.parse().unwrap_or_default();
    let business = || cx.business_id().into();
    let read = vec![
        SPACE_VERSION.bind(vec![business()]),
        SEGMENTS_AFTER.bind(vec![business(), model.into(), id.into(), SEGMENTS.into()]),
    ];
    let mut results = cx.ports.search.batch(read).await?.into_iter();
    let space = results.next().unwrap_or_default();
    let Some(space) = space.first() else {
        return Ok(None);
    };
    let version = Columns::of(space).integer("version")?;
    let rows = results.next().unwrap_or_default();
    let mut segments = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut columns = Columns::of(row);
        let (model, id) = (columns.str("model")?, columns.integer("id")?);
        let is_owned = columns.integer("is_owned")? != 0;
        let numbers = columns.str("numbers")?;
        let segment = Segment::read(numbers, columns.str("vectors")?)?;
        let base = id / SPACE * SPACE + if is_owned { OWNED } else { 0 };
        segments.push((model, id, numbers, base, segment));
    }
    let chunks = segments
        .iter()
        .flat_map(|(.., base, segment)| segment.iter().map(move |(n, _)| base + i64::from(n)));
    let ids = ascending(chunks.collect());
    let existing = CHUNKS_EXISTING.bind(vec![business(), json(&ids)?.into()]);
    let existing = cx.ports.search.rows(existing).await?;
    let existing: BTreeSet<i64> = json_of(existing, "chunks")?;
    let mut statements = Vec::new();
    for (model, id, numbers, base, segment) in &segments {
        let mut left = Segment::default();
        for (number, vector) in segment.iter() {
            if existing.contains(&(base + i64::from(number))) {
                left.add(number, vector);
            }
        }
        // Only as long as nobody has put other vectors under that name.
        let named = || {
            let named = vec![business(), (*model).into(), (*id).into()];
            [named, vec![version.into(), (*numbers).into()]].concat()
        };
        if left.is_empty() {
            statements.push(SEGMENT_DELETE.bind(named()));
        } else if left.len() < segment.len() {
            let mut params = named();
            params.extend([left.numbers_text().into(), left.vectors_text().into()]);
            statements.push(SEGMENT_WRITE.bind(params));
        }
    }
    if !statements.is_empty() {
        statements.push(SPACE_CHANGED.bind(vec![business()]));
        let mut results = cx.ports.search.batch(statements).await?;
        // What counts versions answers nothing.
        results.pop();
        if results.iter().any(Vec::is_empty) {
            return Err(Error::unavailable("vectors were written meanwhile"));
        }
    }
    let more = i64::try_from(rows.len()).unwrap_or_default() == SEGMENTS;
    let last = segments.last().filter(|_| more);
    Ok(last.map(|(model, id, ..)| [&id.to_string(), " ", *model].concat()))
}
