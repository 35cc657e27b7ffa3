//! A page of notes, as JSON.

use common::db::{Row, Rows};
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
        let (place, json) =
            columns(row).ok_or_else(|| Error::internal("a note's row is unreadable"))?;
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

fn columns(row: Row) -> Option<(String, String)> {
    let mut values = row.into_iter();
    let at = values.next()?.as_integer()?;
    let id = values.next()?.into_text()?;
    Some((format!("{at}.{id}"), values.next()?.into_text()?))
}
