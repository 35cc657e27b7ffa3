//! Files that were uploaded: read as a source's one page, and removed once nothing uses them.

use crate::claim::Claimed;
use crate::run::Stopped;
use crate::settle::Trouble;
use crate::sql::{FILE_FORGET, FILES_UNUSED};
use common::Context;
use common::db::Columns;
use common::db::by_business;
use common::http::Result;
use common::time::SECOND;
use knowledge::link::file_key;
use knowledge::source::{Fetched, Page, Validators};

/// How long an upload may take until its file is in use, in microseconds.
const UPLOAD: i64 = 3600 * SECOND;

/// The file of a link; nothing where what is searched is from it.
pub(crate) async fn read(
    cx: &Context<'_>,
    claimed: &Claimed,
    known: Option<&Validators>,
) -> Result<Fetched, Stopped> {
    let Some(file) = &claimed.link.file else {
        let message = "No file was uploaded yet.".to_owned();
        return Err(Stopped::Theirs(Trouble::lasting(message)));
    };
    let etag = Some(file.id.clone());
    if known.is_some_and(|known| known.etag == etag) {
        return Ok(Fetched::NotModified);
    }
    let key = file_key(cx.business_id(), &file.id);
    let body = cx.ports.blobs.get(&key).await?;
    let Some(body) = body.filter(|body| body.len() == file.size) else {
        let message =
            "The file cannot be read just now. If this lasts, upload it again.".to_owned();
        return Err(Stopped::Theirs(Trouble::passing(message)));
    };
    Ok(Fetched::Page(Page {
        body,
        content_type: file.media_type.clone(),
        validators: Some(Validators {
            etag,
            last_modified: None,
        }),
        url: file.name.clone(),
        ..Page::default()
    }))
}

/// Removes files that nothing uses: those that were replaced, those of links that were deleted, and those whose upload
/// broke off. The bytes go first, so that a row is left that finds the rest of them.
pub(crate) async fn sweep(cx: &Context<'_>) -> Result<()> {
    let until = cx.now.micros() - UPLOAD;
    let rows = cx.db.rows(FILES_UNUSED.bind(vec![until.into()])).await?;
    let (mut keys, mut statements) = (Vec::new(), Vec::new());
    for row in &rows {
        let mut columns = Columns::of(row);
        let business = columns.str("business_id")?;
        let link = columns.str("link_id")?;
        let id = columns.str("id")?;
        keys.push(file_key(business, id));
        statements.push(FILE_FORGET.bind(vec![business.into(), link.into(), id.into()]));
    }
    if !keys.is_empty() {
        cx.ports.blobs.delete(&keys).await?;
        for of_one in by_business(cx.db, statements) {
            cx.db.batch(of_one).await?;
        }
    }
    Ok(())
}
