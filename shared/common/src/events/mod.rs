//! The outbox: what happened, in order, once. Rows go in with the transaction that made them true.

pub mod sql;

use crate::context::Context;
use crate::db::{Statement, json_arrays};
use crate::ids::{IdRange, Ids};
use sql::{OUTBOX_INSERT, OUTBOX_INSERT_CREATED};

/// What happened, by the name that its webhooks carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventName(&'static str);

/// A customer was made.
pub const CUSTOMER_CREATED: EventName = EventName("customer.created");
/// Something of a customer changed.
pub const CUSTOMER_UPDATED: EventName = EventName("customer.updated");

impl EventName {
    /// As in a webhook's body.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

/// An event for each of the customers that this transaction made, whose ids are a range.
#[must_use]
pub fn created_in_range(cx: &Context<'_>, event: EventName, subjects: &IdRange) -> Statement {
    let ids = Ids::new(cx.now, cx.entropy);
    OUTBOX_INSERT_CREATED.bind(vec![
        cx.business_id().into(),
        subjects.first.as_str().into(),
        subjects.last.as_str().into(),
        ids.shared_prefix().into(),
        event.as_str().into(),
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
