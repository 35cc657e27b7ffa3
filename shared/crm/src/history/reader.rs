//! Puts an answer together of what is remembered and what the CRM is asked for.

use super::kept::{Kept, KeptMessages, Told, keep, kept, key_of, key_of_messages};
use super::past::time;
use super::{History, HistoryQuery, not_connected};
use crate::settle::notes_of_asking;
use crate::sql::LINKS_OF_REMOTE;
use crate::{CrmClient, Failure};
use common::db::{Columns, Value};
use common::http::{Error, Kind, encode_cursor};
use common::json::lenient::quoted;
use common::json::written;
use common::json::written::Written;
use common::outside::Async;
use common::time::{SECOND, Timestamp};
use std::cell::Cell;
use std::collections::HashMap;

/// After how many seconds to ask again, where nobody knows better; after how many what a person has
/// to mend; and at most.
const RETRY_SECONDS: [i64; 3] = [10, 300, 3600];

/// After how many failures nothing more is asked.
const GIVES_UP_AFTER: u8 = 2;

/// One customer's history on its way.
pub(super) struct Reader<'a> {
    pub(super) connector: &'a dyn History,
    pub(super) client: &'a CrmClient<'a>,
    pub(super) customer_id: &'a str,
    /// How long what is remembered holds.
    pub(super) holds: i64,
    /// Whether the CRM told something.
    pub(super) is_asked: Cell<bool>,
    /// How often it could not be asked for something.
    pub(super) missed: Cell<u8>,
}

