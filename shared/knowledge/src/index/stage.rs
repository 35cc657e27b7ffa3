use super::sql::{
    BACKLOG_ADD, CHUNKS_GONE, CHUNKS_INSERT, CHUNKS_KNOWN, OWNERS_INSERT, SEGMENT_INSERT,
    SPACE_CHANGED, SPACE_RESERVE, STAGING_BEGIN, WORDS_INSERT,
};
use super::{OWNED, SPACE, Segment, json, json_of};
use crate::embedder::{MODEL, calls, embed};
use crate::vector::Vector;
use crate::words::searchable;
use common::Context;
use common::db::{Columns, Statement, json_arrays};
use common::http::Error;
use common::ids::LinkId;
use common::time::Timestamp;
use serde_json::json as array;
use std::collections::{BTreeMap, BTreeSet};

/// A record, as it is to be searched.
#[derive(Debug, Clone)]
pub struct NewRecord {
    /// What names it within its link.
    pub key: String,
    /// Where it stood.
    pub path: String,
    /// Whose it is (see [`owner`](crate::owner)); empty for all's.
    pub owners: Vec<String>,
    /// Its parts.
    pub chunks: Vec<NewChunk>,
    /// When it was fetched, or pushed.
    pub fetched_at: Timestamp,
}

/// A part of a record.
#[derive(Debug, Clone)]
pub struct NewChunk {
    /// The fields, a line each.
    pub text: String,
    /// What is embedded of it.
    pub clean: Vec<String>,
    /// Changes with what is stored.
    pub hash: String,
}

/// What staging did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Ids of the chunks that are as they were.
    pub kept: Vec<i64>,
    /// Ids of those that are new.
    pub added: Vec<i64>,
    /// Ids of those whose place was taken.
    pub gone: Vec<i64>,
    /// Records of which something is new.
    pub changed: u32,
    /// Records of which nothing was there.
    pub fresh: u32,
    /// Records that the generation has already, by their keys, which were left out.
    pub repeated: u32,
    /// Calls of other functions.
    pub calls: usize,
}

/// A chunk that is to be written.
struct Adding<'r> {
    id: i64,
    record: &'r NewRecord,
    chunk: &'r NewChunk,
}

/// Stages records of a link, each key once, for a generation that is not searched yet and has what is `there`. What is
/// as it was costs one read; only chunks that are new are embedded, by the built-in model where it is searched, or will
/// be. What else is to have vectors of another model goes to the backlog, since its server may be slow, or away.
///
/// # Errors
/// 503 where the database or the embedder is away; what was staged stays for [`abort`](super::abort).
pub async fn stage(
    cx: &Context<'_>,
    link: &LinkId,
    generation: i64,
    there: &BTreeSet<i64>,
    records: &[NewRecord],
) -> Result<Written, Error> {
    let keys: Vec<&str> = records.iter().map(|record| record.key.as_str()).collect();
    let mut known = known(cx, link, &keys).await?;
    let mut written = Written::default();
    let mut adding: Vec<Adding<'_>> = Vec::new();
    for record in records {
        let mut stored = known.remove(record.key.as_str()).unwrap_or_default();
        if stored.iter().any(|(id, _)| there.contains(id)) {
            written.repeated += 1;
            continue;
        }
        written.fresh += u32::from(stored.is_empty());
        let before = adding.len();
        for chunk in &record.chunks {
            match stored.iter().position(|(_, hash)| *hash == chunk.hash) {
                Some(at) => written.kept.push(stored.swap_remove(at).0),
                None => adding.push(Adding {
                    id: 0,
                    record,
                    chunk,
                }),
            }
        }
        let is_changed = adding.len() > before || !stored.is_empty();
        written.changed += u32::from(is_changed);
        written.gone.extend(stored.into_iter().map(|(id, _)| id));
    }
    if adding.is_empty() && written.gone.is_empty() {
        return Ok(written);
    }
    let space = number(cx, &mut adding).await?;
    let mut vectors = Vec::new();
    if space.is_built_in {
        let texts: Vec<&str> = adding
            .iter()
            .flat_map(|one| one.chunk.clean.iter().map(String::as_str))
            .collect();
        written.calls = calls(texts.len());
        vectors = embed(cx, &texts).await?;
    }

    let business = || cx.business_id().into();
    let mut statements = vec![STAGING_BEGIN.bind(vec![business(), link.into(), generation.into()])];
    insert(cx, link, generation, &adding, &mut statements)?;
    if space.is_built_in {
        segments(cx, space.slot, &adding, vectors, &mut statements);
    }
    let added: Vec<i64> = adding.iter().map(|one| one.id).collect();
    let embedded = if space.is_built_in { MODEL } else { "" };
    let params = vec![business(), json(&added)?.into(), embedded.into()];
    statements.push(BACKLOG_ADD.bind(params));
    if !written.gone.is_empty() {
        let params = vec![business(), generation.into(), json(&written.gone)?.into()];
        statements.push(CHUNKS_GONE.bind(params));
    }
    cx.ports.search.batch(statements).await?;
    written.added = added;
    Ok(written)
}

/// Ids and hashes of chunks by the key of their record.
pub(super) type Known = BTreeMap<String, Vec<(i64, String)>>;

