//! What needs attention, each once.

use super::{IntegrationHealth, Light, Queue};
use crate::alert::Alert;
use crate::cause::Severity;
use common::Context;
use common::db::{Columns, Rows};
use common::http::Result;
use common::time::Timestamp;
use serde::Serialize;

/// Most that is told.
const MAX_ITEMS: usize = 100;

/// What it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Subject {
    /// An alert; `id` is the alert's.
    Alert,
    /// An integration; `id` is the connector.
    Integration,
    /// A webhook endpoint.
    Webhook,
    /// A channel account.
    Channel,
    /// A queue; `id` is its name.
    Queue,
}

/// Something that needs attention.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AttentionItem {
    /// Its light, which is not `ok`.
    pub status: Light,
    /// What it is about.
    pub subject: Subject,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What is wrong, in a sentence.
    pub summary: String,
    /// Since when, as far as is known.
    pub since: Option<Timestamp>,
}

/// What was found.
pub(super) struct Attention<'a> {
    cx: &'a Context<'a>,
    alerts: &'a [Alert],
    items: Vec<AttentionItem>,
}

impl<'a> Attention<'a> {
    /// Begins with what there are alerts of.
    pub(super) fn new(cx: &'a Context<'a>, alerts: &'a [Alert]) -> Self {
        let item = |alert: &Alert| AttentionItem {
            status: match alert.severity {
                Severity::Critical => Light::Down,
                Severity::Warning => Light::Warn,
            },
            subject: Subject::Alert,
            id: alert.id.to_string(),
            name: alert.object.name.clone(),
            summary: alert.summary.clone(),
            since: Some(alert.began_at),
        };
        Self {
            cx,
            alerts,
            items: alerts.iter().map(item).collect(),
        }
    }

    /// Whether an alert tells of it.
    fn is_told(&self, object: &str) -> bool {
        self.alerts.iter().any(|alert| alert.object.id == object)
    }

    fn add(&mut self, item: AttentionItem) {
        if !self.is_told(&item.id) {
            self.items.push(item);
        }
    }

    /// Integrations that are down, or missed targets within a day.
    pub(super) fn integrations(&mut self, integrations: &[IntegrationHealth]) {
        for one in integrations {
            let missed = one
                .figures
                .iter()
                .filter(|figures| figures.span != "30d")
                .any(|figures| !figures.missed.is_empty());
            let told = one.reason.as_ref().map(|reason| reason.message.as_str());
            let summary = match (one.status, missed) {
                (Light::Down, _) => {
                    let why = told.unwrap_or("The CRM does not answer as it should.");
                    ["The connection is down. ", why].concat()
                }
                (_, true) => "It missed a target within the last day.".to_owned(),
                _ => continue,
            };
            self.add(AttentionItem {
                status: one.status,
                subject: Subject::Integration,
                id: one.connector.clone(),
                name: one.connector.clone(),
                summary,
                since: one.reason.as_ref().and_then(|reason| reason.at),
            });
        }
    }

    /// Endpoints that fail, and those that were disabled for it.
    pub(super) fn endpoints(&mut self, rows: &Rows) -> Result<()> {
        for row in rows {
            let mut columns = Columns::of(row);
            let (id, name) = (columns.text("id")?, columns.text("name")?);
            let is_active = columns.str("status")? == "active";
            let reason = columns.text_or_null("disabled_reason")?;
            let since = columns.time_or_null("failing_since")?;
            let (status, summary) = match (is_active, reason.as_deref()) {
                (true, _) if since.is_some() => (Light::Warn, "Deliveries fail."),
                (false, Some("failing")) => {
                    (Light::Down, "It is disabled, since every delivery failed.")
                }
                (false, Some("gone")) => (
                    Light::Down,
                    "It is disabled, since it answered that it is gone.",
                ),
                _ => continue,
            };
            self.add(AttentionItem {
                status,
                subject: Subject::Webhook,
                id,
                name,
                summary: summary.to_owned(),
                since,
            });
        }
        Ok(())
    }

    /// Accounts that are refused, and those whose token has ended.
    pub(super) fn channels(&mut self, rows: &Rows) -> Result<()> {
        for row in rows {
            let mut columns = Columns::of(row);
            let (id, name) = (columns.text("id")?, columns.text("name")?);
            let reason = columns.text_or_null("status_reason")?;
            let ended = columns.time_or_null("token_ends_at")?;
            self.add(AttentionItem {
                status: Light::Down,
                subject: Subject::Channel,
                id,
                name,
                summary: match reason {
                    Some(reason) => ["The provider refuses the account: ", &reason].concat(),
                    None => "Its token is not valid any more.".to_owned(),
                },
                since: ended.filter(|ended| *ended <= self.cx.now),
            });
        }
        Ok(())
    }

    /// Queues in which something waits for too long.
    pub(super) fn queues(&mut self, queues: &[Queue]) {
        for queue in queues.iter().filter(|queue| queue.status != Light::Ok) {
            let minutes = (queue.oldest_seconds / 60).to_string();
            self.add(AttentionItem {
                status: queue.status,
                subject: Subject::Queue,
                id: queue.name.clone(),
                name: queue.name.clone(),
                summary: ["The oldest has waited for ", &minutes, " minutes."].concat(),
                since: None,
            });
        }
    }

    pub(super) fn worst_first(mut self) -> Vec<AttentionItem> {
        self.items
            .sort_by_key(|item| std::cmp::Reverse(item.status));
        self.items.truncate(MAX_ITEMS);
        self.items
    }
}
