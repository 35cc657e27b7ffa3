//! A page of a customer's conversations, as JSON.

use common::db::{Columns, Row, Rows};
use common::http::{Error, encode_cursor};
use std::collections::HashMap;

/// Joins each conversation's messages; of [conversation, messages], a conversation may have several
/// rows.
pub(crate) fn messages_by_conversation(rows: Rows) -> Result<HashMap<String, String>, Error> {
    let mut texts: HashMap<String, String> = HashMap::new();
    for row in rows {
        let mut columns = Columns::of(&row);
        let text = texts.entry(columns.text("conversation_id")?).or_default();
        let Some(messages) = columns.str_or_null("messages")? else {
            continue;
        };
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(messages);
    }
    Ok(texts)
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
    let has_more = rows.len() > limit;
    let mut last = None;
    let mut all = String::new();
    for row in rows.into_iter().take(limit) {
        let (id, at, json) = columns(&row)?;
        if !all.is_empty() {
            all.push(',');
        }
        all.push_str(json);
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

fn columns(row: &Row) -> Result<(String, i64, &str), Error> {
    let mut columns = Columns::of(row);
    Ok((
        columns.text("id")?,
        columns.integer("last_at")?,
        columns.str("conversation")?,
    ))
}
