//! Storing an upload.

use super::form::{Part, parts_of};
use crate::sql::ATTACHMENT_INSERT;
use common::context::Context;
use common::http::{Error, Kind};
use common::signatures::sha256_hex;
use messaging::attachments::{blob_key, clean_filename, download_url, file_url, upload_type};
use serde::Serialize;

/// Largest file that a business uploads, in bytes: 10 MiB (contract.md, Attachments).
pub const MAX_UPLOAD_BYTES: usize = 10 * 1024 * 1024;

/// An uploaded file.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UploadResponse {
    /// Always true.
    pub success: bool,
    /// The file.
    pub attachment: Attachment,
}

/// An uploaded file and its links.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attachment {
    /// Its id.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "uuid")))]
    pub id: String,
    /// The sanitised file name.
    pub filename: String,
    /// The media type, detected from the content.
    #[serde(rename = "type")]
    pub media_type: String,
    /// The size in bytes.
    pub size: usize,
    /// The SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    /// The reference for send-message. It cannot be used to download.
    pub file_url: String,
    /// A link with which anyone can download the file, for seven days.
    pub download_url: String,
}

/// Stores the one file of a form, under the field `file`. The bytes go first, so that no row points
/// at bytes that are not there.
///
/// # Errors
/// 400 for what is no form; 422 without a file, with several, or with another field; 413 for a file
/// above 10 MiB; 415 for a type that is not taken.
pub async fn attachment_upload(cx: &Context<'_>, body: &[u8]) -> Result<UploadResponse, Error> {
    let content_type = (cx.header)("content-type").unwrap_or_default();
    let (name, bytes) = file_of(parts_of(&content_type, body)?)?;
    if bytes.len() > MAX_UPLOAD_BYTES {
        let message = format!("A file may have {MAX_UPLOAD_BYTES} bytes (10 MiB) at most.");
        return Err(Error::new(Kind::BodyTooLarge, message));
    }
    let media_type = upload_type(&name, bytes)?;
    let id = cx.ids.next();
    let attachment = Attachment {
        filename: clean_filename(&name, media_type),
        media_type: media_type.to_owned(),
        size: bytes.len(),
        sha256: sha256_hex(bytes),
        file_url: file_url(&cx.outside, &id)?,
        download_url: download_url(&cx.outside, &id, cx.now)?,
        id,
    };
    let key = blob_key(cx.business_id(), &attachment.id);
    cx.outside.blobs.put(&key, bytes, None).await?;
    let insert = ATTACHMENT_INSERT.bind(vec![
        cx.business_id().into(),
        attachment.id.as_str().into(),
        attachment.filename.as_str().into(),
        attachment.media_type.as_str().into(),
        i64::try_from(attachment.size).unwrap_or_default().into(),
        attachment.sha256.as_str().into(),
        cx.now.micros().into(),
    ]);
    cx.db.rows(insert).await?;
    Ok(UploadResponse {
        success: true,
        attachment,
    })
}

fn file_of(parts: Vec<Part<'_>>) -> Result<(String, &[u8]), Error> {
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
