//! Puts an answer together of what is remembered and what the CRM is asked for.

use crate::messages::{CachedMessages, messages_key};
use crate::sql::HISTORY_GET;
use common::db::{Columns, Statement, Value};
use common::http::{Error, Kind};
use common::ids::CustomerId;
use common::json::tolerant::quoted;
use common::json::writer;
use common::ports::Async;
use common::time::SECOND;
use crm::figures::hour_count;
use crm::health::{Blame, day_count, error_json, health_note};
use crm::history::{CachedEntry, CachedHistory, History, history_cache_put, history_key};
use crm::sql::LINKS_OF_REMOTE;
use crm::{CrmClient, Failure};
use std::cell::Cell;
use std::collections::HashMap;

/// How long a response of the CRM is fresh.
const FRESH_MICROS: i64 = 600 * SECOND;
/// How long it is fresh for a request with `refresh=true`.
const LATELY_MICROS: i64 = 30 * SECOND;
/// After how many seconds to ask again, where nobody knows better; after how many what a person has
/// to mend; and at most.
const RETRY_SECONDS: [i64; 3] = [10, 300, 3600];

/// After how many failures nothing more is asked.
const GIVES_UP_AFTER: u8 = 2;

/// Reads the history of one customer.
pub(super) struct Reader<'a> {
    connector: &'a dyn History,
    client: &'a CrmClient<'a>,
    customer_id: &'a CustomerId,
    /// How long the cache is fresh, in microseconds.
    holds: i64,
    /// Whether the CRM answered a request.
    is_asked: Cell<bool>,
    /// How many requests to the CRM failed.
    missed: Cell<u8>,
}

impl<'a> Reader<'a> {
    /// One that asks for nothing that was told lately; with `is_refresh` that is more lately.
    pub(super) fn new(
        connector: &'a dyn History,
        client: &'a CrmClient<'a>,
        customer_id: &'a CustomerId,
        is_refresh: bool,
    ) -> Self {
        Self {
            connector,
            client,
            customer_id,
            holds: match is_refresh {
                true => LATELY_MICROS,
                false => FRESH_MICROS,
            },
            is_asked: Cell::new(false),
            missed: Cell::new(0),
        }
    }

    /// Whether all that was told was remembered.
    pub(super) fn is_cached(&self) -> bool {
        !self.is_asked.get()
    }

    /// Whether the CRM could not be asked for some of it.
    pub(super) fn is_stale(&self) -> bool {
        self.missed.get() > 0
    }

    /// The cache while it is fresh, otherwise the CRM, otherwise the stale cache.
    ///
    /// # Errors
    /// 409 where the connection lacks its key; 503 where nothing is remembered, and the CRM cannot be asked.
    pub(super) async fn conversations(&self) -> Result<CachedHistory, Error> {
        let key = history_key(self.customer_id);
        let rows = self.remembered(std::slice::from_ref(&key)).await?;
        let known = rows
            .first()
            .and_then(|(_, value)| CachedHistory::read(value));
        if let Some(known) = known
            .as_ref()
            .filter(|known| self.is_fresh(known.fetched_at))
        {
            return Ok(known.clone());
        }
        let asking = self.connector.conversations(self.client, self.customer_id);
        match self.ask(asking).await? {
            Ok(history) => {
                let answer = CachedHistory::of(&history, self.client.now());
                self.cache(&key, &answer.written()).await;
                Ok(answer)
            }
            Err(failure) => known.ok_or_else(|| self.unavailable(&failure)),
        }
    }

    /// The conversations of a page with their messages; null for those that cannot be had.
    pub(super) async fn with_messages(&self, page: &[&CachedEntry]) -> Result<Vec<String>, Error> {
        let key = |one: &&CachedEntry| messages_key(self.customer_id, &one.id);
        let keys: Vec<_> = page.iter().map(key).collect();
        let mut known: HashMap<_, _> = self.remembered(&keys).await?.into_iter().collect();
        let mut all = Vec::new();
        for (one, key) in page.iter().zip(&keys) {
            let known = known.remove(key);
            let known = known.and_then(|value| CachedMessages::read(&value));
            all.push(self.messages(one, key, known).await?);
        }
        let every = all.iter().flatten().flat_map(|one| &one.messages);
        let local_ids = self.local_ids("message", every).await?;
        let mut messages = all.into_iter();
        let conversations = self.with_local_ids(page).await?.into_iter();
        Ok(conversations
            .map(|json| {
                let texts = messages.next().flatten().map(|cached| {
                    let texts = cached.messages.iter();
                    let texts: Vec<_> = texts.map(|one| with_its_own(one, &local_ids)).collect();
                    array(&texts)
                });
                with(&json, "messages", texts.as_deref().unwrap_or("null"))
            })
            .collect())
    }

