//! A page of messages, as JSON.

use common::db::{Columns, Rows};
use common::http::{Error, encode_cursor};
use common::time::Timestamp;

/// Joins the rows of `MESSAGE_PAGE` or `MESSAGE_ROWS`: `{messages, has_more, next_cursor}`. A page without messages ends
/// where it began.
///
/// # Errors
/// 500 for a row that cannot be read.
pub(crate) fn page_json(rows: &Rows, since: Timestamp) -> Result<String, Error> {
    let mut last = since.micros();
    let mut has_more = false;
    let mut json = String::from("{\"messages\":[");
    let mut is_first = true;
    for row in rows {
        let mut columns = Columns::of(row);
        last = columns.integer_or_null("last")?.unwrap_or(last);
        has_more = columns.flag("has_more")?;
        let Some(text) = columns.str_or_null("messages")? else {
            continue;
        };
        if !is_first {
            json.push(',');
        }
        is_first = false;
        json.push_str(text);
    }
    let cursor = encode_cursor(&last.to_string());
    json.push_str(&format!(
        "],\"has_more\":{has_more},\"next_cursor\":\"{cursor}\"}}"
    ));
    Ok(json)
}
