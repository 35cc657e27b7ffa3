//! Files that are uploaded for links of type `file`, whose URL is `file:<name>`. Their bytes lie with those of
//! attachments, each upload under a key of its own; what the link's row says is read.

use super::{Link, LinkType};
use common::http::{Error, Result};
use serde::{Deserialize, Serialize};

/// How the URL of a link begins whose file is uploaded.
pub const FILE_SCHEME: &str = "file:";
/// Longest name of a file, in characters.
const MAX_FILE_NAME: usize = 200;

/// A file that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkFile {
    /// Ends the key of its bytes.
    pub id: String,
    /// Its name, whose ending tells the format.
    pub name: String,
    /// The media type that it came with.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Its size in bytes.
    pub size: usize,
    /// When it came.
    pub at: String,
}

impl Link {
    /// The name of the file that is uploaded for it; `None` for a link that asks a server.
    #[must_use]
    pub fn upload(&self) -> Option<&str> {
        (self.kind == LinkType::File)
            .then(|| self.url.strip_prefix(FILE_SCHEME))
            .flatten()
    }

    /// Whether there is something to fetch: an endpoint, or a file that was uploaded.
    #[must_use]
    pub fn is_fetched(&self) -> bool {
        self.kind.is_fetched() && (self.upload().is_none() || self.file.is_some())
    }
}

/// Under which key the bytes of an uploaded file lie.
#[must_use]
pub fn file_key(business_id: &str, id: &str) -> String {
    [business_id, "/links/", id].concat()
}

/// The name of a file, without a folder.
///
/// # Errors
/// 422 for one that is empty, longer than 200 characters, or has slashes or control characters.
pub fn file_name(path: &'static str, name: &str) -> Result<String> {
    let name = super::request::short_text(path, name, MAX_FILE_NAME)?;
    match name.contains(['/', '\\']) {
        false => Ok(name),
        true => {
            let message = "The name of a file has no slashes.";
            Err(Error::invalid(path, "file_name", message))
        }
    }
}
