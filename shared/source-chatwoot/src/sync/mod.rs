//! Chatwoot as a source of conversations: what agents do there is done here, and the reverse (chatwoot.md).
//!
//! A webhook says what is so at the event or after it, comes once or never, and in no order: it only makes a job, which
//! reads the record anew. Both sides are compared with what they last agreed on, so that a job can be repeated at any
//! time, and our own writing that comes back changes nothing.

mod account;
mod backfill;
mod contacts;
mod conversations;
mod definitions;
mod history;
mod look;
mod merges;
mod messages;
mod notes;
mod people;
mod reconcile;
pub mod sql;
mod stages;

use crate::api::{Failed, answer};
use account::Account;
use common::context::Context;
use common::ports::{Async, OutboundRequest, Queue};
use common::time::SECOND;
use conversations::ESCALATION;
use crm::{Connector, CrmClient, Done, EventJob, Failure, Job, Limits, Sync};

/// The connector's name.
pub const CONNECTOR: &str = "chatwoot";

/// A server counts 3000 requests a minute of an address (chatwoot.md §3), which others share.
static LIMITS: Limits = Limits {
    per_second: 10,
    per_minute: 600,
    per_day: None,
    per_customer: 300,
    quick_retries: &[2 * SECOND, 4 * SECOND, 8 * SECOND],
    share_percent: 100,
    refusal: Limits::account,
    read: Limits::unreported,
};

/// The connector.
pub struct ChatwootSource;

impl Connector for ChatwootSource {
    fn name(&self) -> &'static str {
        CONNECTOR
    }

    fn limits(&self) -> &'static Limits {
        &LIMITS
    }

    fn queue(&self) -> Queue {
        Queue::Sources
    }

    fn jobs_of(&self, event: &str) -> &'static [EventJob] {
        match event {
            "customer.updated" => const { &[EventJob::of_record("customer")] },
            "crm.lead_stage_changed" => const { &[EventJob::of_event("stage")] },
            "conversation.created"
            | "conversation.status_changed"
            | "conversation.assigned"
            | "inbox.changed" => const { &[EventJob::of_record("conversation")] },
            "conversation.escalated" => const { &[EventJob::of_record(ESCALATION)] },
            _ => &[],
        }
    }

    fn backfill_reads(&self) -> Option<&'static str> {
        Some("backfill")
    }
}

impl Sync for ChatwootSource {
    fn run<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        job: &'a Job,
    ) -> Async<'a, Result<Done, Failure>> {
        Box::pin(async move {
            let sync = SyncContext::of(client, job);
            match job.kind.as_str() {
                "conversation" | ESCALATION => sync.conversation().await,
                "conversation_in" => sync.conversation_in().await,
                "customer" => sync.customer().await,
                "stage" => sync.stage().await,
                "contact_in" => sync.contact_in().await,
                "messages_in" => sync.messages_in().await,
                "backfill" => sync.backfill().await,
                "history" => sync.history().await,
                _ => Ok(Done::Skipped("There is no such kind of job.")),
            }
        })
    }

    fn weight(&self, job: &Job) -> usize {
        match job.kind.as_str() {
            "messages_in" | "history" => 5,
            "reconcile" | "backfill" => 3,
            _ => 1,
        }
    }

    fn reconcile<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        job: &'a Job,
    ) -> Async<'a, Result<Done, Failure>> {
        Box::pin(async move { SyncContext::of(client, job).reconcile().await })
    }
}

/// One job on its way.
struct SyncContext<'a> {
    client: &'a CrmClient<'a>,
    cx: &'a Context<'a>,
    job: &'a Job,
}

impl<'a> SyncContext<'a> {
    const fn of(client: &'a CrmClient<'a>, job: &'a Job) -> Self {
        Self {
            client,
            cx: client.cx,
            job,
        }
    }

    /// The JSON that Chatwoot answers; `what` names the request in the job's log.
    async fn ask(
        &self,
        account: &Account,
        what: &str,
        request: OutboundRequest,
    ) -> Result<String, Failure> {
        let answered = self.client.ask(what, request).await?;
        match answer(&answered) {
            Ok(json) => Ok(json.to_owned()),
            Err(failed) => Err(self.failure(account, what, failed).await?),
        }
    }

    /// What a refusal means for the job, and what it says of the account.
    async fn failure(
        &self,
        account: &Account,
        what: &str,
        failed: Failed,
    ) -> Result<Failure, Failure> {
        Ok(match failed {
            Failed::Unreached => Failure::Unreached {
                message: "Chatwoot cannot be reached.".to_owned(),
            },
            Failed::Unclear => Failure::Unclear {
                message: "Chatwoot did not answer.".to_owned(),
            },
            Failed::BadToken => {
                let message =
                    "Chatwoot does not know the account's token: it is wrong, or its user is gone.";
                // The others of a business have tokens of their own.
                if self.has_other_accounts(account).await? {
                    self.client
                        .trouble("bad_key", account.id.as_str(), message)
                        .await?;
                    return Ok(Failure::Forbidden {
                        message: message.to_owned(),
                    });
                }
                Failure::Auth {
                    code: "bad_key",
                    message: message.to_owned(),
                }
            }
            Failed::Forbidden { message } => {
                let message = format!("`{what}` is not allowed to the account's token: {message}");
                self.client
                    .trouble("forbidden", account.id.as_str(), &message)
                    .await?;
                Failure::Forbidden { message }
            }
            Failed::NotYours => Failure::Forbidden {
                message: format!("The agent whose token it is may not do this: `{what}`."),
            },
            Failed::NotFound => Failure::NotFound,
            Failed::Invalid { message, .. } => Failure::Invalid {
                code: "invalid".to_owned(),
                message,
            },
            Failed::Throttled { seconds } => {
                let until = self.client.now() + i64::from(seconds.unwrap_or(30)) * SECOND;
                self.client.block(until).await?;
                Failure::Throttled {
                    until: Some(until),
                    message: "Chatwoot is asked too much at the moment.".to_owned(),
                }
            }
            Failed::Faulted { status } => Failure::Faulted {
                message: format!("Chatwoot answered `{what}` with status {status}."),
            },
            Failed::NotAnApi { status } => Failure::Invalid {
                code: "not_an_api".to_owned(),
                message: format!(
                    "What answers at the account's address is not Chatwoot's API ({status})."
                ),
            },
        })
    }
}
