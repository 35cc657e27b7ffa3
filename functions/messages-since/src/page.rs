//! A page of messages, as JSON.

use common::db::{Rows, Value};
use common::http::encode_cursor;
use common::time::Timestamp;

/// Joins the rows of `MESSAGE_PAGE`: `{messages, has_more, next_cursor}`. A page without messages
/// ends where its first row says or, without that, where it began.
pub(crate) fn page_json(rows: Rows, since: Timestamp) -> String {
    let mut last = since.micros();
    let mut has_more = false;
    let mut json = String::from("{\"messages\":[");
    let mut is_first = true;
    for row in rows {
        let mut values = row.into_iter();
        let mut next = || values.next().unwrap_or(Value::Null);
        last = next().as_integer().unwrap_or(last);
        has_more |= next().as_integer() == Some(1);
        let Some(text) = next().into_text() else {
            continue;
        };
        if !is_first {
            json.push(',');
        }
        is_first = false;
        json.push_str(&text);
    }
    let cursor = encode_cursor(&last.to_string());
    json.push_str(&format!(
        "],\"has_more\":{has_more},\"next_cursor\":\"{cursor}\"}}"
    ));
    json
}
