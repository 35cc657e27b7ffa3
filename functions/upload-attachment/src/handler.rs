use crate::attachment::{Attachment, UploadResponse};
use crate::sql::{ATTACHMENT_GET, ATTACHMENT_INSERT};
use access::quota::{Quota, quota_check};
use common::Context;
use common::db::Columns;
use common::http::multipart::{Part, parts_of};
use common::http::{Error, Kind, Request, Response, Result};
use common::ids::AttachmentId;
use common::signatures::sha256_hex;
use messaging::attachments::{
    blob_key, bytes_delete, bytes_put, clean_filename, download_url, file_url, upload_type,
};

/// Largest file that a business uploads, in bytes: 10 MiB (contract.md, Attachments).
pub const MAX_UPLOAD_BYTES: usize = 10 * 1024 * 1024;

/// `POST /api-upload-attachment` (`attachments:write`), `multipart/form-data` with one `file`
///
/// 1. Takes the form apart: 400 for what is no form, 422 for no file, several files or another field.
/// 2. Checks the file: 413 above 10 MiB; 415 for a type that is not accepted, detected from the
///    content whatever the name and the content type say; 403 where the quota of bytes is used up.
/// 3. Stores the bytes, then the row, so that no row points at missing bytes.
/// 4. Answers 200 with `{success, attachment}`; send-message takes its `file_url`.
pub async fn handle(cx: &Context<'_>, request: Request) -> Result<Response> {
    if let Some(id) = &request.recall {
        return recalled(cx, AttachmentId::unchecked(id)).await;
    }

    // 1.
    let content_type = (cx.header)("content-type").unwrap_or_default();
    let (name, bytes) = file_of(parts_of(&content_type, &request.body)?)?;

    // 2.
    if bytes.len() > MAX_UPLOAD_BYTES {
        let message = format!("A file may have {MAX_UPLOAD_BYTES} bytes (10 MiB) at most.");
        return Err(Error::new(Kind::BodyTooLarge, message));
    }
    let media_type = upload_type(&name, bytes)?;
    let size = i64::try_from(bytes.len()).map_err(Error::internal)?;
    quota_check(cx, Quota::StoredBytes, size).await?;

    // 3.
    let attachment = described(cx, &name, media_type, bytes)?;
    let key = blob_key(cx.business_id(), attachment.id.as_str());
    bytes_put(cx, &key, bytes).await?;
    if let Err(error) = insert(cx, &attachment).await {
        // Nothing would name these bytes, since who tries again gets another id. If the row is there after all, it
        // goes as one that no message carries.
        let _is_removed = bytes_delete(cx, &key, Some(bytes.len())).await;
        return Err(error);
    }

    // 4.
    Ok(answer(attachment))
}

fn answer(attachment: Attachment) -> Response {
    let id = attachment.id.to_string();
    let response = UploadResponse {
        success: true,
        attachment,
    };
    Response::json(200, &response).recalled_by(id)
}

/// The answer to a repeated request: 404 for a file that was deleted meanwhile.
async fn recalled(cx: &Context<'_>, id: AttachmentId) -> Result<Response> {
    let get = ATTACHMENT_GET.bind(vec![cx.business_id().into(), (&id).into()]);
    let rows = cx.db.rows(get).await?;
    let gone = || Error::new(Kind::NotFound, "This file was deleted.");
    let mut columns = Columns::of(rows.first().ok_or_else(gone)?);
    Ok(answer(Attachment {
        filename: columns.text("filename")?,
        media_type: columns.text("type")?,
        size: usize::try_from(columns.integer("size")?).unwrap_or_default(),
        sha256: columns.text("sha256")?,
        file_url: file_url(&cx.ports, &id)?,
        download_url: download_url(&cx.ports, &id, cx.now)?,
        id,
    }))
}

/// The name and the bytes of the form's one file, under the field `file`.
fn file_of(parts: Vec<Part<'_>>) -> Result<(String, &[u8])> {
    let mut file = None;
    for part in parts {
        if part.name != "file" {
            let shown: String = part.name.chars().take(64).collect();
            let message = format!("The form has one field, `file`; there is no `{shown}`.");
            return Err(Error::invalid(shown, "unknown", message));
        }
        let name = part.filename.ok_or_else(|| {
            let message = "The field `file` must be a file, with a filename.";
            Error::invalid("file", "file", message)
        })?;
        if file.replace((name, part.content)).is_some() {
            let message = "One file is uploaded at a time.";
            return Err(Error::invalid("file", "once", message));
        }
    }
    file.ok_or_else(|| Error::invalid("file", "required", "The form has no field `file`."))
}

/// The attachment as the response shows it, with a new id.
fn described(
    cx: &Context<'_>,
    name: &str,
    media_type: &'static str,
    bytes: &[u8],
) -> Result<Attachment> {
    let id = AttachmentId::new(&cx.ids);
    Ok(Attachment {
        filename: clean_filename(name, media_type),
        media_type: media_type.to_owned(),
        size: bytes.len(),
        sha256: sha256_hex(bytes),
        file_url: file_url(&cx.ports, &id)?,
        download_url: download_url(&cx.ports, &id, cx.now)?,
        id,
    })
}

async fn insert(cx: &Context<'_>, attachment: &Attachment) -> Result<()> {
    let insert = ATTACHMENT_INSERT.bind(vec![
        cx.business_id().into(),
        (&attachment.id).into(),
        attachment.filename.as_str().into(),
        attachment.media_type.as_str().into(),
        i64::try_from(attachment.size).unwrap_or_default().into(),
        attachment.sha256.as_str().into(),
        cx.now.micros().into(),
    ]);
    cx.db.rows(insert).await?;
    Ok(())
}
