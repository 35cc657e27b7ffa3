//! What customers wrote where replies are sent by themselves: written down in the transaction that moves the cursor.

use crate::sql::REPLY_PUT;
use common::context::Context;
use common::db::{Columns, Rows, Statement};
use common::http::Error;
use common::ids::ConversationId;
use common::ports::Queue;
use common::time::SECOND;

/// How long is waited for more: of several messages in a burst, the last is replied to.
const WAIT_SECONDS: u32 = 4;
/// How old a message may be that is replied to.
const MAX_AGE_MICROS: i64 = 600 * SECOND;

/// What there is to reply to between two sequences.
pub(crate) fn put(cx: &Context<'_>, after: i64, up_to: i64) -> Statement {
    let now = cx.now.micros();
    REPLY_PUT.bind(vec![
        cx.business_id().into(),
        after.into(),
        up_to.into(),
        now.into(),
        (now + i64::from(WAIT_SECONDS) * SECOND).into(),
        (now - MAX_AGE_MICROS).into(),
    ])
}

/// Wakes `auto-reply` for the conversations that [`put`] gives, the last of these results.
pub(crate) fn wake(cx: &Context<'_>, results: &[Rows]) -> Result<(), Error> {
    for row in results.last().into_iter().flatten() {
        let conversation: ConversationId = Columns::of(row).id("conversation_id")?;
        let message = [cx.business_id(), " ", conversation.as_str()].concat();
        // Past the moment, whose clock is another's.
        cx.wake_after(Queue::Replies, message, WAIT_SECONDS + 1);
    }
    Ok(())
}
