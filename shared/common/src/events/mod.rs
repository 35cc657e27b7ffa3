//! The outbox: what happened, in order, once. Rows go in with the transaction that made them true.

pub mod sql;

use crate::context::Context;
use crate::db::{Columns, Rows, Statement, json_arrays};
use crate::http::Error;
use crate::ids::{IdRange, Ids};
use crate::ports::Queue;
use sql::{CUSTOMERS_CREATED, EVENTS_PASS, LISTENERS_GET, OUTBOX_INSERT};

/// What happened, by the name that its webhooks carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventName(&'static str);

/// A customer was made.
pub const CUSTOMER_CREATED: EventName = EventName("customer.created");
/// Something of a customer changed.
pub const CUSTOMER_UPDATED: EventName = EventName("customer.updated");
/// A customer was erased; their rows say nothing any more.
pub const CUSTOMER_ERASED: EventName = EventName("customer.erased");
/// A customer wrote.
pub const MESSAGE_RECEIVED: EventName = EventName("message.received");
/// A message of ours was taken by its provider.
pub const MESSAGE_SENT: EventName = EventName("message.sent");
/// A message of ours went on: delivered, read, failed.
pub const MESSAGE_STATUS_CHANGED: EventName = EventName("message.status_changed");
/// An attachment of a message came after the message's own event, or what it says was edited, or
/// taken back.
pub const MESSAGE_UPDATED: EventName = EventName("message.updated");
/// A conversation began.
pub const CONVERSATION_CREATED: EventName = EventName("conversation.created");
/// A conversation is another person's now, or nobody's.
pub const CONVERSATION_ASSIGNED: EventName = EventName("conversation.assigned");
/// A conversation was closed, opened again, put off.
pub const CONVERSATION_STATUS_CHANGED: EventName = EventName("conversation.status_changed");
/// A conversation needs a person's attention.
pub const CONVERSATION_ESCALATED: EventName = EventName("conversation.escalated");
/// What stands behind a customer at a CRM, a lead or a deal, came to another stage of its pipeline.
pub const CRM_LEAD_STAGE_CHANGED: EventName = EventName("crm.lead_stage_changed");
/// What is searched of a CRM link changed, or it is fetched again after it failed.
pub const CRM_LINK_REFRESHED: EventName = EventName("crm_link.refreshed");
/// A CRM link cannot be fetched, or has suspiciously little.
pub const CRM_LINK_FAILED: EventName = EventName("crm_link.failed");
/// Something is wrong that a person should look at.
pub const ALERT_RAISED: EventName = EventName("alert.raised");
/// What an alert was raised for is over.
pub const ALERT_RESOLVED: EventName = EventName("alert.resolved");
/// What the embedded inbox and CRMs alone are to know of a conversation; no endpoint is told.
pub const INBOX_CHANGED: EventName = EventName("inbox.changed");
/// An endpoint gets no webhooks any more, since it failed for too long.
pub const WEBHOOK_DISABLED: EventName = EventName("webhook.disabled");
/// Somebody tries an endpoint out.
pub const WEBHOOK_TEST: EventName = EventName("webhook.test");

impl EventName {
    /// As in a webhook's body.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

/// Asks in the transaction of an event whether anybody is to hear of it; [`wake_listeners`] reads the answer.
#[must_use]
pub fn listeners_get(cx: &Context<'_>) -> Statement {
    LISTENERS_GET.bind(vec![cx.business_id().into()])
}

/// Has events handed out, where the rows of [`listeners_get`] say that anybody listens. Where nobody does, the cron moves
/// the cursor past them, once for a minute's.
///
/// # Errors
/// 500 for other rows.
pub fn wake_listeners(cx: &Context<'_>, rows: &Rows) -> Result<(), Error> {
    let row = rows.first();
    let row = row.ok_or_else(|| Error::internal("nobody said who listens"))?;
    if Columns::of(row).flag("has_listeners")? {
        cx.wake(Queue::Events, cx.business_id());
    }
    Ok(())
}

/// Before somebody begins to listen to all events: that those which nobody has heard are past.
#[must_use]
pub fn pass_unheard(cx: &Context<'_>) -> Statement {
    EVENTS_PASS.bind(vec![cx.business_id().into()])
}

/// An event for each of the customers that this transaction made, whose ids are a range; none where nobody listens. The
/// inbox, which reads the events of a business whether or not anybody listens, shows nobody who never wrote.
#[must_use]
pub fn customers_created(cx: &Context<'_>, customers: &IdRange) -> Statement {
    let ids = Ids::new(cx.now, cx.entropy);
    CUSTOMERS_CREATED.bind(vec![
        cx.business_id().into(),
        customers.first.as_str().into(),
        customers.last.as_str().into(),
        ids.shared_prefix().into(),
        CUSTOMER_CREATED.as_str().into(),
        cx.now.micros().into(),
    ])
}

/// An event for each of these subjects; no statement where there are none.
#[must_use]
pub fn happened<'s>(
    cx: &Context<'_>,
    event: EventName,
    subjects: impl Iterator<Item = &'s str>,
) -> Vec<Statement> {
    let ids = Ids::new(cx.now, cx.entropy);
    // Both are ids of ours, which need no escapes.
    let rows = subjects.map(|subject| format!("[\"{}\",\"{subject}\"]", ids.next()));
    let statement = |array: crate::db::JsonArray| {
        OUTBOX_INSERT.bind(vec![
            cx.business_id().into(),
            array.text.into(),
            event.as_str().into(),
            cx.now.micros().into(),
        ])
    };
    json_arrays(rows).into_iter().map(statement).collect()
}
