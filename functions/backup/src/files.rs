//! The files that rows name, wherever the deployment stores them.

use common::Context;
use common::http::{Error, Kind, Query, Request};
use common::in_flight::hold;
use common::json::raw;
use common::json::writer::quoted;
use common::ports::PART_BYTES;
use knowledge::link::file_key;
use messaging::attachments::{blob_key, bytes_get, bytes_put};
use tables::Table;

/// Largest file: what a value of KV holds.
const MAX_BYTES: usize = 25 * 1024 * 1024;

/// What names a file, which says where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileKind {
    /// An attachment.
    Attachment,
    /// A mail as it came.
    Mail,
    /// A file of a CRM link.
    Link,
}

impl FileKind {
    fn parse(word: &str) -> Option<Self> {
        let all = [Self::Attachment, Self::Mail, Self::Link];
        all.into_iter().find(|kind| kind.as_str() == word)
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Attachment => "attachment",
            Self::Mail => "mail",
            Self::Link => "link",
        }
    }
}

/// The line that names the file of a row, where it has one: its size is -1 where the row does not say.
pub(crate) fn file_of(table: &Table, line: &str) -> Option<String> {
    let kind = match table.name {
        "attachments" => FileKind::Attachment,
        "knowledge_files" => FileKind::Link,
        "messages" if line.contains("raw_id") => FileKind::Mail,
        _ => return None,
    };
    let items = raw::list(line)?;
    let column = |name: &str| items.get(table.place(name)?).copied();
    let id = match kind {
        FileKind::Attachment if column("state")? != "\"ready\"" => return None,
        FileKind::Mail => {
            let detail = raw::text(column("detail")?)?;
            raw::object(&detail)?.text("raw_id")?
        }
        FileKind::Attachment | FileKind::Link => raw::text(column("id")?)?,
    };
    let size: Option<usize> = column("size").and_then(|size| size.parse().ok());
    let size = size.map_or_else(|| "-1".to_owned(), |size| size.to_string());
    let (kind, id) = (kind.as_str(), quoted(&id));
    Some(format!(
        "{{\"file\":\"{kind}\",\"id\":{id},\"size\":{size}}}\n"
    ))
}

/// A file that a request names.
struct Named {
    kind: FileKind,
    key: String,
    size: Option<usize>,
}

impl Named {
    fn of(query: &Query) -> Result<Self, Error> {
        let business = required(query, "business")?;
        let id = required(query, "id")?;
        let kind = FileKind::parse(required(query, "kind")?).ok_or_else(|| {
            let message = "`kind` must be attachment, mail or link.";
            Error::invalid("query.kind", "kind", message)
        })?;
        // Nothing else of the store is within reach.
        for (name, part) in [("query.business", business), ("query.id", id)] {
            let is_id = part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
            if !is_id {
                return Err(Error::invalid(name, "id", "This is no id."));
            }
        }
        let key = match kind {
            FileKind::Link => file_key(business, id),
            FileKind::Attachment | FileKind::Mail => blob_key(business, id),
        };
        let size = query.get("size").map(|size| {
            let size = size.parse().ok().filter(|size| *size <= MAX_BYTES);
            size.ok_or_else(|| {
                Error::invalid("query.size", "bytes", "`size` must be that of a file.")
            })
        });
        Ok(Self {
            kind,
            key,
            size: size.transpose()?,
        })
    }
}

fn required<'q>(query: &'q Query, name: &'static str) -> Result<&'q str, Error> {
    query.get(name).ok_or_else(|| {
        Error::invalid(
            format!("query.{name}"),
            "required",
            format!("`{name}` is missing."),
        )
    })
}

/// `GET backup/file`
///
/// # Errors
/// 404 where the bytes are not there, 422 for what names no file, 503 when the store is away or the isolate has too many
/// bytes already.
pub(crate) async fn file_get(cx: &Context<'_>, query: &Query) -> Result<Vec<u8>, Error> {
    let file = Named::of(query)?;
    let _held = hold(file.size.unwrap_or(MAX_BYTES) + PART_BYTES, cx.now)?;
    let bytes = match file.kind {
        FileKind::Attachment => bytes_get(cx, &file.key, file.size).await?,
        FileKind::Mail | FileKind::Link => cx.ports.blobs.get(&file.key).await?,
    };
    bytes.ok_or_else(|| Error::new(Kind::NotFound, "The bytes of this file are not there."))
}

/// `PUT restore/file`
///
/// # Errors
/// 422 for what names no file, or for a body of another size; 503 when the store is away.
pub(crate) async fn file_put(cx: &Context<'_>, request: &Request) -> Result<(), Error> {
    let file = Named::of(&request.query)?;
    let _held = hold(file.size.unwrap_or(MAX_BYTES) + PART_BYTES, cx.now)?;
    let bytes = cx.read_body(request.route).await?;
    if file.size.is_some_and(|size| size != bytes.len()) {
        let message = "The body does not have as many bytes as `size` says.";
        return Err(Error::invalid("query.size", "bytes", message));
    }
    match file.kind {
        FileKind::Attachment => bytes_put(cx, &file.key, &bytes).await,
        FileKind::Mail | FileKind::Link => cx.ports.blobs.put(&file.key, &bytes, None).await,
    }
}
