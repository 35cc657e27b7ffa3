//! How the queue of deliveries names an endpoint.

use common::context::Context;
use common::db::{Sql, Statement, Value};
use common::ids::EndpointId;
use common::ports::Queue;
use common::time::Timestamp;
use serde::{Deserialize, Serialize};

/// An endpoint, as the messages of the queue of deliveries name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Whose it is.
    pub business_id: String,
    /// Its id.
    pub endpoint_id: EndpointId,
}

impl Target {
    /// The endpoint of a business.
    #[must_use]
    pub fn new(business_id: &str, endpoint_id: &EndpointId) -> Self {
        Self {
            business_id: business_id.to_owned(),
            endpoint_id: endpoint_id.clone(),
        }
    }

    /// Wakes whoever delivers to it, after so many seconds.
    pub fn wake(&self, cx: &Context<'_>, delay_seconds: u32) {
        let message = serde_json::to_string(self).unwrap_or_default();
        cx.wake_after(Queue::Deliveries, message, delay_seconds);
    }

    /// What every statement about it begins with: `?1` the business, `?2` the endpoint.
    pub fn key(&self, cx: &Context<'_>) -> Vec<Value> {
        vec![cx.business_id().into(), (&self.endpoint_id).into()]
    }

    /// A statement about it at a time, `?3`.
    pub fn at(&self, cx: &Context<'_>, sql: &'static Sql, now: Timestamp) -> Statement {
        let mut params = self.key(cx);
        params.push(now.micros().into());
        sql.bind(params)
    }
}
