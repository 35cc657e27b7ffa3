//! What a page comes to, and the transaction that makes it true.

use crate::body::build;
use crate::page::{EventRow, Listener, PAGE_EVENTS, Page};
use crate::replies;
use crate::sql::{BODY_WRITE, DELIVERY_INSERT, FAN_OUT_MOVE, HELD_DELETE, HELD_DROP, WRITE_GUARD};
use common::context::Context;
use common::db::{Statement, Value, json_arrays};
use common::http::Error;
use common::ids::{EndpointId, Ids};
use crm::{Connector, jobs_of_events};
use std::collections::BTreeSet;

/// Bodies written at once, in bytes: a batch must stay well within what D1 takes.
const MAX_PAGE_BYTES: usize = 4_000_000;

/// The outcome of a page: statements, wakes, and errors.
#[derive(Default)]
pub(crate) struct Plan {
    bodies: Vec<String>,
    /// How long those are together.
    bytes: usize,
    deliveries: Vec<String>,
    released: Vec<String>,
    /// Endpoints with something to deliver.
    pub(crate) endpoints: BTreeSet<EndpointId>,
    /// Up to where it got.
    pub(crate) cursor: i64,
    /// When the first held event of it is due.
    pub(crate) held_until: Option<i64>,
    /// Why bodies could not be built.
    pub(crate) failures: Vec<String>,
    /// Whether it stopped before the page's end.
    pub(crate) is_cut: bool,
}

impl Plan {
    /// Builds the body of each event that an endpoint subscribes to, once. Without endpoints, all events
    /// are skipped.
    ///
    /// # Errors
    /// 500 for what is no JSON.
    pub(crate) fn of(cx: &Context<'_>, page: &Page) -> Result<Self, Error> {
        if page.listeners.is_empty() {
            return Ok(Self {
                cursor: page.last,
                ..Self::default()
            });
        }
        let ids = Ids::new(cx.now, cx.entropy);
        let mut plan = Self {
            cursor: page.cursor,
            ..Self::default()
        };
        for event in &page.events {
            if plan.bytes > MAX_PAGE_BYTES {
                plan.is_cut = true;
                break;
            }
            plan.cursor = plan.cursor.max(event.sequence);
            if plan.holds(cx, event) || !event.is_wanted {
                continue;
            }
            let all = page.listeners.iter();
            let wanting: Vec<_> = all.filter(|listener| listener.wants(event)).collect();
            if !wanting.is_empty() {
                plan.add(cx, event, &wanting, &ids)?;
            }
        }
        Ok(plan)
    }

    /// Whether an event still waits for its attachments; one that waits no longer is released.
    fn holds(&mut self, cx: &Context<'_>, event: &EventRow) -> bool {
        let Some(hold) = event.hold else {
            return false;
        };
        if hold > cx.now.micros() {
            let first = self.held_until.map_or(hold, |until| until.min(hold));
            self.held_until = Some(first);
            return true;
        }
        self.released.push(format!("[{},{hold}]", event.sequence));
        false
    }

    /// Adds an event's body and its deliveries, which are failed where there is no body.
    fn add(
        &mut self,
        cx: &Context<'_>,
        event: &EventRow,
        wanting: &[&Listener],
        ids: &Ids,
    ) -> Result<(), Error> {
        let is_built = match build(cx, event) {
            Ok(body) => {
                self.bytes += body.len();
                self.bodies.push(json(&(event.sequence, body))?);
                true
            }
            Err(error) => {
                self.failures.push(error.cause().unwrap_or_default());
                false
            }
        };
        for listener in wanting {
            let (status, reason) = match (is_built, listener.is_active()) {
                (false, _) => ("failed", Some("unbuildable")),
                (_, false) => ("failed", Some("endpoint_disabled")),
                (true, true) => ("pending", None),
            };
            if reason.is_none() {
                self.endpoints.insert(listener.0.clone());
            }
            self.deliveries
                .push(delivery(event, ids, &listener.0, status, reason)?);
        }
        Ok(())
    }

    /// The one transaction that makes it true. What it was made from is checked in it.
    pub(crate) fn statements(
        &self,
        cx: &Context<'_>,
        connectors: &[&dyn Connector],
        page: &Page,
    ) -> Result<Vec<Statement>, Error> {
        let business = || Value::from(cx.business_id());
        let now = || Value::from(cx.now.micros());
        let guard = |rows: i64| WRITE_GUARD.bind(vec![business(), rows.into()]);
        let mut statements = Vec::new();
        if self.cursor != page.cursor {
            let params = vec![business(), page.cursor.into(), self.cursor.into()];
            statements.extend([FAN_OUT_MOVE.bind(params), guard(1)]);
            if page.has_crm {
                statements.push(jobs_of_events(cx, connectors, page.cursor, self.cursor)?);
            }
        }
        if page.listeners.is_empty() {
            statements.push(HELD_DROP.bind(vec![business(), self.cursor.into()]));
        }
        for array in json_arrays(self.released.iter().cloned()) {
            let delete = HELD_DELETE.bind(vec![business(), array.text.into()]);
            statements.extend([delete, guard(array.items)]);
        }
        for array in json_arrays(self.bodies.iter().cloned()) {
            statements.push(BODY_WRITE.bind(vec![business(), array.text.into()]));
        }
        for array in json_arrays(self.deliveries.iter().cloned()) {
            statements.push(DELIVERY_INSERT.bind(vec![business(), array.text.into(), now()]));
        }
        // The last, whose rows are read.
        if page.has_replies && self.cursor != page.cursor {
            statements.push(replies::put(cx, page.cursor, self.cursor));
        }
        Ok(statements)
    }
}

fn delivery(
    event: &EventRow,
    ids: &Ids,
    endpoint: &EndpointId,
    status: &str,
    reason: Option<&str>,
) -> Result<String, Error> {
    let EventRow {
        sequence,
        id,
        event,
        ..
    } = event;
    json(&(ids.next(), endpoint, sequence, event, id, status, reason))
}

fn json(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(Error::internal)
}

// A page's ids must fit one source of them.
const _: () = assert!(PAGE_EVENTS * 2 * 50 < common::ids::MAX_IDS as usize);
