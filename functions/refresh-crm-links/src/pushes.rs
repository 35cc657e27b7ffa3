//! What was pushed to a link is put in, in the order in which it was sent.

use crate::claim::Claimed;
use crate::kept::{KeptRecord, identity_hash, is_any, newer, put as keep, remove};
use crate::owners::{indexed, shape_of};
use crate::phones::Phones;
use crate::progress::Progress;
use crate::remake::{note, remake};
use crate::run::Used;
use crate::settle::{Ended, Trouble, settle, suspend};
use crate::slice::{count, made, weight};
use crate::sql::{PUSHES_DONE, PUSHES_NEXT, PUSHES_PRUNE};
use common::Context;
use common::db::Columns;
use common::http::{Error, Kind, Result};
use common::json::raw;
use common::ports::Queue;
use common::time::{DAY, Timestamp};
use knowledge::index::{
    Generation, NewRecord, Staged, abort, compact, generation, outgrown, publish, removed_chunks,
    set_of, stage,
};
use knowledge::link::{FetchStatus, link_message};
use records::{Format, MAX_RECORDS, RawRecord, Reader, Recipe, Shape, without_repeats};
use std::collections::{BTreeMap, BTreeSet};

/// How long the ids of pushes are known, so that a repeat does nothing.
const KNOWN: i64 = DAY;

/// A push, as it was stored.
struct Push {
    id: String,
    body: String,
    sent_at: Timestamp,
}

/// After how many calls of other functions the rest is left to the next invocation; a push takes some twelve at most, and
/// the platform allows 32.
const CALLS: usize = 16;
/// How heavy a push may be, as [`weight`] has it: one that is put in takes place as a whole, within the calls of other
/// functions that an invocation may make.
const HEAVIEST: usize = 8_000;

/// Puts in what was pushed, behind what is to be made again of earlier pushes. One that cannot be read is given up, and
/// the link's last fetch says why.
pub(crate) async fn apply(cx: &Context<'_>, claimed: Claimed) -> Result<()> {
    let link = &claimed.link;
    let mut progress = Progress {
        generation: cx.now.micros(),
        revision: link.revision,
        ..Progress::default()
    };
    let (mut gone, mut trouble) = (0, None);
    let (mut phones, mut used) = (Phones::default(), Used::default());
    let before = generation(cx, &link.id).await?;
    if before.staging > before.current {
        // Of an invocation that was broken off.
        abort(cx, &link.id, &before).await?;
    }
    if let Some(after) = remade_after(cx, &claimed, &before).await? {
        progress.tally.records = u32::try_from(before.records).unwrap_or_default();
        match remake(cx, &claimed, &after, &mut progress, &mut used, &mut phones).await {
            Ok(None) => note(cx, &claimed, None).await?,
            Ok(Some(after)) => {
                note(cx, &claimed, Some(&after)).await?;
                return go_on(cx, &claimed).await;
            }
            Err(error) if error.kind() == Kind::InvalidRequest => {
                note(cx, &claimed, None).await?;
                trouble = Some(Trouble::lasting(error.message().to_owned()));
            }
            Err(error) => return Err(error),
        }
    }
    let pushes = pushes_of(cx, &claimed).await?;
    let mut done = Vec::new();
    for push in &pushes {
        if used.calls >= CALLS {
            break;
        }
        done.push(push.id.as_str());
        match put(cx, &claimed, push, &mut progress, &mut phones).await {
            Ok((removed, called)) => {
                gone += removed;
                used.calls += called;
            }
            Err(error) if error.kind() == Kind::InvalidRequest => {
                trouble = Some(Trouble::lasting(error.message().to_owned()));
            }
            Err(error) => return Err(error),
        }
    }
    let done = serde_json::to_string(&done).map_err(Error::internal)?;
    let at = |last: common::db::Value| vec![cx.business_id().into(), (&link.id).into(), last];
    let statements = vec![
        PUSHES_DONE.bind(at(done.into())),
        PUSHES_PRUNE.bind(at((cx.now.micros() - KNOWN).into())),
    ];
    cx.db.batch(statements).await?;
    if progress.is_written {
        compact(cx).await?;
    }
    if !pushes_of(cx, &claimed).await?.is_empty() {
        return go_on(cx, &claimed).await;
    }
    let ended = match trouble {
        None => Ended::Well(FetchStatus::Ok),
        Some(trouble) => Ended::Badly(trouble),
    };
    settle(cx, &claimed, ended, progress, gone).await
}

