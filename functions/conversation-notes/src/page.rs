//! A page of notes, as JSON.

use common::db::{Columns, Row, Rows};
use common::http::{Error, encode_cursor};

/// The rows of `NOTE_PAGE`: `{notes, has_more, next_cursor}`. From the cursor one may go on later, for
/// what was noted since; an empty page has none.
///
/// # Errors
/// 500 for a row that cannot be read.
pub(crate) fn page_json(rows: Rows, limit: usize) -> Result<String, Error> {
    let has_more = rows.len() > limit;
    let mut notes = Vec::with_capacity(rows.len());
    let mut last = None;
    for row in rows.into_iter().take(limit) {
        let (place, json) = columns(&row)?;
        notes.push(json);
        last = Some(place);
    }
    let next = match last {
        Some(place) => format!("\"{}\"", encode_cursor(&place)),
        None => "null".to_owned(),
    };
    let notes = notes.join(",");
    Ok(format!(
        "{{\"notes\":[{notes}],\"has_more\":{has_more},\"next_cursor\":{next}}}"
    ))
}

fn columns(row: &Row) -> Result<(String, String), Error> {
    let mut columns = Columns::of(row);
    let (at, id) = (columns.integer("created_at")?, columns.str("id")?);
    Ok((format!("{at}.{id}"), columns.text("note")?))
}
