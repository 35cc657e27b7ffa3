//! What a browser may keep of a file, and whether it has it already.

use crate::file::File;
use common::http::Response;
use common::time::{SECOND, Timestamp};

/// How long a browser may keep a file without asking again, in seconds; its link may end sooner.
const MAX_AGE_SECONDS: i64 = 3600;

/// The headers that a file, or a part of it, is answered with.
pub(crate) struct CacheHeaders {
    etag: String,
    max_age: String,
}

impl CacheHeaders {
    /// For a file whose link works until a time.
    pub(crate) fn new(file: &File, until: Timestamp, now: Timestamp) -> Self {
        let seconds = (until.micros() - now.micros()).div_euclid(SECOND);
        Self {
            etag: format!("\"{}\"", file.sha256),
            max_age: format!("private, max-age={}", seconds.min(MAX_AGE_SECONDS)),
        }
    }

    /// Whether `if-none-match` names our entity tag; weak tags do too (RFC 9110 §13.1.2).
    pub(crate) fn any_matches(&self, known: &str) -> bool {
        known.split(',').any(|one| {
            let one = one.trim();
            one == "*" || one.strip_prefix("W/").unwrap_or(one) == self.etag
        })
    }

    /// Whether `if-range` names our entity tag.
    pub(crate) fn is_same(&self, known: &str) -> bool {
        known.trim() == self.etag
    }

    /// Adds them to a response.
    pub(crate) fn apply(self, response: Response) -> Response {
        response
            .with_header("etag", self.etag)
            .with_header("cache-control", self.max_age)
            .with_header("accept-ranges", "bytes")
    }
}
