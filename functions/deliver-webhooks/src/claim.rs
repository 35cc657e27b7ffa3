//! Claims the deliveries of an endpoint that are due.

use crate::attempt::{Claimed, Recipient};
use crate::sql::{DELIVERY_CLAIM, DELIVERY_CLAIMED, TARGET_GET};
use common::context::Context;
use common::http::Error;
use common::time::{SECOND, Timestamp};
use webhooks::sql::DELIVERY_ABANDON;
use webhooks::target::Target;

/// How many deliveries to one endpoint are under way at once: an invocation, which is one endpoint's
/// (its queue has batches of one), has six connections, and a seventh request waits for one of them
/// while its ten seconds run.
const CONCURRENCY: i64 = 4;
/// How long a job may keep what it claimed, in microseconds: the time an endpoint has to answer,
/// and ample time to write that down. Then the delivery is anybody's.
const LEASE_MICROS: i64 = 30 * SECOND;

/// Claims what is due under a lease. None where the endpoint is not active any more.
///
/// # Errors
/// 503 when the database is away, 500 where a secret cannot be opened.
pub(crate) async fn claim(
    cx: &Context<'_>,
    target: &Target,
    lease: &str,
    now: Timestamp,
) -> Result<Option<(Recipient, Vec<Claimed>)>, Error> {
    let mut claim = target.key(cx);
    claim.extend([
        now.micros().into(),
        lease.into(),
        now.plus(LEASE_MICROS).micros().into(),
        CONCURRENCY.into(),
    ]);
    let mut claimed = target.key(cx);
    claimed.push(lease.into());
    let statements = vec![
        TARGET_GET.bind(target.key(cx)),
        DELIVERY_CLAIM.bind(claim),
        DELIVERY_CLAIMED.bind(claimed),
    ];
    let results = cx.db.batch(statements).await?;
    let [endpoint, _, claimed] = results.as_slice() else {
        return Err(Error::internal("a batch lost its results"));
    };
    let Some(endpoint) = endpoint.first() else {
        return Ok(None);
    };
    let claimed = claimed
        .iter()
        .map(Claimed::of_row)
        .collect::<Result<Vec<_>, _>>()?;
    let recipient = Recipient::of_row(cx, &target.endpoint_id, endpoint)?;
    Ok(Some((recipient, claimed)))
}

/// Gives up what is due to an endpoint that is not active any more.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn abandon(
    cx: &Context<'_>,
    target: &Target,
    now: Timestamp,
) -> Result<(), Error> {
    cx.db.rows(target.at(cx, &DELIVERY_ABANDON, now)).await?;
    Ok(())
}
