//! Kustomer (kustomer.md): what a business does here is written there, and what its agents do there
//! is done here.

pub mod api;
mod attachments;
mod begun_here;
mod bulk;
mod calls;
mod conversations;
mod customers;
mod history;
mod incoming;
mod linked;
mod messages;
mod receive;
mod reconcile;
mod replies;
mod settings;
pub mod setup;
mod sync;
mod words;

pub use linked::LISTS;
pub use settings::{Settings, TABLE, api_of};

use common::json::raw::part;
use crm::{Condition, Connector, EventJob, Limits, Refused, Scope};

/// What our ids there begin with.
const OURS: &str = "tieline:";

/// The connector.
pub struct Kustomer;

/// Kustomer's limits: what the setup guide grants (kustomer.md §6) until the
/// headers say otherwise. One customer may be asked for 120 times a minute (kustomer.md §6), and
/// others share the organisation's limit.
static LIMITS: Limits = Limits {
    per_second: 10,
    per_minute: 100,
    per_day: Some(10_000),
    per_customer: 100,
    quick_retries: &[],
    share_percent: 75,
    refusal: scope_of,
    read: api::limits,
};

/// Whom a 429 is for: calls that write to a customer, a conversation or a message have limits of
/// theirs beside the organisation's (kustomer.md §6), which is told by every other answer's headers.
fn scope_of(refused: &Refused<'_>) -> Scope {
    let path = refused.url.split("/v1/").nth(1).unwrap_or_default();
    let (what, rest) = path.split_once('/').unwrap_or((path, ""));
    let has_own = match (refused.method, what, rest) {
        ("GET", ..) | (_, "customers", "search") => false,
        (_, "conversations", "") => true,
        (_, "customers" | "conversations" | "messages", rest) => !rest.is_empty(),
        _ => false,
    };
    let is_known = refused.per_minute != LIMITS.per_minute;
    let is_account = match refused.reported.limit {
        Some(limit) => !is_known || LIMITS.share(limit) == refused.per_minute,
        None => false,
    };
    match has_own && !is_account {
        true => Scope::Record,
        false => Scope::Account,
    }
}

impl Connector for Kustomer {
    fn name(&self) -> &'static str {
        "kustomer"
    }

    fn limits(&self) -> &'static Limits {
        &LIMITS
    }

    fn jobs_of(&self, event: &str) -> &'static [EventJob] {
        const MESSAGE: &[EventJob] = &[EventJob::of_record("message")];
        const STATUS: &[EventJob] = &[EventJob::of_record("status").only(Condition::Failed)];
        const CONVERSATION: &[EventJob] = &[EventJob::of_record("conversation")];
        const ESCALATION: &[EventJob] = &[EventJob::of_event("escalation")];
        const CUSTOMER: &[EventJob] = &[EventJob::of_record("customer").only(Condition::Linked)];
        match event {
            "message.received" | "message.sent" | "message.updated" => MESSAGE,
            "message.status_changed" => STATUS,
            "conversation.assigned" | "conversation.status_changed" | "inbox.changed" => {
                CONVERSATION
            }
            "conversation.escalated" => ESCALATION,
            "customer.updated" => CUSTOMER,
            _ => &[],
        }
    }

    fn record_url(&self, settings: &str, kind: &str, id: &str) -> Option<String> {
        let subdomain = api::subdomain(&part(settings).text("subdomain")?)?;
        let is_id = id.bytes().all(|b| b.is_ascii_alphanumeric());
        let is_known = kind == "customer" && is_id;
        is_known.then(|| format!("https://{subdomain}.kustomerapp.com/app/customers/{id}"))
    }

    fn backfill(&self) -> Option<&'static str> {
        Some("message")
    }
}
