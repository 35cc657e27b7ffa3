//! Doing jobs.

use super::Kustomer;
use super::api::{self, Api, Resource};
use super::bulk::several;
use super::calls::call_of;
use super::settings::{Settings, api_of};
use channels::outbound::FetchResult;
use common::context::Context;
use common::ports::{Async, OutboundRequest};
use common::time::Timestamp;
use crm::{CrmClient, Done, Failure, Job, Outcome, Sync};

/// How much of what is asked a run's log line has, where the business wants it logged.
const MAX_NOTE_BYTES: usize = 4096;

impl Sync for Kustomer {
    fn run<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        job: &'a Job,
    ) -> Async<'a, Result<Done, Failure>> {
        Box::pin(async move {
            let sync = SyncContext::of(client, job)?;
            match job.kind.as_str() {
                "message" => sync.message().await,
                "status" => sync.status().await,
                "conversation" => sync.conversation().await,
                "customer" => sync.customer().await,
                "escalation" => sync.escalation().await,
                "history" => sync.history().await,
                "remote" => sync.remote().await,
                _ => Ok(Done::Skipped("There is no such kind of job.")),
            }
        })
    }

    fn several(&self, job: &Job) -> usize {
        several(job)
    }

    fn run_several<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        jobs: &'a [Job],
    ) -> Async<'a, Vec<Outcome>> {
        Box::pin(async move {
            let done = match jobs.first().map(|first| SyncContext::of(client, first)) {
                Some(Ok(sync)) => sync.messages_in_bulk(jobs).await,
                Some(Err(failure)) => Err(failure),
                None => Ok(Vec::new()),
            };
            done.unwrap_or_else(|failure| vec![Some(Err(failure))])
        })
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
    pub(super) api: Api,
    pub(super) settings: Settings,
}

impl<'a> SyncContext<'a> {
    pub(super) fn of(client: &'a CrmClient<'a>, job: &'a Job) -> Result<Self, Failure> {
        let api = api_of(client.cx, client.integration).map_err(Failure::not_connected)?;
        Ok(Self {
            client,
            cx: client.cx,
            job,
            api,
            settings: Settings::of(&client.cx.ports, &client.integration.settings),
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.client.now())
    }

    /// Makes a request; `what` names it in the job's log. [`Failure::Forbidden`] where the key lacks
    /// its role, which the status tells, too.
    pub(super) async fn ask(
        &self,
        what: &str,
        request: OutboundRequest,
    ) -> Result<FetchResult, Failure> {
        let answered = self.asked(what, request).await?;
        let Some(call) = call_of(what) else {
            return Ok(answered);
        };
        let Some(refusal) = api::forbidden(&answered, self.now()) else {
            return Ok(answered);
        };
        let (role, lost) = (call.role(), call.turns_off);
        let message = format!("`{what}` needs the role {role}. {lost} Kustomer: {refusal}");
        self.client.trouble("missing_role", role, &message).await?;
        Err(Failure::Forbidden { message })
    }

    async fn asked(&self, what: &str, request: OutboundRequest) -> Result<FetchResult, Failure> {
        if !self.settings.debug {
            return self.client.ask(what, request).await;
        }
        let shown = [what, " ", &api::shown(&request)].concat();
        let more = [shown.as_str(), "; "].concat();
        self.cx.effects.note_more(&more, MAX_NOTE_BYTES);
        self.client.ask(&shown, request).await
    }

    /// Makes a request for one thing that may not be there.
    pub(super) async fn find(
        &self,
        what: &str,
        request: OutboundRequest,
    ) -> Result<Option<Resource>, Failure> {
        let answered = self.ask(what, request).await?;
        api::found(&answered, self.now())
    }

    /// Makes a request that gives one thing.
    pub(super) async fn one(
        &self,
        what: &str,
        request: OutboundRequest,
    ) -> Result<Resource, Failure> {
        let answered = self.ask(what, request).await?;
        api::resource(&answered, self.now())
    }
}
