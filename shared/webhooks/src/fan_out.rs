//! Hands a business's events to its endpoints and to the connectors of its CRMs, each once, in order.

use super::body::build;
use super::page::{Happened, PAGE_EVENTS, Page, page_read};
use super::sql::{BODY_WRITE, DELIVERY_INSERT, FAN_OUT_MOVE, HELD_DELETE, HELD_DROP, WRITE_GUARD};
use super::target::Target;
use common::context::Context;
use common::db::{Statement, Value, json_arrays};
use common::http::Error;
use common::ids::Ids;
use common::outside::Queue;
use common::time::SECOND;
use crm::{Connector, jobs_of_events};
use std::collections::BTreeSet;

/// Pages that one job hands out before it lets others have their turn.
const MAX_PAGES: usize = 5;
/// How often a page is read again after another job came first.
const MAX_RACES: usize = 8;
/// Bodies written at once, in bytes: a batch must stay well within what D1 takes.
const MAX_PAGE_BYTES: usize = 4_000_000;

/// What one page comes to: what is written, whom to wake, what went wrong.
#[derive(Default)]
struct Plan {
    bodies: Vec<String>,
    deliveries: Vec<String>,
    released: Vec<String>,
    endpoints: BTreeSet<String>,
    /// Up to where it got.
    cursor: i64,
    /// When the first held event of it is due.
    held_until: Option<i64>,
    failures: Vec<String>,
    is_cut: bool,
}

/// Hands out what happened in a business: the message of a queue is its id.
///
/// Two jobs at once come to the same: the cursor and the holds that a page was read with must still
/// stand when it is written, or it is read again.
///
/// # Errors
/// 503 when the database is away: the cron wakes the business again. 500 after everything else was
/// done where a body could not be built; its deliveries are then failed.
pub async fn fan_out(
    cx: &Context<'_>,
    connectors: &[&dyn Connector],
    business_id: &str,
) -> Result<(), Error> {
    let own = cx.of_business(business_id);
    let result = hand_out(&own, connectors).await;
    cx.wake_also(own.wakes.take());
    result
}

async fn hand_out(cx: &Context<'_>, connectors: &[&dyn Connector]) -> Result<(), Error> {
    let mut races = 0;
    let mut pages = 0;
    let mut failures = Vec::new();
    while let Some(page) = page_read(cx).await? {
        if page.events.is_empty() {
            break;
        }
        let plan = if page.listeners.is_empty() {
            Plan {
                cursor: page.last,
                ..Plan::default()
            }
        } else {
            plan_of(cx, &page)?
        };
        match cx.db.batch(statements(cx, connectors, &page, &plan)?).await {
            Ok(_) => {}
            Err(error) if error.is_race() && races < MAX_RACES => {
                races += 1;
                continue;
            }
            Err(error) => return Err(error.into()),
        }
        if page.wants_sync() && plan.cursor != page.cursor {
            cx.wake(Queue::Crm, cx.business_id());
        }
        for endpoint in &plan.endpoints {
            Target::new(cx.business_id(), endpoint).wake(cx, 0);
        }
        if let Some(until) = plan.held_until {
            let wait = (until - cx.now.micros()).max(0) / SECOND + 1;
            let wait = u32::try_from(wait).unwrap_or(60).min(60);
            cx.wake_after(Queue::Events, cx.business_id(), wait);
        }
        failures.extend(plan.failures);
        if page.listeners.is_empty() || !(page.is_full || plan.is_cut) {
            break;
        }
        pages += 1;
        if pages == MAX_PAGES {
            cx.wake(Queue::Events, cx.business_id());
            break;
        }
    }
    if failures.is_empty() {
        return Ok(());
    }
    Err(Error::internal(failures.join("; ")))
}

fn plan_of(cx: &Context<'_>, page: &Page) -> Result<Plan, Error> {
    let ids = Ids::new(cx.now, cx.entropy);
    let mut bytes = 0;
    let mut plan = Plan {
        cursor: page.cursor,
        ..Plan::default()
    };
    for event in &page.events {
        if bytes > MAX_PAGE_BYTES {
            plan.is_cut = true;
            break;
        }
        plan.cursor = plan.cursor.max(event.sequence);
        if let Some(hold) = event.hold {
            if hold > cx.now.micros() {
                let first = plan.held_until.map_or(hold, |until| until.min(hold));
                plan.held_until = Some(first);
                continue;
            }
            plan.released.push(format!("[{},{hold}]", event.sequence));
        }
        let wanting = || {
            page.listeners
                .iter()
                .filter(|listener| listener.wants(event))
        };
        if !event.is_wanted || wanting().next().is_none() {
            continue;
        }
        let is_built = match build(cx, event) {
            Ok(body) => {
                bytes += body.len();
                plan.bodies.push(json(&(event.sequence, body))?);
                true
            }
            Err(error) => {
                plan.failures.push(error.cause().unwrap_or_default());
                false
            }
        };
        for listener in wanting() {
            let (status, reason) = match (is_built, listener.is_active()) {
                (false, _) => ("failed", Some("unbuildable")),
                (_, false) => ("failed", Some("endpoint_disabled")),
                (true, true) => ("pending", None),
            };
            if reason.is_none() {
                plan.endpoints.insert(listener.0.clone());
            }
            plan.deliveries
                .push(delivery(event, &ids, &listener.0, status, reason)?);
        }
    }
    Ok(plan)
}

fn delivery(
    event: &Happened,
    ids: &Ids,
    endpoint: &str,
    status: &str,
    reason: Option<&str>,
) -> Result<String, Error> {
    let Happened {
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

/// The one transaction that makes a plan true. What it was made from is checked in it.
fn statements(
    cx: &Context<'_>,
    connectors: &[&dyn Connector],
    page: &Page,
    plan: &Plan,
) -> Result<Vec<Statement>, Error> {
    let business = || Value::from(cx.business_id());
    let now = || Value::from(cx.now.micros());
    let guard = |rows: i64| WRITE_GUARD.bind(vec![business(), rows.into()]);
    let mut statements = Vec::new();
    if plan.cursor != page.cursor {
        let params = vec![business(), page.cursor.into(), plan.cursor.into()];
        statements.extend([FAN_OUT_MOVE.bind(params), guard(1)]);
        if page.has_crm {
            statements.push(jobs_of_events(cx, connectors, page.cursor, plan.cursor)?);
        }
    }
    if page.listeners.is_empty() {
        statements.push(HELD_DROP.bind(vec![business(), plan.cursor.into()]));
    }
    for array in json_arrays(plan.released.iter().cloned()) {
        let delete = HELD_DELETE.bind(vec![business(), array.text.into()]);
        statements.extend([delete, guard(array.items)]);
    }
    for array in json_arrays(plan.bodies.iter().cloned()) {
        statements.push(BODY_WRITE.bind(vec![business(), array.text.into()]));
    }
    for array in json_arrays(plan.deliveries.iter().cloned()) {
        statements.push(DELIVERY_INSERT.bind(vec![business(), array.text.into(), now()]));
    }
    Ok(statements)
}

// A page's ids must fit one source of them.
const _: () = assert!(PAGE_EVENTS * 2 * 50 < common::ids::MAX_IDS as usize);
