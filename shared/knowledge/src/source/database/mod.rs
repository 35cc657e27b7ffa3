//! Links of type `database`: the rows of one statement, in pages. A PostgreSQL is read by `query-database`, which has
//! its protocol; a D1 database is asked by HTTP.
//!
//! A page begins behind the key of the last row of the page before it. Counting rows (`OFFSET`) would miss some and
//! repeat others wherever rows come and go between two pages, and a cursor of the database ends with its connection,
//! which ends with the invocation.

mod d1;
mod failure;
mod sql;
mod statement;
mod url;

pub use failure::{Failure, Reason};
pub use statement::{bare, check_statement};
pub use url::{PostgresUrl, check_url};

use super::paging::{Cursor, Target};
use super::{Fetched, Page, Place, Trouble, auth, words};
use crate::link::Paging;
use common::calls::{Call, any_json, call};
use common::context::Context;
use common::json::plain::Unreadable;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The function that reads PostgreSQL.
pub const READER: &str = "query-database";
/// Most rows of a page.
pub const PAGE_ROWS: usize = 2_000;
/// After how many bytes of rows a page ends.
pub const PAGE_BYTES: usize = 2 * 1024 * 1024;
/// The longest row, as JSON: as long as a record. Longer ones are left out, and counted.
pub const MAX_ROW_BYTES: usize = 256 * 1024;
/// Columns that name a row where none is set: those that `records` takes for a record's key before any other.
const KEYS: [&str; 3] = ["id", "uuid", "gid"];

/// A page of a statement's rows to be read.
#[derive(Serialize, Deserialize)]
pub struct ReadRows {
    /// The database, as [`PostgresUrl`] reads it.
    pub url: String,
    /// The password.
    #[serde(default)]
    pub password: Option<String>,
    /// The statement.
    pub statement: String,
    /// The column that names a row; found where there is none.
    #[serde(default)]
    pub key: Option<String>,
    /// Behind which row the page begins; the first page, where there is none.
    #[serde(default)]
    pub after: Option<After>,
    /// Whether there is to be no other page.
    #[serde(default)]
    pub is_only: bool,
}

/// A place between two rows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct After {
    /// The column by which rows are ordered.
    pub column: String,
    /// What the last row has there, as the database writes it.
    pub value: String,
}

/// What came of it: rows, or why there are none.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct RowsRead {
    /// A list of objects.
    #[serde(default)]
    pub rows: Option<Box<RawValue>>,
    /// Rows that were left out, longer than [`MAX_ROW_BYTES`].
    #[serde(default)]
    pub too_long: u32,
    /// Where the next page begins; nothing behind the last.
    #[serde(default)]
    pub next: Option<After>,
    /// Why there are no rows.
    #[serde(default)]
    pub failed: Option<Failure>,
}

impl Call for ReadRows {
    const FUNCTION: &'static str = READER;
    const NAME: &'static str = "read_rows";
    const VERSION: u32 = 1;
    type Answer = RowsRead;

    fn parse<T: DeserializeOwned>(json: &str) -> Result<T, Unreadable> {
        any_json(json)
    }
}

/// The column by which rows are ordered: the one that is set, if the rows have it, else a well-known one.
#[must_use]
pub fn key_of<'c>(columns: &[&'c str], wanted: Option<&str>) -> Option<&'c str> {
    let find = |name: &str| {
        let same = columns.iter().find(|column| **column == name);
        let alike = || columns.iter().find(|one| one.eq_ignore_ascii_case(name));
        same.or_else(alike).copied()
    };
    wanted
        .and_then(find)
        .or_else(|| KEYS.iter().find_map(|name| find(name)))
}

pub(super) async fn fetch(
    cx: &Context<'_>,
    place: &Place<'_>,
    at: Option<&Cursor>,
) -> Result<Fetched, Trouble> {
    let secrets = auth::secrets_of(place);
    let fetched = fetch_with(cx, place, at).await;
    let (rows, too_long, next) = fetched.map_err(|trouble| trouble.without(&secrets))?;
    Ok(Fetched::Page(Page {
        body: rows.into_bytes(),
        content_type: Some("application/json".to_owned()),
        url: place.url.to_owned(),
        too_long,
        after: next.filter(|_| !is_only(place)).map(Box::new),
        ..Page::default()
    }))
}

type Rows = (String, u32, Option<After>);

async fn fetch_with(
    cx: &Context<'_>,
    place: &Place<'_>,
    at: Option<&Cursor>,
) -> Result<Rows, Trouble> {
    let after = match at.map(Cursor::target) {
        Some(Target::Field { name, value }) => Some(After {
            column: name.clone(),
            value: value.clone(),
        }),
        _ => None,
    };
    let query = place.settings.query.as_deref().unwrap_or_default();
    // Settings are checked when they are made; what is allowed may have changed since.
    let refused = |error: common::http::Error| Trouble::settings(error.message().to_owned());
    check_url(&cx.ports, place.url).map_err(refused)?;
    check_statement(query).map_err(refused)?;
    if !PostgresUrl::is_one(place.url) {
        return d1::fetch(cx, place, bare(query), after).await;
    }
    let asked = ReadRows {
        url: place.url.to_owned(),
        password: place.secrets.api_key.clone(),
        statement: bare(query).to_owned(),
        key: place.settings.key.clone(),
        after,
        is_only: is_only(place),
    };
    let read = call(&cx.ports, &asked).await.map_err(|_| {
        let message =
            "What reads databases here does not answer. It is tried again at the next run.";
        Trouble::passing(message)
    })?;
    match (read.failed, read.rows) {
        (None, Some(rows)) => Ok((rows.get().to_owned(), read.too_long, read.next)),
        (failed, _) => {
            let failure = failed.unwrap_or_else(|| Failure::of(Reason::NotPostgres, ""));
            let said = words::cleaned(&failure.said, &auth::secrets_of(place));
            Err(failure.trouble(&said))
        }
    }
}

fn is_only(place: &Place<'_>) -> bool {
    place.settings.next == Paging::None
}
