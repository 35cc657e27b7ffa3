//! What is erased of a customer's numbers.

use crate::opt_outs::sql::OPT_OUT_ERASE;
use common::context::Context;
use common::erasing::{Eraser, Erasing, Progress};
use common::http::Error;
use common::ports::Async;

/// Who said STOP is known by their number alone.
pub const ERASER: Eraser = Eraser {
    name: "opt-outs",
    slice,
};

fn slice<'a>(
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
