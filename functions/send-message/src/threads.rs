//! Where a message goes on a channel whose provider tells conversations apart itself: one that is only reached
//! through a source of conversations, and comments on posts.

use crate::request::{Draft, missing};
use crate::sql::SEND_THREAD;
use channels::AccountKind;
use common::context::Context;
use common::db::Columns;
use common::http::Error;
use common::ids::CustomerId;

/// The draft with its conversation: the one that it names, else the customer's newest on its channel. Another
/// channel of which a business has accounts of its own needs none; it begins conversations.
///
/// # Errors
/// 404 for no such customer, 422 for one who has no conversation there; 503 when the database is away.
pub(super) async fn in_a_thread(cx: &Context<'_>, mut draft: Draft) -> Result<Draft, Error> {
    let has_threads = draft
        .kind
        .own_account()
        .is_none_or(AccountKind::tells_threads);
    if draft.conversation_id.is_some() || !has_threads {
        return Ok(draft);
    }
    let mut params = draft.names(cx);
    params.extend([
        draft.kind.as_str().into(),
        draft.channel_id.as_deref().into(),
    ]);
    let rows = cx.db.rows(SEND_THREAD.bind(params)).await?;
    let mut is_known = false;
    for row in &rows {
        let mut columns = Columns::of(row);
        let customer_id: CustomerId = columns.id("customer_id")?;
        is_known |= cx.caller.may_see(&customer_id);
        if draft.conversation_id.is_none() {
            draft.conversation_id = columns.text_or_null("conversation_id")?;
        }
    }
    if !is_known {
        return Err(missing("customer_id"));
    }
    if draft.conversation_id.is_none() {
        let channel = draft.kind.title();
        let message = format!(
            "The customer has no conversation on {channel}: they have to write first, and the account \
             has to be connected."
        );
        return Err(Error::invalid("customer_id", "reachable", message));
    }
    Ok(draft)
}
