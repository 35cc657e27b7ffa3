//! A page of a customer's conversations.

use crate::sql::CONVERSATION_MESSAGES;
use crate::sql::CONVERSATION_PAGE;
use common::context::Context;
use common::db::{Row, Rows, Value};
use common::http::{Error, Query, decode_cursor, encode_cursor};
use common::ids::is_id;
use customer::{CustomerQuery, customer_of, customer_statement};
use messaging::messages::json::with_links;
use std::collections::HashMap;

/// Conversations on a page, where the request does not say.
const PAGE_DEFAULT: u32 = 20;
/// Most conversations on a page.
const PAGE_MAX: u32 = 100;
/// Most messages of a conversation that come along: the newest. `message_count` tells the rest, and
/// `GET /api-messages-since` gives them.
pub const MESSAGES_MAX: i64 = 200;

/// What `GET /api-conversations-by-customer` asks for.
#[derive(Debug)]
pub struct ConversationsQuery {
    customer: CustomerQuery,
    limit: u32,
    after: Option<(i64, String)>,
    with_messages: bool,
    with_attachments: bool,
}

impl ConversationsQuery {
    /// Reads a request's query; `customer_id` takes our id or the CRM's.
    ///
    /// # Errors
    /// 422 for nobody, two at once, or a value that cannot be of its kind.
    pub fn from_query(query: &Query, region: &str) -> Result<Self, Error> {
        let after = query.get("cursor");
        let after = after
            .map(|cursor| decode_cursor(cursor, place_of))
            .transpose()?;
        Ok(Self {
            customer: CustomerQuery::of_customer(query, region)?,
            limit: query.number("limit", 1, PAGE_MAX, PAGE_DEFAULT)?,
            after,
            with_messages: query.flag("include_messages")?,
            with_attachments: query.flag("include_attachments")?,
        })
    }
}

/// A cursor is the time and the id of the last conversation of its page.
fn place_of(cursor: &str) -> Option<(i64, String)> {
    let (at, id) = cursor.split_once('.')?;
    let at: i64 = at.parse().ok().filter(|at| (0..1 << 53).contains(at))?;
    is_id(id).then(|| (at, id.to_owned()))
}

/// A customer's conversations over all channels: `{customer, conversations, has_more, next_cursor}`.
///
/// # Errors
/// 404 where there is no such customer, 409 where an external id is two customers'.
pub async fn conversations_by_customer(
    cx: &Context<'_>,
    query: &ConversationsQuery,
) -> Result<String, Error> {
    let mut params = vec![Value::from(cx.business_id())];
    params.extend(query.customer.identity_params());
    params.push(query.after.as_ref().map(|(at, _)| *at).into());
    params.push(query.after.as_ref().map(|(_, id)| id.as_str()).into());
    params.push((i64::from(query.limit) + 1).into());
    let mut statements = vec![
        customer_statement(cx, &query.customer)?,
        CONVERSATION_PAGE.bind(params.clone()),
    ];
    if query.with_messages {
        params.push(i64::from(query.with_attachments).into());
        params.push(MESSAGES_MAX.into());
        statements.push(CONVERSATION_MESSAGES.bind(params));
    }
    let mut results = cx.db.batch(statements).await?.into_iter();
    let mut next = || results.next().unwrap_or_default();
    let customer = customer_of(next())?;
    let conversations = next();
    let messages = query.with_messages.then(|| texts_by_conversation(next()));
    let page = page_of(conversations, query.limit as usize, messages)?;
    with_links(cx, format!("{{\"customer\":{customer},{page}}}"))
}

fn texts_by_conversation(rows: Rows) -> HashMap<String, String> {
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

fn page_of(
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
