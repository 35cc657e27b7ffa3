//! Conversation history: a customer's conversations in the CRM, fetched on request and cached.

mod cached;
mod model;
pub mod sql;

pub use cached::{CachedEntry, CachedHistory, fetched_at, history_cache_put, history_key};
pub use model::{ConversationHistory, HistoryConversation, HistoryMessage};

use super::{Connector, CrmClient, Failure};
use common::ids::CustomerId;
use common::ports::Async;

/// A CRM that has conversation history.
pub trait History: Connector {
    /// Whether it has conversation history at all.
    fn has_history(&self) -> bool {
        false
    }

    /// A customer's conversations; nothing where the CRM does not know them.
    fn conversations<'a>(
        &'a self,
        _: &'a CrmClient<'a>,
        _: &'a CustomerId,
    ) -> Async<'a, Result<ConversationHistory, Failure>> {
        Box::pin(async { Ok(ConversationHistory::default()) })
    }

    /// The messages of a remote conversation, in any order.
    fn messages<'a>(
        &'a self,
        _: &'a CrmClient<'a>,
        _: &'a str,
    ) -> Async<'a, Result<Vec<HistoryMessage>, Failure>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

/// Caches a customer's history as if it had been requested now.
///
/// # Errors
/// When the database is away.
pub async fn history_store(
    client: &CrmClient<'_>,
    customer_id: &CustomerId,
    history: &ConversationHistory,
) -> Result<(), Failure> {
    let cached = CachedHistory::of(history, client.now());
    let key = history_key(customer_id);
    history_cache_put(client, customer_id, &key, &cached.written()).await
}