/// The chunks that are there.
pub(super) async fn known(cx: &Context<'_>, link: &LinkId, keys: &[&str]) -> Result<Known, Error> {
    let params = vec![cx.business_id().into(), link.into(), json(&keys)?.into()];
    let rows = cx.ports.search.rows(CHUNKS_KNOWN.bind(params)).await?;
    let mut known = Known::new();
    for (id, key, hash) in json_of::<Vec<(i64, String, String)>>(rows, "chunks")? {
        known.entry(key).or_default().push((id, hash));
    }
    Ok(known)
}

/// Where the rows of a business are.
struct Space {
    slot: i64,
    /// Whether vectors of the built-in model are searched, or will be.
    is_built_in: bool,
}

/// Gives the chunks their ids, in two ranges of the business's own.
async fn number(cx: &Context<'_>, adding: &mut [Adding<'_>]) -> Result<Space, Error> {
    let is_owned = |one: &Adding<'_>| !one.record.owners.is_empty();
    let owned = adding.iter().filter(|one| is_owned(one)).count();
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let (shared, owned) = (count(adding.len() - owned), count(owned));
    let reserve = SPACE_RESERVE.bind(vec![cx.business_id().into(), shared.into(), owned.into()]);
    let rows = cx.ports.search.rows(reserve).await?;
    let row = rows.first().ok_or_else(|| Error::internal("no space"))?;
    let mut columns = Columns::of(row);
    let slot = columns.integer("slot")?;
    let mut next_shared = slot * SPACE + columns.integer("next_shared")? - shared;
    let mut next_owned = slot * SPACE + OWNED + columns.integer("next_owned")? - owned;
    let is_searched = columns.str("model")? == MODEL;
    let is_next = columns.str_or_null("next_model")? == Some(MODEL);
    for one in adding {
        let next = match is_owned(one) {
            true => &mut next_owned,
            false => &mut next_shared,
        };
        one.id = *next;
        *next += 1;
    }
    Ok(Space {
        slot,
        is_built_in: is_searched || is_next,
    })
}

fn insert(
    cx: &Context<'_>,
    link: &LinkId,
    generation: i64,
    adding: &[Adding<'_>],
    statements: &mut Vec<Statement>,
) -> Result<(), Error> {
    let mut chunks = Vec::with_capacity(adding.len());
    let mut owners = Vec::new();
    let mut words = Vec::with_capacity(adding.len());
    for Adding { id, record, chunk } in adding {
        let whose = json(&record.owners)?;
        let at = record.fetched_at.micros();
        let fields = array!([
            id,
            record.key,
            chunk.hash,
            record.path,
            chunk.text,
            whose,
            at
        ]);
        chunks.push(fields.to_string());
        words.push(array!([id, searchable(&chunk.text)]).to_string());
        if !record.owners.is_empty() {
            owners.push(array!([id, record.owners]).to_string());
        }
    }
    let business = || cx.business_id().into();
    for chunks in json_arrays(chunks) {
        statements.push(CHUNKS_INSERT.bind(vec![
            business(),
            link.into(),
            chunks.text.into(),
            generation.into(),
        ]));
    }
    let owners = json_arrays(owners).into_iter();
    statements.extend(owners.map(|list| OWNERS_INSERT.bind(vec![business(), list.text.into()])));
    let words = json_arrays(words).into_iter();
    statements.extend(words.map(|list| WORDS_INSERT.bind(vec![list.text.into()])));
    Ok(())
}

/// Adds the vectors of what is added, those of what is somebody's apart.
fn segments(
    cx: &Context<'_>,
    slot: i64,
    adding: &[Adding<'_>],
    vectors: Vec<Option<Vector>>,
    statements: &mut Vec<Statement>,
) {
    let mut vectors = vectors.into_iter();
    let (mut shared, mut owned): ((i64, Segment), (i64, Segment)) = Default::default();
    let before = statements.len();
    for one in adding {
        let is_owned = !one.record.owners.is_empty();
        let number = one.id - slot * SPACE - if is_owned { OWNED } else { 0 };
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let (id, segment) = if is_owned { &mut owned } else { &mut shared };
        if segment.is_empty() {
            *id = one.id;
        }
        for vector in vectors.by_ref().take(one.chunk.clean.len()).flatten() {
            segment.push(number, &vector);
        }
        if segment.is_full() {
            let full = std::mem::take(segment);
            statements.push(segment_insert(cx, MODEL, *id, is_owned, &full));
        }
    }
    for (is_owned, (id, segment)) in [(false, &shared), (true, &owned)] {
        if !segment.is_empty() {
            statements.push(segment_insert(cx, MODEL, *id, is_owned, segment));
        }
    }
    if statements.len() > before {
        statements.push(SPACE_CHANGED.bind(vec![cx.business_id().into()]));
    }
}

/// Writes a segment, whose first chunk is `id`.
#[must_use]
pub fn segment_insert(
    cx: &Context<'_>,
    model: &str,
    id: i64,
    is_owned: bool,
    segment: &Segment,
) -> Statement {
    SEGMENT_INSERT.bind(vec![
        cx.business_id().into(),
        id.into(),
        i64::from(is_owned).into(),
        segment.numbers_text().into(),
        segment.vectors_text().into(),
        model.into(),
    ])
}
