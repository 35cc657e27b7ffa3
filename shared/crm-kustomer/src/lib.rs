//! Kustomer (kustomer.md): what a business does here is written there, and what its agents do there
//! is done here.

pub mod api;
mod files;
mod history;
mod incoming;
mod people;
mod reconcile;
mod settings;
pub mod setup;
pub mod sql;
mod threads;
mod timeline;
mod webhook;
mod words;

pub use settings::{Credentials, Settings, TeamRule, api_of};
pub use webhook::event_receive;

use api::{Api, Resource, limits};
use channels::outbound::Answered;
use common::context::Context;
use common::http::{Error, Kind};
use common::outside::{Async, OutboundRequest};
use common::time::Timestamp;
use crm::{Connector, Desk, Done, Failure, Integration, Job};

/// Its name in `integrations`.
pub const NAME: &str = "kustomer";
/// How much of what is asked a run's log line has, where the business wants it logged.
const MAX_NOTE_BYTES: usize = 4096;
/// What our ids there begin with.
const OURS: &str = "tieline:";

/// The connector.
pub struct Kustomer;

impl Connector for Kustomer {
    fn name(&self) -> &'static str {
        NAME
    }

    fn before_run<'a>(
        &'a self,
        cx: &'a Context<'a>,
        _: &'a Integration,
    ) -> Async<'a, Result<(), Error>> {
        Box::pin(async move {
            messaging::conversations::phrases_look(cx, NAME).await?;
            Ok(())
        })
    }

    fn run<'a>(&'a self, desk: &'a Desk<'a>, job: &'a Job) -> Async<'a, Result<Done, Failure>> {
        Box::pin(async move {
            let way = Way::of(desk, job)?;
            match job.kind.as_str() {
                "message" => way.message().await,
                "status" => way.status().await,
                "conversation" => way.conversation().await,
                "customer" => way.customer().await,
                "escalation" => way.escalation().await,
                "history" => way.history().await,
                "remote" => way.remote().await,
                "reconcile" => way.reconcile().await,
                _ => Ok(Done::Skipped("There is no such kind of job.")),
            }
        })
    }
}

/// One job on its way.
struct Way<'a> {
    desk: &'a Desk<'a>,
    cx: &'a Context<'a>,
    job: &'a Job,
    api: Api,
    settings: Settings,
}

impl<'a> Way<'a> {
    fn of(desk: &'a Desk<'a>, job: &'a Job) -> Result<Self, Failure> {
        let api = api_of(desk.cx, desk.integration).map_err(not_connected)?;
        Ok(Self {
            desk,
            cx: desk.cx,
            job,
            api,
            settings: Settings::of(&desk.cx.outside, &desk.integration.settings),
        })
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.desk.now())
    }

    /// Makes a request; `what` names it in the job's log.
    async fn ask(&self, what: &str, request: OutboundRequest) -> Result<Answered, Failure> {
        if !self.settings.debug {
            return self.desk.ask(what, request, limits).await;
        }
        let shown = [what, " ", &api::shown(&request)].concat();
        {
            let mut note = self.cx.note.borrow_mut();
            let note = note.get_or_insert_default();
            if note.len() < MAX_NOTE_BYTES {
                note.push_str(&shown);
                note.push_str("; ");
            }
        }
        self.desk.ask(&shown, request, limits).await
    }

    /// Makes a request for one thing that may not be there.
    async fn find(
        &self,
        what: &str,
        request: OutboundRequest,
    ) -> Result<Option<Resource>, Failure> {
        let answered = self.ask(what, request).await?;
        api::found(&answered, self.now())
    }

    /// Makes a request that gives one thing.
    async fn one(&self, what: &str, request: OutboundRequest) -> Result<Resource, Failure> {
        let answered = self.ask(what, request).await?;
        api::resource(&answered, self.now())
    }
}

/// A connection that lacks its key fails as one whose key is refused.
fn not_connected(error: Error) -> Failure {
    if error.kind() != Kind::Conflict {
        return Failure::Away(error);
    }
    Failure::Auth {
        code: "not_connected",
        message: error.message().to_owned(),
    }
}
