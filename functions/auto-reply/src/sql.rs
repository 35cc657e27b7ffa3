//! The statements of this function.

use common::db::Binding::{Business, Each};
use common::{is_open, statements, stays};

/// Whether a message `n` went out without being one of these replies.
macro_rules! of_others {
    () => {
        "n.direction = 'outbound' AND coalesce(n.detail ->> '$.author.id', '') <> 'auto_reply'"
    };
}

statements! {
    /// ?1 business, ?2 conversation, ?3 now: of what waits in a conversation, the newest alone is replied to.
    REPLY_OVERTAKEN, Business,
        "UPDATE auto_replies SET state = 'skipped', reason = 'overtaken', due_at = NULL, updated_at = ?3
         WHERE business_id = ?1 AND message_id IN (
           SELECT a.message_id FROM auto_replies a INDEXED BY auto_replies_by_conversation
           WHERE a.business_id = ?1 AND a.conversation_id = ?2 AND a.state = 'waiting'
             AND a.written_at < (
               SELECT l.written_at FROM auto_replies l INDEXED BY auto_replies_by_conversation
               WHERE l.business_id = ?1 AND l.conversation_id = ?2 ORDER BY l.written_at DESC LIMIT 1))";
    /// ?1 business, ?2 conversation, ?3 now, ?4 until when it is claimed.
    REPLY_CLAIM, Business,
        concat!("UPDATE auto_replies SET tries = tries + 1, due_at = ?4, updated_at = ?3
         WHERE business_id = ?1 AND message_id = (
           SELECT a.message_id FROM auto_replies a INDEXED BY auto_replies_by_conversation
           WHERE a.business_id = ?1 AND a.conversation_id = ?2 AND a.due_at <= ?3
           ORDER BY a.written_at DESC LIMIT 1)
           AND ", stays!(), "
         RETURNING message_id, state, reason, tries, written_at,
           (SELECT s.message_id FROM sends s WHERE s.business_id = ?1
              AND s.idempotency_key = 'said auto_reply:' || auto_replies.message_id) AS reply_id");
    /// ?1 business, ?2 message, ?3 since when somebody who wrote or took over still has the conversation, ?4 since when
    /// replies count, ?5 since when files belong to it.
    REPLY_FACTS, Business,
        concat!("SELECT m.type, substr(m.content, 1, 4000) AS content, m.channel,
           coalesce(m.detail ->> 'auto_submitted', 0) <> 0 AS is_automatic,
           coalesce(m.detail ->> 'participant', '') = 'other'
             OR (m.type = 'email' AND coalesce(m.detail ->> 'sender_verified', '') <> 'pass') AS is_unverified,
           c.status = 'closed' AS is_closed,
           c.assignee IS NOT NULL OR EXISTS (
             SELECT 1 FROM escalations e INDEXED BY escalations_by_conversation
             WHERE e.business_id = ?1 AND e.conversation_id = c.id AND e.created_at > ?3)
           OR EXISTS (
             SELECT 1 FROM messages n INDEXED BY messages_by_conversation
             WHERE n.business_id = ?1 AND n.conversation_id = c.id AND n.created_at > ?3 AND ", of_others!(), "
               AND (n.detail ->> '$.author.id' IS NOT NULL OR NOT EXISTS (
                 SELECT 1 FROM sends s WHERE s.business_id = ?1 AND s.message_id = n.id))) AS is_with_person,
           EXISTS (
             SELECT 1 FROM messages n INDEXED BY messages_by_conversation
             WHERE n.business_id = ?1 AND n.conversation_id = c.id AND n.created_at > m.created_at
               AND n.direction = 'inbound' AND n.type NOT IN ('reaction', 'sticker')) AS is_overtaken,
           EXISTS (
             SELECT 1 FROM messages n INDEXED BY messages_by_conversation
             WHERE n.business_id = ?1 AND n.conversation_id = c.id AND n.created_at > m.created_at
               AND ", of_others!(), ") AS is_answered,
           EXISTS (
             SELECT 1 FROM messages n INDEXED BY messages_by_conversation
             WHERE n.business_id = ?1 AND n.conversation_id = c.id AND n.created_at > ?5
               AND n.direction = 'inbound' AND (n.type NOT IN ('text', 'button', 'interactive', 'email', 'reaction', 'sticker')
                 OR EXISTS (SELECT 1 FROM attachments f INDEXED BY attachments_by_message
                   WHERE f.business_id = ?1 AND f.message_id = n.id))
               AND n.created_at > coalesce((
                 SELECT o.created_at FROM messages o INDEXED BY messages_by_conversation
                 WHERE o.business_id = ?1 AND o.conversation_id = c.id AND o.created_at > ?5
                   AND o.direction = 'outbound' ORDER BY o.created_at DESC LIMIT 1), 0)) AS has_files,
           (SELECT count(*) FROM auto_replies a INDEXED BY auto_replies_by_conversation
            WHERE a.business_id = ?1 AND a.conversation_id = c.id AND a.written_at > ?4
              AND a.state = 'sent') AS replies
         FROM messages m CROSS JOIN conversations c ON c.business_id = ?1 AND c.id = m.conversation_id
         WHERE m.business_id = ?1 AND m.id = ?2");
    /// ?1 business, ?2 message, ?3 now, ?4 until when it is claimed, ?5 until when it was. None where another has it,
    /// or somebody wrote in the conversation or has it by now.
    REPLY_SENDING, Business,
        concat!("UPDATE auto_replies SET state = 'sending', due_at = ?4, updated_at = ?3
         WHERE business_id = ?1 AND message_id = ?2 AND due_at = ?5 AND NOT EXISTS (
             SELECT 1 FROM messages n INDEXED BY messages_by_conversation
             WHERE n.business_id = ?1 AND n.conversation_id = auto_replies.conversation_id
               AND n.created_at > auto_replies.written_at
               AND ((n.direction = 'inbound' AND n.type NOT IN ('reaction', 'sticker')) OR (", of_others!(), ")))
           AND EXISTS (SELECT 1 FROM conversations c
             WHERE c.business_id = ?1 AND c.id = auto_replies.conversation_id AND c.assignee IS NULL
               AND c.status <> 'closed')
           AND NOT EXISTS (
             SELECT 1 FROM escalations e INDEXED BY escalations_by_conversation
             WHERE e.business_id = ?1 AND e.conversation_id = auto_replies.conversation_id
               AND e.created_at >= auto_replies.written_at)
         RETURNING message_id");
    /// ?1 business, ?2 message, ?3 state, ?4 reason, ?5 when it is looked at again, ?6 now, ?7 until when it is claimed.
    REPLY_SETTLE, Business,
        "UPDATE auto_replies SET state = coalesce(?3, state), reason = coalesce(?4, reason), due_at = ?5,
           updated_at = ?6
         WHERE business_id = ?1 AND message_id = ?2 AND due_at = ?7";
    /// ?1 business, ?2 why no reply was written, ?3 now. Null: one was.
    REPLY_FAILURE, Business,
        "UPDATE reply_settings SET failure = ?2, failed_at = iif(?2 IS NULL, NULL, ?3)
         WHERE business_id = ?1";
    /// ?1 business, ?2 customer, ?3 texts as a JSON list of kind and value. Those that are another customer's.
    FOREIGN_GET, Business,
        "SELECT i.value FROM json_each(?3) j
         CROSS JOIN identities i ON i.business_id = ?1 AND i.kind = j.value ->> 0
           AND i.value = j.value ->> 1 AND i.system = ''
         WHERE i.customer_id <> ?2 LIMIT 1";

    /// ?1 now, ?2 how many.
    DUE_REPLIES, Each("the cron looks after every business"),
        concat!("SELECT DISTINCT business_id, conversation_id FROM (
           SELECT business_id, conversation_id FROM auto_replies INDEXED BY auto_replies_due
           WHERE due_at IS NOT NULL AND due_at <= ?1 AND ", is_open!("auto_replies.business_id"), "
           ORDER BY due_at LIMIT ?2)");
    /// ?1 until when what is settled is forgotten, ?2 how many.
    REPLY_PRUNE, Each("the cron looks after every business"),
        concat!("DELETE FROM auto_replies WHERE (business_id, message_id) IN (
           SELECT business_id, message_id FROM auto_replies INDEXED BY auto_replies_by_age
           WHERE due_at IS NULL AND created_at < ?1 AND ", is_open!("auto_replies.business_id"), "
           ORDER BY created_at LIMIT ?2)");
}
