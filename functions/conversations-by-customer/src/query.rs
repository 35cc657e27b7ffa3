//! What a request asks for.

use crate::page::{Messages, messages_by_conversation};
use crate::sql::{CONVERSATION_MESSAGE_ROWS, CONVERSATION_PAGE, CONVERSATION_THREADS};
use common::context::Context;
use common::db::{DbError, Row, Rows, Value, next_rows};
use common::http::{Error, Query, decode_cursor};
use common::ids::is_id;
use customer::{CustomerQuery, customer_of};

/// Conversations on a page, where the request does not say.
const PAGE_DEFAULT: u32 = 20;
/// Most conversations on a page.
const PAGE_MAX: u32 = 100;
/// Most messages returned with a conversation: the newest. `message_count` has the total, and `GET
/// /api-messages-since` returns the rest.
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
    /// 422 for no customer, for two at once, or for an invalid value.
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

    /// How many conversations a page has.
    pub(crate) const fn limit(&self) -> usize {
        self.limit as usize
    }

    /// Reads the customer, the conversations and, where they come along, the messages, in a row of its own for each where
    /// they are too large for one value.
    ///
    /// # Errors
    /// 404 where nobody is meant, 409 where two customers are; 503 when the database is away.
    pub(crate) async fn read(&self, cx: &Context<'_>) -> Result<Found, Error> {
        let page = self.page_params(cx);
        if !self.with_messages {
            let rows = cx.db.rows(CONVERSATION_PAGE.bind(page)).await?;
            return Found::of(rows, Messages::Unasked);
        }
        let mut with_messages = page.clone();
        with_messages.push(i64::from(self.with_attachments).into());
        with_messages.push(MESSAGES_MAX.into());
        let threads = CONVERSATION_THREADS.bind(with_messages.clone());
        match cx.db.rows(threads).await {
            Err(DbError::TooBig(_)) => {
                let page = CONVERSATION_PAGE.bind(page);
                let messages = CONVERSATION_MESSAGE_ROWS.bind(with_messages);
                let mut results = cx.db.batch(vec![page, messages]).await?.into_iter();
                let (page, messages) = (next_rows(&mut results)?, next_rows(&mut results)?);
                Found::of(page, Messages::Apart(messages_by_conversation(messages)?))
            }
            rows => Found::of(rows?, Messages::Joined),
        }
    }

    /// See `page!`.
    fn page_params(&self, cx: &Context<'_>) -> Vec<Value> {
        let mut params = vec![Value::from(cx.business_id())];
        params.extend(self.customer.identity_params());
        params.push(self.after.as_ref().map(|(at, _)| *at).into());
        params.push(self.after.as_ref().map(|(_, id)| id.as_str()).into());
        params.push((i64::from(self.limit) + 1).into());
        params
    }
}

/// A cursor is the time and the id of the last conversation of its page.
fn place_of(cursor: &str) -> Option<(i64, String)> {
    let (at, id) = cursor.split_once('.')?;
    let at: i64 = at.parse().ok().filter(|at| (0..1 << 53).contains(at))?;
    is_id(id).then(|| (at, id.to_owned()))
}

/// What a request asks for, as read.
pub(crate) struct Found {
    /// The customer's JSON.
    pub(crate) customer: String,
    /// A row for each conversation.
    pub(crate) conversations: Rows,
    /// Where their messages are.
    pub(crate) messages: Messages,
}

impl Found {
    /// Takes the rows of customers, which have no id, from before those of conversations.
    fn of(mut rows: Rows, messages: Messages) -> Result<Self, Error> {
        let is_customer = |row: &Row| matches!(row.as_slice(), [_, Value::Null, ..]);
        let customers = rows.iter().take_while(|row| is_customer(row)).count();
        let conversations = rows.split_off(customers);
        Ok(Self {
            customer: customer_of(rows)?,
            conversations,
            messages,
        })
    }
}
