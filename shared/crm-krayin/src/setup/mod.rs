//! Connecting a business to Krayin: the test of the connection, and having Krayin call us.

mod checks;
mod enable;
mod found;
mod probe;

pub use checks::{Check, Choice, Choices, PipelineChoice, Tested};
pub use enable::WebhookMade;

use super::Krayin;
use super::settings::TABLE;
use common::http::Error;
use common::ports::Async;
use crm::table::{Draft, Table};
use crm::{CrmClient, Enabled, Setup};
use probe::Probe;

impl Setup for Krayin {
    fn settings(&self) -> &'static Table {
        &TABLE
    }

    fn test<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        draft: &'a Draft,
    ) -> Async<'a, Result<crm::Tested, Error>> {
        Box::pin(async move { Probe::of(client, draft)?.test().await?.told() })
    }

    fn enable<'a>(
        &'a self,
        client: &'a CrmClient<'a>,
        draft: &'a Draft,
        url: &'a str,
    ) -> Async<'a, Result<Enabled, Error>> {
        Box::pin(enable::webhooks_make(client, draft, url))
    }

    fn disable<'a>(&'a self, client: &'a CrmClient<'a>) -> Async<'a, Result<(), Error>> {
        Box::pin(enable::webhooks_remove(client))
    }
}
