use common::db::{Columns, Row};
use common::http::Error;
use common::ids::LinkId;
use common::time::Timestamp;
use std::collections::BTreeSet;

/// A chunk that is searched.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub(crate) id: i64,
    /// Its link.
    pub link_id: LinkId,
    /// What names its record within the link.
    pub record_key: String,
    /// Where the record stood.
    pub path: String,
    /// The fields, a line each.
    pub text: String,
    /// Whose it is; empty for all's.
    pub owners: BTreeSet<String>,
    /// When it was fetched.
    pub fetched_at: Timestamp,
}

impl Candidate {
    pub(crate) fn of_row(row: &Row) -> Result<Self, Error> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.integer("id")?,
            link_id: columns.id("link_id")?,
            record_key: columns.text("record_key")?,
            path: columns.text("path")?,
            text: columns.text("text")?,
            owners: serde_json::from_str(columns.str("owners")?).map_err(Error::internal)?,
            fetched_at: columns.time("fetched_at")?,
        })
    }

    /// Its id, which names it among all of the business's.
    #[must_use]
    pub const fn id(&self) -> i64 {
        self.id
    }
}
