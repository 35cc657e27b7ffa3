//! A file that can be downloaded.

use crate::sql::ATTACHMENT_FIND;
use common::context::Context;
use common::db::Columns;
use common::http::{Error, Kind};
use common::ids::AttachmentId;
use messaging::attachments::blob_key;

/// What is known of a file that can be downloaded.
pub(crate) struct File {
    /// Under which its bytes are stored.
    pub(crate) key: String,
    pub(crate) filename: String,
    pub(crate) media_type: String,
    pub(crate) size: usize,
    pub(crate) sha256: String,
}

/// Finds a file by its id, whoever it belongs to: the signed link is the right to it.
///
/// # Errors
/// 404 where the file is gone, failed, or not there yet; 503 when the database is away.
pub(crate) async fn file_find(cx: &Context<'_>, id: &AttachmentId) -> Result<File, Error> {
    let rows = cx.db.rows(ATTACHMENT_FIND.bind(vec![id.into()])).await?;
    let Some(row) = rows.first() else {
        let message = "The file is not there: it is still being fetched, or it is gone.";
        return Err(Error::new(Kind::NotFound, message));
    };
    let mut columns = Columns::of(row);
    Ok(File {
        key: blob_key(columns.str("business_id")?, id.as_str()),
        filename: columns.text("filename")?,
        media_type: columns.text("type")?,
        size: usize::try_from(columns.integer("size")?).map_err(Error::internal)?,
        sha256: columns.text("sha256")?,
    })
}
