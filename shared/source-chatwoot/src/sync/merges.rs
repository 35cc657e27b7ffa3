//! Contacts that Chatwoot made one of. It tells nobody: the id of one is gone, and its conversations name the other.

use super::SyncContext;
use super::account::Account;
use super::sql::{
    SOURCE_CONTACTS_OF, SOURCE_ID_LIST, SOURCE_ID_MOVE, SOURCE_NAMES_OF, SOURCE_THREADS_OF,
};
use crate::webhook::{Contact, Conversation};
use common::db::{Columns, Value};
use common::ids::CustomerId;
use common::json::raw::part;
use crm::{Done, Failure};

impl SyncContext<'_> {
    /// Whose an address and a number are, each by its kind.
    pub(super) async fn named(
        &self,
        email: Option<&str>,
        phone: Option<&str>,
    ) -> Result<Vec<(String, CustomerId)>, Failure> {
        if email.is_none() && phone.is_none() {
            return Ok(Vec::new());
        }
        let params = vec![self.cx.business_id().into(), email.into(), phone.into()];
        let rows = self.client.rows(SOURCE_NAMES_OF.bind(params)).await?;
        let mut named = Vec::new();
        for row in &rows {
            let mut columns = Columns::of(row);
            named.push((columns.text("kind")?, columns.id("customer_id")?));
        }
        Ok(named)
    }

    /// Follows contacts into one that is new here and has their address or their number, where they are gone and their
    /// conversations name it. Whether there were any.
    pub(super) async fn follow(
        &self,
        account: &Account,
        contact: &Contact,
    ) -> Result<bool, Failure> {
        let named = self
            .named(contact.email.as_deref(), contact.phone.as_deref())
            .await?;
        for (_, customer) in named {
            let params = vec![self.cx.business_id().into(), (&customer).into()];
            let rows = self.client.rows(SOURCE_CONTACTS_OF.bind(params)).await?;
            for row in &rows {
                let mut columns = Columns::of(row);
                let (channel, other) = (columns.text("channel_id")?, columns.text("remote_id")?);
                if channel != account.id.as_str() || other == contact.id {
                    continue;
                }
                let request = account.api.contact(&other);
                match self.ask(account, "contact", request).await {
                    Err(Failure::NotFound) => {}
                    read => {
                        read?;
                        continue;
                    }
                }
                if self.merged(account, &other).await? == Done::Done {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// A contact that is gone was merged into another, which its conversations name, or deleted; nothing is deleted
    /// here.
    pub(super) async fn merged(&self, account: &Account, id: &str) -> Result<Done, Failure> {
        let (owner, _) = self.known(account, id).await?;
        let Some(owner) = owner else {
            return Ok(Done::Skipped("The contact is gone there."));
        };
        let params = vec![
            self.cx.business_id().into(),
            (&owner).into(),
            (&account.id).into(),
        ];
        let rows = self.client.rows(SOURCE_THREADS_OF.bind(params)).await?;
        for row in &rows {
            let thread = Columns::of(row).text("thread")?;
            let request = account.api.conversation(&thread);
            let read = match self.ask(account, "conversation", request).await {
                Err(Failure::NotFound) => continue,
                read => read?,
            };
            let contact = Conversation::read(&part(&read)).and_then(|found| found.contact_id);
            let Some(into) = contact.filter(|contact| contact != id) else {
                continue;
            };
            let mut statements =
                vec![self.contact_put(account, id, Some(&owner), None, Some(&into))];
            let (owner_of_other, _) = self.known(account, &into).await?;
            if owner_of_other.is_none() {
                let moved = || -> Vec<Value> {
                    vec![
                        self.cx.business_id().into(),
                        (&owner).into(),
                        id.into(),
                        into.as_str().into(),
                        account.source().system().into(),
                    ]
                };
                let mut listed = moved();
                listed.push(self.client.now().into());
                statements.push(SOURCE_ID_MOVE.bind(moved()));
                statements.push(SOURCE_ID_LIST.bind(listed));
                statements.push(self.contact_put(account, &into, Some(&owner), None, None));
            }
            self.client.batch(statements).await?;
            return Ok(Done::Done);
        }
        Ok(Done::Skipped("The contact is gone there."))
    }
}
