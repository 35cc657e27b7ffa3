//! What is wrong with a business.

use super::silence::Inbound;
use super::{HOUR, Known, at, crm, minutes_since};
use crate::cause::Cause;
use crate::notify::minute;
use common::Context;
use common::db::Columns;
use common::http::Result;
use common::time::{DAY, Timestamp};

/// Longest part of a sentence that others wrote, in characters.
const MAX_CHARS: usize = 300;

/// Something that is wrong.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) cause: Cause,
    pub(super) object: String,
    pub(super) name: String,
    pub(super) began_at: Timestamp,
    pub(super) summary: String,
}

/// Everything that is wrong, by the rules of the business.
pub(super) fn find(cx: &Context<'_>, known: &Known) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    crm::down(cx, known, &mut findings);
    crm::figures(cx, known, &mut findings)?;
    crm::waiting(cx, known, &mut findings)?;
    queues(cx, known, &mut findings)?;
    endpoints(cx, known, &mut findings)?;
    channels(cx, known, &mut findings)?;
    links(cx, known, &mut findings)?;
    findings.extend(database(cx, known));
    Ok(findings)
}

/// Messages and deliveries that wait. Those of an endpoint that fails wait for their next try, which is due later.
fn queues(cx: &Context<'_>, known: &Known, findings: &mut Vec<Finding>) -> Result<()> {
    let Some(minutes) = known.rules.threshold(Cause::QueueSlow) else {
        return Ok(());
    };
    let mut deliveries = known.events_since;
    for row in &known.endpoints {
        let mut columns = Columns::of(row);
        columns.skip(2);
        let is_active = columns.str("status")? == "active";
        columns.skip(3);
        let since = columns.integer_or_null("waits_since")?;
        deliveries = [deliveries, since.filter(|_| is_active)]
            .into_iter()
            .flatten()
            .min();
    }
    for (what, since, words) in [
        ("messages", known.sends_since, "Messages wait to be sent"),
        ("deliveries", deliveries, "Deliveries of webhooks wait"),
    ] {
        let since = since.filter(|since| minutes_since(cx, *since) >= minutes);
        findings.extend(since.map(|since| Finding {
            cause: Cause::QueueSlow,
            object: what.to_owned(),
            name: what.to_owned(),
            began_at: at(since),
            summary: format!("{words} for longer than {minutes} minutes."),
        }));
    }
    Ok(())
}

fn endpoints(cx: &Context<'_>, known: &Known, findings: &mut Vec<Finding>) -> Result<()> {
    let Some(minutes) = known.rules.threshold(Cause::WebhookFailing) else {
        return Ok(());
    };
    for row in &known.endpoints {
        let mut columns = Columns::of(row);
        let (id, name) = (columns.text("id")?, columns.text("name")?);
        let is_active = columns.str("status")? == "active";
        let reason = columns.text_or_null("disabled_reason")?;
        let failing_since = columns.integer_or_null("failing_since")?;
        let changed_at = columns.integer("updated_at")?;
        let shown = sentence(&name);
        let (began_at, summary) = match (is_active, reason.as_deref(), failing_since) {
            (true, _, Some(since)) if minutes_since(cx, since) >= minutes => {
                let since = at(since);
                let summary = format!(
                    "Every delivery to the webhook endpoint {shown} has failed since {}.",
                    minute(since)
                );
                (since, summary)
            }
            (false, Some("failing"), since) => {
                let since = at(since.unwrap_or(changed_at));
                let summary = format!(
                    "The webhook endpoint {shown} is disabled, since every delivery failed for days."
                );
                (since, summary)
            }
            (false, Some("gone"), _) => {
                let summary = format!(
                    "The webhook endpoint {shown} is disabled, since it answered that it is gone."
                );
                (at(changed_at), summary)
            }
            // A person who disables one knows.
            _ => continue,
        };
        findings.push(Finding {
            cause: Cause::WebhookFailing,
            object: id,
            name,
            began_at,
            summary,
        });
    }
    Ok(())
}

