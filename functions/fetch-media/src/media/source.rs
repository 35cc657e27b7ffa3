use common::db::{Row, Rows};
use common::http::Error;
use common::json::raw::object;

/// Where an attachment's bytes are: the `source` of its row, as ingest wrote it.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// The account that it came to.
    pub(super) channel_id: String,
    /// By which the provider gives an address.
    pub(super) media_id: Option<String>,
    /// The SHA-256 of the bytes, in base64 or hexadecimal.
    pub(super) sha256: Option<String>,
    /// The type that the provider says.
    pub(super) mime_type: Option<String>,
    /// An address, which may have expired.
    pub(super) url: Option<String>,
}

impl Source {
    fn read(json: &str) -> Self {
        let fields = object(json).unwrap_or_default();
        Self {
            channel_id: fields.text("channel_id").unwrap_or_default(),
            media_id: fields.text("media_id"),
            sha256: fields.text("sha256"),
            mime_type: fields.text("mime_type"),
            url: fields.text("url"),
        }
    }
}

/// An attachment that is ours to fetch.
#[derive(Debug)]
pub(super) struct Claimed {
    pub(super) id: String,
    pub(super) filename: String,
    pub(super) source: Source,
    /// Which try this is, the first being 1.
    pub(super) tries: i64,
}

/// Reads what was claimed. A source that cannot be read has no account, and so fails for good.
pub(super) fn claimed_of(rows: Rows) -> Result<Vec<Claimed>, Error> {
    let claimed: Option<Vec<_>> = rows.into_iter().map(one).collect();
    claimed.ok_or_else(|| Error::internal("an attachment's row is unreadable"))
}

fn one(row: Row) -> Option<Claimed> {
    let mut columns = row.into_iter();
    let mut next = move || columns.next();
    Some(Claimed {
        id: next()?.into_text()?,
        filename: next()?.into_text()?,
        source: Source::read(next()?.as_text().unwrap_or_default()),
        tries: next()?.as_integer()?,
    })
}
