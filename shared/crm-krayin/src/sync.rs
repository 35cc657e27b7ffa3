//! Doing jobs.

use super::Krayin;
use super::api::{Api, Refusal, all, one};
use super::asked::Line;
use super::settings::{Settings, api_of};
use common::context::Context;
use common::ports::{Async, OutboundRequest};
use common::time::Timestamp;
use crm::local::CustomerRow;
use crm::{ANONYMOUS, CrmClient, Done, Failure, Job, Sync};

impl Sync for Krayin {
    fn run<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        job: &'a Job,
    ) -> Async<'a, Result<Done, Failure>> {
        Box::pin(async move {
            let sync = SyncContext::of(client, job)?;
            match job.kind.as_str() {
                "customer" => sync.customer().await,
                "conversation" => sync.conversation().await,
                "message" => sync.message().await,
                "remote" => sync.remote().await,
                _ => Ok(Done::Skipped("There is no such kind of job.")),
            }
        })
    }

    fn weight(&self, job: &Job) -> usize {
        let is_look = job.kind == "reconcile" || job.subject.starts_with("changes:");
        if is_look { 3 } else { 1 }
    }

    fn reconcile<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        job: &'a Job,
    ) -> Async<'a, Result<Done, Failure>> {
        Box::pin(async move { SyncContext::of(client, job)?.reconcile().await })
    }
}

/// One job on its way.
pub(super) struct SyncContext<'a> {
    pub(super) client: &'a CrmClient<'a>,
    pub(super) cx: &'a Context<'a>,
    pub(super) job: &'a Job,
    pub(super) settings: Settings,
    pub(super) line: Line<'a>,
}

impl<'a> SyncContext<'a> {
    pub(super) fn of(client: &'a CrmClient<'a>, job: &'a Job) -> Result<Self, Failure> {
        let api = api_of(client.cx, client.integration).map_err(Failure::not_connected)?;
        let settings = Settings::of(&client.cx.ports, &client.integration.settings);
        Ok(Self {
            client,
            cx: client.cx,
            job,
            line: Line {
                client,
                api,
                is_logged: settings.debug,
            },
            settings,
        })
    }

    pub(super) fn api(&self) -> &Api {
        &self.line.api
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.client.now())
    }

    /// What the clock of the CRM's time zone shows at a time.
    pub(super) fn wall(&self, at: Timestamp) -> Option<String> {
        let wall = self.cx.ports.wall_clock?;
        wall(&self.settings.time_zone, at)
    }

    pub(super) async fn ask(
        &self,
        what: &str,
        request: OutboundRequest,
    ) -> Result<String, Refusal> {
        self.line.ask(what, request).await
    }

    /// Makes a request that gives one record.
    pub(super) async fn one<R: super::api::Record>(
        &self,
        what: &str,
        request: OutboundRequest,
    ) -> Result<R, Refusal> {
        let body = self.ask(what, request).await?;
        one(&body).ok_or_else(|| unreadable().into())
    }

    /// Makes a request that lists records.
    pub(super) async fn all<R: super::api::Record>(
        &self,
        what: &str,
        request: OutboundRequest,
    ) -> Result<Vec<R>, Refusal> {
        let body = self.ask(what, request).await?;
        all(&body).ok_or_else(|| unreadable().into())
    }

    /// Why a customer is not to be there.
    pub(super) fn refusal(&self, customer: &CustomerRow) -> Option<&'static str> {
        let rollout = &self.settings.rollout;
        if !rollout.includes(&customer.id, &customer.tag_list()) {
            return Some("The customer is not among those it is rolled out to.");
        }
        if !customer.is_identifiable() && customer.accounts.is_empty() {
            return Some(ANONYMOUS);
        }
        if customer.email.is_none() && self.settings.invented_domain.is_none() {
            return Some("Krayin makes no person without an address, and none is invented.");
        }
        None
    }
}

/// A request that went well, of which nobody knows what it did.
pub(super) fn unreadable() -> Failure {
    Failure::Unclear {
        message: "The answer lacks what was asked for.".to_owned(),
    }
}
