use super::blob_key;
use common::context::Context;
use common::http::Error;
use common::join::join_all;

/// Calls of KV under way at once: an invocation has six connections.
const CONCURRENCY: usize = 6;

/// Deletes the bytes of these attachments, or of other things that lie under their id: a call of KV for each,
/// of which an invocation has a thousand.
///
/// # Errors
/// 503 when KV is away; what was deleted is.
pub async fn blobs_delete(cx: &Context<'_>, ids: &[&str]) -> Result<(), Error> {
    for some in ids.chunks(CONCURRENCY) {
        let keys: Vec<_> = some
            .iter()
            .map(|id| blob_key(cx.business_id(), id))
            .collect();
        let deletes = join_all(keys.iter().map(|key| cx.ports.blobs.delete(key))).await;
        deletes.into_iter().collect::<Result<Vec<()>, _>>()?;
    }
    Ok(())
}
