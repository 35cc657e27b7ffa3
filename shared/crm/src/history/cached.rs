//! The cached history of a customer, stored for a day. It is fetched again once it is stale, and served
//! stale where the CRM cannot be asked.

use super::model::ConversationHistory;
use super::sql::HISTORY_PUT;
use crate::{CrmClient, Failure};
use common::ids::CustomerId;
use common::json::raw;
use common::json::raw::{items, part};
use common::json::tolerant::{Object, text};
use common::json::writer::JsonWriter;
use common::time::DAY;

/// Most of the JSON of a history that is remembered.
const MAX_BYTES: usize = 1024 * 1024;
/// The bytes around each item of a list.
const PAIR_BYTES: usize = 32;

/// The cached conversations of a customer.
#[derive(Debug, Default, Clone)]
pub struct CachedHistory {
    /// When the CRM was asked.
    pub fetched_at: i64,
    /// Who the customer is there.
    pub remote_customer_id: Option<String>,
    /// The one that went on last first.
    pub conversations: Vec<CachedEntry>,
    /// Whether there are more than are remembered.
    pub is_cut: bool,
}

/// A conversation or a message as it is remembered.
#[derive(Debug, Clone)]
pub struct CachedEntry {
    /// What lists are ordered by: when it went on last, or was sent.
    pub at: i64,
    /// Its id at the CRM.
    pub id: String,
    /// Its public JSON, without our id.
    pub json: String,
}

impl CachedEntry {
    fn read(pair: &str) -> Option<Self> {
        let parts = items(pair);
        let [at, json] = parts.as_slice() else {
            return None;
        };
        Some(Self {
            at: raw::integer(at)?.parse().ok()?,
            id: text(&part(json), "id")?,
            json: (*json).to_owned(),
        })
    }

    fn written(&self) -> String {
        ["[", &self.at.to_string(), ",", &self.json, "]"].concat()
    }

    /// Reads a field with a list of them; what cannot be read is left out.
    #[must_use]
    pub fn list(cached: &Object<'_>, field: &str) -> Vec<Self> {
        let pairs = cached
            .get(field)
            .map(|list| items(list))
            .unwrap_or_default();
        pairs.into_iter().filter_map(Self::read).collect()
    }

    /// A list of them, as [`CachedEntry::list`] reads it.
    #[must_use]
    pub fn array(entries: &[Self]) -> String {
        let pairs: Vec<_> = entries.iter().map(Self::written).collect();
        ["[", &pairs.join(","), "]"].concat()
    }

    /// The first ones, as far as they fit.
    #[must_use]
    pub fn fitting(mut entries: Vec<Self>, bytes: usize) -> Vec<Self> {
        let mut used = 0;
        let fits = |one: &&Self| {
            used += one.json.len() + PAIR_BYTES;
            used <= bytes
        };
        let count = entries.iter().take_while(fits).count();
        entries.truncate(count);
        entries
    }
}

impl CachedHistory {
    /// What a CRM told now.
    #[must_use]
    pub fn of(history: &ConversationHistory, now: i64) -> Self {
        let entries = history.conversations.iter().map(|one| CachedEntry {
            at: one.went_on_at(),
            id: one.id.clone(),
            json: one.json(),
        });
        let mut entries: Vec<_> = entries.collect();
        entries.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
        // If the pages shift while they are read, one conversation comes twice.
        entries.dedup_by(|a, b| a.id == b.id);
        let all = entries.len();
        let conversations = CachedEntry::fitting(entries, MAX_BYTES);
        Self {
            fetched_at: now,
            remote_customer_id: history.remote_customer_id.clone(),
            is_cut: history.is_cut || conversations.len() < all,
            conversations,
        }
    }

    /// Reads what [`CachedHistory::written`] wrote.
    #[must_use]
    pub fn read(json: &str) -> Option<Self> {
        let cached = part(json);
        Some(Self {
            fetched_at: fetched_at(&cached)?,
            remote_customer_id: text(&cached, "remote_customer_id"),
            conversations: CachedEntry::list(&cached, "conversations"),
            is_cut: cached.get("is_cut") == Some(&"true"),
        })
    }

    /// As JSON.
    #[must_use]
    pub fn written(&self) -> String {
        JsonWriter::default()
            .json("fetched_at", &self.fetched_at.to_string())
            .maybe("remote_customer_id", self.remote_customer_id.as_deref())
            .json("is_cut", if self.is_cut { "true" } else { "false" })
            .json("conversations", &CachedEntry::array(&self.conversations))
            .finish()
    }
}

/// When the CRM was asked for what is remembered.
#[must_use]
pub fn fetched_at(cached: &Object<'_>) -> Option<i64> {
    raw::integer(cached.get("fetched_at")?)?.parse().ok()
}

/// The cache key of a customer's history. Whatever else is remembered of it is under a key that begins
/// with this one and a colon, so that it is forgotten with the customer.
#[must_use]
pub fn history_key(customer_id: &CustomerId) -> String {
    ["history:", customer_id.as_str()].concat()
}

/// Remembers something of a customer's history under a key for a day, unless the customer was erased.
///
/// # Errors
/// When the database is away.
pub async fn history_cache_put(
    client: &CrmClient<'_>,
    customer_id: &CustomerId,
    key: &str,
    value: &str,
) -> Result<(), Failure> {
    let mut params = client.named([key, value]);
    params.extend([(client.now() + DAY).into(), customer_id.into()]);
    client.rows(HISTORY_PUT.bind(params)).await?;
    Ok(())
}
