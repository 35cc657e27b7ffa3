//! What `fan-out` reads: the cursor of a business, its endpoints, and the next events.

use crate::sql::{FAN_OUT_PAGE, FAN_OUT_STATE};
use common::context::Context;
use common::db::{Columns, Row};
use common::events::MESSAGE_RECEIVED;
use common::http::Error;
use common::ids::EndpointId;
use serde::Deserialize;

/// Events read at once.
pub(crate) const PAGE_EVENTS: usize = 100;
/// How much of a message's content is read, in characters: more than a body may have in bytes.
const CONTENT_CHARS: i64 = 98_304;

/// A page of events, and what decides where they go.
#[derive(Debug)]
pub(crate) struct Page {
    /// Up to which sequence events have been handed out.
    pub(crate) cursor: i64,
    /// The business's last event.
    pub(crate) last: i64,
    /// Who listens.
    pub(crate) listeners: Vec<Listener>,
    /// Whether there is a CRM that is to be kept in step.
    pub(crate) has_crm: bool,
    /// Whether hand-off triggers are on.
    pub(crate) has_triggers: bool,
    /// Whether replies are sent by themselves.
    pub(crate) has_replies: bool,
    /// The held events that are due, and those past the cursor, in order.
    pub(crate) events: Vec<EventRow>,
    /// Whether there may be more of them.
    pub(crate) is_full: bool,
}

/// An endpoint, as [id, events, created, status].
#[derive(Debug, Deserialize)]
pub(crate) struct Listener(pub(crate) EndpointId, Vec<String>, i64, String);

/// An event with what its body is made of.
#[derive(Debug, Default)]
pub(crate) struct EventRow {
    pub(crate) sequence: i64,
    pub(crate) id: String,
    pub(crate) event: String,
    pub(crate) subject_id: String,
    pub(crate) created_at: i64,
    pub(crate) detail: Option<String>,
    /// Until when it waits for its attachments.
    pub(crate) hold: Option<i64>,
    pub(crate) is_wanted: bool,
    pub(crate) message: Option<String>,
    pub(crate) attachments: Option<String>,
    pub(crate) conversation: Option<String>,
    pub(crate) customer: Option<String>,
}

impl Page {
    /// Whether events concern a CRM, or messages may contain hand-off triggers.
    pub(crate) fn wants_sync(&self) -> bool {
        let is_asked = |event: &EventRow| event.event == MESSAGE_RECEIVED.as_str();
        self.has_crm || (self.has_triggers && (self.is_full || self.events.iter().any(is_asked)))
    }
}

/// Reads the next page; none where there is no such business.
pub(crate) async fn page_read(cx: &Context<'_>) -> Result<Option<Page>, Error> {
    let limit = i64::try_from(PAGE_EVENTS).unwrap_or_default();
    let state = FAN_OUT_STATE.bind(vec![cx.business_id().into()]);
    let page = FAN_OUT_PAGE.bind(vec![
        cx.business_id().into(),
        cx.now.micros().into(),
        limit.into(),
        CONTENT_CHARS.into(),
    ]);
    let results = cx.db.batch(vec![state, page]).await?;
    let [state, rows] = results.as_slice() else {
        return Err(Error::internal("a batch lost its results"));
    };
    let Some(state) = state.first() else {
        return Ok(None);
    };
    let mut state = Columns::of(state);
    let cursor = state.integer("cursor")?;
    let last = state.integer("last")?;
    let listeners = serde_json::from_str(state.str("listeners")?).map_err(Error::internal)?;
    let has_crm = state.flag("has_crm")?;
    let has_triggers = state.flag("has_triggers")?;
    let has_replies = state.flag("has_replies")?;
    let events: Vec<EventRow> = rows.iter().map(event_row).collect::<Result<_, _>>()?;
    let past = |cursor| {
        events
            .iter()
            .filter(|event| event.sequence > cursor)
            .count()
    };
    let new = past(cursor);
    Ok(Some(Page {
        cursor,
        last,
        listeners,
        has_crm,
        has_triggers,
        has_replies,
        is_full: new == PAGE_EVENTS || events.len() - new == PAGE_EVENTS,
        events,
    }))
}

fn event_row(row: &Row) -> Result<EventRow, Error> {
    let mut columns = Columns::of(row);
    Ok(EventRow {
        sequence: columns.integer("sequence")?,
        id: columns.text("id")?,
        event: columns.text("event")?,
        subject_id: columns.text("subject_id")?,
        created_at: columns.integer("created_at")?,
        detail: columns.text_or_null("detail")?,
        hold: columns.integer_or_null("hold")?,
        is_wanted: columns.flag("is_wanted")?,
        message: columns.text_or_null("message")?,
        attachments: columns.text_or_null("attachments")?,
        conversation: columns.text_or_null("conversation")?,
        customer: columns.text_or_null("customer")?,
    })
}

impl Listener {
    /// Whether it gets events now.
    pub(crate) fn is_active(&self) -> bool {
        self.3 == "active"
    }

    /// Whether the endpoint gets an event: it existed then, and subscribes to it. `webhook.disabled`
    /// goes to all other endpoints, `webhook.test` to the one tested.
    pub(crate) fn wants(&self, event: &EventRow) -> bool {
        let Self(id, events, created_at, _) = self;
        let named = |name: &str| events.iter().any(|wanted| wanted == name || wanted == "*");
        *created_at <= event.created_at
            && match event.event.as_str() {
                "webhook.test" => id.as_str() == event.subject_id,
                "webhook.disabled" => id.as_str() != event.subject_id && self.is_active(),
                name => named(name),
            }
    }
}
