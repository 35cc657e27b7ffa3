use crate::claim::Claimed;
use crate::owners::indexed;
use crate::phones::Phones;
use crate::progress::{Progress, Tally};
use common::Context;
use common::http::Result;
use common::time::Timestamp;
use knowledge::index::{NewRecord, stage};
use records::{Owners, RawRecord, Recipe, Record};
use std::collections::BTreeSet;

/// Records that are staged at once.
pub(crate) const SLICE: usize = 500;

/// Makes records, asking for national phone numbers once for all of them.
pub(crate) async fn made(
    cx: &Context<'_>,
    region: &str,
    recipe: &Recipe,
    raw: &[RawRecord],
    phones: &mut Phones,
) -> Result<Vec<Record>> {
    let make = |phones: &Phones| -> Vec<Record> {
        raw.iter().map(|one| recipe.make(one, &|text| phones.read(text))).collect()
    };
    let records = make(phones);
    match phones.learn(cx, region).await? {
        true => Ok(make(phones)),
        false => Ok(records),
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
            true => new.push(indexed(&claimed.link, record)),
            false => progress.tally.repeated += 1,
        }
    }
    let generation = progress.generation;
    let written = stage(cx, &claimed.link.id, generation, at, &progress.there, &new).await?;
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
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
