//! What is erased of stored answers: those to syncs name customers by their ids in CRMs.

use crate::sql::{IDEMPOTENCY_ERASE, IDEMPOTENCY_SLICE};
use common::context::Context;
use common::db::{Columns, Statement};
use common::erasing::{Eraser, Erasing, Progress};
use common::http::Error;
use common::json::writer::quoted;
use common::ports::Async;

/// Answers that are stored under an `Idempotency-Key`.
pub const ERASER: Eraser = Eraser {
    name: "stored-answers",
    slice,
};

/// Answers of a slice, each of up to a megabyte.
const ANSWERS: i64 = 50;

fn slice<'a>(
    cx: &'a Context<'a>,
    of: &'a Erasing,
    after: &'a str,
) -> Async<'a, Result<Progress, Error>> {
    Box::pin(async move {
        if of.names.external_ids.is_empty() {
            return Ok(Progress::Done);
        }
        let read = vec![cx.business_id().into(), after.into(), ANSWERS.into()];
        let rows = cx.db.rows(IDEMPOTENCY_SLICE.bind(read)).await?;
        let Some(last) = rows.last() else {
            return Ok(Progress::Done);
        };
        let last = Columns::of(last).text("key")?;
        cx.db.batch(statements(cx, of, after, &last)).await?;
        Ok(Progress::At(last))
    })
}

/// Takes each id out of the answers, where it stands as a field and where a sentence names it.
fn statements(cx: &Context<'_>, of: &Erasing, after: &str, last: &str) -> Vec<Statement> {
    let mut statements = Vec::new();
    for id in &of.names.external_ids {
        let quoted = quoted(id);
        let inside = quoted.trim_matches('"');
        let named = [
            (
                ["\"external_id\":", &quoted].concat(),
                "\"external_id\":null",
            ),
            (
                ["external_id ", inside, ","].concat(),
                "external_id (erased),",
            ),
            (
                ["external_id ", inside, "."].concat(),
                "external_id (erased).",
            ),
        ];
        statements.extend(named.map(|(text, instead)| {
            IDEMPOTENCY_ERASE.bind(vec![
                cx.business_id().into(),
                after.into(),
                last.into(),
                text.into(),
                instead.into(),
            ])
        }));
    }
    statements
}
