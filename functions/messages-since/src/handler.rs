use crate::page::page_json;
use crate::query::MessagesQuery;
use common::Context;
use common::http::{Request, Response, Result};
use messaging::messages::json::with_links;

/// `GET /api-messages-since?since=|cursor=[&limit=&include_attachments=&channel=&direction=]`
/// (`messages:read`)
///
/// 1. Reads what is asked for: 422 without `since` and `cursor` or with both, for a time without an
///    offset, an unknown channel or direction, or a limit outside 1 to 1000.
/// 2. Reads the messages committed after that time, in the order of their commits.
/// 3. Answers 200 with `{messages, has_more, next_cursor}`, each attachment with its links. The cursor
///    is always there and never expires.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    // 1.
    let query = MessagesQuery::from_query(&request.query)?;

    // 2.
    let rows = query.read(cx).await?;

    // 3.
    let json = page_json(&rows, query.since())?;
    Ok(Response::json_text(200, with_links(cx, json)?))
}
