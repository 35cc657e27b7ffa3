//! A page of messages.

use crate::sql::MESSAGE_PAGE;
use channels::ChannelKind;
use common::context::Context;
use common::db::Value;
use common::http::{Error, Query, decode_cursor, encode_cursor};
use common::time::Timestamp;
use messaging::messages::json::with_links;

/// Messages on a page, where the request does not say (contract.md, Polling).
const PAGE_DEFAULT: u32 = 100;
/// Most messages on a page.
const PAGE_MAX: u32 = 1000;

/// What `GET /api-messages-since` asks for.
#[derive(Debug)]
pub struct MessagesQuery {
    since: Timestamp,
    limit: u32,
    channel: Option<ChannelKind>,
    direction: Option<String>,
    with_attachments: bool,
}

impl MessagesQuery {
    /// Reads a request's query.
    ///
    /// # Errors
    /// 422 without `since` and `cursor` or with both, for a time without an offset, an unknown
    /// channel or direction, a limit out of bounds.
    pub fn from_query(query: &Query) -> Result<Self, Error> {
        let since = match (query.get("since"), query.get("cursor")) {
            (Some(since), None) => since_of(since)?,
            (None, Some(cursor)) => decode_cursor(cursor, time_of)?,
            _ => {
                let message = "Send one of `since` and `cursor`.";
                return Err(Error::invalid("query.since", "since_or_cursor", message));
            }
        };
        let channel = query.get("channel").map(|name| {
            ChannelKind::parse(name).ok_or_else(|| {
                let message = "`channel` must be whatsapp, facebook, instagram, sms or email.";
                Error::invalid("query.channel", "known_channel", message)
            })
        });
        let direction = match query.get("direction") {
            Some(name) if name != "inbound" && name != "outbound" => {
                let message = "`direction` must be inbound or outbound.";
                return Err(Error::invalid(
                    "query.direction",
                    "inbound_or_outbound",
                    message,
                ));
            }
            direction => direction.map(str::to_owned),
        };
        Ok(Self {
            since,
            limit: query.number("limit", 1, PAGE_MAX, PAGE_DEFAULT)?,
            channel: channel.transpose()?,
            direction,
            with_attachments: query.flag("include_attachments")?,
        })
    }
}

/// A `+` that was not encoded arrives as a space.
fn since_of(text: &str) -> Result<Timestamp, Error> {
    Timestamp::parse(&text.replace(' ', "+")).ok_or_else(|| {
        let message = "`since` must be a date-time with an offset, such as 2025-11-04T09:00:00Z.";
        Error::invalid("query.since", "date_time", message)
    })
}

/// A cursor is the time of the last message read.
fn time_of(cursor: &str) -> Option<Timestamp> {
    let micros = cursor.parse().ok();
    let micros = micros.filter(|micros| (0..1 << 53).contains(micros));
    micros.map(Timestamp::from_micros)
}

/// The messages after a time, in the order in which they were committed:
/// `{messages, has_more, next_cursor}`. A time ahead of ours counts as now, so that a caller whose
/// clock is fast misses nothing.
///
/// # Errors
/// 503 when the database is away.
pub async fn messages_since(cx: &Context<'_>, query: &MessagesQuery) -> Result<String, Error> {
    let params: Vec<Value> = vec![
        cx.business_id().into(),
        query.since.micros().into(),
        cx.now.micros().into(),
        query.channel.map(ChannelKind::as_str).into(),
        query.direction.as_deref().into(),
        i64::from(query.limit).into(),
        i64::from(query.with_attachments).into(),
    ];
    let mut last = query.since.micros();
    let mut has_more = false;
    let mut json = String::from("{\"messages\":[");
    let mut is_first = true;
    for row in cx.db.rows(MESSAGE_PAGE.bind(params)).await? {
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
    with_links(cx, json)
}
