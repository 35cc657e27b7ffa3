//! Figures, whose JSON is written field by field.

use dashboard_analytics::analytics::AGENTS_MAX;
use schemars::{JsonSchema, Schema};

/// What a span of days came to.
#[derive(Debug, JsonSchema)]
pub struct Analytics {
    /// The first day.
    #[schemars(extend("format" = "date"))]
    pub from: String,
    /// The last day.
    #[schemars(extend("format" = "date"))]
    pub to: String,
    /// Every day of the span, in order.
    pub days: Vec<AnalyticsDay>,
    /// The whole span. Medians and means are those of all that was measured in it, not of the days'.
    pub totals: AnalyticsFigures,
    /// Who wrote or closed something in the span, the busiest first.
    #[schemars(transform = say_most_agents)]
    pub agents: Vec<AnalyticsAgent>,
}

fn say_most_agents(schema: &mut Schema) {
    if let Some(serde_json::Value::String(text)) = schema.get_mut("description") {
        text.push_str(&format!(
            " At most {AGENTS_MAX} by their messages and {AGENTS_MAX} by their conversations."
        ));
    }
}

/// A day of UTC.
#[derive(Debug, JsonSchema)]
pub struct AnalyticsDay {
    /// Which.
    #[schemars(extend("format" = "date"))]
    pub date: String,
    /// What it came to.
    #[serde(flatten)]
    pub figures: AnalyticsFigures,
}

/// What a day came to, or the whole span. Rates and times are null where nothing was counted.
#[derive(Debug, JsonSchema)]
pub struct AnalyticsFigures {
    /// Conversations that began.
    pub conversations_begun: u64,
    /// Those of them that were escalated, then or later.
    pub conversations_escalated: u64,
    /// `conversations_escalated` of `conversations_begun`, from 0 to 1.
    pub escalation_rate: Option<f64>,
    /// Conversations begun in which the customer wrote, and a message that did not fail went to them
    /// after that, then or later.
    pub conversations_answered: u64,
    /// Conversations begun in which the customer wrote, and that nobody has answered.
    pub conversations_unanswered: u64,
    /// Of those answered: the median of the seconds from the customer's first message to the first
    /// answer.
    pub first_response_median_seconds: Option<f64>,
    /// The mean of the same.
    pub first_response_mean_seconds: Option<f64>,
    /// Conversations that were closed, and were not opened again.
    pub conversations_closed: u64,
    /// Of those: the median of the seconds from their beginning to their end.
    pub resolution_median_seconds: Option<f64>,
    /// The mean of the same.
    pub resolution_mean_seconds: Option<f64>,
    /// Messages from customers.
    pub messages_in: u64,
    /// Messages to customers, those that failed included.
    pub messages_out: u64,
    /// Ratings that were given.
    pub csat_ratings: u64,
    /// The mean of their scores, from 0 to 1.
    pub csat_mean: Option<f64>,
    /// What was done to keep CRMs in step.
    pub sync_jobs_done: u64,
    /// What was given up.
    pub sync_jobs_failed: u64,
    /// `sync_jobs_done` of both, from 0 to 1.
    pub sync_success_rate: Option<f64>,
    /// Requests to CRMs.
    pub sync_requests: u64,
    /// Requests that were refused for being too many.
    pub sync_requests_throttled: u64,
}

/// What one person did in a span.
#[derive(Debug, JsonSchema)]
pub struct AnalyticsAgent {
    /// The CRM's id of them. Not of somebody whom nothing but an assignment names.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub id: Option<String>,
    /// What people call them.
    pub name: String,
    /// Messages that they wrote.
    pub messages: u64,
    /// Conversations that were closed while assigned to them.
    pub tickets_closed: u64,
}
