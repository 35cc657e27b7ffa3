//! The response of an upload.

use common::ids::AttachmentId;
use serde::Serialize;

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
    pub id: AttachmentId,
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
