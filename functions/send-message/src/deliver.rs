use crate::answer::Standing;
use crate::attempt::{Attempt, attempt};
use crate::due::send_next;
use crate::parts::Planned;
use crate::read::Found;
use common::context::Context;
use common::http::Error;

/// Sends the messages of a request in order, which were just stored and the first of which is ours
/// to send. How each stands after it; later ones wait where an earlier one has to.
pub(super) async fn deliver(
    cx: &Context<'_>,
    found: &Found,
    planned: &[Planned],
) -> Result<Vec<Standing>, Error> {
    let Some((first, rest)) = planned.split_first() else {
        return Err(Error::internal("a send without a message"));
    };
    let try_it = Attempt {
        message_id: &first.message_id,
        outbound: &first.outbound,
        account: &found.account,
        tries: 0,
        last_inbound: found.last_inbound,
        stored_at: cx.now,
    };
    let mut standings = vec![attempt(cx, &try_it).await];
    for part in rest {
        let goes_on = standings.last().is_some_and(Standing::lets_go_on);
        standings.push(if goes_on {
            send_next(cx, &part.message_id).await
        } else {
            Standing::queued()
        });
    }
    Ok(standings)
}
