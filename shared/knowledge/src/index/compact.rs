use super::sql::{
    CHUNKS_COUNT, CHUNKS_EXISTING, SEGMENTS_COUNT, SEGMENTS_DELETE, SEGMENTS_OF_BUSINESS,
    SPACE_CHANGED_SINCE, SPACE_VERSION,
};
use super::stage::segment_insert;
use super::{OWNED, SEGMENT_VECTORS, SPACE, Segment, json, json_of};
use crate::vector::Vector;
use common::Context;
use common::db::Columns;
use common::http::Error;
use std::collections::BTreeSet;

/// How many segments there may be beside full ones.
const SMALL_SEGMENTS: i64 = 24;
/// How many vectors there may be for each chunk that is searched, and some in any case.
const VECTORS_PER_CHUNK: i64 = 4;
const SPARE_VECTORS: i64 = 2_000;

/// Writes the segments of a business anew where many are small, or many vectors lead nowhere. Says whether it did: it
/// does not where segments were written since it read them, by another that does the same or by a fetch.
///
/// # Errors
/// 503 when the database is away: then nothing happened.
pub async fn compact(cx: &Context<'_>) -> Result<bool, Error> {
    let business = || cx.business_id().into();
    let counts = vec![
        SEGMENTS_COUNT.bind(vec![business()]),
        CHUNKS_COUNT.bind(vec![business()]),
        SPACE_VERSION.bind(vec![business()]),
    ];
    let mut rows = cx.ports.search.batch(counts).await?.into_iter().flatten();
    let absent = || Error::internal("nothing was counted");
    let row = rows.next().ok_or_else(absent)?;
    let mut columns = Columns::of(&row);
    let (segments, vectors) = (columns.integer("segments")?, columns.integer("vectors")?);
    let row = rows.next().ok_or_else(absent)?;
    let chunks = Columns::of(&row).integer("chunks")?;
    // Read before the segments are, so that whatever changes them from here on is noticed.
    let Some(row) = rows.next() else {
        return Ok(false);
    };
    let version = Columns::of(&row).integer("version")?;
    let full = vectors / i64::try_from(SEGMENT_VECTORS).unwrap_or(i64::MAX);
    if segments <= full + SMALL_SEGMENTS && vectors <= chunks * VECTORS_PER_CHUNK + SPARE_VECTORS {
        return Ok(false);
    }
    let stored = SEGMENTS_OF_BUSINESS.bind(vec![business()]);
    let rows = cx.ports.search.rows(stored).await?;
    let mut old = Vec::with_capacity(rows.len());
    let (mut shared, mut owned): (Vec<(i64, Vector)>, Vec<_>) = Default::default();
    for row in &rows {
        let mut columns = Columns::of(row);
        let id = columns.integer("id")?;
        let is_owned = columns.integer("is_owned")? != 0;
        let segment = Segment::read(columns.str("numbers")?, columns.str("vectors")?)?;
        let base = id / SPACE * SPACE + if is_owned { OWNED } else { 0 };
        let vectors = segment.iter();
        let placed =
            vectors.map(|(number, vector)| (base + i64::from(number), Vector::from(*vector)));
        let kind = if is_owned { &mut owned } else { &mut shared };
        kind.extend(placed);
        old.push(id);
    }
    let ids: BTreeSet<i64> = shared.iter().chain(&owned).map(|(id, _)| *id).collect();
    let existing = CHUNKS_EXISTING.bind(vec![business(), json(&ids)?.into()]);
    let existing = cx.ports.search.rows(existing).await?;
    let existing: BTreeSet<i64> = json_of(existing, "chunks")?;
    let mut statements = vec![SEGMENTS_DELETE.bind(vec![business(), json(&old)?.into()])];
    for (is_owned, mut vectors) in [(false, shared), (true, owned)] {
        vectors.retain(|(id, _)| existing.contains(id));
        vectors.sort_by_key(|(id, _)| *id);
        let mut rest = vectors.as_slice();
        while let Some((first, _)) = rest.first() {
            // The vectors of a chunk stay together, since a segment is named by its first chunk.
            let end = match rest.get(SEGMENT_VECTORS - 1) {
                Some((last, _)) => rest.partition_point(|(id, _)| id <= last),
                None => rest.len(),
            };
            let (these, others) = rest.split_at(end);
            let mut segment = Segment::default();
            let base = first / SPACE * SPACE + if is_owned { OWNED } else { 0 };
            for (id, vector) in these {
                segment.push(u32::try_from(id - base).unwrap_or(u32::MAX), vector);
            }
            statements.push(segment_insert(cx, *first, is_owned, &segment));
            rest = others;
        }
    }
    statements.push(SPACE_CHANGED_SINCE.bind(vec![business(), version.into()]));
    match cx.ports.search.batch(statements).await {
        Ok(_) => Ok(true),
        Err(error) if error.is_race() => Ok(false),
        Err(error) => Err(error.into()),
    }
}
