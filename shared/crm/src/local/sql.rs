//! The statements by which connectors read our side.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 customer. Whom they are at accounts of Messenger and Instagram comes last, as
    /// [[kind, id, what they go by, account], …].
    CUSTOMER_ROW, Business,
        "SELECT c.id, c.external_id, c.external_system,
           coalesce(nullif(c.name, ''), nullif(trim(coalesce(c.first_name, '') || ' '
             || coalesce(c.last_name, '')), '')),
           c.email, c.phone, c.whatsapp_number, c.address, c.notes, c.tags, c.custom_fields,
           c.crm_ids,
           (SELECT json_group_array(DISTINCT json_array(i.kind, i.value,
              (SELECT n.handle FROM identity_handles n
               WHERE n.business_id = ?1 AND n.kind = i.kind AND n.value = i.value), h.address))
            FROM identities i INDEXED BY identities_of_channels
            CROSS JOIN conversations v INDEXED BY conversations_by_customer
              ON v.business_id = ?1 AND v.customer_id = ?2 AND v.channel = i.kind
            CROSS JOIN channels h ON h.business_id = ?1 AND h.id = v.channel_id
            WHERE i.business_id = ?1 AND i.customer_id = ?2
              AND i.kind IN ('whatsapp_user', 'facebook', 'instagram'))
         FROM customers c WHERE c.business_id = ?1 AND c.id = ?2 AND c.erased_at IS NULL";
    /// ?1 business, ?2 conversation. Whether it was ever escalated comes last.
    CONVERSATION_ROW, Business,
        "SELECT v.id, v.customer_id, v.channel, v.status, v.priority, v.assignee, v.tags,
           EXISTS (SELECT 1 FROM escalations e WHERE e.business_id = ?1 AND e.conversation_id = v.id)
         FROM conversations v WHERE v.business_id = ?1 AND v.id = ?2";
    /// ?1 business, ?2 connector, ?3 customer: the CRM's conversation of theirs that was busy last.
    CONVERSATION_LINKED, Business,
        "SELECT l.local_id, l.remote_id FROM conversations v INDEXED BY conversations_by_customer
         CROSS JOIN crm_links l ON l.business_id = ?1 AND l.connector = ?2
           AND l.kind = 'conversation' AND l.local_id = v.id
         WHERE v.business_id = ?1 AND v.customer_id = ?3
         ORDER BY v.last_message_at DESC LIMIT 1";
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
