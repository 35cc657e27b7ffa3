//! The statements of contexts, of the system's database.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 customer.
    CUSTOMER_GET, Business,
        "SELECT id, name, email, phone, whatsapp_number, external_id, external_system,
           other_external_ids FROM customers
         WHERE business_id = ?1 AND id = ?2 AND erased_at IS NULL";
    /// ?1 business, ?2 customer, ?3 identities as a JSON list of kind, value and system. Those that are another
    /// customer's.
    IDENTITIES_OF_OTHERS, Business,
        "SELECT i.kind, i.value, i.system FROM json_each(?3) j
         CROSS JOIN identities i ON i.business_id = ?1 AND i.kind = j.value->>0
           AND i.value = j.value->>1 AND i.system = j.value->>2
         WHERE i.customer_id <> ?2";
    /// ?1 business, ?2 page or null for all. What is searched of each, by channel.
    LINKS_SEARCHED, Business,
        "SELECT id, name, page_id, channels FROM knowledge_links
         WHERE business_id = ?1 AND deleted_at IS NULL AND is_active = 1
           AND page_id = coalesce(?2, page_id) ORDER BY created_at, id";
    /// ?1 business, ?2 conversation.
    CONVERSATION_GET, Business,
        "SELECT c.customer_id, c.channel, a.address FROM conversations c
         JOIN channels a ON a.business_id = ?1 AND a.id = c.channel_id
         WHERE c.business_id = ?1 AND c.id = ?2";
    /// ?1 business, ?2 conversation, ?3 how many. The newest first.
    HISTORY_GET, Business,
        "SELECT direction, content, created_at FROM messages INDEXED BY messages_by_conversation
         WHERE business_id = ?1 AND conversation_id = ?2 AND content <> ''
         ORDER BY created_at DESC LIMIT ?3";
}