/// Accounts that are refused, and those that nobody writes to.
fn channels(cx: &Context<'_>, known: &Known, findings: &mut Vec<Finding>) -> Result<()> {
    let days = known.rules.threshold(Cause::ChannelRefused);
    let at_least = known.rules.threshold(Cause::ChannelSilent);
    for row in &known.channels {
        let mut columns = Columns::of(row);
        let (id, kind) = (columns.text("id")?, columns.text("kind")?);
        let name = columns.text("name")?;
        let account = format!("{} ({kind})", sentence(&name));
        let reason = columns.text_or_null("status_reason")?;
        let changed_at = columns.integer("updated_at")?;
        let ends_at = columns.integer_or_null("token_ends_at")?;
        let soon = |days: i64| ends_at.filter(|ends| *ends <= cx.now.plus(days * DAY).micros());
        let refused = match (days, reason, days.and_then(soon)) {
            (Some(_), Some(reason), _) => {
                let reason = sentence(&reason);
                let summary = format!("The provider refuses the account {account}: {reason}");
                Some((at(changed_at), summary))
            }
            (Some(_), None, Some(ends_at)) if ends_at <= cx.now.micros() => {
                let summary = format!("The token of the account {account} is not valid any more.");
                Some((at(ends_at), summary))
            }
            (Some(_), None, Some(ends_at)) => {
                let ends_at = minute(at(ends_at));
                let summary = format!("The token of the account {account} ends {ends_at}.");
                Some((cx.now, summary))
            }
            _ => None,
        };
        findings.extend(refused.map(|(began_at, summary)| Finding {
            cause: Cause::ChannelRefused,
            object: id.clone(),
            name: name.clone(),
            began_at,
            summary,
        }));
        let first_hour = columns.integer_or_null("first_hour")?;
        let last_hour = columns.integer_or_null("last_hour")?;
        let last_at = columns.integer_or_null("last_at")?;
        let (Some(first_hour), Some(last_hour), Some(last_at), Some(at_least)) =
            (first_hour, last_hour, last_at, at_least)
        else {
            continue;
        };
        let week = |columns: &mut Columns<'_>| columns.integer("week");
        let inbound = Inbound {
            first_hour,
            last_hour,
            weeks: [
                week(&mut columns)?,
                week(&mut columns)?,
                week(&mut columns)?,
                week(&mut columns)?,
            ],
        };
        let missing = inbound.missing(cx.now.micros().div_euclid(HOUR), at_least);
        // Silence ends when somebody writes, however long it has become usual.
        let lasts = known.is_open(Cause::ChannelSilent, &id)
            && cx.now.micros().div_euclid(HOUR) > last_hour + 1;
        let missing = missing.filter(|_| known.is_counted);
        if missing.is_none() && !lasts {
            continue;
        }
        let (min, max) = missing.unwrap_or_default();
        findings.push(Finding {
            cause: Cause::ChannelSilent,
            object: id,
            name,
            began_at: at(last_at),
            summary: format!(
                "Nobody has written to {account} since {}. In the same hours of earlier weeks, {min} to {max} \
                 messages came.",
                minute(at(last_at))
            ),
        });
    }
    Ok(())
}

impl Known {
    fn is_open(&self, cause: Cause, object: &str) -> bool {
        let mut open = self.open.iter();
        open.any(|alert| alert.cause == cause && alert.object == object)
    }
}

fn links(cx: &Context<'_>, known: &Known, findings: &mut Vec<Finding>) -> Result<()> {
    let Some(minutes) = known.rules.threshold(Cause::CrmLinkFailing) else {
        return Ok(());
    };
    for row in &known.links {
        let mut columns = Columns::of(row);
        let (id, name) = (columns.text("id")?, columns.text("name")?);
        let failing_since = columns.integer_or_null("failing_since")?;
        let suspect = columns.integer_or_null("suspect")?;
        let shown = sentence(&name);
        let (began_at, summary) = match (failing_since, suspect) {
            (Some(since), _) if minutes_since(cx, since) >= minutes => {
                let since = at(since);
                let summary = format!(
                    "The CRM link {shown} could not be fetched since {}.",
                    minute(since)
                );
                (since, summary)
            }
            (None, Some(records)) => {
                let summary = format!(
                    "The CRM link {shown} had suspiciously few records, {records}; what was there before is kept."
                );
                (cx.now, summary)
            }
            _ => continue,
        };
        findings.push(Finding {
            cause: Cause::CrmLinkFailing,
            object: id,
            name,
            began_at,
            summary,
        });
    }
    Ok(())
}

fn database(cx: &Context<'_>, known: &Known) -> Option<Finding> {
    let threshold = known.rules.threshold(Cause::DatabaseFull)?;
    let percent = known.full_percent.filter(|percent| *percent >= threshold)?;
    Some(Finding {
        cause: Cause::DatabaseFull,
        object: "database".to_owned(),
        name: "database".to_owned(),
        began_at: cx.now,
        summary: format!("The database of the deployment is {percent} % full."),
    })
}

/// What others wrote, in one line, as a part of a sentence of ours.
pub(super) fn sentence(words: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    words.chars().take(MAX_CHARS).map(plain).collect()
}
