//! An erased customer's records go, from what is kept of pushes and from what is searched.

use crate::erased::{known, name_of};
use crate::kept::sql::{RECORD_OWNERS_ERASE, RECORDS_ERASE};
use crate::run::Used;
use crate::sql::{
    ERASED_INSERT, ERASURE_CLAIM, ERASURE_END, ERASURE_LATER, ERASURE_NAMES,
    LINKS_FORGET_VALIDATORS, PUSHES_WAITING,
};
use common::Context;
use common::db::Columns;
use common::erasing::Names;
use common::http::{Error, Result};
use common::ids::{CustomerId, LinkId};
use common::ports::Queue;
use common::time::SECOND;
use knowledge::erasure::{erasure_message, owners_of};
use knowledge::index::{owners_erase, vectors_erase};
use knowledge::link::link_message;
use std::collections::BTreeSet;

/// How long nobody else works on an erasure.
const LEASE: i64 = 120 * SECOND;
/// How long pushes are waited for that came before.
const WAIT: i64 = 30 * SECOND;

/// Erases what carries the identities of a customer.
///
/// 1. Claims the erasure, if it is due, and reads by what the customer was known. What another customer is known by now
///    is left: it is theirs.
/// 2. Remembers digests of the rest, so that no fetch and no push brings it back, and removes what is kept of pushes.
/// 3. Removes chunks with their words and owners, and then the vectors that lead nowhere.
/// 4. It is done once no push waits that came before it; until then it is due again. Whoever asked looks for that.
///
/// 503 when a database is away: the lease ends, and the cron begins anew.
pub(crate) async fn erase(cx: &Context<'_>, customer: &CustomerId) -> Result<()> {
    // 1.
    let lease = cx.now.micros() + LEASE;
    let at = || vec![cx.business_id().into(), customer.into()];
    let mut claim = at();
    claim.extend([cx.now.micros().into(), lease.into()]);
    let claimed = cx.db.rows(ERASURE_CLAIM.bind(claim)).await?;
    let Some(row) = claimed.first() else {
        return Ok(());
    };
    let mut columns = Columns::of(row);
    let asked_at = columns.integer("asked_at")?;
    let progress = columns.text("progress")?;
    let owners = owners_left(cx, customer).await?;

    // 2.
    if !owners.is_empty() {
        forget(cx, &owners).await?;
    }

    // 3.
    let mut used = Used::default();
    let mut after = Some(progress);
    while !owners.is_empty() && !owners_erase(cx, &owners).await? {
        used.slices += 1;
        if used.is_up(cx) {
            return later(cx, customer, lease, 0, "").await;
        }
    }
    while let Some(segment) = after.take().filter(|_| !owners.is_empty()) {
        after = vectors_erase(cx, &segment).await?;
        used.slices += 1;
        if let Some(segment) = after.as_deref().filter(|_| used.is_up(cx)) {
            return later(cx, customer, lease, 0, segment).await;
        }
    }

    // 4.
    let waiting = PUSHES_WAITING.bind(vec![cx.business_id().into(), asked_at.into()]);
    let waiting = cx.db.rows(waiting).await?;
    for row in &waiting {
        let link: LinkId = Columns::of(row).id("id")?;
        cx.wake(Queue::Links, link_message(cx.business_id(), &link));
    }
    if !waiting.is_empty() {
        return later(cx, customer, lease, WAIT, "").await;
    }
    let mut end = at();
    end.push(lease.into());
    cx.db.rows(ERASURE_END.bind(end)).await?;
    Ok(())
}

/// The owners that a customer was, but for those that somebody else is now.
async fn owners_left(cx: &Context<'_>, customer: &CustomerId) -> Result<Vec<String>> {
    let names = ERASURE_NAMES.bind(vec![cx.business_id().into(), customer.into()]);
    let rows = cx.db.rows(names).await?;
    let Some(row) = rows.first() else {
        return Ok(Vec::new());
    };
    // `{}` where they were forgotten, with all else.
    let names = Columns::of(row).text("names")?;
    let owners = match serde_json::from_str::<Names>(&names) {
        Ok(names) => owners_of(&names),
        Err(_) => BTreeSet::new(),
    };
    let known = known(cx, owners.iter().map(String::as_str)).await?;
    Ok(owners.difference(&known).cloned().collect())
}

/// Remembers that owners are erased, and forgets what was pushed of theirs. What sources say of unchanged lists is
/// forgotten, too: once somebody has the identity again, their records are to be read again.
async fn forget(cx: &Context<'_>, owners: &[String]) -> Result<()> {
    let key = secrets::digest_key(cx).await?;
    let names: Vec<String> = owners.iter().map(|owner| name_of(&key, owner)).collect();
    let json = |list: &[String]| serde_json::to_string(list).map_err(Error::internal);
    let (names, owners) = (json(&names)?, json(owners)?);
    let at = |list: &str| vec![cx.business_id().into(), list.into()];
    let mut erased = at(&names);
    erased.push(cx.now.micros().into());
    let statements = vec![
        ERASED_INSERT.bind(erased),
        RECORDS_ERASE.bind(at(&owners)),
        RECORD_OWNERS_ERASE.bind(at(&owners)),
        LINKS_FORGET_VALIDATORS.bind(vec![cx.business_id().into()]),
    ];
    cx.db.batch(statements).await?;
    Ok(())
}

/// Leaves the rest to another invocation.
async fn later(
    cx: &Context<'_>,
    customer: &CustomerId,
    lease: i64,
    wait: i64,
    progress: &str,
) -> Result<()> {
    let later = ERASURE_LATER.bind(vec![
        cx.business_id().into(),
        customer.into(),
        lease.into(),
        (cx.time_now().micros() + wait).into(),
        progress.into(),
    ]);
    cx.db.rows(later).await?;
    let message = erasure_message(cx.business_id(), customer);
    let seconds = u32::try_from(wait / SECOND).unwrap_or_default();
    cx.wake_after(Queue::Links, message, seconds);
    Ok(())
}
