use crate::overdue::{
    MAX_WAKES, due_deliveries, due_events, wake_businesses, wake_endpoints, wake_messages,
};
use crate::page::{Page, page_read};
use crate::plan::Plan;
use crate::replies;
use crate::sql::{DUE_HELD, DUE_MEDIA, DUE_SENDS};
use common::Context;
use common::db::{Columns, Value};
use common::http::{Error, Result};
use common::ports::Queue;
use common::time::SECOND;
use crm::Connector;
use webhooks::target::Target;

/// Pages that one job hands out before it lets others have their turn.
const MAX_PAGES: usize = 5;
/// How often a page is read again after another job came first.
const MAX_RACES: usize = 8;
/// Statements of a page, to read it and to write it: bodies and deliveries are several only where they are large.
const PAGE_STATEMENTS: usize = 20;

/// Hands a business's events to its endpoints and to the connectors of its CRMs, each once, in order.
/// The message is the business's id.
///
/// 1. Reads the events past the business's cursor, and the held ones that are due.
/// 2. Builds the body of each that an endpoint wants, once.
/// 3. Writes the deliveries and moves the cursor, in one transaction. Two jobs at once come to the
///    same: the cursor and the holds that the page was read with must still stand, or it is read again.
/// 4. Wakes `deliver-webhooks` for each endpoint concerned, and sync-crm where there is a CRM, or triggers of
///    hand-off are on; and `auto-reply`, a moment later, for what it replies to.
/// 5. Begins anew while there are more events, and leaves them to another invocation where this one has done many, or
///    shares what it may ask of the database with other businesses.
///
/// 503 when the database is away: the cron wakes the business again. 500 after everything else was
/// done where a body could not be built; its deliveries are then failed.
pub async fn handle(cx: &Context<'_>, business_id: &str) -> Result<()> {
    handle_with(connectors::CONNECTORS, cx, business_id).await
}

/// As [`handle`], with these connectors.
pub async fn handle_with(
    connectors: &[&dyn Connector],
    cx: &Context<'_>,
    business_id: &str,
) -> Result<()> {
    let business = cx.of_business(business_id);
    hand_out(&business, connectors).await
}

/// The steps of [`handle`].
async fn hand_out(cx: &Context<'_>, connectors: &[&dyn Connector]) -> Result<()> {
    let (mut pages, mut races) = (0, 0);
    let mut failures = Vec::new();
    // 1.
    while let Some(page) = page_read(cx).await?.filter(|page| !page.events.is_empty()) {
        // 2.
        let plan = Plan::of(cx, &page)?;

        // 3.
        let results = match cx.db.batch(plan.statements(cx, connectors, &page)?).await {
            Ok(results) => results,
            Err(error) if error.is_race() && races < MAX_RACES => {
                races += 1;
                if cx.allowance.has(PAGE_STATEMENTS, 0) {
                    continue;
                }
                cx.wake(Queue::Events, cx.business_id());
                break;
            }
            Err(error) => return Err(error.into()),
        };

        // 4.
        wake_concerned(cx, &page, &plan);
        if page.has_replies && plan.cursor != page.cursor {
            replies::wake(cx, &results)?;
        }
        failures.extend(plan.failures);

        // 5.
        if page.listeners.is_empty() || !(page.is_full || plan.is_cut) {
            break;
        }
        pages += 1;
        if pages == MAX_PAGES || !cx.allowance.has(PAGE_STATEMENTS, 0) {
            cx.wake(Queue::Events, cx.business_id());
            break;
        }
    }
    reported(&failures)
}

/// 500 where bodies could not be built.
fn reported(failures: &[String]) -> Result<()> {
    match failures {
        [] => Ok(()),
        failures => Err(Error::internal(failures.join("; "))),
    }
}

/// Wakes the consumers of a page, and `fan-out` itself for held events.
fn wake_concerned(cx: &Context<'_>, page: &Page, plan: &Plan) {
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
}

/// Wakes the functions that have overdue work, since a queue lost a message or a job was cut off. 503
/// when the database is away.
///
/// 1. Reads what is due of each kind, in one call: events, deliveries, held events, media, sends.
/// 2. Wakes for the held events, the media and the sends.
/// 3. Wakes the businesses and the endpoints, and reads on while there are more, up to 250 of each; the
///    next minute wakes the others.
pub async fn each_minute(cx: &Context<'_>, _: &str) -> Result<()> {
    // 1.
    let params = || -> Vec<Value> { vec![cx.now.micros().into(), MAX_WAKES.into()] };
    let statements = vec![
        due_events(""),
        due_deliveries(cx, None),
        DUE_HELD.bind(params()),
        DUE_MEDIA.bind(params()),
        DUE_SENDS.bind(params()),
    ];
    let results = cx.db.batch(statements).await?;
    let [events, deliveries, held, media, sends] = results.as_slice() else {
        return Err(Error::internal("a batch lost its results"));
    };

    // 2.
    for row in held {
        cx.wake(Queue::Events, Columns::of(row).str("business_id")?);
    }
    wake_messages(cx, Queue::Media, media)?;
    wake_messages(cx, Queue::Sends, sends)?;

    // 3.
    wake_businesses(cx, events.clone()).await?;
    wake_endpoints(cx, deliveries.clone()).await
}
