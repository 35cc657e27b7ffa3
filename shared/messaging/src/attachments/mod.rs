//! Attachments: what is known of them in D1, their bytes in KV or R2 under `<business id>/<id>`, and
//! links by which they are downloaded.

mod bytes;
mod filename;
mod inbound;
mod kind;
pub mod link;
pub mod sql;
mod store;

pub use bytes::{bytes_delete, bytes_get, bytes_put, bytes_range, files_delete, size_of};
pub use filename::{MAX_FILENAME_BYTES, clean_filename, content_disposition};
pub use inbound::{MAX_MEDIA_BYTES, inbound_store, media_message};
pub use kind::{OPAQUE, inbound_type, upload_type};
pub use link::{LINK_MICROS, attachment_id_of, download_url, file_url};
pub use store::attachment_store;

/// Under which key an attachment's bytes lie.
#[must_use]
pub fn blob_key(business_id: &str, id: &str) -> String {
    format!("{business_id}/{id}")
}
