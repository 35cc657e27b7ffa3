use common::Context;
use common::http::{Request, Response, Result};
use inbox::inbox_templates;

/// `GET /embed/api/templates?conversation_id=` (token of the inbox): what may be sent to a
/// conversation's customer outside the window. It has a Worker of its own, since it alone of what
/// the page reads calls a provider and opens secrets.
///
/// 1. Finds the conversation's account: 404 for a conversation that the caller may not see.
/// 2. Asks Meta, or remembers: 200 with `{templates}`, 422 where Meta refuses, 503 where it does not
///    answer.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let conversation = request.query.get("conversation_id");
    Ok(Response::json_text(
        200,
        inbox_templates(cx, conversation).await?,
    ))
}
