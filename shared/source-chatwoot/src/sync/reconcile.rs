//! Chatwoot repeats no webhook that was lost: what changed there is read every few minutes.
//!
//! A look at an account reads its contacts and its conversations, those first that were active last, back to where the
//! look before began. What is active meanwhile comes to the front, and is the next look's.

use super::account::Account;
use super::look::{List, Look};
use super::messages::{THREAD, unread_since};
use super::sql::SOURCE_THREADS_SEEN;
use super::{CONNECTOR, SyncContext};
use crate::reading::moment;
use crate::streams::{place_of, streams_of};
use crate::webhook::Conversation;
use common::db::{Columns, Statement, json_arrays};
use common::json::raw::part;
use common::json::tolerant::{child, objects, text};
use common::json::writer::quoted;
use common::time::{SECOND, Timestamp};
use crm::sql::LINKS_OF_REMOTE;
use crm::{Done, Failure, NewJob, integration_get, jobs_again};
use std::collections::HashMap;

/// Most pages of lists that one try of a look reads.
const MAX_PAGES: u32 = 8;
/// Most pages of a list that a look reads at all: a server that knows no pages would tell the first for ever.
const LAST_PAGE: u32 = 2000;
/// After how long a look that has read so many goes on.
const REST_MICROS: i64 = SECOND;

/// What a page of a list comes to.
#[derive(Default)]
struct Page {
    jobs: Vec<NewJob>,
    /// The statements that remember conversations that were never seen.
    seen: Vec<Statement>,
    /// Whether nothing behind it was active since.
    is_last: bool,
}

/// A record of a page that was active since.
struct Active {
    kind: &'static str,
    id: String,
    contact: Option<String>,
    at: i64,
}

