//! A page of a customer's conversations, as JSON.

use common::db::{Row, Rows, Value};
use common::http::{Error, encode_cursor};
use std::collections::HashMap;

/// Joins each conversation's messages; of [conversation, messages], a conversation may have several
/// rows.
pub(crate) fn messages_by_conversation(rows: Rows) -> HashMap<String, String> {
    let mut texts: HashMap<String, String> = HashMap::new();
    for row in rows {
        let mut values = row.into_iter().filter_map(Value::into_text);
        let (Some(id), Some(part)) = (values.next(), values.next()) else {
            continue;
        };
        let text = texts.entry(id).or_default();
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(&part);
    }
    texts
}

/// The conversations of a page: `"conversations", "has_more", "next_cursor"`.
///
/// # Errors
/// 500 for a row that cannot be read.
pub(crate) fn page_of(
    rows: Rows,
    limit: usize,
    mut messages: Option<HashMap<String, String>>,
) -> Result<String, Error> {
    let unreadable = || Error::internal("a conversation's row is unreadable");
    let has_more = rows.len() > limit;
    let mut last = None;
    let mut all = String::new();
    for row in rows.into_iter().take(limit) {
        let (id, at, json) = columns(row).ok_or_else(unreadable)?;
        if !all.is_empty() {
            all.push(',');
        }
        all.push_str(&json);
        if let Some(messages) = &mut messages {
            let texts = messages.remove(&id).unwrap_or_default();
            all.push_str(&format!(",\"messages\":[{texts}]"));
        }
        all.push('}');
        last = Some(format!("{at}.{id}"));
    }
    let next = match last.filter(|_| has_more) {
        Some(last) => format!("\"{}\"", encode_cursor(&last)),
        None => "null".to_owned(),
    };
    Ok(format!(
        "\"conversations\":[{all}],\"has_more\":{has_more},\"next_cursor\":{next}"
    ))
}

fn columns(row: Row) -> Option<(String, i64, String)> {
    let mut values = row.into_iter();
    let id = values.next()?.into_text()?;
    let at = values.next()?.as_integer()?;
    Some((id, at, values.next()?.into_text()?))
}
