//! A page of a customer's conversations, as JSON.

use common::db::{Columns, Rows};
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

/// Where a page's messages are.
pub(crate) enum Messages {
    /// Nobody asked for them.
    Unasked,
    /// In the rows of their conversations, joined.
    Joined,
    /// In rows of their own, by conversation.
    Apart(HashMap<String, String>),
}

/// The conversations of a page: `"conversations", "has_more", "next_cursor"`.
///
/// # Errors
/// 500 for a row that cannot be read.
pub(crate) fn page_of(rows: Rows, limit: usize, mut messages: Messages) -> Result<String, Error> {
    let has_more = rows.len() > limit;
    let mut last = None;
    let mut all = String::new();
    for row in rows.into_iter().take(limit) {
        let mut columns = Columns::of(&row);
        let json = columns.str("conversation")?;
        let (id, at) = (columns.text("id")?, columns.integer("last_at")?);
        if !all.is_empty() {
            all.push(',');
        }
        all.push_str(json);
        match &mut messages {
            Messages::Unasked => {}
            Messages::Joined => {
                push_messages(
                    &mut all,
                    columns.str_or_null("messages")?.unwrap_or_default(),
                );
            }
            Messages::Apart(texts) => {
                push_messages(&mut all, &texts.remove(&id).unwrap_or_default());
            }
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

fn push_messages(all: &mut String, texts: &str) {
    for part in [",\"messages\":[", texts, "]"] {
        all.push_str(part);
    }
}
