use common::Context;
use common::http::{Error, Request, Response, Result};
use inbox;

/// What the page of the embedded inbox reads, and what only it writes; below `/embed/api`, with
/// `Authorization: Bearer <token of the inbox>`. A token for one customer finds nothing of others.
///
/// - `GET conversations`: a page of the list, 422 for an unknown filter.
/// - `GET conversation?id=&before=&limit=`: a thread with its customer and notes; 404, 422.
/// - `GET changes?after=`: what changed, held for up to 25 s until something does; 422.
/// - `POST read` `{conversation_id, message_id}`: `{unread_count}`; 404, 422.
/// - `POST notes` `{conversation_id, content}`: `{note}`; 404, 422.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let query = &request.query;
    let json = match request.route.operation {
        "inbox_list" => inbox::inbox_list(cx, &inbox::ListQuery::from_query(query)?).await?,
        "inbox_thread" => inbox::inbox_thread(cx, &inbox::ThreadQuery::from_query(query)?).await?,
        "inbox_changes" => inbox::inbox_changes(cx, query).await?,
        "inbox_read" => inbox::inbox_read(cx, &inbox::ReadRequest::parse(request.text()?)?).await?,
        "inbox_note" => inbox::inbox_note(cx, &inbox::NoteRequest::parse(request.text()?)?).await?,
        other => return Err(Error::internal(format!("no operation {other}"))),
    };
    Ok(Response::json_text(200, json))
}
