//! Finds what is due and was not woken: what a queue lost, or a job that was cut off.

use crate::sql::{DUE_DELIVERIES, DUE_EVENTS};
use common::context::Context;
use common::db::{Columns, Rows, Statement};
use common::http::Error;
use common::ids::{EndpointId, MessageId};
use common::ports::Queue;
use serde::Serialize;
use webhooks::target::Target;

/// Businesses or endpoints looked at with one statement.
const PAGE: i64 = 1000;
/// Most that are woken of one kind; the next minute wakes the others.
pub(crate) const MAX_WAKES: i64 = 250;

/// A message, as the queues of media and of sends name it.
#[derive(Serialize)]
struct Message<'a> {
    business_id: &'a str,
    message_id: MessageId,
}

/// Wakes the queue of media or of sends for each message of [business, message].
pub(crate) fn wake_messages(cx: &Context<'_>, queue: Queue, rows: &Rows) -> Result<(), Error> {
    for row in rows {
        let mut columns = Columns::of(row);
        let message = Message {
            business_id: columns.str("business_id")?,
            message_id: columns.id("message_id")?,
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
        let (last, found) = page_of::<String, String>(&rows, |last| Ok(last.to_owned()))?;
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
pub(crate) fn due_deliveries(cx: &Context<'_>, after: Option<(&str, &EndpointId)>) -> Statement {
    let (business, endpoint) = after.map_or(("", ""), |(business, id)| (business, id.as_str()));
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
    type Key = (String, EndpointId);
    let key_of = |json: &str| serde_json::from_str::<Key>(json).map_err(Error::internal);
    let mut woken = 0;
    loop {
        let (last, found) = page_of::<Key, Key>(&rows, key_of)?;
        woken += i64::try_from(found.len()).unwrap_or(MAX_WAKES);
        for (business, endpoint) in found {
            Target::new(&business, &endpoint).wake(cx, 0);
        }
        match last {
            Some((business, endpoint)) if woken < MAX_WAKES => {
                let after = Some((business.as_str(), &endpoint));
                rows = cx.db.rows(due_deliveries(cx, after)).await?;
            }
            _ => return Ok(()),
        }
    }
}

/// Reads [last, count, found] of each database: what a further page comes after, which is where the first of those that
/// are full ends, and what was found.
fn page_of<L: Ord, T: serde::de::DeserializeOwned>(
    rows: &Rows,
    last_of: impl Fn(&str) -> Result<L, Error>,
) -> Result<(Option<L>, Vec<T>), Error> {
    let (mut first, mut all) = (None, Vec::new());
    for row in rows {
        let mut columns = Columns::of(row);
        let last = columns.str_or_null("last")?;
        let is_full = columns.integer("count")? == PAGE;
        let last = last.filter(|_| is_full).map(&last_of).transpose()?;
        first = first.into_iter().chain(last).min();
        let found: Vec<T> = serde_json::from_str(columns.str("found")?).map_err(Error::internal)?;
        all.extend(found);
    }
    Ok((first, all))
}
