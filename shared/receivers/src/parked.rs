//! Deliveries that wait for the database.

use common::context::Context;
use common::http::Error;
use common::outside::Queue;
use common::signatures::sha256_hex;
use common::time::SECOND;

/// Seconds after which a delivery that was kept is tried again; until it succeeds, the cron goes on.
const RETRY_SECONDS: u32 = 5;
/// Most kept deliveries that one run of the cron tries.
const MOST_AT_ONCE: usize = 50;
/// What their keys begin with.
const PREFIX: &str = "inbound/";

/// Keeps a verified delivery that the database could not take, so that it may be acknowledged. The
/// bytes lie in KV, since a queue's message holds no more than 128 KB, under the key that this gives;
/// the cron comes back to them. The same delivery is kept once.
///
/// # Errors
/// 503 where KV fails too: the provider has to send it again.
pub async fn keep(cx: &Context<'_>, of: &str, body: &[u8]) -> Result<String, Error> {
    let key = format!("{PREFIX}{of}/{}", sha256_hex(body));
    cx.outside.blobs.put(&key, body, None).await?;
    Ok(key)
}

/// Has a delivery that was kept tried again sooner than the cron would: Meta's, to whose receiver
/// the queue belongs.
pub fn wake(cx: &Context<'_>, key: String) {
    cx.wake_after(Queue::Inbound, key, RETRY_SECONDS);
}

/// What a key is of, and its delivery; `None` where that was taken in already.
pub async fn load(cx: &Context<'_>, key: &str) -> Result<Option<(String, Vec<u8>)>, Error> {
    let of = key
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.rsplit_once('/'));
    let Some((of, _)) = of else {
        return Err(Error::internal(
            "a message of the queue names no kept delivery",
        ));
    };
    let body = cx.outside.blobs.get(key).await?;
    Ok(body.map(|body| (of.to_owned(), body)))
}

/// The keys of what is kept for one provider.
pub async fn keys(cx: &Context<'_>, provider: &str) -> Result<Vec<String>, Error> {
    let mut keys = cx
        .outside
        .blobs
        .list(&format!("{PREFIX}{provider}/"))
        .await?;
    keys.truncate(MOST_AT_ONCE);
    Ok(keys)
}

/// A few of the keys of what is kept for one provider, others each minute: what cannot be taken in
/// for long must not stand before what can.
pub async fn keys_in_turn(
    cx: &Context<'_>,
    provider: &str,
    most: usize,
) -> Result<Vec<String>, Error> {
    let prefix = format!("{PREFIX}{provider}/");
    let mut keys = cx.outside.blobs.list(&prefix).await?;
    if keys.len() > most {
        let minute = usize::try_from(cx.now.micros() / (60 * SECOND)).unwrap_or_default();
        let start = minute.wrapping_mul(most) % keys.len();
        keys.rotate_left(start);
        keys.truncate(most);
    }
    Ok(keys)
}
