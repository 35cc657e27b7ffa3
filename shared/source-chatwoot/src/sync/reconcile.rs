//! Chatwoot repeats no webhook that was lost: what changed there is read every few minutes.

use super::account::Account;
use super::{CONNECTOR, SyncContext};
use crate::webhook::Conversation;
use common::json::raw::{self, part};
use common::json::tolerant::{child, text};
use common::time::{SECOND, Timestamp};
use crm::{Done, Failure, NewJob, jobs_again};

/// How far back a look reaches before the last: the clocks of both sides differ, and what is read may be old by then.
const OVERLAP_MICROS: i64 = 120 * SECOND;
/// Most pages of a list that one look reads.
const MAX_PAGES: u32 = 5;

impl SyncContext<'_> {
    /// Asks each account what changed, and makes jobs of it.
    pub(super) async fn reconcile(&self) -> Result<Done, Failure> {
        let accounts = self.accounts().await?;
        if accounts.is_empty() {
            return Ok(Done::Skipped("No account is on."));
        }
        for account in &accounts {
            self.look(account).await?;
        }
        Ok(Done::Done)
    }

    async fn look(&self, account: &Account) -> Result<(), Failure> {
        let name = account.id.as_str();
        let now = self.client.now();
        // What was there before the account was connected is for a backfill.
        let Some(since) = self
            .client
            .cursor(name)
            .and_then(|at| at.parse::<i64>().ok())
        else {
            let put = self.client.cursors_put(&[(name, &now.to_string())]);
            self.client.batch(vec![put]).await?;
            return Ok(());
        };
        let from = since - OVERLAP_MICROS;
        let mut jobs = Vec::new();
        self.contacts_since(account, from, &mut jobs).await?;
        self.conversations_since(account, from, &mut jobs).await?;
        let mut statements = jobs_again(self.cx, CONNECTOR, &jobs)?;
        statements.push(self.client.cursors_put(&[(name, &now.to_string())]));
        self.client.batch(statements).await?;
        Ok(())
    }

    async fn contacts_since(
        &self,
        account: &Account,
        from: i64,
        jobs: &mut Vec<NewJob>,
    ) -> Result<(), Failure> {
        for page in 1..=MAX_PAGES {
            let read = self
                .ask(account, "contacts", account.api.contacts(page))
                .await?;
            let list = part(&read);
            let contacts = list
                .get("payload")
                .map(|list| raw::items(list))
                .unwrap_or_default();
            let count = contacts.len();
            let mut is_old = contacts.is_empty();
            for contact in contacts.into_iter().map(part) {
                let at = crate::reading::moment(&contact, "last_activity_at");
                is_old |= at.is_none_or(|at| at.micros() < from);
                if let (false, Some(id)) = (is_old, text(&contact, "id")) {
                    jobs.push(self.job("contact_in", account, &id, &id, at));
                }
            }
            if is_old || count == 0 {
                break;
            }
        }
        Ok(())
    }

    async fn conversations_since(
        &self,
        account: &Account,
        from: i64,
        jobs: &mut Vec<NewJob>,
    ) -> Result<(), Failure> {
        for page in 1..=MAX_PAGES {
            let request = account.api.conversations(page, false);
            let read = self.ask(account, "conversations", request).await?;
            let list = child(&part(&read), "data");
            let all = list
                .get("payload")
                .map(|list| raw::items(list))
                .unwrap_or_default();
            let count = all.len();
            let mut is_old = all.is_empty();
            for one in all {
                let whole = part(one);
                let at = crate::reading::moment(&whole, "last_activity_at");
                is_old |= at.is_none_or(|at| at.micros() < from);
                let Some(found) = Conversation::read(&whole).filter(|_| !is_old) else {
                    continue;
                };
                let contact = found.contact_id.clone().unwrap_or_default();
                jobs.push(self.job("conversation_in", account, &found.thread, &contact, at));
            }
            if is_old || count == 0 {
                break;
            }
        }
        Ok(())
    }

    fn job(
        &self,
        kind: &'static str,
        account: &Account,
        id: &str,
        contact: &str,
        at: Option<Timestamp>,
    ) -> NewJob {
        NewJob {
            kind,
            subject: [account.id.as_str(), "/", id].concat(),
            stream: ["remote:", account.id.as_str(), "/", contact].concat(),
            ordered_at: at.map_or_else(|| self.client.now(), Timestamp::micros),
            ..NewJob::default()
        }
    }
}
