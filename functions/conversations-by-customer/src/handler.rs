use crate::page::page_of;
use crate::query::ConversationsQuery;
use common::Context;
use common::http::{Request, Response, Result};
use messaging::messages::json::with_links;

/// `GET /api-conversations-by-customer?external_id=|customer_id=|email=|phone=
/// [&include_messages=&include_attachments=&limit=&cursor=]` (`conversations:read`)
///
/// 1. Reads who is asked for: 422 for nobody, for two at once, or a value that cannot be of its
///    kind.
/// 2. Reads the customer, the conversations over all channels and their messages in one call: 404, or
///    409 `ambiguous_external_id` where an external id belongs to two customers.
/// 3. Answers 200 with `{customer, conversations, has_more, next_cursor}`, the conversation that
///    went on last first, its messages oldest first.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    // 1.
    let query = ConversationsQuery::from_query(&request.query, &cx.caller.default_region)?;

    // 2.
    let found = query.read(cx).await?;

    // 3.
    let page = page_of(found.conversations, query.limit(), found.messages)?;
    let json = with_links(cx, format!("{{\"customer\":{},{page}}}", found.customer))?;
    Ok(Response::json_text(200, json))
}
