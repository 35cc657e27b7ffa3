//! Finds what is due and was not woken: what a queue lost, or a job that was cut off.

use crate::sql::{DUE_DELIVERIES, DUE_EVENTS};
use common::context::Context;
use common::db::{Row, Rows, Statement};
use common::http::Error;
use common::outside::Queue;
use serde::Serialize;
use webhooks::row::{integer, text, there};
use webhooks::target::Target;

/// Businesses or endpoints looked at with one statement.
const PAGE: i64 = 1000;
/// Most that are woken of one kind; the next minute wakes the others.
pub(crate) const MAX_WAKES: i64 = 250;

/// A message, as the queues of media and of sends name it.
#[derive(Serialize)]
struct Message<'a> {
    business_id: &'a str,
    message_id: &'a str,
}

/// Wakes the queue of media or of sends for each message of [business, message].
pub(crate) fn wake_messages(cx: &Context<'_>, queue: Queue, rows: &Rows) -> Result<(), Error> {
    for row in rows {
        let message = Message {
            business_id: there(text(row, 0))?,
            message_id: there(text(row, 1))?,
        };
        cx.wake(
            queue,
            serde_json::to_string(&message).map_err(Error::internal)?,
        );
    }
    Ok(())
}

/// Businesses after one that have events to hand out.
pub(crate) fn due_events(after: &str) -> Statement {
    DUE_EVENTS.bind(vec![after.into(), PAGE.into()])
}

/// Wakes each business found, and reads on while a page was full.
pub(crate) async fn wake_businesses(cx: &Context<'_>, mut rows: Rows) -> Result<(), Error> {
    let mut woken = 0;
    loop {
        let (last, found) = page_of::<String, String>(rows.first(), |last| Ok(last.to_owned()))?;
        woken += i64::try_from(found.len()).unwrap_or(MAX_WAKES);
        for business in found {
            cx.wake(Queue::Events, business);
        }
        match last {
            Some(last) if woken < MAX_WAKES => rows = cx.db.rows(due_events(&last)).await?,
            _ => return Ok(()),
        }
    }
}

/// Endpoints after one that have deliveries due.
pub(crate) fn due_deliveries(cx: &Context<'_>, business: &str, endpoint: &str) -> Statement {
    let now = cx.now.micros();
    DUE_DELIVERIES.bind(vec![
        business.into(),
        endpoint.into(),
        PAGE.into(),
        now.into(),
    ])
}

/// Wakes each endpoint found, and reads on while a page was full.
pub(crate) async fn wake_endpoints(cx: &Context<'_>, mut rows: Rows) -> Result<(), Error> {
    type Key = (String, String);
    let key_of = |json: &str| serde_json::from_str::<Key>(json).map_err(Error::internal);
    let mut woken = 0;
    loop {
        let (last, found) = page_of::<Key, Key>(rows.first(), key_of)?;
        woken += i64::try_from(found.len()).unwrap_or(MAX_WAKES);
        for (business, endpoint) in found {
            Target::new(&business, &endpoint).wake(cx, 0);
        }
        match last {
            Some((business, endpoint)) if woken < MAX_WAKES => {
                rows = cx.db.rows(due_deliveries(cx, &business, &endpoint)).await?;
            }
            _ => return Ok(()),
        }
    }
}

/// Reads [last, count, found]: what a further page comes after, where this one is full, and what
/// was found.
fn page_of<L, T: serde::de::DeserializeOwned>(
    row: Option<&Row>,
    last_of: impl Fn(&str) -> Result<L, Error>,
) -> Result<(Option<L>, Vec<T>), Error> {
    let row = there(row)?;
    let is_full = integer(row, 1) == Some(PAGE);
    let last = text(row, 0).filter(|_| is_full).map(last_of).transpose()?;
    let found = serde_json::from_str(there(text(row, 2))?).map_err(Error::internal)?;
    Ok((last, found))
}