impl SyncContext<'_> {
    /// Asks each account what changed, and makes jobs of it.
    pub(super) async fn reconcile(&self) -> Result<Done, Failure> {
        let accounts = self.accounts().await?;
        if accounts.is_empty() {
            return Ok(Done::Skipped("No account is on."));
        }
        // Not as it was when the run began: the try before may have been of the same run.
        let integration = integration_get(self.cx, CONNECTOR).await?;
        let cursors = integration.and_then(|integration| integration.cursors);
        let cursors = cursors.unwrap_or_else(|| "{}".to_owned());
        let mut left = MAX_PAGES;
        let mut is_over = true;
        let mut failed = None;
        for account in &accounts {
            let stored = part(&cursors).text(account.id.as_str());
            match self.look(account, stored, &mut left).await {
                Ok(over) => is_over &= over,
                // What one account refuses says nothing of the others.
                Err(failure @ (Failure::Forbidden { .. } | Failure::Invalid { .. })) => {
                    failed = failed.or(Some(failure));
                }
                Err(failure) => return Err(failure),
            }
        }
        match (failed, is_over) {
            (_, false) => Ok(Done::Deferred(self.client.now() + REST_MICROS)),
            (Some(failure), true) => Err(failure),
            (None, true) => Ok(Done::Done),
        }
    }

    /// Reads on in an account. Whether its look is over.
    async fn look(
        &self,
        account: &Account,
        stored: Option<String>,
        left: &mut u32,
    ) -> Result<bool, Failure> {
        let name = account.id.as_str();
        let look = stored.and_then(|stored| Look::of(&stored, self.client.now()));
        let Some(mut look) = look else {
            // What was there before the account was connected is for a backfill.
            let since = format!("{0} {0}", account.since);
            let put = self.client.cursors_put(&[(name, &since)]);
            self.client.batch(vec![put]).await?;
            return Ok(true);
        };
        while *left > 0 {
            *left -= 1;
            let page = match look.list {
                List::Conversations => self.conversations_page(account, &look).await?,
                List::Contacts => self.contacts_page(account, &look).await?,
            };
            let next = look.next(page.is_last || look.page >= LAST_PAGE);
            let stored = next.map_or_else(|| look.over(), |next| next.stored());
            let mut statements = page.seen;
            statements.extend(jobs_again(self.cx, CONNECTOR, &page.jobs)?);
            statements.push(self.client.cursors_put(&[(name, &stored)]));
            self.client.batch(statements).await?;
            match next {
                Some(next) => look = next,
                None => return Ok(true),
            }
        }
        Ok(false)
    }

    async fn contacts_page(&self, account: &Account, look: &Look) -> Result<Page, Failure> {
        let request = account.api.contacts(look.page);
        let read = self.ask(account, "contacts", request).await?;
        let contacts = objects(&part(&read), "payload");
        let mut is_last = contacts.is_empty();
        let mut active = Vec::new();
        for contact in contacts {
            let at = moment(&contact, "last_activity_at").map(Timestamp::micros);
            let at = at.filter(|at| *at >= look.from());
            match (at, text(&contact, "id")) {
                (Some(at), Some(id)) => active.push(Active {
                    kind: "contact_in",
                    contact: Some(id.clone()),
                    id,
                    at,
                }),
                _ => is_last = true,
            }
        }
        Ok(Page {
            jobs: self.jobs_of(account, active).await?,
            seen: Vec::new(),
            is_last,
        })
    }

    async fn conversations_page(&self, account: &Account, look: &Look) -> Result<Page, Failure> {
        let request = account.api.conversations(look.page, false);
        let read = self.ask(account, "conversations", request).await?;
        let all = objects(&child(&part(&read), "data"), "payload");
        let mut is_last = all.is_empty();
        let mut active = Vec::new();
        for one in all {
            let at = moment(&one, "last_activity_at").map(Timestamp::micros);
            let Some(at) = at.filter(|at| *at >= look.from()) else {
                is_last = true;
                continue;
            };
            let Some(found) = Conversation::read(&one) else {
                continue;
            };
            if account.source().takes(found.inbox_id.as_deref()) {
                active.push(Active {
                    kind: "messages_in",
                    id: found.thread,
                    contact: found.contact_id,
                    at,
                });
            }
        }
        let known = self.known_threads(account, &active).await?;
        let place = |one: &Active| place_of(&account.id, &one.id);
        // What was read after it last changed has not changed since.
        active.retain(|one| known.get(&place(one)) != Some(&one.at));
        let unseen = active.iter().map(place);
        let unseen = unseen.filter(|place| !known.contains_key(place));
        let seen = json_arrays(unseen.map(|place| quoted(&place)));
        let seen = seen.into_iter().map(|array| {
            let mut params = self.client.named([array.text.as_str()]);
            params.push(unread_since(look.unseen_from()).into());
            params.push(self.client.now().into());
            SOURCE_THREADS_SEEN.bind(params)
        });
        Ok(Page {
            seen: seen.collect(),
            jobs: self.jobs_of(account, active).await?,
            is_last,
        })
    }

    /// Which of these were seen before, each with the activity up to which all of it was read.
    async fn known_threads(
        &self,
        account: &Account,
        active: &[Active],
    ) -> Result<HashMap<String, i64>, Failure> {
        if active.is_empty() {
            return Ok(HashMap::new());
        }
        let places = active
            .iter()
            .map(|one| quoted(&place_of(&account.id, &one.id)));
        let places = ["[", &places.collect::<Vec<_>>().join(","), "]"].concat();
        let mut params = self.client.named([THREAD]);
        params.push(places.into());
        let rows = self.client.rows(LINKS_OF_REMOTE.bind(params)).await?;
        let mut known = HashMap::new();
        for row in &rows {
            let mut columns = Columns::of(row);
            let place = columns.text("remote_id")?;
            columns.text("local_id")?;
            known.insert(place, columns.integer_or_null("rev")?.unwrap_or_default());
        }
        Ok(known)
    }

    /// The jobs that read these anew.
    async fn jobs_of(
        &self,
        account: &Account,
        active: Vec<Active>,
    ) -> Result<Vec<NewJob>, Failure> {
        if active.is_empty() {
            return Ok(Vec::new());
        }
        let whose = |one: &Active| {
            (
                one.contact.clone(),
                (one.kind != "contact_in").then(|| one.id.clone()),
            )
        };
        let whose: Vec<_> = active.iter().map(whose).collect();
        let named: Vec<_> = whose
            .iter()
            .map(|(contact, thread)| (contact.as_deref(), thread.as_deref()))
            .collect();
        let streams = streams_of(self.cx, &account.source(), &named).await?;
        let jobs = active.into_iter().zip(streams).map(|(one, stream)| NewJob {
            kind: one.kind,
            subject: place_of(&account.id, &one.id),
            stream,
            ordered_at: one.at,
            ..NewJob::default()
        });
        Ok(jobs.collect())
    }
}
