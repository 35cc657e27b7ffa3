//! Connecting a business to Kustomer: the test of the connection, and having Kustomer call us.

mod enable;
mod probe;
mod roles;

pub use enable::WebhookMade;
pub use probe::{Connection, Problem, RemoteUser, Team, Tested};
pub use roles::{MissingRole, Roles};

use super::Kustomer;
use super::api::shown;
use super::settings::TABLE;
use channels::outbound::FetchResult;
use common::http::Error;
use common::ports::{Async, OutboundRequest};
use crm::table::{Draft, Table};
use crm::{CrmClient, Enabled, Failure, Setup};
use probe::Probe;

impl Setup for Kustomer {
    fn settings(&self) -> &'static Table {
        &TABLE
    }

    fn test<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        draft: &'a Draft,
    ) -> Async<'a, Result<crm::Tested, Error>> {
        Box::pin(async move { Probe::of(client, draft)?.test(client).await?.told() })
    }

    fn enable<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        draft: &'a Draft,
        url: &'a str,
    ) -> Async<'a, Result<Enabled, Error>> {
        Box::pin(enable::webhook_make(client, draft, url))
    }
}

/// Makes a request while a person waits.
async fn ask(client: &CrmClient<'_>, request: OutboundRequest) -> Result<FetchResult, Failure> {
    client.ask(&shown(&request), request).await
}
