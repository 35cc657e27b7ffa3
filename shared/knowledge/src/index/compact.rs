use super::sql::{
    CHUNKS_COUNT, CHUNKS_EXISTING, SEGMENTS_COUNT, SEGMENTS_DELETE, SEGMENTS_GET, SEGMENTS_NUMBERS,
    SPACE_CHANGED_SINCE, SPACE_VERSION,
};
use super::stage::segment_insert;
use super::{OWNED, SPACE, Segment, ascending, json, json_of, segment_vectors};
use crate::embedder::{MODEL, dimension_of};
use common::Context;
use common::db::{Columns, Statement};
use common::http::Error;
use std::collections::BTreeSet;

/// How many segments there may be beside full ones.
const SMALL_SEGMENTS: i64 = 24;
/// How many vectors there may be for each chunk that is searched, and some in any case: the built-in model has several
/// of some chunks, others have one, of more components.
const VECTORS_PER_CHUNK: i64 = 4;
const SPARE_VECTORS: i64 = 2_000;
const VECTORS_OF_TWO_CHUNKS: i64 = 3;
const FEW_SPARE_VECTORS: i64 = 500;
/// How many components are written anew at once; the rest waits for the next time.
const MAX_COMPONENTS: usize = 16 * 1024 * 1024;

/// A segment that is stored: its first chunk, and its vectors' chunks.
struct Stored {
    id: i64,
    chunks: Vec<i64>,
}

/// Writes the segments of the model that is searched anew, those that are small or have vectors that lead nowhere,
/// where there are many of either. Says whether it did: it does not where segments were written since it read them, by
/// another that does the same or by a fetch.
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
    let mut results = cx.ports.search.batch(counts).await?.into_iter();
    let Some(row) = results.next().unwrap_or_default().into_iter().next() else {
        return Ok(false);
    };
    let mut columns = Columns::of(&row);
    let model = columns.text("model")?;
    let (segments, vectors) = (columns.integer("segments")?, columns.integer("vectors")?);
    let row = results.next().unwrap_or_default().into_iter().next();
    let row = row.ok_or_else(|| Error::internal("nothing was counted"))?;
    let chunks = Columns::of(&row).integer("chunks")?;
    // Read before the segments are, so that whatever changes them from here on is noticed.
    let row = results.next().unwrap_or_default().into_iter().next();
    let row = row.ok_or_else(|| Error::internal("a segment outside of all spaces"))?;
    let version = Columns::of(&row).integer("version")?;
    let dimension = dimension_of(&model);
    let full = vectors / i64::try_from(segment_vectors(dimension)).unwrap_or(i64::MAX);
    let most = match model == MODEL {
        true => chunks * VECTORS_PER_CHUNK + SPARE_VECTORS,
        false => chunks * VECTORS_OF_TWO_CHUNKS / 2 + FEW_SPARE_VECTORS,
    };
    if segments <= full + SMALL_SEGMENTS && vectors <= most {
        return Ok(false);
    }
    let stored = stored(cx, &model).await?;
    let chunks = stored.iter().flat_map(|one| one.chunks.iter().copied());
    let ids = ascending(chunks.collect());
    let existing = CHUNKS_EXISTING.bind(vec![business(), json(&ids)?.into()]);
    let existing = cx.ports.search.rows(existing).await?;
    let existing: BTreeSet<i64> = json_of(existing, "chunks")?;
    let chosen = chosen(&stored, &existing, dimension);
    let chosen = json(&chosen)?;
    let at = || vec![business(), model.as_str().into(), chosen.as_str().into()];
    let rows = cx.ports.search.rows(SEGMENTS_GET.bind(at())).await?;
    let mut statements = vec![SEGMENTS_DELETE.bind(at())];
    for is_owned in [false, true] {
        let mut vectors = Vec::new();
        let segments = rows.iter().map(|row| read(row, is_owned));
        let segments = segments.collect::<Result<Vec<_>, _>>()?;
        for (base, segment) in segments.iter().flatten() {
            let of_segment = segment.iter();
            vectors.extend(of_segment.map(|(number, vector)| (base + i64::from(number), vector)));
        }
        vectors.retain(|(chunk, _)| existing.contains(chunk));
        vectors.sort_by_key(|(chunk, _)| *chunk);
        write(cx, &model, is_owned, &vectors, &mut statements);
    }
    statements.push(SPACE_CHANGED_SINCE.bind(vec![business(), version.into()]));
    match cx.ports.search.batch(statements).await {
        Ok(_) => Ok(true),
        Err(error) if error.is_race() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Where the numbers of a segment begin.
const fn base_of(id: i64, is_owned: bool) -> i64 {
    id / SPACE * SPACE + if is_owned { OWNED } else { 0 }
}

async fn stored(cx: &Context<'_>, model: &str) -> Result<Vec<Stored>, Error> {
    let numbers = SEGMENTS_NUMBERS.bind(vec![cx.business_id().into(), model.into()]);
    let rows = cx.ports.search.rows(numbers).await?;
    let one = |row: &common::db::Row| {
        let mut columns = Columns::of(row);
        let id = columns.integer("id")?;
        let base = base_of(id, columns.integer("is_owned")? != 0);
        let numbers = Segment::read_numbers(columns.str("numbers")?)?;
        let chunks = numbers.into_iter().map(|number| base + i64::from(number));
        Ok(Stored {
            id,
            chunks: chunks.collect(),
        })
    };
    rows.iter().map(one).collect()
}

/// Segments that are less than half full, or a quarter of whose vectors lead nowhere: as many as are written at once.
fn chosen(stored: &[Stored], existing: &BTreeSet<i64>, dimension: usize) -> Vec<i64> {
    let mut components = 0;
    let is_worth_it = |one: &&Stored| {
        let all = one.chunks.len();
        let gone = one.chunks.iter().filter(|id| !existing.contains(id));
        all * 2 < segment_vectors(dimension) || gone.count() * 4 >= all
    };
    let worth_it = stored.iter().filter(is_worth_it);
    let fits = |one: &&Stored| {
        components += one.chunks.len() * dimension;
        components <= MAX_COMPONENTS
    };
    worth_it.take_while(fits).map(|one| one.id).collect()
}

/// A segment with where its numbers begin, if it is of what is somebody's, or of what is all's.
fn read(row: &common::db::Row, of_owned: bool) -> Result<Option<(i64, Segment)>, Error> {
    let mut columns = Columns::of(row);
    let id = columns.integer("id")?;
    let is_owned = columns.integer("is_owned")? != 0;
    if is_owned != of_owned {
        return Ok(None);
    }
    let segment = Segment::read(columns.str("numbers")?, columns.str("vectors")?)?;
    Ok(Some((base_of(id, is_owned), segment)))
}

/// Writes vectors, which are in the order of their chunks. Those of a chunk stay together, since a segment is named by
/// its first chunk.
fn write(
    cx: &Context<'_>,
    model: &str,
    is_owned: bool,
    vectors: &[(i64, &[i8])],
    statements: &mut Vec<Statement>,
) {
    let most = segment_vectors(dimension_of(model));
    let mut rest = vectors;
    while let Some((first, _)) = rest.first() {
        let end = match rest.get(most - 1) {
            Some((last, _)) => rest.partition_point(|(id, _)| id <= last),
            None => rest.len(),
        };
        let (these, others) = rest.split_at(end);
        let mut segment = Segment::default();
        let base = base_of(*first, is_owned);
        for (id, vector) in these {
            segment.add(u32::try_from(id - base).unwrap_or(u32::MAX), vector);
        }
        statements.push(segment_insert(cx, model, *first, is_owned, &segment));
        rest = others;
    }
}
