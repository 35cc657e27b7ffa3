//! What a connector tells of a customer: which records of its CRM they are, and what happened there.

use super::local::CustomerRow;
use super::sql::{CRM_EVENT_INSERT, CRM_IDS_GUARD, CRM_IDS_PUT, CURSORS_PUT};
use super::{CrmClient, Failure};
use common::db::Statement;
use common::events::{CUSTOMER_UPDATED, EventName, happened};
use common::ids::CustomerId;
use common::json::raw::part;
use common::json::writer::quoted;

impl CrmClient<'_> {
    /// Prints at a customer which records of the CRM they are, each kind with its id or with none. Raises
    /// `customer.updated` where that is new.
    ///
    /// # Errors
    /// When the database is away, or the customer was changed since it was read.
    pub async fn crm_ids_put(
        &self,
        customer: &CustomerRow,
        ids: &[(&str, Option<&str>)],
    ) -> Result<(), Failure> {
        let mut new = customer.crm_ids.clone();
        for (kind, id) in ids {
            new.put(&self.integration.connector, kind, *id);
        }
        if new == customer.crm_ids {
            return Ok(());
        }
        let stored = |ids: &customer::CrmIds| Some(ids.to_string()).filter(|ids| !ids.is_empty());
        let business = || self.cx.business_id().into();
        let put = CRM_IDS_PUT.bind(vec![
            business(),
            customer.id.as_str().into(),
            stored(&customer.crm_ids).into(),
            stored(&new).into(),
            self.now().into(),
        ]);
        let mut statements = vec![put, CRM_IDS_GUARD.bind(vec![business()])];
        let subject = [customer.id.as_str()].into_iter();
        statements.extend(happened(self.cx, CUSTOMER_UPDATED, subject));
        self.batch(statements).await?;
        Ok(())
    }

    /// The statement by which an event about a customer is told, with what it says as a JSON object.
    #[must_use]
    pub fn event(&self, event: EventName, customer: &CustomerId, detail: &str) -> Statement {
        CRM_EVENT_INSERT.bind(vec![
            self.cx.business_id().into(),
            self.cx.ids.next().into(),
            event.as_str().into(),
            customer.as_str().into(),
            detail.into(),
            self.now().into(),
        ])
    }

    /// Up to where a kind of record was read, as [`CrmClient::cursors_put`] had it when the connection was read.
    #[must_use]
    pub fn cursor(&self, name: &str) -> Option<String> {
        part(self.integration.cursors.as_deref().unwrap_or("{}")).text(name)
    }

    /// The statement that remembers up to where kinds of records were read.
    #[must_use]
    pub fn cursors_put(&self, cursors: &[(&str, &str)]) -> Statement {
        let pairs = cursors.iter();
        let pairs: Vec<_> = pairs
            .map(|(name, cursor)| [quoted(name), quoted(cursor)].join(":"))
            .collect();
        let json = ["{", &pairs.join(","), "}"].concat();
        CURSORS_PUT.bind(self.named([json.as_str()]))
    }
}
