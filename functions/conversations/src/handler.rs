use crate::request::ConversationChange;
use crate::sql::CONVERSATION_OF_CUSTOMER;
use common::Context;
use common::http::{Access, Request, Response, Result};
use inbox::assignees::assignee_of;
use messaging::conversations::{conversation_apply_state, no_conversation, our_id};

/// `PATCH /api-conversations` `{conversation_id, status?, priority?, assignee?, tags?}`
/// (`conversations:write`)
///
/// 1. Reads what is to change: 400, 422 for a change of nothing or too much; 404 for what can be no id.
/// 2. Checks that a caller who may see one customer alone changes their conversation: 404.
/// 3. Finds the member whom a member assigns it to in the inbox: 422 for others, and for one who may not answer.
/// 4. Changes it, and raises `conversation.assigned` and `conversation.status_changed` for what is
///    new: 404, or 409 where another conversation of the same customer and account is open already.
/// 5. Answers 200 with `{success, conversation}`.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    // 1.
    let mut change = ConversationChange::read(request.text()?)?;
    change.check()?;
    let id = our_id(&change.conversation_id)?;

    // 2. Whose it is never changes, so that this may be read before.
    if let Some(customer_id) = &cx.caller.customer_id {
        let params = vec![cx.business_id().into(), (&id).into(), customer_id.into()];
        let own = cx.db.rows(CONVERSATION_OF_CUSTOMER.bind(params)).await?;
        if own.is_empty() {
            return Err(no_conversation());
        }
    }

    // 3. Others name an assignee as they like.
    if request.route.access == Access::Inbox
        && cx.caller.member_id().is_some()
        && let Some(Some(named)) = &mut change.assignee
    {
        *named = assignee_of(cx, named).await?;
    }

    // 4.
    let conversation = conversation_apply_state(cx, &id, &change.state_change()?).await?;

    // 5.
    let json = format!("{{\"success\":true,\"conversation\":{conversation}}}");
    Ok(Response::json_text(200, json))
}
