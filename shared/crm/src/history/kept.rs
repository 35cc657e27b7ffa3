//! What is remembered of a customer's history for a day: asked anew where it is older than it may be,
//! and told as it is where it cannot be.

use super::past::{ConversationHistory, PastMessage};
use super::sql::{HISTORY_GET, HISTORY_PUT};
use crate::{CrmClient, Failure};
use common::db::{Columns, Value};
use common::http::Error;
use common::json::lenient::{Object, text};
use common::json::raw;
use common::json::raw::{items, part};
use common::json::written::Written;
use common::time::DAY;

/// Most of the JSON of a history, and of one conversation's messages, that is remembered.
const MAX_BYTES: (usize, usize) = (1024 * 1024, 256 * 1024);
/// What stands around each of a list.
const PAIR_BYTES: usize = 32;

/// Conversations as they are remembered.
#[derive(Debug, Default, Clone)]
pub(super) struct Kept {
    /// When the CRM was asked.
    pub(super) fetched_at: i64,
    pub(super) remote_customer_id: Option<String>,
    /// The one that went on last first, each with when that was and its JSON.
    pub(super) conversations: Vec<Told>,
    pub(super) is_cut: bool,
}

/// One of a list, as JSON.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) at: i64,
    pub(super) id: String,
    pub(super) json: String,
}

impl Told {
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
}

impl Kept {
    pub(super) fn of(past: &ConversationHistory, now: i64) -> Self {
        let told = past.conversations.iter().map(|one| Told {
            at: one.went_on_at(),
            id: one.id.clone(),
            json: one.json(),
        });
        let mut told: Vec<_> = told.collect();
        told.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
        // A page that moved on while they were read gives one twice.
        told.dedup_by(|a, b| a.id == b.id);
        let all = told.len();
        let conversations = fitting(told, MAX_BYTES.0);
        Self {
            fetched_at: now,
            remote_customer_id: past.remote_customer_id.clone(),
            is_cut: past.is_cut || conversations.len() < all,
            conversations,
        }
    }

    pub(super) fn read(json: &str) -> Option<Self> {
        let kept = part(json);
        Some(Self {
            fetched_at: fetched_at(&kept)?,
            remote_customer_id: text(&kept, "remote_customer_id"),
            conversations: list(&kept, "conversations"),
            is_cut: kept.get("is_cut") == Some(&"true"),
        })
    }

    pub(super) fn written(&self) -> String {
        Written::default()
            .json("fetched_at", &self.fetched_at.to_string())
            .maybe("remote_customer_id", self.remote_customer_id.as_deref())
            .json("is_cut", if self.is_cut { "true" } else { "false" })
            .json("conversations", &array(&self.conversations))
            .finish()
    }
}

/// A conversation's messages as they are remembered, oldest first.
#[derive(Debug, Default, Clone)]
pub(super) struct KeptMessages {
    pub(super) fetched_at: i64,
    pub(super) messages: Vec<Told>,
}

impl KeptMessages {
    /// The newest that fit.
    pub(super) fn of(mut messages: Vec<PastMessage>, now: i64) -> Self {
        messages.sort_by(|a, b| b.place().cmp(&a.place()));
        let told = messages.iter().map(|one| Told {
            at: one.place().0,
            id: one.id.clone(),
            json: one.json(),
        });
        let mut messages = fitting(told.collect(), MAX_BYTES.1);
        messages.reverse();
        Self {
            fetched_at: now,
            messages,
        }
    }

    pub(super) fn read(json: &str) -> Option<Self> {
        let kept = part(json);
        Some(Self {
            fetched_at: fetched_at(&kept)?,
            messages: list(&kept, "messages"),
        })
    }

    pub(super) fn written(&self) -> String {
        Written::default()
            .json("fetched_at", &self.fetched_at.to_string())
            .json("messages", &array(&self.messages))
            .finish()
    }
}

fn fetched_at(kept: &Object<'_>) -> Option<i64> {
    raw::integer(kept.get("fetched_at")?)?.parse().ok()
}

fn list(kept: &Object<'_>, field: &str) -> Vec<Told> {
    let pairs = kept.get(field).map(|list| items(list)).unwrap_or_default();
    pairs.into_iter().filter_map(Told::read).collect()
}

fn array(told: &[Told]) -> String {
    let pairs: Vec<_> = told.iter().map(Told::written).collect();
    ["[", &pairs.join(","), "]"].concat()
}

/// The first ones, as far as they fit.
fn fitting(mut told: Vec<Told>, bytes: usize) -> Vec<Told> {
    let mut used = 0;
    let fits = |one: &&Told| {
        used += one.json.len() + PAIR_BYTES;
        used <= bytes
    };
    let count = told.iter().take_while(fits).count();
    told.truncate(count);
    told
}

/// Under which key a customer's history is remembered.
pub(super) fn key_of(customer_id: &str) -> String {
    ["history:", customer_id].concat()
}

/// Under which key the messages of one of its conversations are.
pub(super) fn key_of_messages(customer_id: &str, conversation: &str) -> String {
    [&key_of(customer_id), ":", conversation].concat()
}

/// What is remembered under keys, each with its key.
pub(super) async fn kept(
    client: &CrmClient<'_>,
    keys: &[String],
) -> Result<Vec<(String, String)>, Failure> {
    let keys = serde_json::to_string(keys).map_err(Error::internal)?;
    let mut params = client.named([keys.as_str()]);
    params.push(client.now().into());
    let rows = client.rows(HISTORY_GET.bind(params)).await?;
    let pair = |row: Vec<Value>| {
        let mut columns = Columns::of(&row);
        Ok((columns.text("key")?, columns.text("value")?))
    };
    Ok(rows.into_iter().map(pair).collect::<Result<_, Error>>()?)
}

/// Remembers under a key for a day.
pub(super) async fn keep(
    client: &CrmClient<'_>,
    customer_id: &str,
    key: &str,
    value: &str,
) -> Result<(), Failure> {
    let mut params = client.named([key, value]);
    params.extend([(client.now() + DAY).into(), customer_id.into()]);
    client.rows(HISTORY_PUT.bind(params)).await?;
    Ok(())
}
