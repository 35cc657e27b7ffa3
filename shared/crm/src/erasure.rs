//! What is erased of a customer at the connections to CRMs.

use crate::sql::{
    CRM_AGENT_ERASE, CRM_CACHE_ERASE, CRM_JOB_ERASE, CRM_LINK_ERASE, CRM_MESSAGE_ERASE,
    CRM_STREAM_ERASE,
};
use common::context::Context;
use common::db::Sql;
use common::erasing::{Eraser, Erasing, Progress, message_ids_after};
use common::http::Error;
use common::ports::Async;

/// Jobs, what CRMs told, and who and what the customer, their conversations and messages are there.
pub const ERASERS: [Eraser; 2] = [
    Eraser {
        name: "crm-messages",
        slice: messages,
    },
    Eraser { name: "crm", slice },
];

fn messages<'a>(
    cx: &'a Context<'a>,
    of: &'a Erasing,
    after: &'a str,
) -> Async<'a, Result<Progress, Error>> {
    Box::pin(async move {
        let (ids, progress) = message_ids_after(cx, of, after).await?;
        if let Some(ids) = ids {
            let erase = CRM_MESSAGE_ERASE.bind(vec![cx.business_id().into(), ids.into()]);
            cx.db.rows(erase).await?;
        }
        Ok(progress)
    })
}

fn slice<'a>(
    cx: &'a Context<'a>,
    of: &'a Erasing,
    _: &'a str,
) -> Async<'a, Result<Progress, Error>> {
    let statement =
        |sql: &'static Sql| sql.bind(vec![cx.business_id().into(), (&of.customer_id).into()]);
    // The links last: jobs and streams are found by them.
    let mut statements: Vec<_> = [
        &CRM_JOB_ERASE,
        &CRM_STREAM_ERASE,
        &CRM_CACHE_ERASE,
        &CRM_LINK_ERASE,
    ]
    .map(statement)
    .into();
    Box::pin(async move {
        let contacts = serde_json::to_string(&of.names.contacts).map_err(Error::internal)?;
        statements.push(CRM_AGENT_ERASE.bind(vec![cx.business_id().into(), contacts.into()]));
        cx.db.batch(statements).await?;
        Ok(Progress::Done)
    })
}
