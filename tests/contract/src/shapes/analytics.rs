//! Figures, whose JSON is written field by field.

use dashboard_analytics::report::AGENTS_MAX;
use schemars::{JsonSchema, Schema};

/// The figures of a span of days.
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
    /// The whole span. Medians and means are computed over the whole span, not over the days'
    /// figures.
    pub totals: AnalyticsFigures,
    /// Agents who wrote or closed something in the span, busiest first.
    #[schemars(transform = say_max_agents)]
    pub agents: Vec<AnalyticsAgent>,
}

fn say_max_agents(schema: &mut Schema) {
    if let Some(serde_json::Value::String(text)) = schema.get_mut("description") {
        text.push_str(&format!(
            " At most {AGENTS_MAX} by their messages and {AGENTS_MAX} by their conversations."
        ));
    }
}

/// A day, in UTC.
#[derive(Debug, JsonSchema)]
pub struct AnalyticsDay {
    /// The date.
    #[schemars(extend("format" = "date"))]
    pub date: String,
    /// The day's figures.
    #[serde(flatten)]
    pub figures: AnalyticsFigures,
}

/// Figures of a day or of the whole span. Rates and times are null if nothing was counted.
#[derive(Debug, JsonSchema)]
pub struct AnalyticsFigures {
    /// Conversations that began.
    pub conversations_begun: u64,
    /// Those of them that were escalated, on that day or later.
    pub conversations_escalated: u64,
    /// `conversations_escalated` divided by `conversations_begun`, from 0 to 1.
    pub escalation_rate: Option<f64>,
    /// Conversations begun in which the customer wrote and then received a message that did not
    /// fail, on that day or later.
    pub conversations_answered: u64,
    /// Conversations begun in which the customer wrote and nobody has answered.
    pub conversations_unanswered: u64,
    /// For answered conversations: the median seconds from the customer's first message to the
    /// first reply.
    pub first_response_median_seconds: Option<f64>,
    /// The mean of the same.
    pub first_response_mean_seconds: Option<f64>,
    /// Conversations that were closed and not reopened.
    pub conversations_closed: u64,
    /// For closed conversations: the median seconds from beginning to end.
    pub resolution_median_seconds: Option<f64>,
    /// The mean of the same.
    pub resolution_mean_seconds: Option<f64>,
    /// Messages from customers.
    pub messages_in: u64,
    /// Messages to customers, including failed ones.
    pub messages_out: u64,
    /// Ratings that were given.
    pub csat_ratings: u64,
    /// The mean of their scores, from 0 to 1.
    pub csat_mean: Option<f64>,
    /// CRM jobs that succeeded.
    pub sync_jobs_done: u64,
    /// CRM jobs that failed for good.
    pub sync_jobs_failed: u64,
    /// `sync_jobs_done` divided by the sum of both, from 0 to 1.
    pub sync_success_rate: Option<f64>,
    /// Requests to CRMs.
    pub sync_requests: u64,
    /// Requests to CRMs that were throttled (429).
    pub sync_requests_throttled: u64,
}

/// One agent's work in a span.
#[derive(Debug, JsonSchema)]
pub struct AnalyticsAgent {
    /// The CRM's id of the agent; null if only an assignment names them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub id: Option<String>,
    /// The agent's name.
    pub name: String,
    /// Messages that the agent wrote.
    pub messages: u64,
    /// Conversations that were closed while assigned to the agent.
    pub tickets_closed: u64,
}
