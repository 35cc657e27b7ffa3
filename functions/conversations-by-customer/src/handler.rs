use crate::page::{ConversationsQuery, conversations_by_customer};
use common::Context;
use common::http::{Request, Response, Result};

/// `GET /api-conversations-by-customer?external_id=|customer_id=|email=|phone=
/// [&include_messages=&include_attachments=&limit=&cursor=]` (`conversations:read`)
///
/// 1. Reads who is asked for: 422 for nobody, for two at once, or a value that cannot be of its
///    kind.
/// 2. Answers 200 with `{customer, conversations, has_more, next_cursor}`, the conversation that
///    went on last first, its messages oldest first; 404, or 409 `ambiguous_external_id`.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let query = ConversationsQuery::from_query(&request.query, &cx.caller.default_region)?;
    let json = conversations_by_customer(cx, &query).await?;
    Ok(Response::json_text(200, json))
}
