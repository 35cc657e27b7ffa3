use crate::{changes, contact, note, read, templates, thread};
use common::Context;
use common::http::{Error, Request, Response, Result};
use inbox::{assignees, list};

/// What the page of the embedded inbox reads, and what only it writes; below `/embed/api`, with
/// `Authorization: Bearer <token of the inbox>`. A token for one customer finds nothing of others.
///
/// - `GET conversations`: a page of the list, 422 for an unknown filter.
/// - `GET conversation?id=&before=&limit=`: a thread with its customer and notes; 404, 422.
/// - `GET changes?after=`: what changed, held for up to 25 s until something does; 422.
/// - `GET templates?conversation_id=`: what may be sent outside the window; 404, 422 where Meta
///   refuses, 503 where it does not answer.
/// - `GET assignees?q=`: the members to whom a member may assign; 403 for an inbox that no member opened, 422.
/// - `POST read` `{conversation_id, message_id}`: `{unread_count}`; 404, 422.
/// - `POST notes` `{conversation_id, content}`: `{note}`; 404, 422.
/// - `POST contact` `{conversation_id, message_id, address}`: `{contact}`, where answers by email go from now
///   on; 404, 422 for an address that the mail does not name.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let query = &request.query;
    let json = match request.route.operation {
        "inbox_list" => list::inbox_list(cx, &list::ListQuery::from_query(query)?).await?,
        "inbox_thread" => {
            thread::inbox_thread(cx, &thread::ThreadQuery::from_query(query)?).await?
        }
        "inbox_changes" => changes::inbox_changes(cx, query).await?,
        "inbox_assignees" => assignees::inbox_assignees(cx, query).await?,
        "inbox_read" => read::inbox_read(cx, &read::ReadRequest::parse(request.text()?)?).await?,
        "inbox_note" => {
            let note = note::NoteRequest::parse(request.text()?)?;
            return note::inbox_note(cx, &note, request.recall.as_deref()).await;
        }
        "inbox_contact" => {
            let request = contact::ContactRequest::parse(request.text()?)?;
            contact::inbox_contact(cx, &request).await?
        }
        "inbox_templates" => {
            let conversation = query.get("conversation_id");
            templates::inbox_templates(cx, conversation).await?
        }
        other => return Err(Error::internal(format!("no operation {other}"))),
    };
    Ok(Response::json_text(200, json))
}
