//! Krayin (docs/krayin.md): a business's customers are persons and leads there, its conversations and
//! messages are activities, and what people change there is changed here.

mod activities;
pub mod api;
mod asked;
mod companies;
mod conversations;
mod customers;
mod finding;
mod history;
mod incoming;
mod known;
mod leads;
mod linked;
mod lists;
mod messages;
mod notes;
mod persons;
mod receive;
mod reconcile;
mod settings;
pub mod setup;
mod stages;
mod sync;

pub use linked::LISTS;
pub use settings::{Settings, TABLE, api_of};

use common::json::raw::part;
use common::ports::Queue;
use common::time::SECOND;
use crm::{Condition, Connector, EventJob, Limits};

/// The connector.
pub struct Krayin;

/// What Krayin takes: 60 a minute of a user, whoever asks in their name. Newer ones have no limit of
/// their own; a server before them may have one.
static LIMITS: Limits = Limits {
    per_second: 10,
    per_minute: 60,
    per_day: None,
    per_customer: 60,
    share_percent: 85,
    refusal: Limits::account,
    read: api::limits,
    quick_retries: &[2 * SECOND, 4 * SECOND, 8 * SECOND],
};

impl Connector for Krayin {
    fn name(&self) -> &'static str {
        "krayin"
    }

    fn limits(&self) -> &'static Limits {
        &LIMITS
    }

    fn jobs_of(&self, event: &str) -> &'static [EventJob] {
        const CUSTOMER: &[EventJob] = &[EventJob::of_record("customer")];
        const MESSAGE: &[EventJob] = &[EventJob::of_record("message")];
        const FAILED: &[EventJob] = &[EventJob::of_record("message").only(Condition::Failed)];
        const CONVERSATION: &[EventJob] = &[EventJob::of_record("conversation")];
        match event {
            "customer.created" | "customer.updated" => CUSTOMER,
            "message.received" | "message.sent" | "message.updated" => MESSAGE,
            "message.status_changed" => FAILED,
            "conversation.created"
            | "conversation.assigned"
            | "conversation.status_changed"
            | "inbox.changed" => CONVERSATION,
            _ => &[],
        }
    }

    fn backfill(&self) -> Option<&'static str> {
        Some("message")
    }

    fn queue(&self) -> Queue {
        Queue::Sales
    }

    fn record_url(&self, settings: &str, kind: &str, id: &str) -> Option<String> {
        let base = api::base_of(&part(settings).text("api_url")?)?;
        let root = base.strip_suffix("/api/v1")?;
        let page = match kind {
            "person" | "customer" => "contacts/persons/view",
            "lead" => "leads/view",
            "organization" => "contacts/organizations/edit",
            _ => return None,
        };
        let is_id = id.bytes().all(|b| b.is_ascii_digit());
        is_id.then(|| format!("{root}/admin/{page}/{id}"))
    }

    fn has_path(&self) -> bool {
        true
    }
}
