//! Vectors whose chunks are gone are removed from Vectorize. Until then they lead nowhere, since searches find only
//! chunks that `SEARCH` has; what is erased must not stay, though.

use crate::backlog::{Stopped, Used};
use crate::sql::{REMOVALS_DONE, REMOVALS_PAGE};
use crate::vectorize::{MAX_REMOVED, Place, Vectorize};
use common::Context;
use common::db::Columns;
use common::http::Error;
use knowledge::vectorize::name_in;

/// How many are read at once: ten requests.
const PAGE: i64 = 1_000;

/// Removes what is to be removed from the deployment's index, as far as the invocation goes; says whether that was all.
/// What is in another index, which the deployment had before, waits for it.
pub(crate) async fn removed(cx: &Context<'_>, used: &mut Used) -> Result<bool, Stopped> {
    let Some(vectorize) = Vectorize::of(cx) else {
        return Ok(true);
    };
    let ending = name_in("", &vectorize.index);
    loop {
        let page = vec![cx.business_id().into(), PAGE.into(), ending.as_str().into()];
        let page = REMOVALS_PAGE.bind(page);
        used.states(1);
        let rows = cx.ports.search.rows(page).await.map_err(Error::from)?;
        if rows.is_empty() {
            return Ok(true);
        }
        for row in &rows {
            let mut columns = Columns::of(row);
            let model = columns.str("model")?;
            let chunks: Vec<i64> =
                serde_json::from_str(columns.str("chunks")?).map_err(Error::internal)?;
            let place = Place::of(cx, model);
            for chunks in chunks.chunks(MAX_REMOVED) {
                if used.is_up(cx) {
                    return Ok(false);
                }
                let ids: Vec<String> = chunks.iter().map(|id| place.id(*id)).collect();
                used.asks();
                vectorize.remove(cx, &ids).await?;
                used.states(1);
                let chunks = serde_json::to_string(chunks).map_err(Error::internal)?;
                let params = vec![cx.business_id().into(), model.into(), chunks.into()];
                let done = REMOVALS_DONE.bind(params);
                cx.ports.search.rows(done).await.map_err(Error::from)?;
            }
        }
    }
}
