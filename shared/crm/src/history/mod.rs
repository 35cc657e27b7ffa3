//! What a CRM knows of a customer's past: asked of it when somebody wants to know, and remembered for
//! a while.

mod cached;
mod past;
pub mod sql;

pub use cached::{CachedEntry, CachedHistory, fetched_at, history_cache_put, history_key};
pub use past::{ConversationHistory, PastConversation, PastMessage};

use super::{Connector, CrmClient, Failure};
use common::outside::Async;

/// A CRM, as far as it tells of the past.
pub trait History: Connector {
    /// Whether it tells of the past at all.
    fn keeps_history(&self) -> bool {
        false
    }

    /// A customer's conversations; nothing where the CRM does not know them.
    fn conversations<'a>(
        &'a self,
        _: &'a CrmClient<'a>,
        _: &'a str,
    ) -> Async<'a, Result<ConversationHistory, Failure>> {
        Box::pin(async { Ok(ConversationHistory::default()) })
    }

    /// The messages of a conversation of theirs, in any order.
    fn messages<'a>(
        &'a self,
        _: &'a CrmClient<'a>,
        _: &'a str,
    ) -> Async<'a, Result<Vec<PastMessage>, Failure>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

/// Remembers what a CRM told of a customer's past, as if somebody had asked for it now.
///
/// # Errors
/// When the database is away.
pub async fn history_keep(
    client: &CrmClient<'_>,
    customer_id: &str,
    past: &ConversationHistory,
) -> Result<(), Failure> {
    let cached = CachedHistory::of(past, client.now());
    let key = history_key(customer_id);
    history_cache_put(client, customer_id, &key, &cached.written()).await
}
