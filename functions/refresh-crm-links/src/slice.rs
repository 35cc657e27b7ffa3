use crate::claim::Claimed;
use crate::owners::indexed;
use crate::phones::Phones;
use crate::progress::{Progress, Tally};
use common::Context;
use common::http::Result;
use common::time::Timestamp;
use knowledge::index::{NewRecord, stage};
use records::{Node, Owners, RawRecord, Reader, Recipe, Record};
use std::collections::BTreeSet;

/// Records that are staged at once.
const SLICE: usize = 500;
/// How heavy they may be together, as [`weight`] has it: so many texts that are embedded by a few calls.
pub(crate) const HEAVIEST: usize = 2_000;
/// How many values they may have together, with what has none: each takes some 40 bytes at least.
const MAX_VALUES: usize = 100_000;
/// Bytes of text that weigh as much as a text more.
const TEXT: usize = 512;

/// The next records of a page, and whether they are its last.
///
/// # Errors
/// What is wrong with the page.
pub(crate) fn next_slice(
    reader: &mut Reader<'_>,
) -> std::result::Result<(Vec<RawRecord>, bool), records::Trouble> {
    let (mut raw, mut heavy, mut many) = (Vec::new(), 0, 0);
    while raw.len() < SLICE && heavy < HEAVIEST && many < MAX_VALUES {
        let Some(record) = reader.next().transpose()? else {
            return Ok((raw, true));
        };
        heavy += weight(&record.value);
        many += values(&record.value);
        raw.push(record);
    }
    Ok((raw, false))
}

/// How many texts a record has, long ones counted as several: the embedder takes so many at once, and so many bytes.
pub(crate) fn weight(value: &Node) -> usize {
    match value {
        Node::Text(text) => 1 + text.len() / TEXT,
        Node::List(items) => items.iter().map(weight).sum(),
        Node::Object(fields) => fields.iter().map(|(_, field)| weight(field)).sum(),
        Node::Null | Node::Bool(_) | Node::Number(_) => 0,
    }
}

/// How many values a record has.
fn values(value: &Node) -> usize {
    match value {
        Node::List(items) => 1 + items.iter().map(values).sum::<usize>(),
        Node::Object(fields) => 1 + fields.iter().map(|(_, field)| values(field)).sum::<usize>(),
        _ => 1,
    }
}

/// Makes records, asking for national phone numbers once for all of them. Gives how many calls that took, too.
pub(crate) async fn made(
    cx: &Context<'_>,
    region: &str,
    recipe: &Recipe,
    raw: &[RawRecord],
    phones: &mut Phones,
) -> Result<(Vec<Record>, usize)> {
    let make = |phones: &Phones| -> Vec<Record> {
        raw.iter()
            .map(|one| recipe.make(one, &|text| phones.read(text)))
            .collect()
    };
    let records = make(phones);
    match phones.learn(cx, region).await? {
        0 => Ok((records, 0)),
        calls => Ok((make(phones), calls)),
    }
}

/// Stages a slice of a fetch. A record with a key that the fetch had before is left out.
pub(crate) async fn stage_slice(
    cx: &Context<'_>,
    claimed: &Claimed,
    progress: &mut Progress,
    records: Vec<Record>,
    at: Timestamp,
) -> Result<usize> {
    let mut keys = BTreeSet::new();
    let mut new: Vec<NewRecord> = Vec::with_capacity(records.len());
    for record in records {
        count(&mut progress.tally, &record);
        match keys.insert(record.key.clone()) {
            true => new.push(indexed(&claimed.link, record, at)),
            false => progress.tally.repeated += 1,
        }
    }
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let erased = claimed.erased.among(cx, &new).await?;
    new.retain(|record| !erased.contains(&record.key));
    progress.tally.erased += count(erased.len());
    let generation = progress.generation;
    let written = stage(cx, &claimed.link.id, generation, &progress.there, &new).await?;
    progress.tally.records += count(new.len()).saturating_sub(written.repeated);
    progress.tally.repeated += written.repeated;
    progress.tally.changed += written.changed;
    progress.is_written |= !written.added.is_empty() || !written.gone.is_empty();
    progress.there.extend(written.kept);
    progress.there.extend(written.added);
    progress.gone.extend(written.gone);
    Ok(written.calls)
}

/// Counts what masking and ownership did to a record.
pub(crate) fn count(tally: &mut Tally, record: &Record) {
    tally.masked += record.masked;
    tally.unknown_owner += u32::from(record.owners == Owners::Unknown);
}
