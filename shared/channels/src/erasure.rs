//! What is erased of a customer's numbers, and of their contacts at sources of conversations.

use crate::opt_outs::sql::OPT_OUT_ERASE;
use crate::sql::SOURCE_CONTACT_ERASE;
use common::context::Context;
use common::erasing::{Eraser, Erasing, Progress};
use common::http::Error;
use common::ports::Async;

/// Who said STOP is known by their number alone; who a source knows, by its id of them.
pub const ERASERS: [Eraser; 2] = [
    Eraser {
        name: "opt-outs",
        slice: opt_outs,
    },
    Eraser {
        name: "source-contacts",
        slice: source_contacts,
    },
];

fn opt_outs<'a>(
    cx: &'a Context<'a>,
    of: &'a Erasing,
    _: &'a str,
) -> Async<'a, Result<Progress, Error>> {
    Box::pin(async move {
        let numbers = serde_json::to_string(&of.names.contacts).map_err(Error::internal)?;
        let erase = OPT_OUT_ERASE.bind(vec![cx.business_id().into(), numbers.into()]);
        cx.db.rows(erase).await?;
        Ok(Progress::Done)
    })
}

fn source_contacts<'a>(
    cx: &'a Context<'a>,
    of: &'a Erasing,
    _: &'a str,
) -> Async<'a, Result<Progress, Error>> {
    Box::pin(async move {
        let erase = vec![cx.business_id().into(), (&of.customer_id).into()];
        cx.db.rows(SOURCE_CONTACT_ERASE.bind(erase)).await?;
        Ok(Progress::Done)
    })
}