/// Behind which key what is kept is made again: where somebody asked for it, or nothing is searched of what is kept, as
/// in a database that is new.
async fn remade_after(
    cx: &Context<'_>,
    claimed: &Claimed,
    before: &Generation,
) -> Result<Option<String>> {
    if let Some(after) = &claimed.remade_after {
        return Ok(Some(after.clone()));
    }
    let is_lost = before.current == 0 && is_any(cx, &claimed.link.id).await?;
    Ok(is_lost.then(String::new))
}

/// Leaves the rest to the next invocation.
async fn go_on(cx: &Context<'_>, claimed: &Claimed) -> Result<()> {
    suspend(cx, claimed, &Progress::default(), None).await?;
    let message = link_message(cx.business_id(), &claimed.link.id);
    cx.wake(Queue::Links, message);
    Ok(())
}

async fn pushes_of(cx: &Context<'_>, claimed: &Claimed) -> Result<Vec<Push>> {
    let next = PUSHES_NEXT.bind(vec![cx.business_id().into(), (&claimed.link.id).into()]);
    let rows = cx.db.rows(next).await?;
    let read = |row: &common::db::Row| {
        let mut columns = Columns::of(row);
        Ok(Push {
            id: columns.text("id")?,
            body: columns.text("body")?,
            sent_at: columns.time("sent_at")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Puts one in, and gives how many records it took away, and how many calls of other functions that took.
async fn put(
    cx: &Context<'_>,
    claimed: &Claimed,
    push: &Push,
    progress: &mut Progress,
    phones: &mut Phones,
) -> Result<(usize, usize)> {
    let link = &claimed.link;
    let shape = shape_of(&link.name, &link.url, &link.settings);
    let removed_keys = removed_of(&push.body);
    let raw = records_of(&push.body, &shape)?;
    if raw.iter().map(|one| 1 + weight(&one.value)).sum::<usize>() > HEAVIEST {
        let message =
            "A push had too many texts to be put in at once. Push its records in several.";
        return Err(Error::new(Kind::InvalidRequest, message));
    }
    let recipe = Recipe::new(&shape);
    let (records, calls) = made(cx, &claimed.region, &recipe, &raw, phones).await?;
    let identity = identity_hash(&link.settings.identity);
    let kept = raw.iter().zip(&records).map(|(raw, record)| {
        let kept = KeptRecord::of(record, &recipe.kept(raw), &identity, push.sent_at);
        (record.key.clone(), kept)
    });
    // Of two of one key the later one, as of the records.
    let mut last: BTreeMap<String, KeptRecord> = BTreeMap::new();
    last.extend(kept);
    let mut kept = last;
    let records = without_repeats(records);

    let mut keys: Vec<&str> = records.iter().map(|record| record.key.as_str()).collect();
    keys.extend(removed_keys.iter().map(String::as_str));
    let newer = newer(cx, &link.id, &keys, push.sent_at).await?;
    let mut removed_keys = set_of(removed_keys);
    let mut new: Vec<NewRecord> = Vec::new();
    for record in records {
        if !newer.contains(&record.key) {
            count(&mut progress.tally, &record);
            new.push(indexed(link, record, push.sent_at));
        }
    }
    // A record that became an erased customer's takes the place of what it was, and is not there.
    let erased = claimed.erased.among(cx, &new).await?;
    progress.tally.erased += u32::try_from(erased.len()).unwrap_or(u32::MAX);
    removed_keys.extend(erased);
    removed_keys.retain(|key| !newer.contains(key));
    new.retain(|record| !removed_keys.contains(&record.key));
    kept.retain(|key, _| !newer.contains(key) && !removed_keys.contains(key));
    let removed_keys: Vec<&str> = removed_keys.iter().map(String::as_str).collect();

    let before = generation(cx, &link.id).await?;
    let others = before.chunks + before.chunks_of_others;
    let adding: usize = new.iter().map(|record| record.chunks.len()).sum();
    if usize::try_from(others).unwrap_or(usize::MAX) + adding > before.max_chunks() {
        outgrown(cx).await?;
        let message = "The push has more parts of records than a business may have.";
        return Err(Error::new(Kind::InvalidRequest, message));
    }
    let records = usize::try_from(before.records).unwrap_or(usize::MAX);
    if records.saturating_add(new.len()) > MAX_RECORDS {
        let keys: Vec<&str> = new.iter().map(|record| record.key.as_str()).collect();
        let (_, known) = removed_chunks(cx, &link.id, &keys).await?;
        let known = usize::try_from(known).unwrap_or_default();
        if records.saturating_add(new.len()) > MAX_RECORDS.saturating_add(known) {
            let message = "A link may have 50,000 records; the push would exceed them.";
            return Err(Error::new(Kind::InvalidRequest, message));
        }
    }
    let kept: Vec<KeptRecord> = kept.into_values().collect();
    let mut statements = keep(cx, link, &kept)?;
    statements.extend(remove(cx, &link.id, &removed_keys, push.sent_at)?);
    if !statements.is_empty() {
        cx.db.batch(statements).await?;
    }
    let at = cx.now.micros().max(before.current + 1);
    let written = stage(cx, &link.id, at, &BTreeSet::new(), &new).await?;
    let (chunks, removed_count) = removed_chunks(cx, &link.id, &removed_keys).await?;
    let is_written = !written.added.is_empty() || !written.gone.is_empty() || !chunks.is_empty();
    let records = u32::try_from(before.records).unwrap_or_default();
    let records = (records + written.fresh).saturating_sub(removed_count);
    if is_written {
        let mut gone = written.gone;
        gone.extend(chunks);
        let staged = Staged {
            there: set_of(written.added),
            gone,
            is_written,
        };
        publish(cx, &link.id, &before, at, &staged, records, false).await?;
    }
    progress.is_written |= is_written;
    progress.tally.records = records;
    progress.tally.changed += written.changed;
    progress.tally.bytes += u64::try_from(push.body.len()).unwrap_or_default();
    Ok((
        usize::try_from(removed_count).unwrap_or_default(),
        calls + written.calls,
    ))
}

/// The records of a push: its `records`, or the whole of it.
fn records_of(body: &str, shape: &Shape) -> Result<Vec<RawRecord>> {
    let (has_records, has_removed) = match raw::object(body) {
        Some(fields) => (
            fields.get("records").is_some(),
            fields.get("remove").is_some(),
        ),
        None => (false, false),
    };
    if has_removed && !has_records {
        return Ok(Vec::new());
    }
    let mut shape = shape.clone();
    if has_records {
        shape.records_at = Some("records".to_owned());
    }
    let refused = |trouble: records::Trouble| Error::new(Kind::InvalidRequest, trouble.message);
    let reader = Reader::new(Format::Json, body.as_bytes(), &shape).map_err(refused)?;
    reader.collect::<Result<_, _>>().map_err(refused)
}

/// The keys of the records that a push takes away: texts or numbers.
fn removed_of(body: &str) -> Vec<String> {
    let fields = raw::object(body).unwrap_or_default();
    let list = fields.get("remove").map(|list| raw::items(list));
    let key = |item: &str| raw::text(item).or_else(|| raw::integer(item).map(str::to_owned));
    list.unwrap_or_default()
        .into_iter()
        .filter_map(key)
        .collect()
}
