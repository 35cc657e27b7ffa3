//! Whether the server that embeds a business's questions is asked. Somebody waits for each question, so a server that
//! lets them wait, or fails time and again, is left alone for a while, and words alone decide meanwhile. The state
//! stands in `SEARCH` beside the model that is searched, where searches see it before they ask anybody.

use crate::server::Trouble;
use crate::sql::{QUESTION_FAILED, QUESTION_STATE, QUESTION_TRIAL, QUESTIONS_RESUME};
use common::Context;
use common::db::Columns;
use common::http::{Error, Result};
use common::time::SECOND;

/// A failure that took so long opens the breaker at once: others would wait as long.
const LONG: i64 = 2 * SECOND;
/// Quick failures in a row that open it.
const QUICK_FAILURES: i64 = 3;
/// How long the server is left alone after the first failure that opens it; each further one doubles it.
const FIRST_REST: i64 = 10 * SECOND;
/// The longest rest, also where the server asks for a longer one: a question may be tried then.
const LONGEST_REST: i64 = 300 * SECOND;
/// How long nobody else asks while one question tries whether the server is back.
const TRIAL: i64 = 10 * SECOND;

/// A question that may be asked.
pub(crate) struct Asking<'m> {
    model: &'m str,
    failures: i64,
    began: i64,
}

/// Lets a question be asked, unless the server rests. After a rest, one question alone tries it.
///
/// # Errors
/// 503 while it rests, with when it is tried again.
pub(crate) async fn admit<'m>(cx: &Context<'_>, model: &'m str) -> Result<Asking<'m>> {
    let began = cx.time_now().micros();
    let at = || vec![cx.business_id().into(), model.into()];
    let rows = cx.ports.search.rows(QUESTION_STATE.bind(at())).await?;
    let (mut failures, mut until) = (0, 0);
    if let Some(row) = rows.first() {
        let mut columns = Columns::of(row);
        failures = columns.integer("question_failures")?;
        until = columns.integer("questions_rest_until")?;
    }
    if until > began {
        return Err(resting(until - began));
    }
    if until > 0 {
        let mut params = at();
        params.extend([until.into(), (began + TRIAL).into()]);
        let trial = cx.ports.search.rows(QUESTION_TRIAL.bind(params)).await?;
        if trial.is_empty() {
            return Err(resting(TRIAL));
        }
    }
    Ok(Asking {
        model,
        failures,
        began,
    })
}

impl Asking<'_> {
    /// Takes down what came of it. What could not be written is found out by the next question.
    pub(crate) async fn settle(&self, cx: &Context<'_>, trouble: Option<&Trouble>) {
        let Some(statement) = self.settled(cx, trouble) else {
            return;
        };
        let _next_time = cx.ports.search.rows(statement).await;
    }

    fn settled(
        &self,
        cx: &Context<'_>,
        trouble: Option<&Trouble>,
    ) -> Option<common::db::Statement> {
        let mut params = vec![cx.business_id().into(), self.model.into()];
        let Some(trouble) = trouble else {
            return (self.failures > 0).then(|| QUESTIONS_RESUME.bind(params));
        };
        // Who asks chooses the text, and must not be able to have the server left alone.
        if trouble.is_about_texts {
            return None;
        }
        let now = cx.time_now().micros();
        let asked = trouble.retry_after.map(|wait| i64::from(wait) * SECOND);
        let is_open =
            asked.is_some() || now - self.began >= LONG || self.failures + 1 >= QUICK_FAILURES;
        let rest = asked.unwrap_or(FIRST_REST << self.failures.clamp(0, 10));
        let until = match is_open {
            true => now + rest.clamp(SECOND, LONGEST_REST),
            false => 0,
        };
        params.extend([
            self.failures.into(),
            until.into(),
            trouble.message.as_str().into(),
            now.into(),
        ]);
        Some(QUESTION_FAILED.bind(params))
    }
}

#[track_caller]
fn resting(left: i64) -> Error {
    let seconds = u32::try_from(left / SECOND + 1).unwrap_or(u32::MAX);
    Error::unavailable("the server that embeds failed a moment ago").retry_after(seconds)
}
