//! The statements of this function.

use common::db::Binding::Business;
use common::statements;
use messaging::{attachments_json, message_json_open};

statements! {
    /// ?1 business, ?2 message, ?3 the customer of a bound caller: the message, and the account that it came
    /// to.
    COMMENT_FIND, Business,
        "SELECT m.provider_id, m.direction, m.channel = 'facebook_comments' AS is_comment,
           m.detail ->> 'deleted' IS NOT NULL AS is_deleted, coalesce(m.sent_at, m.created_at) AS at,
           m.conversation_id, m.channel_id, h.address, h.settings, h.credentials,
           coalesce(h.status = 'active' AND h.kind = 'facebook_comments', 0) AS is_active
         FROM messages m INDEXED BY messages_by_id
         CROSS JOIN customers c ON c.business_id = ?1 AND c.id = m.customer_id
           AND c.erased_at IS NULL
         LEFT JOIN channels h ON h.business_id = ?1 AND h.id = m.channel_id AND h.deleted_at IS NULL
         WHERE m.business_id = ?1 AND m.id = ?2 AND (?3 IS NULL OR m.customer_id = ?3)";
    /// ?1 business, ?2 message, ?3 the customer of a bound caller: as readers see it.
    MESSAGE_SHOW, Business,
        concat!("SELECT ", message_json_open!(), " || ',\"attachments\":' || ",
         attachments_json!(), " || '}' AS message
         FROM messages m INDEXED BY messages_by_id
         WHERE m.business_id = ?1 AND m.id = ?2 AND (?3 IS NULL OR m.customer_id = ?3)");
    /// ?1 business, ?2 and ?3 between which keys: the private replies to a comment, the newest last.
    REPLY_LIST, Business,
        "SELECT m.id, m.status FROM sends s
         CROSS JOIN messages m INDEXED BY messages_by_id ON m.business_id = ?1 AND m.id = s.message_id
         WHERE s.business_id = ?1 AND s.idempotency_key IS NOT NULL
           AND s.idempotency_key >= ?2 AND s.idempotency_key < ?3
         ORDER BY m.id";
    /// ?1 business, ?2 the private reply.
    REPLY_TEXT, Business,
        "SELECT content FROM messages INDEXED BY messages_by_id WHERE business_id = ?1 AND id = ?2";
    /// ?1 business, ?2 message, ?3 the private reply, ?4 now, ?5 event id.
    REPLY_MARK_EVENT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?5, 'message.updated', m.id, ?4
         FROM messages m INDEXED BY messages_by_id WHERE m.business_id = ?1 AND m.id = ?2
           AND m.detail ->> 'deleted' IS NULL AND m.detail ->> 'private_reply_id' IS NOT ?3";
    /// ?1 business, ?2 message, ?3 the private reply, ?4 now.
    REPLY_MARK, Business,
        "UPDATE messages INDEXED BY messages_by_id
         SET detail = json_set(coalesce(detail, '{}'), '$.private_reply_id', ?3), updated_at = ?4
         WHERE business_id = ?1 AND id = ?2 AND detail ->> 'deleted' IS NULL";
}
