//! The statements by which connectors read our side.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 customer.
    CUSTOMER_ROW, Business,
        "SELECT c.id, c.external_id, c.external_system,
           coalesce(nullif(c.name, ''), nullif(trim(coalesce(c.first_name, '') || ' '
             || coalesce(c.last_name, '')), '')),
           c.email, c.phone, c.whatsapp_number, c.tags, c.custom_fields
         FROM customers c WHERE c.business_id = ?1 AND c.id = ?2 AND c.erased_at IS NULL";
    /// ?1 business, ?2 conversation. Whether it was ever escalated comes last.
    CONVERSATION_ROW, Business,
        "SELECT v.id, v.customer_id, v.channel, v.status, v.priority, v.assignee, v.tags,
           EXISTS (SELECT 1 FROM escalations e WHERE e.business_id = ?1 AND e.conversation_id = v.id)
         FROM conversations v WHERE v.business_id = ?1 AND v.id = ?2";
    /// ?1 business, ?2 message. Its attachments as [[id, state, filename, type, size], …].
    MESSAGE_ROW, Business,
        "SELECT m.id, m.conversation_id, m.customer_id, m.channel, m.direction, m.type, m.content,
           m.detail, m.status, m.error, m.sent_at, m.created_at,
           (SELECT json_group_array(json_array(a.id, a.state, a.filename, a.type, a.size)
              ORDER BY a.position)
            FROM attachments a INDEXED BY attachments_by_message
            WHERE a.business_id = ?1 AND a.message_id = m.id)
         FROM messages m WHERE m.business_id = ?1 AND m.id = ?2";
    /// ?1 business, ?2 connector, ?3 conversation, ?4 how many: notes that are not there yet.
    NOTES_UNSENT, Business,
        "SELECT n.id, n.author, n.content
         FROM conversation_notes n INDEXED BY conversation_notes_by_conversation
         WHERE n.business_id = ?1 AND n.conversation_id = ?3 AND NOT EXISTS (
           SELECT 1 FROM crm_links l WHERE l.business_id = ?1 AND l.connector = ?2
             AND l.kind = 'note' AND l.local_id = n.id)
         ORDER BY n.created_at LIMIT ?4";
    /// ?1 business, ?2 conversation, ?3 how many: the newest messages, newest first.
    TRANSCRIPT, Business,
        "SELECT m.direction, m.type, substr(m.content, 1, 2000), m.created_at, m.detail ->> '$.author.name'
         FROM messages m INDEXED BY messages_by_conversation
         WHERE m.business_id = ?1 AND m.conversation_id = ?2
         ORDER BY m.created_at DESC LIMIT ?3";
    /// ?1 business, ?2 conversation, ?3 score in thousandths, ?4 comment, ?5 when.
    RATING_PUT, Business,
        "INSERT INTO conversation_ratings (business_id, conversation_id, score, comment, rated_at)
         SELECT ?1, v.id, ?3 / 1000.0, ?4, ?5
         FROM conversations v WHERE v.business_id = ?1 AND v.id = ?2
         ON CONFLICT (business_id, conversation_id) DO UPDATE SET score = excluded.score,
           comment = coalesce(excluded.comment, comment), rated_at = excluded.rated_at";
}
