use crate::upload::attachment_upload;
use common::Context;
use common::http::{Request, Response, Result};

/// `POST /api-upload-attachment` (`attachments:write`), `multipart/form-data` with one `file`
///
/// 1. Takes the form apart: 400 for what is no form, 422 for no file or several.
/// 2. 413 for a file above 10 MiB; 415 for a type that is not taken, by its content whatever its
///    name and its content type say.
/// 3. Stores the bytes, then the row: 200 with `{success, attachment}`, whose `file_url` is what
///    send-message takes.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    let uploaded = attachment_upload(cx, &request.body).await?;
    Ok(Response::json(200, &uploaded))
}
