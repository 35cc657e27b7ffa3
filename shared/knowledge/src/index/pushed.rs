//! Records that are pushed away.

use super::stage::known;
use common::Context;
use common::http::Error;
use common::ids::LinkId;

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
