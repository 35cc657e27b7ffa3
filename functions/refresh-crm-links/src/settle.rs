//! What came of a fetch is written down: when the next is due, and how this one went.

use crate::claim::Claimed;
use crate::progress::Progress;
use crate::sql::{EMBEDDING_WAKE, LINK_EVENT, LINK_RELEASE, LINK_SETTLE};
use common::Context;
use common::db::{Statement, Value};
use common::events::{CRM_LINK_FAILED, CRM_LINK_REFRESHED, EventName};
use common::http::{Error, Result};
use common::json::writer::JsonWriter;
use common::ports::Queue;
use common::time::{SECOND, Timestamp};
use knowledge::index::{Generation, abort};
use knowledge::link::sql::FILES_USED;
use knowledge::link::{Fetch, FetchStatus, KEPT_FETCHES, link_message};
use knowledge::source;

/// One minute, in microseconds.
const MINUTE: i64 = 60 * SECOND;
/// How often a page is asked for again before the fetch is given up.
const TRIES: u32 = 5;
/// The longest that a source may ask us to wait, beside the schedule.
const LONGEST_WAIT: i64 = 6 * 60 * MINUTE;
/// How long the next page waits where a limit is near, or the next invocation simply goes on.
const AT_ONCE: i64 = 0;

/// Why a source gave nothing.
#[derive(Debug)]
pub(crate) struct Trouble {
    /// Whether the next try may fare better, with nothing changed.
    is_passing: bool,
    /// What happened, and what to do.
    message: String,
    /// When to ask again, in seconds.
    retry_after: Option<u32>,
}

impl Trouble {
    /// One that somebody has to mend.
    pub(crate) fn lasting(message: String) -> Self {
        Self {
            is_passing: false,
            message,
            retry_after: None,
        }
    }

    /// One that may pass by itself.
    pub(crate) fn passing(message: String) -> Self {
        Self {
            is_passing: true,
            ..Self::lasting(message)
        }
    }

    /// What happened, and what to do.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }
}

impl From<source::Trouble> for Trouble {
    fn from(trouble: source::Trouble) -> Self {
        Self {
            is_passing: trouble.class == source::Class::Retry,
            message: trouble.message,
            retry_after: trouble.retry_after,
        }
    }
}

/// How a fetch ended.
pub(crate) enum Ended {
    /// It was read to its end.
    Well(FetchStatus),
    /// It was given up, for this reason.
    Badly(Trouble),
}

/// What a link's row is to say.
struct Next<'a> {
    fetch_at: Option<i64>,
    /// From when the schedule counts, where it says when.
    scheduled: Option<i64>,
    attempts: u32,
    suspect: Option<i64>,
    progress: Option<&'a Progress>,
    validators: Option<String>,
    fetches: &'a [Fetch],
    failing_since: Option<Timestamp>,
}

/// A source that fails: a page of a fetch that goes on is asked for again, a fetch that does not is given up. Nothing
/// that is searched goes.
pub(crate) async fn failed(
    cx: &Context<'_>,
    claimed: &Claimed,
    progress: Progress,
    before: &Generation,
    trouble: Trouble,
) -> Result<()> {
    let attempts = claimed.link.attempts.saturating_add(1);
    let goes_on = progress.pages > 0 || progress.within.is_some();
    if trouble.is_passing && goes_on && attempts < TRIES {
        let wait = wait_of(claimed, &trouble, attempts);
        return suspend(cx, claimed, &progress, Some((wait, attempts))).await;
    }
    if progress.is_written {
        abort(cx, &claimed.link.id, before).await?;
    }
    settle(cx, claimed, Ended::Badly(trouble), progress, 0).await
}

/// How long to wait for the next try: as the source asks, or twice as long each time, within the schedule.
fn wait_of(claimed: &Claimed, trouble: &Trouble, attempts: u32) -> i64 {
    let asked = trouble
        .retry_after
        .map(|seconds| i64::from(seconds) * SECOND);
    let doubled = MINUTE << attempts.min(10).saturating_sub(1);
    let schedule = i64::from(claimed.link.settings.minutes()) * MINUTE;
    asked.map_or(doubled.min(schedule), |asked| asked.min(LONGEST_WAIT))
}

/// Stores how far a fetch came. The next invocation goes on at once, or after a wait.
pub(crate) async fn suspend(
    cx: &Context<'_>,
    claimed: &Claimed,
    progress: &Progress,
    wait: Option<(i64, u32)>,
) -> Result<()> {
    let link = &claimed.link;
    let (wait, attempts) = wait.unwrap_or((AT_ONCE, 0));
    let next = Next {
        fetch_at: Some(match wait {
            AT_ONCE => claimed.due,
            wait => cx.time_now().micros() + wait,
        }),
        scheduled: None,
        attempts,
        suspect: link.suspect,
        progress: Some(progress),
        validators: None,
        fetches: &link.fetches,
        failing_since: link.failing_since,
    };
    write(cx, claimed, &next, None).await
}

