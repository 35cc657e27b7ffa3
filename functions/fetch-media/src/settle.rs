//! What came of fetches, written down.

use crate::bytes::Ready;
use crate::claim::Claimed;
use crate::fetch_error::MediaError;
use crate::job::MediaJob;
use crate::sql::{MEDIA_EVENT, MEDIA_GONE, MEDIA_RELEASE, MEDIA_SETTLE};
use common::context::Context;
use common::db::{Row, Statement, Value, text_of};
use common::events::MESSAGE_UPDATED;
use common::http::Error;
use common::ports::Queue;
use common::time::SECOND;
use messaging::attachments::{blob_key, bytes_delete, media_message};
use serde::Serialize;

/// After how many seconds to try again, one for each try that failed. A provider keeps media for
/// days (channels.md §2.9).
const RETRY_SECONDS: [u32; 6] = [5, 30, 120, 600, 3600, 21_600];
/// The state of an attachment after a fetch: a row of [`MEDIA_SETTLE`].
#[derive(Serialize)]
struct Settled<'c>(
    &'c str,
    i64,
    &'static str,
    Option<String>,
    Option<usize>,
    Option<String>,
    Option<String>,
    Option<i64>,
);

/// Writes down what came of the fetches, with the event in the same transaction, and wakes whoever is
/// needed.
///
/// # Errors
/// 503 when the database or the store of files is away.
pub(crate) async fn settle(
    cx: &Context<'_>,
    job: &MediaJob,
    claimed: &[Claimed],
    fetched: Vec<Result<Ready, MediaError>>,
) -> Result<(), Error> {
    let rows = claimed.iter().zip(fetched);
    let rows: Vec<_> = rows.map(|(one, came)| settled(cx, one, came)).collect();
    let mut results = cx.db.batch(statements(cx, job, claimed, &rows)?).await?;
    erase_orphans(cx, job, &rows, results.pop().into_iter().flatten()).await?;
    if rows.iter().any(|row| row.2 != "pending") {
        cx.wake(Queue::Events, job.business_id.as_str());
    }
    if let Some(due_at) = rows.iter().filter_map(|row| row.7).min() {
        let delay = (due_at - cx.now.micros()).div_euclid(SECOND);
        let delay = u32::try_from(delay).unwrap_or_default();
        let again = media_message(&job.business_id, &job.message_id);
        cx.wake_after(Queue::Media, again, delay);
    }
    Ok(())
}

fn statements(
    cx: &Context<'_>,
    job: &MediaJob,
    claimed: &[Claimed],
    rows: &[Settled<'_>],
) -> Result<Vec<Statement>, Error> {
    let ids: Vec<_> = claimed.iter().map(|one| one.id.as_str()).collect();
    let ids = serde_json::to_string(&ids).map_err(Error::internal)?;
    let settled = serde_json::to_string(rows).map_err(Error::internal)?;
    let has_arrived = rows.iter().any(|row| row.2 == "ready");
    let arrived = || Value::from(i64::from(has_arrived));
    let now = || Value::from(cx.now.micros());
    let business = || Value::from(job.business_id.as_str());
    let message = || Value::from(&job.message_id);
    Ok(vec![
        MEDIA_SETTLE.bind(vec![business(), message(), settled.into()]),
        MEDIA_EVENT.bind(vec![
            business(),
            message(),
            cx.ids.next().into(),
            MESSAGE_UPDATED.as_str().into(),
            now(),
            arrived(),
        ]),
        MEDIA_RELEASE.bind(vec![business(), message(), now(), arrived()]),
        MEDIA_GONE.bind(vec![business(), ids.into()]),
    ])
}

/// Deletes the bytes of attachments that were erased meanwhile; in all parts that there may be, where no
/// bytes came this time.
async fn erase_orphans(
    cx: &Context<'_>,
    job: &MediaJob,
    rows: &[Settled<'_>],
    gone: impl Iterator<Item = Row>,
) -> Result<(), Error> {
    for row in gone {
        let id = text_of(row, "id")?;
        let size = rows.iter().find(|one| one.0 == id).and_then(|one| one.4);
        bytes_delete(cx, &blob_key(&job.business_id, &id), size).await?;
    }
    Ok(())
}

fn settled<'c>(cx: &Context<'_>, one: &'c Claimed, came: Result<Ready, MediaError>) -> Settled<'c> {
    let (id, tries) = (one.id.as_str(), one.tries);
    let trouble = match came {
        Ok(ready) => {
            let media_type = Some(ready.media_type);
            let (size, sha256) = (Some(ready.size), Some(ready.sha256));
            return Settled(id, tries, "ready", media_type, size, sha256, None, None);
        }
        Err(trouble) => trouble,
    };
    let tried = usize::try_from(tries - 1).unwrap_or_default();
    let delay = RETRY_SECONDS.get(tried).filter(|_| !trouble.is_final);
    let due_at = delay.map(|seconds| cx.now.plus(i64::from(*seconds) * SECOND).micros());
    let state = if due_at.is_some() {
        "pending"
    } else {
        "failed"
    };
    let reason = Some(trouble.reason);
    Settled(id, tries, state, None, None, None, reason, due_at)
}
