//! Attachments: what is known of them in D1, their bytes in KV under `<business id>/<id>`, and links
//! by which they are downloaded.

mod download;
mod fetch;
mod filename;
mod form;
mod inbound;
mod kind;
mod link;
mod range;
pub mod sql;
mod upload;

pub use download::attachment_download;
pub use fetch::{MAX_MEDIA_BYTES, media_fetch, media_message};
pub use filename::{MAX_FILENAME_BYTES, clean_filename, content_disposition};
pub use inbound::inbound_store;
pub use kind::{OPAQUE, inbound_type, upload_type};
pub use link::{LINK_MICROS, attachment_id_of, download_url, file_url};
pub use upload::{Attachment, MAX_UPLOAD_BYTES, UploadResponse, attachment_upload};

/// Under which key an attachment's bytes lie.
#[must_use]
pub fn blob_key(business_id: &str, id: &str) -> String {
    format!("{business_id}/{id}")
}
