//! Parked deliveries: verified and acknowledged, waiting for the database.
//!
//! Their bytes lie in KV, since a queue's message holds no more than 128 KB. What comes back to them
//! is one replay for all receivers: it takes others each minute, goes on past one that fails, and
//! gives one up after [`MAX_TRIES`] tries. A try while something else is away, such as a provider's API,
//! does not count. What is given up stays in KV, and in the list of `parked_deliveries`, until a person
//! looks at it.

use crate::sql::{PARKED_FORGET, PARKED_TRY};
use common::context::Context;
use common::db::Columns;
use common::http::Error;
use common::ports::Queue;
use common::signatures::sha256_hex;
use common::time::{DAY, SECOND};

/// Seconds after which a delivery is tried again; until it succeeds, the cron goes on.
const RETRY_SECONDS: u32 = 5;
/// After how many failed tries a delivery is given up. Tries while the database or another source is away
/// do not count.
pub const MAX_TRIES: i64 = 20;
/// From when on they count after all: what never comes back, or fails for this delivery alone, should
/// come to a person's attention.
const MAX_AWAY_MICROS: i64 = 7 * DAY;
/// What the keys of those that wait begin with.
const PREFIX: &str = "inbound/";
/// What the keys of those that were given up begin with.
const DEAD_PREFIX: &str = "dead-inbound/";
/// Most characters of an error that the list shows.
const MAX_ERROR_CHARS: usize = 300;

/// Parks a verified delivery that the database could not take, so that it may be acknowledged; gives
/// its key. The same delivery is parked once. `of` begins with the receiver's name and a slash.
///
/// # Errors
/// 503 where KV fails too: the provider has to send it again.
pub async fn park(cx: &Context<'_>, of: &str, body: &[u8]) -> Result<String, Error> {
    let key = format!("{PREFIX}{of}/{}", sha256_hex(body));
    cx.ports.blobs.put(&key, body, None).await?;
    cx.note("parked");
    Ok(key)
}

/// Queues a delivery of Meta for a retry before the next cron. The queue belongs to Meta's receiver.
pub fn wake(cx: &Context<'_>, key: String) {
    cx.wake_after(Queue::Inbound, key, RETRY_SECONDS);
}

/// Replays at most `max` parked deliveries of a receiver. If there are more, each minute takes another
/// part of them. Gives the keys of the others.
///
/// # Errors
/// 503 while the database or KV is away. Whatever else fails concerns one delivery, and the next one
/// is tried.
pub async fn replay<T>(
    cx: &Context<'_>,
    receiver: &str,
    max: usize,
    take_in: T,
) -> Result<Vec<String>, Error>
where
    T: AsyncFn(&str, &[u8]) -> Result<(), Error>,
{
    let prefix = format!("{PREFIX}{receiver}/");
    let mut keys = cx.ports.blobs.list(&prefix).await?;
    let mut left = Vec::new();
    if keys.len() > max {
        let minute = usize::try_from(cx.now.micros() / (60 * SECOND)).unwrap_or_default();
        let start = minute.wrapping_mul(max) % keys.len();
        keys.rotate_left(start);
        left = keys.split_off(max);
    }
    for key in keys {
        replay_one(cx, &key, &take_in).await?;
    }
    Ok(left)
}

/// Replays one delivery, if it is still parked. `take_in` gets the `of` that it was parked with, and its
/// bytes.
///
/// # Errors
/// As [`replay`], and 500 for what is no key of a parked delivery.
pub async fn replay_one<T>(cx: &Context<'_>, key: &str, take_in: &T) -> Result<(), Error>
where
    T: AsyncFn(&str, &[u8]) -> Result<(), Error>,
{
    let rest = key.strip_prefix(PREFIX);
    let Some((of, _)) = rest.and_then(|rest| rest.rsplit_once('/')) else {
        return Err(Error::internal("this is no key of a parked delivery"));
    };
    let Some(body) = cx.ports.blobs.get(key).await? else {
        return Ok(());
    };
    let Err(error) = take_in(of, &body).await else {
        // The bytes are deleted last: after a crash here the delivery is ingested again, which changes
        // nothing, while a row without bytes would stay in the list for ever.
        cx.db.rows(PARKED_FORGET.bind(vec![key.into()])).await?;
        return cx.ports.blobs.delete(&[key.to_owned()]).await;
    };
    // If the attempt cannot be recorded, the database is away and all deliveries wait.
    let tries = note_try(cx, key, of, &error).await?;
    let note = match tries >= MAX_TRIES {
        true => {
            let dead = [DEAD_PREFIX, rest.unwrap_or_default()].concat();
            cx.ports.blobs.put(&dead, &body, None).await?;
            cx.ports.blobs.delete(&[key.to_owned()]).await?;
            format!("a parked delivery was given up: {}", error.code())
        }
        false => format!("a parked delivery failed, try {tries}: {}", error.code()),
    };
    cx.note(note);
    Ok(())
}

/// Records a failed attempt and returns the number of those that count.
async fn note_try(cx: &Context<'_>, key: &str, of: &str, error: &Error) -> Result<i64, Error> {
    let receiver = of.split('/').next().unwrap_or_default();
    let message: String = error.message().chars().take(MAX_ERROR_CHARS).collect();
    let params = vec![
        key.into(),
        receiver.into(),
        error.code().into(),
        message.into(),
        cx.now.micros().into(),
        MAX_TRIES.into(),
        i64::from(!error.is_unavailable()).into(),
        (cx.now.micros() - MAX_AWAY_MICROS).into(),
    ];
    let rows = cx.db.rows(PARKED_TRY.bind(params)).await?;
    let row = rows.first();
    let row = row.ok_or_else(|| Error::internal("a try was not noted"))?;
    Columns::of(row).integer("tries")
}
