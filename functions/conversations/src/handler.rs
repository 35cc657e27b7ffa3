use common::Context;
use common::http::{Request, Response, Result};
use messaging::conversations::conversation_change;

/// `PATCH /api-conversations` `{conversation_id, status?, priority?, assignee?, tags?}`
/// (`conversations:write`)
///
/// 1. Reads what is to change: 400, 422.
/// 2. Changes it, and raises `conversation.assigned` and `conversation.status_changed` for what is
///    new: 200 with the conversation, 404, or 409 where another conversation of the same customer
///    and account is open already.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let json = conversation_change(cx, request.json()?).await?;
    Ok(Response::json_text(200, json))
}