impl Reader<'_> {
    /// The whole answer.
    pub(super) async fn answer(
        &self,
        query: &HistoryQuery,
        customer: &str,
    ) -> Result<String, Error> {
        let known = self.conversations().await?;
        let is_behind = |one: &&Told| {
            let after = query.after.as_ref();
            after.is_none_or(|(at, id)| (one.at, &one.id) < (*at, id))
        };
        let limit = query.limit as usize;
        let rest = known.conversations.iter().filter(is_behind);
        let mut page: Vec<&Told> = rest.take(limit + 1).collect();
        let has_more = page.len() > limit;
        page.truncate(limit);
        let conversations = match query.with_messages {
            true => self.with_messages(&page).await?,
            false => self.with_ours("conversation", &page).await?,
        };
        let next = page.last().filter(|_| has_more);
        let next = next.map(|last| encode_cursor(&[&last.at.to_string(), ".", &last.id].concat()));
        let fetched_at = Timestamp::from_micros(known.fetched_at);
        Ok(Written::default()
            .json("success", "true")
            .json("customer", customer)
            .text("connector", &self.client.integration.connector)
            .json(
                "remote_customer_id",
                &quoted(known.remote_customer_id.as_deref()),
            )
            .json("conversations", &array(&conversations))
            .json("cached", flag(!self.is_asked.get()))
            .json("stale", flag(self.missed.get() > 0))
            .json("fetched_at", &time(Some(fetched_at)))
            .json("truncated", flag(known.is_cut))
            .json("has_more", flag(has_more))
            .json("next_cursor", &quoted(next.as_deref()))
            .finish())
    }

    /// What is remembered while it holds, else what the CRM tells, else what is remembered.
    async fn conversations(&self) -> Result<Kept, Error> {
        let key = key_of(self.customer_id);
        let rows = self.remembered(std::slice::from_ref(&key)).await?;
        let known = rows.first().and_then(|(_, value)| Kept::read(value));
        if let Some(known) = known
            .as_ref()
            .filter(|known| self.is_fresh(known.fetched_at))
        {
            return Ok(known.clone());
        }
        let asking = self.connector.conversations(self.client, self.customer_id);
        match self.ask(asking).await? {
            Ok(past) => {
                let told = Kept::of(&past, self.client.now());
                self.keep(&key, &told.written()).await;
                Ok(told)
            }
            Err(failure) => known.ok_or_else(|| self.unavailable(&failure)),
        }
    }

    /// The conversations of a page with their messages; null for those that cannot be had.
    async fn with_messages(&self, page: &[&Told]) -> Result<Vec<String>, Error> {
        let key = |one: &&Told| key_of_messages(self.customer_id, &one.id);
        let keys: Vec<_> = page.iter().map(key).collect();
        let mut known: HashMap<_, _> = self.remembered(&keys).await?.into_iter().collect();
        let mut all = Vec::new();
        for (one, key) in page.iter().zip(&keys) {
            let known = known.remove(key);
            let known = known.and_then(|value| KeptMessages::read(&value));
            all.push(self.messages(one, key, known).await?);
        }
        let every = all.iter().flatten().flat_map(|one| &one.messages);
        let ours = self.ours("message", every).await?;
        let mut messages = all.into_iter();
        let conversations = self.with_ours("conversation", page).await?.into_iter();
        Ok(conversations
            .map(|json| {
                let texts = messages.next().flatten().map(|kept| {
                    let texts = kept.messages.iter();
                    let texts: Vec<_> = texts.map(|one| with_its_own(one, &ours)).collect();
                    array(&texts)
                });
                with(&json, "messages", texts.as_deref().unwrap_or("null"))
            })
            .collect())
    }

    async fn messages(
        &self,
        one: &Told,
        key: &str,
        known: Option<KeptMessages>,
    ) -> Result<Option<KeptMessages>, Error> {
        if let Some(known) = known
            .as_ref()
            .filter(|known| self.is_fresh(known.fetched_at))
        {
            return Ok(Some(known.clone()));
        }
        if self.missed.get() >= GIVES_UP_AFTER {
            return Ok(known);
        }
        let asking = self.connector.messages(self.client, &one.id);
        let told = match self.ask(asking).await? {
            Ok(messages) => KeptMessages::of(messages, self.client.now()),
            Err(_) => return Ok(known),
        };
        self.keep(key, &told.written()).await;
        Ok(Some(told))
    }

    fn is_fresh(&self, fetched_at: i64) -> bool {
        fetched_at > self.client.now() - self.holds
    }

    /// Asks the CRM, unless it is left alone; what came of it is in the connection's row.
    async fn ask<T>(
        &self,
        asking: Async<'_, Result<T, Failure>>,
    ) -> Result<Result<T, Failure>, Error> {
        let integration = self.client.integration;
        let told = match integration.broken_until {
            Some(until) if integration.is_broken(self.client.now()) => {
                Err(Failure::Waiting { until })
            }
            _ => asking.await,
        };
        // The answer counts more than a note of it.
        let notes = notes_of_asking(self.client, told.as_ref().err());
        if !notes.is_empty() {
            drop(self.client.batch(notes).await);
        }
        match told {
            Err(Failure::Away(error)) => return Err(error),
            Err(Failure::Auth { code, .. }) if *code == *"not_connected" => {
                return Err(not_connected());
            }
            _ => {}
        }
        let missed = self.missed.get();
        match &told {
            Ok(_) | Err(Failure::NotFound) => self.is_asked.set(true),
            // One conversation's trouble alone, it may be.
            Err(Failure::Unclear { .. } | Failure::Invalid { .. }) => self.missed.set(missed + 1),
            Err(_) => self.missed.set(GIVES_UP_AFTER),
        }
        Ok(told)
    }

    async fn remembered(&self, keys: &[String]) -> Result<Vec<(String, String)>, Error> {
        kept(self.client, keys).await.map_err(ours_failed)
    }

    async fn keep(&self, key: &str, value: &str) {
        // As of the note.
        drop(keep(self.client, self.customer_id, key, value).await);
    }

    /// Which of theirs are ours.
    async fn ours<'t>(
        &self,
        kind: &str,
        theirs: impl Iterator<Item = &'t Told>,
    ) -> Result<HashMap<String, String>, Error> {
        let ids: Vec<_> = theirs.map(|one| one.id.as_str()).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let ids = serde_json::to_string(&ids).map_err(Error::internal)?;
        let statement = LINKS_OF_REMOTE.bind(self.client.named([kind, ids.as_str()]));
        let rows = self.client.rows(statement).await.map_err(ours_failed)?;
        let pair = |row: Vec<Value>| {
            let mut columns = Columns::of(&row);
            Ok((columns.text("remote_id")?, columns.text("local_id")?))
        };
        rows.into_iter().map(pair).collect()
    }

    async fn with_ours(&self, kind: &str, theirs: &[&Told]) -> Result<Vec<String>, Error> {
        let ours = self.ours(kind, theirs.iter().copied()).await?;
        Ok(theirs.iter().map(|one| with_its_own(one, &ours)).collect())
    }

    fn unavailable(&self, failure: &Failure) -> Error {
        let now = self.client.now();
        let [soon, late, most] = RETRY_SECONDS;
        let seconds = match failure {
            Failure::Waiting { until }
            | Failure::Capped { until }
            | Failure::Throttled {
                until: Some(until), ..
            } => (until - now + SECOND - 1) / SECOND,
            Failure::Auth { .. } | Failure::Forbidden { .. } => late,
            _ => soon,
        };
        let message = "The CRM cannot be asked just now, and nothing that it told before is kept.";
        Error::new(Kind::CrmUnavailable, message)
            .with_detail(
                self.client.integration.connector.clone(),
                failure.code().to_owned(),
            )
            .retry_after(u32::try_from(seconds.clamp(1, most)).unwrap_or_default())
    }
}

/// One of theirs with the id of ours, or null.
fn with_its_own(one: &Told, ours: &HashMap<String, String>) -> String {
    let id = ours.get(&one.id).map(String::as_str);
    with(&one.json, "ours", &quoted(id))
}

/// An object with one field more.
fn with(json: &str, name: &str, value: &str) -> String {
    let open = json.strip_suffix('}').unwrap_or(json);
    [open, ",", &written::quoted(name), ":", value, "}"].concat()
}

fn array(items: &[String]) -> String {
    ["[", &items.join(","), "]"].concat()
}

fn flag(is_so: bool) -> &'static str {
    if is_so { "true" } else { "false" }
}

/// A failure of our own database's.
fn ours_failed(failure: Failure) -> Error {
    match failure {
        Failure::Away(error) => error,
        other => Error::internal(other.message()),
    }
}
