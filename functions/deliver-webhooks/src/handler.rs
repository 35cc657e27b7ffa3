use crate::claim::{abandon, claim};
use crate::settle::Settled;
use common::Context;
use common::http::{Error, Kind, Result};
use common::join::join_all;
use common::json::plain;
use common::time::SECOND;
use webhooks::target::Target;

/// After how long a job leaves the rest to the next, in microseconds.
const JOB_MICROS: i64 = 12 * SECOND;

/// Delivers what is due to one endpoint. The message is `{"business_id", "endpoint_id"}`. Each
/// endpoint has its own jobs, so that none waits for another's.
///
/// 1. Claims deliveries that are due, so that never more than four are under way to an endpoint. Where
///    that is not active any more, gives them up.
/// 2. Posts them side by side, each signed, each within ten seconds, following no redirect.
/// 3. Writes down every attempt. A 2xx is success; a 4xx but 429, and a 3xx, is final; the rest is
///    tried again as the endpoint's schedule says, or after a longer `Retry-After`. In the same transaction,
///    disables an endpoint that answers 410, or that took nothing for five days, and says so to the
///    business's others.
/// 4. Begins anew while something is due; after 12 seconds the next job does.
///
/// 503 when the database is away: what was claimed is due again when its lease ends. 500 where a
/// secret cannot be opened.
pub async fn handle(cx: &Context<'_>, message: &str) -> Result<()> {
    let target: Target = plain::read(message)
        .map_err(|_| Error::new(Kind::MalformedRequest, "A message names no endpoint."))?;
    let business = cx.of_business(&target.business_id);
    deliver_due(&business, &target).await
}

/// The steps of [`handle`].
async fn deliver_due(cx: &Context<'_>, target: &Target) -> Result<()> {
    let now = || cx.time_now();
    loop {
        // 1.
        let lease = cx.ids.next();
        let Some((recipient, claimed)) = claim(cx, target, &lease, now()).await? else {
            return abandon(cx, target, now()).await;
        };
        if claimed.is_empty() {
            return Ok(());
        }

        // 2.
        let attempts = claimed.iter().map(|one| one.attempt(cx, &recipient, &now));
        let attempts = join_all(attempts).await;

        // 3.
        let settled = Settled {
            target,
            lease: &lease,
            now: now(),
            done: claimed.iter().zip(&attempts).collect(),
        };
        let goes_on = settled.write(cx, &recipient).await?;

        // 4.
        if !goes_on || now() > cx.now.plus(JOB_MICROS) {
            if goes_on {
                target.wake(cx, 0);
            }
            return Ok(());
        }
    }
}
