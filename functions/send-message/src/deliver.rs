use crate::answer::SendState;
use crate::attempt::{Attempt, attempt};
use crate::due::send_next;
use crate::parts::Planned;
use crate::read::Found;
use crate::request::Draft;
use common::context::Context;
use common::http::Error;

/// Sends the messages of a request in order. They were just stored, and the first is claimed. Returns
/// the state of each; if one has to wait, so do those after it.
pub(super) async fn deliver(
    cx: &Context<'_>,
    draft: &Draft,
    found: &Found,
    planned: &[Planned],
) -> Result<Vec<SendState>, Error> {
    if draft.waits {
        return Ok(planned.iter().map(|_| SendState::queued()).collect());
    }
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
    let mut states = vec![attempt(cx, &try_it).await];
    for part in rest {
        let goes_on = states.last().is_some_and(SendState::lets_go_on);
        states.push(if goes_on {
            send_next(cx, &part.message_id).await
        } else {
            SendState::queued()
        });
    }
    Ok(states)
}
