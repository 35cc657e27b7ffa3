use super::change::wake;
use super::{link_of, linked};
use crate::shown::{SavedLink, ShownLink};
use crate::sql::{FILE_BEGIN, LINK_FILE};
use access::quota::{Quota, insert_within_quota, quota_check};
use common::Context;
use common::http::ledger::LINK_FILE_BYTES;
use common::http::{Error, Kind, Request, Result};
use common::in_flight::hold;
use knowledge::link::sql::FILES_USED;
use knowledge::link::{LinkFile, file_key, file_name};
use records::{Expected, Format};
use serde::Serialize;

/// Longest media type that is kept, in bytes.
const MAX_TYPE: usize = 200;
/// How the media types begin of what is no text, and of what is no file.
const REFUSED: [&str; 7] = [
    "application/pdf",
    "application/zip",
    "audio/",
    "font/",
    "image/",
    "multipart/",
    "video/",
];

/// A file that was uploaded.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShownFile {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: usize,
    /// When it was uploaded.
    #[cfg_attr(feature = "schema", schemars(extend("format" = "date-time")))]
    pub uploaded_at: String,
}

impl From<LinkFile> for ShownFile {
    fn from(file: LinkFile) -> Self {
        Self {
            name: file.name,
            size: file.size,
            uploaded_at: file.at,
        }
    }
}

/// Uploads the file of a link, which takes the place of the one before as a whole.
///
/// 1. Finds the link, and checks that its file is uploaded: 409 for one that is fetched from its URL.
/// 2. Reads the file and checks it: 413 above 16 MiB; 415 for what is no text, whatever its name and type; 422 for an
///    empty one and for a name that is none; 403 where the quota of bytes is used up. The file before counts until its
///    bytes are gone.
/// 3. Writes down that there is to be a file, stores its bytes under a key of their own, and points the link at it. What
///    breaks off in between is removed after an hour; the file before goes once this one is searched.
///
/// # Errors
/// These; 404 for a link that is not there, or no longer; 503 with the store away.
pub async fn link_file_put(cx: &Context<'_>, id: &str, request: &Request) -> Result<SavedLink> {
    // 1.
    let link = link_of(cx, id).await?;
    let Some(named) = link.upload() else {
        let message = "No file is uploaded for this CRM link. Add one of type `file` whose `url` is `file:<name>`.";
        return Err(Error::new(Kind::Conflict, message));
    };
    let name = match request.query.get("name") {
        Some(name) => file_name("query.name", name)?,
        None => named.to_owned(),
    };

    // 2.
    let length = (cx.header)("content-length").and_then(|length| length.parse().ok());
    let most = LINK_FILE_BYTES;
    let _held = hold(length.unwrap_or(most).min(most), cx.now)?;
    let bytes = cx
        .read_body(request.route)
        .await
        .map_err(|error| match error.kind() {
            Kind::BodyTooLarge => Error::new(
                Kind::BodyTooLarge,
                "A file has at most 16 MiB. Divide it among several links.",
            ),
            _ => error,
        })?;
    let media_type = (cx.header)("content-type").filter(|text| text.len() <= MAX_TYPE);
    check(media_type.as_deref(), &name, &bytes)?;
    let size = i64::try_from(bytes.len()).map_err(Error::internal)?;
    quota_check(cx, Quota::StoredBytes, size).await?;

    // 3.
    let file = LinkFile {
        id: cx.ids.next(),
        name,
        media_type,
        size: bytes.len(),
        at: cx.now.to_string(),
    };
    let at = |last: common::db::Value| vec![cx.business_id().into(), (&link.id).into(), last];
    let mut begin = at(file.id.as_str().into());
    begin.extend([cx.now.micros().into(), size.into()]);
    insert_within_quota(cx, Quota::StoredBytes, size, FILE_BEGIN.bind(begin)).await?;
    let key = file_key(cx.business_id(), &file.id);
    cx.ports.blobs.put(&key, &bytes, None).await?;
    let mut point = at(serde_json::to_string(&file)
        .map_err(Error::internal)?
        .into());
    point.push(cx.now.micros().into());
    let statements = vec![
        LINK_FILE.bind(point),
        FILES_USED.bind(at(common::db::Value::Null)),
    ];
    let results = cx.db.batch(statements).await?;
    let link = linked(results.first().and_then(|rows| rows.first()))?;
    wake(cx, &link);
    let crm_link = ShownLink::of(cx, link, None)?;
    Ok(SavedLink { crm_link })
}

/// Whether a file is a text that can be read.
fn check(media_type: Option<&str>, name: &str, bytes: &[u8]) -> Result<()> {
    let unsupported = |message: String| Err(Error::new(Kind::UnsupportedMediaType, message));
    let declared = media_type.unwrap_or_default().trim().to_ascii_lowercase();
    if REFUSED.iter().any(|refused| declared.starts_with(refused)) {
        let message = "Send the bytes of a CSV, TSV, JSON, JSON Lines, XML, Markdown, HTML or text file as the body.";
        return unsupported(message.to_owned());
    }
    match Format::detect(media_type, name, bytes, Expected::Anything) {
        Ok(_) => Ok(()),
        Err(trouble) if trouble.code == "empty_body" => {
            Err(Error::invalid("body", "required", "The file is empty."))
        }
        Err(trouble) => {
            let mut message = trouble.message;
            if let Some(first) = message.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            message.push('.');
            unsupported(message)
        }
    }
}
