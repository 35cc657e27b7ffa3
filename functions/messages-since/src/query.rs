//! What a request asks for.

use crate::sql::{MESSAGE_PAGE, MESSAGE_ROWS};
use channels::ChannelKind;
use common::context::Context;
use common::db::{DbError, Rows, Value};
use common::http::{Error, Query, decode_cursor};
use common::time::Timestamp;

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
        let direction = query.get("direction").map(direction_of).transpose()?;
        Ok(Self {
            since,
            limit: query.number("limit", 1, PAGE_MAX, PAGE_DEFAULT)?,
            channel: query.get("channel").map(channel_of).transpose()?,
            direction,
            with_attachments: query.flag("include_attachments")?,
        })
    }

    /// After which time.
    pub(crate) const fn since(&self) -> Timestamp {
        self.since
    }

    /// Reads the page, in a row of its own for each message where it is too large for one value. A time ahead of ours
    /// counts as now, so that a caller whose clock is fast misses nothing.
    ///
    /// # Errors
    /// 503 when the database is away.
    pub(crate) async fn read(&self, cx: &Context<'_>) -> Result<Rows, DbError> {
        match cx.db.rows(MESSAGE_PAGE.bind(self.params(cx))).await {
            Err(DbError::TooBig(_)) => cx.db.rows(MESSAGE_ROWS.bind(self.params(cx))).await,
            rows => rows,
        }
    }

    fn params(&self, cx: &Context<'_>) -> Vec<Value> {
        vec![
            cx.business_id().into(),
            self.since.micros().into(),
            cx.now.micros().into(),
            self.channel.map(ChannelKind::as_str).into(),
            self.direction.as_deref().into(),
            i64::from(self.limit).into(),
            i64::from(self.with_attachments).into(),
        ]
    }
}

fn channel_of(name: &str) -> Result<ChannelKind, Error> {
    ChannelKind::parse(name).ok_or_else(|| {
        let message = format!("`channel` must be one of: {}.", ChannelKind::names());
        Error::invalid("query.channel", "known_channel", message)
    })
}

fn direction_of(name: &str) -> Result<String, Error> {
    if name != "inbound" && name != "outbound" {
        let message = "`direction` must be inbound or outbound.";
        let rule = "inbound_or_outbound";
        return Err(Error::invalid("query.direction", rule, message));
    }
    Ok(name.to_owned())
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
