//! Takes the records of a batch for new customers.

use super::entry::Entry;
use super::plan::Plan;
use super::repeats::{Expected, MAX_SMALL};
use super::search::{Same, Search};
use super::sync::{RecordResult, SyncOptions, apply};
use super::write;
use common::context::Context;
use common::db::{Rows, next_rows};
use common::events::wake_listeners;
use common::http::Error;
use common::ids::Ids;

/// What came of it.
pub(super) enum Attempt<'a> {
    /// They were new, and are made.
    Created(Vec<RecordResult<'a>>),
    /// What the search found of them; nothing was written.
    Found(Rows),
    /// Not each of them can be new, or somebody has one of their names; nothing was written.
    None,
}

/// Makes a customer of each valid record, if nobody has any of their names. A few are made in the call that looks for them, since
/// what is sent in vain, where they are not new, costs less than a call. Where new customers are expected, no look is taken.
///
/// # Errors
/// As of [`customers_sync`](super::customers_sync).
pub(super) async fn create<'a>(
    cx: &Context<'_>,
    entries: &[Entry<'a>],
    options: SyncOptions,
    search: &Search<'_, '_>,
    expected: Expected,
) -> Result<Attempt<'a>, Error> {
    let are_few = entries.len() <= MAX_SMALL;
    if !are_few && expected != Expected::Customers {
        return Ok(Attempt::None);
    }
    let ids = Ids::new(cx.now, cx.entropy);
    let mut plan = Plan::default();
    let results = apply(cx, &mut plan, &Same::new(), entries, options, &ids)?;
    // One that is no new customer may be an update of one who is there, or repeat one before it.
    if plan.drafts.len() < search.records() {
        return Ok(Attempt::None);
    }
    if !are_few {
        return create_many(cx, &plan, search, &ids, results).await;
    }
    let Some(creation) = write::creation(cx, &plan, &ids)? else {
        return Ok(Attempt::None);
    };
    let looks = expected != Expected::Customers;
    let look = looks.then(|| search.statement(cx)).transpose()?;
    let statements = look.into_iter().chain(creation).collect();
    let mut answers = cx.db.batch(statements).await?.into_iter();
    let found = match looks {
        true => Attempt::Found(next_rows(&mut answers)?),
        false => Attempt::None,
    };
    let made = next_rows(&mut answers)?;
    if made.is_empty() {
        return Ok(found);
    }
    wake_listeners(cx, &made)?;
    Ok(Attempt::Created(results))
}

/// Makes the customers of a plan that read nothing. Where an email or a number is somebody's, the identities cannot be
/// written; whose an external id is, the guard sees, since it may be known in another system.
async fn create_many<'a>(
    cx: &Context<'_>,
    plan: &Plan<'_>,
    search: &Search<'_, '_>,
    ids: &Ids,
    results: Vec<RecordResult<'a>>,
) -> Result<Attempt<'a>, Error> {
    let mut statements = vec![search.guard(cx)?];
    statements.extend(write::statements(cx, plan, ids)?);
    match cx.db.batch(statements).await {
        Ok(written) => {
            wake_listeners(cx, written.last().unwrap_or(&Rows::new()))?;
            Ok(Attempt::Created(results))
        }
        Err(error) if error.is_race() => Ok(Attempt::None),
        Err(error) => Err(error.into()),
    }
}
