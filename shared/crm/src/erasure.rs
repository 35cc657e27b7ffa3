//! What is erased of a customer at the connections to CRMs.

use crate::sql::{CRM_CACHE_ERASE, CRM_JOB_ERASE, CRM_LINK_ERASE};
use common::context::Context;
use common::db::Sql;
use common::erasing::{Eraser, Erasing, Progress};
use common::http::Error;
use common::ports::Async;

/// Jobs, what CRMs told, and who they are there.
pub const ERASER: Eraser = Eraser { name: "crm", slice };

fn slice<'a>(
    cx: &'a Context<'a>,
    of: &'a Erasing,
    _: &'a str,
) -> Async<'a, Result<Progress, Error>> {
    let statement =
        |sql: &'static Sql| sql.bind(vec![cx.business_id().into(), (&of.customer_id).into()]);
    // The link last: the jobs are found by it.
    let statements = [&CRM_JOB_ERASE, &CRM_CACHE_ERASE, &CRM_LINK_ERASE].map(statement);
    Box::pin(async move {
        cx.db.batch(statements.into()).await?;
        Ok(Progress::Done)
    })
}
