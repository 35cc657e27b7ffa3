use crate::page::{MessagesQuery, messages_since};
use common::Context;
use common::http::{Request, Response, Result};

/// `GET /api-messages-since?since=|cursor=[&limit=&include_attachments=&channel=&direction=]`
/// (`messages:read`)
///
/// 1. Reads what is asked for: 422 without `since` and `cursor`, for a time without an offset, or a
///    limit outside 1 to 1000.
/// 2. Answers 200 with the messages committed after that, in their order:
///    `{messages, has_more, next_cursor}`. The cursor is always there, and always good.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let query = MessagesQuery::from_query(&request.query)?;
    Ok(Response::json_text(200, messages_since(cx, &query).await?))
}
