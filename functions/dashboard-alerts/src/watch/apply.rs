//! Raising and resolving alerts.

use super::{COUNTED, SAMPLED};
use super::{Finding, Known, MAX_THINGS, OpenAlert};
use crate::sql::{
    ALERT_EVENTS, ALERTS_BACK, ALERTS_CLEARING, ALERTS_EXPIRE, ALERTS_RAISE, ALERTS_RESOLVE,
    HOURS_EXPIRE, NOTIFICATIONS_EXPIRE, NOTIFY_NEVER, NOTIFY_RAISED, NOTIFY_RESOLVED,
    SAMPLES_EXPIRE, WATCH_DONE, WATCH_GUARD,
};
use common::Context;
use common::db::{DbError, Statement, Value};
use common::events::{ALERT_RAISED, ALERT_RESOLVED, EventName};
use common::http::{Error, Result};
use common::ids::{AlertId, lowest_id};
use common::json::writer::quoted;
use common::ports::Queue;
use common::time::{DAY, SECOND};

/// For how long a cause must not be seen before its alert is resolved, in microseconds: what comes and goes is one
/// alert.
const CLEAR: i64 = 120 * SECOND;
/// How long a business has rest, in microseconds: less than from one cron to the next.
const REST: i64 = 10 * SECOND;
/// For how long ended alerts are kept, in microseconds.
const KEPT: i64 = 90 * DAY;
/// Most ended alerts that are deleted at once.
const MAX_EXPIRED: i64 = 100;

/// One transaction, which changes nothing where another looks after the business by now.
pub(super) async fn apply(
    cx: &Context<'_>,
    known: &Known,
    findings: Vec<Finding>,
    lease: i64,
) -> Result<()> {
    let is_of = |alert: &OpenAlert, finding: &Finding| {
        alert.cause == finding.cause && alert.object == finding.object
    };
    let is_seen = |alert: &&OpenAlert| findings.iter().any(|finding| is_of(alert, finding));
    let (seen, unseen): (Vec<_>, Vec<_>) = known.open.iter().partition(is_seen);
    let is_over = |alert: &&OpenAlert| {
        let clear_since = alert.clear_since.unwrap_or(cx.now.micros());
        cx.now.micros() - clear_since >= CLEAR
    };
    let (over, clearing): (Vec<_>, Vec<_>) = unseen.into_iter().partition(is_over);
    let room = usize::try_from(MAX_THINGS)
        .unwrap_or_default()
        .saturating_sub(known.open.len());
    let new = findings
        .iter()
        .filter(|finding| !known.open.iter().any(|alert| is_of(alert, finding)));
    let new: Vec<_> = new.take(room).collect();

    let next = cx.now.plus(REST).micros();
    let done = vec![cx.business_id().into(), lease.into(), next.into()];
    let mut statements = vec![
        WATCH_DONE.bind(done),
        WATCH_GUARD.bind(vec![cx.business_id().into()]),
    ];
    let with = |list: String| -> Vec<Value> { vec![cx.business_id().into(), list.into()] };
    let with_now = |list: String| -> Vec<Value> {
        vec![cx.business_id().into(), list.into(), cx.now.micros().into()]
    };
    let back: Vec<_> = seen
        .into_iter()
        .filter(|alert| alert.clear_since.is_some())
        .collect();
    if !back.is_empty() {
        statements.push(ALERTS_BACK.bind(with(ids(&back))));
    }
    let clearing: Vec<_> = clearing
        .into_iter()
        .filter(|alert| alert.clear_since.is_none())
        .collect();
    if !clearing.is_empty() {
        statements.push(ALERTS_CLEARING.bind(with_now(ids(&clearing))));
    }
    if !new.is_empty() {
        let (rows, events) = rows(cx, &new);
        statements.push(ALERTS_RAISE.bind(with_now(rows.clone())));
        statements.push(said(cx, events, ALERT_RAISED, "open"));
        statements.push(NOTIFY_RAISED.bind(with_now(rows)));
    }
    if !over.is_empty() {
        let events = events(cx, over.iter().map(|alert| alert.id.as_str()));
        statements.push(ALERTS_RESOLVE.bind(with(events.clone())));
        statements.push(NOTIFY_NEVER.bind(with(events.clone())));
        statements.push(NOTIFY_RESOLVED.bind(with_now(events.clone())));
        statements.push(said(cx, events, ALERT_RESOLVED, "resolved"));
    }
    if is_first_of_hour(cx) {
        statements.extend(expire(cx));
    }
    match cx.db.batch(statements).await {
        // Another has it by now, and does the same.
        Err(DbError::Race(_)) => return Ok(()),
        Err(error) => return Err(Error::from(error)),
        Ok(_) => {}
    }
    if !new.is_empty() || !over.is_empty() {
        cx.wake(Queue::Events, cx.business_id());
    }
    Ok(())
}

fn ids(alerts: &[&OpenAlert]) -> String {
    let ids: Vec<_> = alerts
        .iter()
        .map(|alert| quoted(alert.id.as_str()))
        .collect();
    ["[", &ids.join(","), "]"].concat()
}

/// [[alert, event], …], with new events.
fn events<'i>(cx: &Context<'_>, alerts: impl Iterator<Item = &'i str>) -> String {
    // Both are ids of ours, which need no escapes.
    let pairs: Vec<_> = alerts
        .map(|id| format!("[\"{id}\",\"{}\"]", cx.ids.next()))
        .collect();
    ["[", &pairs.join(","), "]"].concat()
}

/// New alerts for these, and their events.
fn rows(cx: &Context<'_>, new: &[&Finding]) -> (String, String) {
    let (mut rows, mut alerts) = (Vec::new(), Vec::new());
    for finding in new {
        let id = AlertId::new(&cx.ids);
        let severity = finding.cause.severity().as_str();
        let texts = [
            id.as_str(),
            finding.cause.as_str(),
            severity,
            &finding.object,
            &finding.name,
            &finding.summary,
        ];
        let texts: Vec<_> = texts.into_iter().map(quoted).collect();
        rows.push(format!(
            "[{},{}]",
            texts.join(","),
            finding.began_at.micros()
        ));
        alerts.push(id);
    }
    let events = events(cx, alerts.iter().map(AlertId::as_str));
    (["[", &rows.join(","), "]"].concat(), events)
}

fn said(cx: &Context<'_>, events: String, event: EventName, status: &str) -> Statement {
    ALERT_EVENTS.bind(vec![
        cx.business_id().into(),
        events.into(),
        event.as_str().into(),
        cx.now.micros().into(),
        status.into(),
    ])
}

/// Whether this is one of the first two minutes of an hour: now and then something is deleted.
const fn is_first_of_hour(cx: &Context<'_>) -> bool {
    cx.now.micros().rem_euclid(super::HOUR) < 120 * SECOND
}

/// What deletes what is not kept any longer.
fn expire(cx: &Context<'_>) -> [Statement; 4] {
    let old = || -> Vec<Value> {
        let lowest = lowest_id(cx.now.plus(-KEPT));
        vec![cx.business_id().into(), lowest.into(), MAX_EXPIRED.into()]
    };
    let before = |micros: i64| -> Vec<Value> { vec![cx.business_id().into(), micros.into()] };
    let hour = cx.now.plus(-COUNTED).micros().div_euclid(super::HOUR);
    [
        NOTIFICATIONS_EXPIRE.bind(old()),
        ALERTS_EXPIRE.bind(old()),
        HOURS_EXPIRE.bind(before(hour)),
        SAMPLES_EXPIRE.bind(before(cx.now.plus(-2 * SAMPLED).micros())),
    ]
}