    async fn messages(
        &self,
        one: &CachedEntry,
        key: &str,
        known: Option<CachedMessages>,
    ) -> Result<Option<CachedMessages>, Error> {
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
        let answer = match self.ask(asking).await? {
            Ok(messages) => CachedMessages::of(messages, self.client.now()),
            Err(_) => return Ok(known),
        };
        self.cache(key, &answer.written()).await;
        Ok(Some(answer))
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
        let answer = match integration.broken_until {
            Some(until) if integration.is_broken(self.client.now()) => {
                Err(Failure::Waiting { until })
            }
            _ => asking.await,
        };
        // The answer counts more than a note of it.
        let notes = notes_of_asking(self.client, answer.as_ref().err());
        if !notes.is_empty() {
            drop(self.client.batch(notes).await);
        }
        match answer {
            Err(Failure::Away(error)) => return Err(error),
            Err(Failure::Auth { code, .. }) if *code == *"not_connected" => {
                return Err(not_connected());
            }
            _ => {}
        }
        let missed = self.missed.get();
        match &answer {
            Ok(_) | Err(Failure::NotFound) => self.is_asked.set(true),
            // One conversation's trouble alone, it may be.
            Err(Failure::Unclear { .. } | Failure::Invalid { .. }) => self.missed.set(missed + 1),
            Err(_) => self.missed.set(GIVES_UP_AFTER),
        }
        Ok(answer)
    }

    /// The cached values of these keys, each with its key.
    async fn remembered(&self, keys: &[String]) -> Result<Vec<(String, String)>, Error> {
        let keys = serde_json::to_string(keys).map_err(Error::internal)?;
        let mut params = self.client.named([keys.as_str()]);
        params.push(self.client.now().into());
        self.pairs(HISTORY_GET.bind(params)).await
    }

    /// Rows of two texts.
    async fn pairs<C: FromIterator<(String, String)>>(
        &self,
        statement: Statement,
    ) -> Result<C, Error> {
        let rows = self.client.rows(statement).await.map_err(database_failed)?;
        let pair = |row: Vec<Value>| {
            let mut columns = Columns::of(&row);
            Ok((columns.text("key")?, columns.text("value")?))
        };
        rows.into_iter().map(pair).collect()
    }

    async fn cache(&self, key: &str, value: &str) {
        // As of the note.
        drop(history_cache_put(self.client, self.customer_id, key, value).await);
    }

    /// Our ids of remote records.
    async fn local_ids<'t>(
        &self,
        kind: &str,
        remote: impl Iterator<Item = &'t CachedEntry>,
    ) -> Result<HashMap<String, String>, Error> {
        let ids: Vec<_> = remote.map(|one| one.id.as_str()).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let ids = serde_json::to_string(&ids).map_err(Error::internal)?;
        let params = self.client.named([kind, ids.as_str()]);
        self.pairs(LINKS_OF_REMOTE.bind(params)).await
    }

    /// The conversations of a page, each with the id of ours.
    pub(super) async fn with_local_ids(&self, page: &[&CachedEntry]) -> Result<Vec<String>, Error> {
        let local_ids = self.local_ids("conversation", page.iter().copied()).await?;
        Ok(page
            .iter()
            .map(|one| with_its_own(one, &local_ids))
            .collect())
    }

    fn unavailable(&self, failure: &Failure) -> Error {
        let now = self.client.now();
        let [soon, late, max] = RETRY_SECONDS;
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
            .retry_after(u32::try_from(seconds.clamp(1, max)).unwrap_or_default())
    }
}

/// A remote item with our id of it, or null.
fn with_its_own(one: &CachedEntry, local_ids: &HashMap<String, String>) -> String {
    let id = local_ids.get(&one.id).map(String::as_str);
    with(&one.json, "ours", &quoted(id))
}

/// An object with one field more.
fn with(json: &str, name: &str, value: &str) -> String {
    let open = json.strip_suffix('}').unwrap_or(json);
    [open, ",", &writer::quoted(name), ":", value, "}"].concat()
}

/// A list of what is JSON already.
pub(super) fn array(items: &[String]) -> String {
    ["[", &items.join(","), "]"].concat()
}

/// 409 where there is no CRM to ask.
pub(super) fn not_connected() -> Error {
    let message = "No CRM that keeps histories is connected, or it is switched off.";
    Error::new(Kind::CrmNotConnected, message)
}

/// What came of asking for somebody who waits: the connection's row and the day's are to say so. Nothing
/// where nothing was asked.
fn notes_of_asking(client: &CrmClient<'_>, failure: Option<&Failure>) -> Vec<Statement> {
    let asked = client.take_asked().len();
    if asked == 0 {
        return Vec::new();
    }
    let requests = i64::try_from(asked).unwrap_or_default();
    let blame = match failure {
        Some(Failure::Auth { .. }) => Blame::Account,
        Some(Failure::Unreached { .. }) => Blame::Remote,
        _ => Blame::Nobody,
    };
    let error = failure.map(|failure| error_json(failure.code(), failure.message()));
    let mut statements = vec![day_count(client, 0, 0, requests)];
    statements.extend(hour_count(client, None, 0, 0));
    if blame != Blame::Nobody || failure.is_none() {
        statements.extend(health_note(client, blame, requests, error));
    }
    statements
}

/// A failure of our own database's.
fn database_failed(failure: Failure) -> Error {
    match failure {
        Failure::Away(error) => error,
        other => Error::internal(other.message()),
    }
}
