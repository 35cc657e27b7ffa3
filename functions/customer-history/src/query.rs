//! What is asked for, and which page of a history that is.

use common::http::{Error, Query, decode_cursor, encode_cursor};
use crm::history::{CachedEntry, CachedHistory};
use customer::CustomerQuery;

/// Conversations on a page, where the request does not say, and at most.
const PAGE: (u32, u32) = (20, 100);
/// The same with messages, for each of which the CRM has to be asked.
const PAGE_WITH_MESSAGES: (u32, u32) = (5, 10);
/// Longest remote id in a cursor, in bytes.
const MAX_ID_BYTES: usize = 128;

/// What `GET /api-customer-history` asks for.
#[derive(Debug)]
pub(super) struct HistoryQuery {
    pub(super) customer: CustomerQuery,
    /// The CRM that is asked, where the request says.
    pub(super) connector: Option<String>,
    pub(super) limit: u32,
    pub(super) after: Option<(i64, String)>,
    pub(super) is_refresh: bool,
    pub(super) with_messages: bool,
}

impl HistoryQuery {
    /// Reads a request's query; `customer_id` takes our id or the CRM's.
    ///
    /// # Errors
    /// 422 for no customer, for two at once, or for an invalid value.
    pub(super) fn from_query(query: &Query) -> Result<Self, Error> {
        let with_messages = query.flag("include_messages")?;
        let (default, max) = match with_messages {
            true => PAGE_WITH_MESSAGES,
            false => PAGE,
        };
        let after = query.get("cursor");
        Ok(Self {
            customer: CustomerQuery::of_customer_abroad(query)?,
            connector: query.get("connector").map(str::to_owned),
            limit: query.number("limit", 1, max, default)?,
            after: after
                .map(|cursor| decode_cursor(cursor, place_of))
                .transpose()?,
            is_refresh: query.flag("refresh")?,
            with_messages,
        })
    }
}

/// The conversations of a query's page.
pub(super) struct Page<'h> {
    pub(super) conversations: Vec<&'h CachedEntry>,
    /// Where the next page begins, where there is one.
    pub(super) next_cursor: Option<String>,
}

impl HistoryQuery {
    /// The page of a history that is asked for.
    pub(super) fn page<'h>(&self, history: &'h CachedHistory) -> Page<'h> {
        let is_behind = |one: &&CachedEntry| {
            let after = self.after.as_ref();
            after.is_none_or(|(at, id)| (one.at, &one.id) < (*at, id))
        };
        let limit = self.limit as usize;
        let rest = history.conversations.iter().filter(is_behind);
        let mut conversations: Vec<_> = rest.take(limit + 1).collect();
        let has_more = conversations.len() > limit;
        conversations.truncate(limit);
        let last = conversations.last().filter(|_| has_more);
        Page {
            next_cursor: last
                .map(|last| encode_cursor(&[&last.at.to_string(), ".", &last.id].concat())),
            conversations,
        }
    }
}

/// A cursor is when the last conversation of its page went on, and its id.
fn place_of(cursor: &str) -> Option<(i64, String)> {
    let (at, id) = cursor.split_once('.')?;
    let is_id = (1..=MAX_ID_BYTES).contains(&id.len());
    is_id.then_some((at.parse().ok()?, id.to_owned()))
}
