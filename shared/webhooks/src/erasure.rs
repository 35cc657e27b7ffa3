//! What is erased of the events about a customer.

use crate::sql::{ATTEMPT_ERASE, CONVERSATION_SUBJECTS, EVENT_ERASE};
use common::context::Context;
use common::db::{Columns, Value};
use common::erasing::{Eraser, Erasing, Progress, message_ids_after};
use common::http::Error;
use common::ports::Async;

/// The bodies that were built for endpoints, and what those answered.
pub const ERASERS: [Eraser; 2] = [
    Eraser {
        name: "events",
        slice: events,
    },
    Eraser {
        name: "message-events",
        slice: message_events,
    },
];

/// The events about the customer and the conversations.
fn events<'a>(
    cx: &'a Context<'a>,
    of: &'a Erasing,
    _: &'a str,
) -> Async<'a, Result<Progress, Error>> {
    Box::pin(async move {
        let read = vec![cx.business_id().into(), (&of.customer_id).into()];
        let rows = cx.db.rows(CONVERSATION_SUBJECTS.bind(read)).await?;
        let mut subjects = vec![of.customer_id.as_str()];
        for row in &rows {
            subjects.push(Columns::of(row).str("id")?);
        }
        let subjects = serde_json::to_string(&subjects).map_err(Error::internal)?;
        erase(cx, &subjects).await?;
        Ok(Progress::Done)
    })
}

/// The events about the messages.
fn message_events<'a>(
    cx: &'a Context<'a>,
    of: &'a Erasing,
    after: &'a str,
) -> Async<'a, Result<Progress, Error>> {
    Box::pin(async move {
        let (ids, progress) = message_ids_after(cx, of, after).await?;
        if let Some(ids) = ids {
            erase(cx, &ids).await?;
        }
        Ok(progress)
    })
}

/// `subjects` is a JSON list.
async fn erase(cx: &Context<'_>, subjects: &str) -> Result<(), Error> {
    let params = || -> Vec<Value> { vec![cx.business_id().into(), subjects.into()] };
    let statements = vec![ATTEMPT_ERASE.bind(params()), EVENT_ERASE.bind(params())];
    cx.db.batch(statements).await?;
    Ok(())
}
