//! What is wrong with connections to CRMs.

use super::find::{Finding, sentence};
use super::{Known, at, minutes_since};
use crate::cause::Cause;
use common::Context;
use common::db::{Columns, Row};
use common::http::Result;
use common::json::raw::{integer, list};
use common::time::DAY;
use connectors::CONNECTORS;
use crm::health::LastError;
use crm::{Connector, Integration};

/// How many jobs an hour must have had before their failures are a rate.
const MIN_JOBS: i64 = 20;

/// A CRM that does not answer.
pub(super) fn down(cx: &Context<'_>, known: &Known, findings: &mut Vec<Finding>) {
    let Some(_) = known.rules.threshold(Cause::IntegrationDown) else {
        return;
    };
    let is_down = |integration: &&Integration| integration.is_down(cx.now.micros());
    for integration in known.integrations.iter().filter(is_down) {
        let connector = &integration.connector;
        let reason = integration.broken_reason.as_ref();
        let told = reason.or(integration.last_error.as_ref());
        let told = told.and_then(|why| LastError::read(why, None));
        let why = told.map(|why| sentence(&why.message)).unwrap_or_default();
        findings.push(Finding {
            cause: Cause::IntegrationDown,
            object: connector.clone(),
            name: connector.clone(),
            began_at: cx.now,
            summary: format!("The connection to {connector} is down. {why}"),
        });
    }
}

/// Jobs that wait.
pub(super) fn waiting(cx: &Context<'_>, known: &Known, findings: &mut Vec<Finding>) -> Result<()> {
    let Some(minutes) = known.rules.threshold(Cause::QueueSlow) else {
        return Ok(());
    };
    for row in &known.jobs {
        let mut columns = Columns::of(row);
        let connector = columns.text("connector")?;
        let since = columns.integer("since")?;
        if minutes_since(cx, since) >= minutes {
            findings.push(Finding {
                cause: Cause::QueueSlow,
                object: ["jobs:", &connector].concat(),
                summary: format!("Jobs for {connector} wait for longer than {minutes} minutes."),
                name: connector,
                began_at: at(since),
            });
        }
    }
    Ok(())
}

/// Failed jobs and used requests.
pub(super) fn figures(cx: &Context<'_>, known: &Known, findings: &mut Vec<Finding>) -> Result<()> {
    for row in &known.figures {
        let figures = Figures::of_row(row)?;
        let errors = known.rules.threshold(Cause::IntegrationErrors);
        findings.extend(errors.and_then(|percent| figures.errors(cx, percent)));
        let budget = known.rules.threshold(Cause::CrmBudget);
        findings.extend(budget.and_then(|percent| figures.budget(cx, percent)));
    }
    Ok(())
}

/// What a connection came to.
struct Figures {
    connector: String,
    per_minute: Option<i64>,
    /// Requests of today.
    used: i64,
    /// An hour ago: the day, and the jobs of that day that were done and that failed.
    sample: Option<[i64; 3]>,
    /// The jobs of today, done and failed.
    today: [i64; 2],
    /// Those of the day before.
    before: [i64; 2],
}

impl Figures {
    fn of_row(row: &Row) -> Result<Self> {
        let mut columns = Columns::of(row);
        Ok(Self {
            connector: columns.text("connector")?,
            per_minute: columns.integer_or_null("per_minute")?,
            used: columns.integer_or_null("used")?.unwrap_or_default(),
            sample: columns.parsed_or_null("sample", numbers)?,
            today: [columns.integer("done")?, columns.integer("failed")?],
            before: [
                columns.integer("done_before")?,
                columns.integer("failed_before")?,
            ],
        })
    }

    /// The jobs that were done and that failed since the sample.
    fn since_sample(&self, today: i64) -> Option<[i64; 2]> {
        let [day, done, failed] = self.sample?;
        let [done_now, failed_now] = if day == today {
            self.today
        } else {
            [
                self.today[0] + self.before[0],
                self.today[1] + self.before[1],
            ]
        };
        Some([done_now - done, failed_now - failed])
    }

    fn errors(&self, cx: &Context<'_>, percent: i64) -> Option<Finding> {
        let [done, failed] = self.since_sample(cx.now.micros().div_euclid(DAY))?;
        let all = done + failed;
        let connector = &self.connector;
        (all >= MIN_JOBS && failed * 100 >= percent * all).then(|| Finding {
            cause: Cause::IntegrationErrors,
            object: connector.clone(),
            name: connector.clone(),
            began_at: cx.now,
            summary: format!("{failed} of {all} jobs for {connector} failed for good in an hour."),
        })
    }

    fn budget(&self, cx: &Context<'_>, percent: i64) -> Option<Finding> {
        let limits = |one: &&&dyn Connector| one.name() == self.connector;
        let minutes = CONNECTORS.iter().find(limits)?.limits().minutes_a_day();
        let per_day = self.per_minute? * minutes;
        let connector = &self.connector;
        (per_day > 0 && self.used * 100 >= percent * per_day).then(|| {
            let used = self.used * 100 / per_day;
            Finding {
                cause: Cause::CrmBudget,
                object: connector.clone(),
                name: connector.clone(),
                began_at: cx.now,
                summary: format!(
                    "{used} % of the {per_day} requests that {connector} allows today are used."
                ),
            }
        })
    }
}

fn numbers(json: &str) -> Option<[i64; 3]> {
    let numbers: Option<Vec<i64>> = list(json)?
        .into_iter()
        .map(|number| integer(number)?.parse().ok())
        .collect();
    numbers?.try_into().ok()
}
