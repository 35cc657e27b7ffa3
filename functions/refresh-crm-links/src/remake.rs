//! What was pushed is made again from what is kept of it: where its settings changed, or the second database is new.
//!
//! Slice by slice, each of which takes its place at once: pushes wait until the last has. A record is searched as it was
//! or as it is now, and never both.

use crate::claim::Claimed;
use crate::kept::sql::{LINK_REMADE, RECORDS_PAGE};
use crate::kept::{KeptRecord, identity_hash, put};
use crate::owners::{indexed, shape_of};
use crate::phones::Phones;
use crate::progress::Progress;
use crate::run::Used;
use crate::slice::{HEAVIEST, count, made, weight};
use common::Context;
use common::http::{Error, Kind, Result};
use knowledge::index::{NewRecord, Staged, abort, generation, outgrown, publish, set_of, stage};
use records::{Owners, RawRecord, Recipe, Record};
use std::collections::BTreeSet;

/// Makes what is kept again from behind a key on. Gives the key behind which there is more; `None` at the end.
///
/// # Errors
/// 422 where it does not fit into what a business may have.
pub(crate) async fn remake(
    cx: &Context<'_>,
    claimed: &Claimed,
    after: &str,
    progress: &mut Progress,
    used: &mut Used,
    phones: &mut Phones,
) -> Result<Option<String>> {
    let link = &claimed.link;
    let mut shape = shape_of(&link.name, &link.url, &link.settings);
    // Records are called as their sender calls them, however others are called from now on.
    shape.key = None;
    let recipe = Recipe::new(&shape);
    let mut after = after.to_owned();
    loop {
        let slice = next_slice(cx, claimed, &after).await?;
        let Some(last) = slice.last() else {
            return Ok(None);
        };
        after.clone_from(&last.0.key);
        let records = again(cx, claimed, &recipe, &slice, phones, used).await?;
        keep(cx, claimed, &recipe, &slice, &records).await?;
        index(cx, claimed, slice, records, progress, used).await?;
        used.slices += 1;
        if used.is_up(cx) {
            return Ok(Some(after));
        }
    }
}

/// Notes how far it came, as long as nobody changed the link's settings again.
pub(crate) async fn note(cx: &Context<'_>, claimed: &Claimed, after: Option<&str>) -> Result<()> {
    let remade = LINK_REMADE.bind(vec![
        cx.business_id().into(),
        (&claimed.link.id).into(),
        claimed.lease.into(),
        claimed.link.revision.into(),
        after.into(),
    ]);
    cx.db.rows(remade).await?;
    Ok(())
}

type Slice = Vec<(KeptRecord, RawRecord)>;

/// The next records that are kept, not more than are embedded by a few calls.
async fn next_slice(cx: &Context<'_>, claimed: &Claimed, after: &str) -> Result<Slice> {
    let page = RECORDS_PAGE.bind(vec![
        cx.business_id().into(),
        (&claimed.link.id).into(),
        after.into(),
    ]);
    let (mut slice, mut heavy) = (Vec::new(), 0);
    for row in cx.db.rows(page).await? {
        let kept = KeptRecord::of_row(&row)?;
        let raw = kept
            .raw()
            .map_err(|_| Error::internal("knowledge_records: not as written"))?;
        heavy += weight(&raw.value);
        slice.push((kept, raw));
        if heavy >= HEAVIEST {
            break;
        }
    }
    Ok(slice)
}

/// Makes records again. Whose one is, is found anew where the settings by which it was found changed; of one of which
/// something is not kept, nobody can tell then.
async fn again(
    cx: &Context<'_>,
    claimed: &Claimed,
    recipe: &Recipe,
    slice: &Slice,
    phones: &mut Phones,
    used: &mut Used,
) -> Result<Vec<Record>> {
    let settings = &claimed.link.settings.identity;
    let identity = identity_hash(settings);
    let is_asked =
        |kept: &KeptRecord| kept.identity != identity && (kept.is_whole || settings.public);
    let asked = slice.iter().filter(|(kept, _)| is_asked(kept));
    let asked: Vec<RawRecord> = asked.map(|(_, raw)| raw.clone()).collect();
    let (found, calls) = made(cx, &claimed.region, recipe, &asked, phones).await?;
    used.calls += calls;
    let mut found = found.into_iter();
    let mut records = Vec::with_capacity(slice.len());
    for (kept, raw) in slice {
        let owners = match kept.identity == identity {
            true => Some(kept.owners.clone()),
            false => (!is_asked(kept)).then_some(Owners::Unknown),
        };
        records.extend(match owners {
            Some(owners) => Some(recipe.make_owned(raw, owners)),
            None => found.next(),
        });
    }
    Ok(records)
}

/// Keeps of records what is taken of them now, where that is not what is kept.
async fn keep(
    cx: &Context<'_>,
    claimed: &Claimed,
    recipe: &Recipe,
    slice: &Slice,
    records: &[Record],
) -> Result<()> {
    let identity = identity_hash(&claimed.link.settings.identity);
    let mut changed = Vec::new();
    for ((before, raw), record) in slice.iter().zip(records) {
        let mut kept = recipe.kept(raw);
        kept.is_whole &= before.is_whole;
        let kept = KeptRecord::of(record, &kept, &identity, before.sent_at);
        if kept != *before {
            changed.push(kept);
        }
    }
    let statements = put(cx, &claimed.link, &changed)?;
    if !statements.is_empty() {
        cx.db.batch(statements).await?;
    }
    Ok(())
}

/// Puts records in the place of what was there of them.
async fn index(
    cx: &Context<'_>,
    claimed: &Claimed,
    slice: Slice,
    records: Vec<Record>,
    progress: &mut Progress,
    used: &mut Used,
) -> Result<()> {
    let link = &claimed.link;
    let mut new: Vec<NewRecord> = Vec::with_capacity(records.len());
    for ((kept, _), record) in slice.iter().zip(records) {
        count(&mut progress.tally, &record);
        new.push(indexed(link, record, kept.sent_at));
    }
    let erased = claimed.erased.among(cx, &new).await?;
    new.retain(|record| !erased.contains(&record.key));
    let before = generation(cx, &link.id).await?;
    let at = cx.time_now().micros().max(before.current + 1);
    let written = stage(cx, &link.id, at, &BTreeSet::new(), &new).await?;
    used.calls += written.calls;
    let is_written = !written.added.is_empty() || !written.gone.is_empty();
    let records = u32::try_from(before.records).unwrap_or_default() + written.fresh;
    progress.tally.records = records;
    progress.tally.changed += written.changed;
    if !is_written {
        return Ok(());
    }
    progress.is_written = true;
    let others = usize::try_from(before.chunks + before.chunks_of_others).unwrap_or(usize::MAX);
    if others.saturating_add(written.added.len()) > before.max_chunks() + written.gone.len() {
        abort(cx, &link.id, &before).await?;
        outgrown(cx).await?;
        let message = "What was pushed has more parts of records than a business may have.";
        return Err(Error::new(Kind::InvalidRequest, message));
    }
    let staged = Staged {
        there: set_of(written.added),
        gone: written.gone,
        is_written,
    };
    publish(cx, &link.id, &before, at, &staged, records, false).await?;
    Ok(())
}
