use super::sql::ATTACHMENT_STORE;
use super::{MAX_MEDIA_BYTES, blob_key, bytes_put, clean_filename, inbound_type};
use common::context::Context;
use common::http::Error;
use common::ids::derived_id;
use common::signatures::sha256_hex;

/// Stores a file from elsewhere for a message that is about to be sent; gives its id. `origin` says
/// where it is from and what it is called there: the same file is stored once, however often it comes.
/// `None` for a file that is larger than what is stored.
///
/// # Errors
/// 503 when KV or the database is away.
pub async fn attachment_store(
    cx: &Context<'_>,
    origin: [&str; 2],
    name: &str,
    mime_type: Option<&str>,
    bytes: &[u8],
) -> Result<Option<String>, Error> {
    if bytes.len() > MAX_MEDIA_BYTES {
        return Ok(None);
    }
    let sha256 = sha256_hex(bytes);
    let [from, id] = origin;
    let id = derived_id(&[cx.business_id(), from, id, &sha256]);
    let key = blob_key(cx.business_id(), &id);
    bytes_put(cx, &key, bytes).await?;
    let media_type = inbound_type(name, mime_type, bytes);
    let store = ATTACHMENT_STORE.bind(vec![
        cx.business_id().into(),
        id.as_str().into(),
        clean_filename(name, &media_type).into(),
        media_type.as_str().into(),
        i64::try_from(bytes.len()).unwrap_or_default().into(),
        sha256.into(),
        cx.now.micros().into(),
    ]);
    cx.db.rows(store).await?;
    Ok(Some(id))
}
