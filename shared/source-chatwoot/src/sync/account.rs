//! The accounts of a business at Chatwoot.

use super::SyncContext;
use super::sql::SOURCE_ACCOUNTS;
use crate::api::Api;
use channels::Credentials;
use common::db::{Columns, Row, Value};
use common::ids::ChannelId;
use common::json::{Fields, raw};
use crm::Failure;

/// An account, and how to speak there.
pub(super) struct Account {
    pub(super) id: ChannelId,
    pub(super) api: Api,
    settings: Fields<String>,
    /// When it was connected: what was written before is for a backfill.
    pub(super) since: i64,
}

impl Account {
    /// As far as taking in needs it.
    pub(super) fn source(&self) -> crate::Account<'_> {
        crate::Account {
            channel_id: &self.id,
            settings: &self.settings,
        }
    }
}

impl SyncContext<'_> {
    /// An account; none where it is off or gone.
    pub(super) async fn account(&self, id: &str) -> Result<Option<Account>, Failure> {
        Ok(self.accounts_of(id.into()).await?.pop())
    }

    /// All accounts that are on.
    pub(super) async fn accounts(&self) -> Result<Vec<Account>, Failure> {
        self.accounts_of(Value::Null).await
    }

    pub(super) async fn has_other_accounts(&self, than: &Account) -> Result<bool, Failure> {
        let all = self.accounts().await?;
        Ok(all.iter().any(|one| one.id != than.id))
    }

    async fn accounts_of(&self, id: Value) -> Result<Vec<Account>, Failure> {
        let params = vec![self.cx.business_id().into(), id];
        let rows = self.client.rows(SOURCE_ACCOUNTS.bind(params)).await?;
        rows.iter().map(|row| self.account_of(row)).collect()
    }

    fn account_of(&self, row: &Row) -> Result<Account, Failure> {
        let mut columns = Columns::of(row);
        let id: ChannelId = columns.id("id")?;
        let settings = columns.text("settings")?;
        let settings = raw::texts(&settings).unwrap_or_default();
        let sealed = columns.text("credentials")?;
        let since = columns.integer("created_at")?;
        let credentials = Credentials::open(&self.cx.ports, self.cx.business_id(), &id, &sealed)?;
        Ok(Account {
            api: Api::of(&settings, &credentials),
            settings,
            since,
            id,
        })
    }
}
