//! A thread, as the inbox shows it.

use crate::sql::{THREAD_CUSTOMER, THREAD_MESSAGES, THREAD_NOTES, THREAD_ROW};
use channels::{AccountKind, Capabilities};
use common::context::Context;
use common::db::{Columns, Row, Rows, Value, next_rows, text_of};
use common::http::{Error, Query};
use common::ids::ConversationId;
use common::json::raw::texts;
use common::json::writer::quoted;
use common::time::Timestamp;
use inbox::scope::{bound, conversation_id, no_conversation};
use inbox::windows::WINDOWS;
use messaging::messages::json::with_links;
use messaging::messages::send::Window;

/// Messages on a page, where the request does not say.
const PAGE_DEFAULT: u32 = 50;
/// Most messages on a page.
const PAGE_MAX: u32 = 100;
/// Before it is everything.
const NEWEST: i64 = (1 << 53) - 1;

/// What `GET /embed/api/conversation` asks for.
#[derive(Debug)]
pub struct ThreadQuery {
    id: ConversationId,
    before: i64,
    limit: u32,
}

impl ThreadQuery {
    /// Reads a request's query.
    ///
    /// # Errors
    /// 422 without an id, for a time that is none, a limit out of bounds; 404 for what can be no id.
    pub fn from_query(query: &Query) -> Result<Self, Error> {
        let id = query.get("id").ok_or_else(|| {
            Error::invalid("query.id", "required", "Name the conversation by `id`.")
        })?;
        let before = query.get("before").map(|text| {
            Timestamp::parse(text).ok_or_else(|| {
                let message = "`before` must be the `created_at` of a message.";
                Error::invalid("query.before", "date_time", message)
            })
        });
        Ok(Self {
            id: conversation_id(id)?,
            before: before.transpose()?.map_or(NEWEST, Timestamp::micros),
            limit: query.number("limit", 1, PAGE_MAX, PAGE_DEFAULT)?,
        })
    }
}

/// A conversation with its customer and a page of its messages, oldest first:
/// `{conversation, customer, messages, has_more, notes}`.
///
/// # Errors
/// 404 for a conversation that the caller may not see.
pub async fn inbox_thread(cx: &Context<'_>, query: &ThreadQuery) -> Result<String, Error> {
    let thread = || vec![Value::from(cx.business_id()), (&query.id).into(), bound(cx)];
    let page = |count: i64| {
        let mut params = thread();
        params.extend([query.before.into(), count.into()]);
        params
    };
    let limit = i64::from(query.limit);
    let row = vec![
        cx.business_id().into(),
        WINDOWS.into(),
        (&query.id).into(),
        bound(cx),
    ];
    let results = cx.db.batch(vec![
        THREAD_ROW.bind(row),
        THREAD_CUSTOMER.bind(thread()),
        THREAD_MESSAGES.bind(page(limit + 1)),
        THREAD_NOTES.bind(page(limit)),
    ]);
    let mut results = results.await?.into_iter();
    let mut next = || next_rows(&mut results);
    let (row, customer, messages, notes) = (next()?, next()?, next()?, next()?);
    let row = row.into_iter().next().ok_or_else(no_conversation)?;
    let conversation = conversation_json(cx, &row)?;
    let customer = texts_of(customer, "customer")?
        .pop()
        .unwrap_or_else(|| "null".to_owned());
    let mut messages = texts_of(messages, "message")?;
    let has_more = messages.len() > query.limit as usize;
    messages.truncate(query.limit as usize);
    messages.reverse();
    let json = format!(
        "{{\"conversation\":{conversation},\"customer\":{customer},\"messages\":[{}],\
         \"has_more\":{has_more},\"notes\":[{}]}}",
        messages.join(","),
        texts_of(notes, "note")?.join(",")
    );
    with_links(cx, json)
}

fn texts_of(rows: Rows, name: &'static str) -> Result<Vec<String>, Error> {
    rows.into_iter().map(|row| text_of(row, name)).collect()
}

/// The row of the list and what the composer goes by.
fn conversation_json(cx: &Context<'_>, row: &Row) -> Result<String, Error> {
    let mut columns = Columns::of(row);
    columns.skip(1);
    let open = columns.str("conversation")?;
    let kind = columns.text("kind")?;
    let is_active = columns.flag("is_active")?;
    // Of an account that is gone there are none.
    let settings = columns.parsed_or_null("settings", texts)?;
    let settings = settings.unwrap_or_default();
    let last_inbound = columns.integer_or_null("last_inbound_at")?;
    let subject = columns.str_or_null("subject")?;
    let opted_out = columns.flag("opted_out")?;
    let contact = columns.str_or_null("contact")?;
    let contact = contact.map_or("null".to_owned(), quoted);
    // Of an account that is gone, a channel without accounts of its own is left.
    let window = AccountKind::parse(&kind).map_or(Window::Open, |kind| {
        Window::at(cx.now, Capabilities::of(kind), &settings, last_inbound)
    });
    let block = if !is_active {
        Some("channel_disabled")
    } else if opted_out {
        Some("opted_out")
    } else if window == Window::Closed {
        Some("window")
    } else {
        None
    };
    let reply_block = block.map_or("null".to_owned(), quoted);
    let subject = subject.map_or("null".to_owned(), quoted);
    let kind = quoted(&kind);
    Ok(format!(
        "{open},\"account_kind\":{kind},\"opted_out\":{opted_out},\"can_reply\":{},\"reply_block\":{reply_block},\
         \"email_subject\":{subject},\"contact\":{contact}}}",
        block.is_none()
    ))
}
