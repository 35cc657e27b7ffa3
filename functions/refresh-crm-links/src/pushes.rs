//! What was pushed to a link is put in, in the order in which it was sent.

use crate::claim::Claimed;
use crate::owners::{indexed, shape_of};
use crate::phones::Phones;
use crate::progress::Progress;
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
    MAX_CHUNKS, NewRecord, Staged, compact, generation, newer, publish, pushed_again, removed,
    removed_chunks, stage,
};
use knowledge::link::{FetchStatus, link_message};
use records::{Format, RawRecord, Reader, Recipe, Shape, without_repeats};
use std::collections::BTreeSet;

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

/// Puts in what was pushed. One that cannot be read is given up, and the link's last fetch says why.
pub(crate) async fn apply(cx: &Context<'_>, claimed: Claimed) -> Result<()> {
    let link = &claimed.link;
    let pushes = pushes_of(cx, &claimed).await?;
    let mut progress = Progress {
        generation: cx.now.micros(),
        revision: link.revision,
        ..Progress::default()
    };
    let (mut gone, mut trouble) = (0, None);
    let mut phones = Phones::default();
    let (mut done, mut calls) = (Vec::new(), 0);
    for push in &pushes {
        if calls >= CALLS {
            break;
        }
        done.push(push.id.as_str());
        match put(cx, &claimed, push, &mut progress, &mut phones).await {
            Ok((removed, called)) => {
                gone += removed;
                calls += called;
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
        suspend(cx, &claimed, &Progress::default(), None).await?;
        cx.wake(Queue::Links, link_message(cx.business_id(), &link.id));
        return Ok(());
    }
    let ended = match trouble {
        None => Ended::Well(FetchStatus::Ok),
        Some(trouble) => Ended::Badly(trouble),
    };
    settle(cx, &claimed, ended, progress, gone).await
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
    let (records, calls) = made(cx, &claimed.region, &Recipe::new(&shape), &raw, phones).await?;
    let records = without_repeats(records);

    let mut keys: Vec<&str> = records.iter().map(|record| record.key.as_str()).collect();
    keys.extend(removed_keys.iter().map(String::as_str));
    let newer = newer(cx, &link.id, &keys, push.sent_at).await?;
    let is_old = |key: &str| newer.contains(key);
    let removed_keys: Vec<&str> = removed_keys
        .iter()
        .map(String::as_str)
        .filter(|key| !is_old(key))
        .collect();
    let mut new: Vec<NewRecord> = Vec::new();
    for record in records {
        if !is_old(&record.key) {
            count(&mut progress.tally, &record);
            new.push(indexed(link, record));
        }
    }

    let before = generation(cx, &link.id).await?;
    let others = before.chunks + before.chunks_of_others;
    let adding: usize = new.iter().map(|record| record.chunks.len()).sum();
    if usize::try_from(others).unwrap_or(usize::MAX) + adding > MAX_CHUNKS {
        let message = "A business may have 25,000 parts of records; the push would exceed them.";
        return Err(Error::new(Kind::InvalidRequest, message));
    }
    let at = cx.now.micros().max(before.current + 1);
    let written = stage(cx, &link.id, at, push.sent_at, &BTreeSet::new(), &new).await?;
    pushed_again(cx, &written.kept, push.sent_at).await?;
    let (chunks, removed_count) = removed_chunks(cx, &link.id, &removed_keys).await?;
    let is_written = !written.added.is_empty() || !written.gone.is_empty() || !chunks.is_empty();
    if !removed_keys.is_empty() {
        removed(cx, &link.id, &removed_keys, push.sent_at).await?;
    }
    let records = u32::try_from(before.records).unwrap_or_default();
    let records = (records + written.fresh).saturating_sub(removed_count);
    if is_written {
        let mut gone = written.gone;
        gone.extend(chunks);
        let staged = Staged {
            there: written.added.iter().copied().collect(),
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