/// Ends a fetch.
pub(crate) async fn settle(
    cx: &Context<'_>,
    claimed: &Claimed,
    ended: Ended,
    progress: Progress,
    gone: usize,
) -> Result<()> {
    let link = &claimed.link;
    let now = cx.time_now();
    let was_failing = link.failing_since.is_some();
    let (status, error, wait, attempts) = match &ended {
        Ended::Well(status) => (*status, progress.tally.oddities(), None, 0),
        Ended::Badly(trouble) => {
            let attempts = link.attempts.saturating_add(1);
            let wait = trouble
                .is_passing
                .then(|| wait_of(claimed, trouble, attempts));
            let message = Some(trouble.message.clone());
            (FetchStatus::Failed, message, wait, attempts)
        }
    };
    let tally = &progress.tally;
    let shrink = "The source has less than half of the records that it had. What was there is searched on. If the \
                  next fetch has about as many again, it is believed; to believe it now, refresh with `accept_shrink`.";
    let suspects = status == FetchStatus::SuspectShrink;
    let fetch = Fetch {
        at: now.to_string(),
        status,
        records: tally.records,
        changed: tally.changed,
        removed: u32::try_from(gone).unwrap_or(u32::MAX),
        masked: tally.masked,
        bytes: tally.bytes,
        ms: u64::try_from((now.micros() - progress.generation).max(0) / 1000).unwrap_or_default(),
        error: if suspects {
            Some(shrink.to_owned())
        } else {
            error
        },
    };
    let is_news = fetch.changed > 0 || fetch.removed > 0 || was_failing;
    let event = match status {
        FetchStatus::Failed | FetchStatus::SuspectShrink => {
            let is_first = link
                .fetches
                .first()
                .is_none_or(|last| last.status != status);
            is_first.then_some(CRM_LINK_FAILED)
        }
        _ => is_news.then_some(CRM_LINK_REFRESHED),
    };
    let mut fetches = vec![fetch];
    fetches.extend(link.fetches.iter().take(KEPT_FETCHES - 1).cloned());
    // Validators of a list with several pages say nothing of the others. What is left out of an unchanged list may be
    // taken another time.
    let validators = match status {
        FetchStatus::Ok if progress.pages == 1 && tally.erased == 0 => progress.validators.as_ref(),
        FetchStatus::NotModified => claimed.validators.as_ref(),
        _ => None,
    };
    let next = Next {
        fetch_at: wait.map(|wait| now.micros() + wait),
        // Records are pushed to others, and an uploaded file stays as it is.
        scheduled: (wait.is_none() && link.kind.is_fetched() && link.upload().is_none())
            .then(|| now.micros()),
        attempts,
        suspect: match status {
            FetchStatus::SuspectShrink => Some(i64::from(tally.records)),
            FetchStatus::Failed => link.suspect,
            _ => None,
        },
        progress: None,
        validators: validators
            .map(serde_json::to_string)
            .transpose()
            .map_err(Error::internal)?,
        fetches: &fetches,
        failing_since: match status {
            FetchStatus::Failed => link.failing_since.or(Some(now)),
            _ => None,
        },
    };
    write(cx, claimed, &next, event).await?;
    match (&link.file, status) {
        (Some(file), FetchStatus::Ok) => {
            let used = vec![
                cx.business_id().into(),
                (&link.id).into(),
                file.id.as_str().into(),
            ];
            cx.db.rows(FILES_USED.bind(used)).await?;
            Ok(())
        }
        _ => Ok(()),
    }
}

async fn write(
    cx: &Context<'_>,
    claimed: &Claimed,
    next: &Next<'_>,
    event: Option<EventName>,
) -> Result<()> {
    let link = &claimed.link;
    let json = |value: serde_json::Result<String>| value.map_err(Error::internal);
    let progress = next
        .progress
        .map(serde_json::to_string)
        .map(json)
        .transpose()?;
    let settle = LINK_SETTLE.bind(vec![
        cx.business_id().into(),
        (&link.id).into(),
        claimed.lease.into(),
        link.revision.into(),
        claimed.due.into(),
        next.fetch_at.into(),
        i64::from(next.attempts).into(),
        next.suspect.into(),
        progress.into(),
        next.validators.clone().map_or(Value::Null, Value::from),
        json(serde_json::to_string(next.fetches))?.into(),
        next.failing_since.map(Timestamp::micros).into(),
        next.scheduled.into(),
    ]);
    let mut statements = vec![settle];
    if let Some(event) = event {
        statements.push(happened(cx, claimed, next, event)?);
        cx.wake(Queue::Events, cx.business_id());
    }
    let now = cx.time_now().micros();
    statements.push(EMBEDDING_WAKE.bind(vec![cx.business_id().into(), now.into()]));
    let results = cx.db.batch(statements).await?;
    if results.first().is_none_or(Vec::is_empty) {
        // Somebody changed what is fetched: it is due again. Or turned the link off: it is not.
        let release = vec![
            cx.business_id().into(),
            (&link.id).into(),
            claimed.lease.into(),
        ];
        cx.db.rows(LINK_RELEASE.bind(release)).await?;
        cx.wake(Queue::Links, link_message(cx.business_id(), &link.id));
    }
    Ok(())
}

/// The event of a fetch.
fn happened(
    cx: &Context<'_>,
    claimed: &Claimed,
    next: &Next<'_>,
    event: EventName,
) -> Result<Statement> {
    let link = &claimed.link;
    let fetch = next
        .fetches
        .first()
        .ok_or_else(|| Error::internal("a fetch without a report"))?;
    let shown = JsonWriter::default()
        .text("id", link.id.as_str())
        .text("page_id", &link.page_id)
        .text("name", &link.name)
        .text("url", &link.url);
    let detail = JsonWriter::default()
        .json("crm_link", &shown.finish())
        .json(
            "fetch",
            &serde_json::to_string(fetch).map_err(Error::internal)?,
        );
    Ok(LINK_EVENT.bind(vec![
        cx.business_id().into(),
        (&link.id).into(),
        event.as_str().into(),
        cx.ids.next().into(),
        cx.time_now().micros().into(),
        detail.finish().into(),
    ]))
}
