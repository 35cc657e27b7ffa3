//! The statements of `erasing`.

use crate::db::Binding::Business;
use crate::statements;

statements! {
    /// ?1 business, ?2 customer, ?3 conversation and ?4 time of the last message before, ?5 how many.
    ERASING_MESSAGES, Business,
        "SELECT m.conversation_id, m.created_at, m.id, m.channel_id, m.provider_id,
           m.detail ->> 'raw_id' AS raw_id
         FROM conversations v INDEXED BY conversations_by_customer
         CROSS JOIN messages m INDEXED BY messages_by_conversation
           ON m.business_id = ?1 AND m.conversation_id = v.id
          AND m.created_at > iif(v.id = ?3, ?4, 0)
         WHERE v.business_id = ?1 AND v.customer_id = ?2 AND v.id >= ?3
         ORDER BY v.id, m.created_at LIMIT ?5";
}
