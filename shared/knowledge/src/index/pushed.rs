//! Records that are pushed, one by one and perhaps out of order.

use super::sql::{CHUNKS_AGAIN, RECORDS_NEWER, REMOVED_INSERT, REMOVED_PRUNE};
use super::stage::known;
use super::{json, json_of};
use common::Context;
use common::http::Error;
use common::ids::LinkId;
use common::time::{SECOND, Timestamp};
use std::collections::BTreeSet;

/// How long it is remembered that a record was pushed away. Pushes are refused that are older than some minutes.
const REMEMBERED: i64 = 3600 * SECOND;

/// Of these records, those of which something newer is known than was sent then.
///
/// # Errors
/// 503 when the database is away.
pub async fn newer(
    cx: &Context<'_>,
    link: &LinkId,
    keys: &[&str],
    sent_at: Timestamp,
) -> Result<BTreeSet<String>, Error> {
    let newer = RECORDS_NEWER.bind(vec![
        cx.business_id().into(),
        link.into(),
        json(&keys)?.into(),
        sent_at.micros().into(),
    ]);
    json_of(cx.ports.search.rows(newer).await?, "keys")
}

/// Notes that chunks were pushed once more, as they are: what was sent before that is older than they are.
///
/// # Errors
/// 503 when the database is away.
pub async fn pushed_again(
    cx: &Context<'_>,
    chunks: &[i64],
    sent_at: Timestamp,
) -> Result<(), Error> {
    if chunks.is_empty() {
        return Ok(());
    }
    let again = CHUNKS_AGAIN.bind(vec![
        cx.business_id().into(),
        json(&chunks)?.into(),
        sent_at.micros().into(),
    ]);
    cx.ports.search.rows(again).await?;
    Ok(())
}

/// The chunks of these records, and how many of the records there are.
///
/// # Errors
/// 503 when the database is away.
pub async fn removed_chunks(
    cx: &Context<'_>,
    link: &LinkId,
    keys: &[&str],
) -> Result<(Vec<i64>, u32), Error> {
    let known = known(cx, link, keys).await?;
    let records = u32::try_from(known.len()).unwrap_or(u32::MAX);
    let chunks = known.into_values().flatten().map(|(id, _)| id);
    Ok((chunks.collect(), records))
}

/// Remembers that records were pushed away.
///
/// # Errors
/// 503 when the database is away.
pub async fn removed(
    cx: &Context<'_>,
    link: &LinkId,
    keys: &[&str],
    sent_at: Timestamp,
) -> Result<(), Error> {
    let statements = vec![
        REMOVED_PRUNE.bind(vec![
            cx.business_id().into(),
            link.into(),
            (cx.now.micros() - REMEMBERED).into(),
        ]),
        REMOVED_INSERT.bind(vec![
            cx.business_id().into(),
            link.into(),
            json(&keys)?.into(),
            sent_at.micros().into(),
        ]),
    ];
    cx.ports.search.batch(statements).await?;
    Ok(())
}
