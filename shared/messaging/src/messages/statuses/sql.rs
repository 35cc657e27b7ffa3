//! The statements of `messages::statuses`.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 [[our message's id, the provider's id], …], ?3 channel id: messages whose
    /// sending had no answer, which the provider names by the id we gave.
    STATUS_SETTLE, Business,
        "UPDATE messages INDEXED BY messages_by_id SET provider_id = (
           SELECT r.value ->> 1 FROM json_each(?2) r WHERE r.value ->> 0 = messages.id LIMIT 1)
         WHERE business_id = ?1 AND id IN (SELECT r.value ->> 0 FROM json_each(?2) r
             WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.business_id = ?1
               AND m.channel_id = ?3 AND m.provider_id = r.value ->> 1))
           AND channel_id = ?3 AND direction = 'outbound' AND provider_id IS NULL";
    /// ?1 business, ?2 [[kind, value, the provider's id], …] of recipients, ?3 channel id, ?4 since
    /// when: an unsure message is the one, where it is the only unsure one of its recipient.
    STATUS_GUESS, Business,
        "WITH guess (id, provider_id) AS MATERIALIZED (
           SELECT max(m.id), r.value ->> 2
           FROM json_each(?2) r CROSS JOIN identities i
             ON i.business_id = ?1 AND i.kind = r.value ->> 0 AND i.value = r.value ->> 1
           CROSS JOIN conversations c INDEXED BY conversations_by_customer
             ON c.business_id = ?1 AND c.customer_id = i.customer_id AND c.channel_id = ?3
           CROSS JOIN messages m INDEXED BY messages_by_conversation ON m.business_id = ?1 AND m.conversation_id = c.id
             AND m.created_at > ?4 AND m.status = 'uncertain' AND m.provider_id IS NULL
           WHERE NOT EXISTS (SELECT 1 FROM messages o WHERE o.business_id = ?1
             AND o.channel_id = ?3 AND o.provider_id = r.value ->> 2)
           GROUP BY r.key HAVING count(DISTINCT m.id) = 1)
         UPDATE messages INDEXED BY messages_by_id SET provider_id = (
           SELECT g.provider_id FROM guess g WHERE g.id = messages.id LIMIT 1)
         WHERE business_id = ?1 AND id IN (SELECT id FROM guess)";
    /// ?1 business, ?2 [[provider id, status, …], …], ?3 channel id, ?4 now, ?5 what the event ids
    /// begin with: a change for each message that climbs.
    STATUS_EVENT, Business,
        concat!("INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at, detail)
         SELECT ?1, row_number() OVER (ORDER BY r.key)
             + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?5 || printf('%04x', r.key), 'message.status_changed', m.id, ?4,
           json_object('status', r.value ->> 1, 'previous_status', m.status,
             'error', json(r.value ->> 6))
         FROM jsonb_each(?2) r CROSS JOIN messages m
           ON m.business_id = ?1 AND m.channel_id = ?3 AND m.provider_id = r.value ->> 0
         WHERE m.direction = 'outbound' AND ", climbs!("r.value ->> 1", "m.status"));
    /// ?1 business, ?2 [[provider id, status, sent, delivered, read, failed, error], …], ?3 channel
    /// id, ?4 now. Each of the provider's times is kept, in whatever order they come. An upsert,
    /// since UPDATE FROM would go through the business.
    STATUS_APPLY, Business,
        concat!("INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id,
           channel_id, channel, direction, type, status, error, sent_at, delivered_at, read_at,
           failed_at, updated_at)
         SELECT m.business_id, m.created_at, m.id, m.conversation_id, m.customer_id, m.channel_id,
           m.channel, m.direction, m.type, r.value ->> 1, r.value ->> 6, r.value ->> 2,
           coalesce(r.value ->> 3, r.value ->> 4), r.value ->> 4, r.value ->> 5, ?4
         FROM jsonb_each(?2) r CROSS JOIN messages m
           ON m.business_id = ?1 AND m.channel_id = ?3 AND m.provider_id = r.value ->> 0
         WHERE m.direction = 'outbound'
         ON CONFLICT (business_id, created_at) DO UPDATE SET
           status = CASE WHEN ", climbs!("excluded.status", "messages.status"), "
             THEN excluded.status ELSE messages.status END,
           error = CASE
             WHEN excluded.status = 'failed' AND messages.status NOT IN ('failed', 'read')
               THEN excluded.error
             WHEN messages.status = 'uncertain' THEN NULL ELSE messages.error END,
           sent_at = coalesce(messages.sent_at, excluded.sent_at),
           delivered_at = coalesce(messages.delivered_at, excluded.delivered_at),
           read_at = coalesce(messages.read_at, excluded.read_at),
           failed_at = coalesce(messages.failed_at, excluded.failed_at),
           updated_at = excluded.updated_at");
    /// ?1 business, ?2 provider ids, ?3 channel id: what is heard of needs no more sending.
    STATUS_DONE, Business,
        "UPDATE sends SET state = 'done', due_at = NULL, request = '{}'
         WHERE business_id = ?1 AND message_id IN (SELECT m.id FROM json_each(?2) r
           CROSS JOIN messages m ON m.business_id = ?1 AND m.channel_id = ?3
             AND m.provider_id = r.value)";
    /// ?1 business, ?2 [[provider id, status, at, error], …], ?3 channel id, ?4 now: what names no
    /// message yet waits for one.
    STATUS_STORE, Business,
        "INSERT OR IGNORE INTO unmatched_statuses (business_id, channel_id, provider_id, status, at,
           error, created_at)
         SELECT ?1, ?3, r.value ->> 0, r.value ->> 1, coalesce(r.value ->> 2, ?4), r.value ->> 3, ?4
         FROM jsonb_each(?2) r
         WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.business_id = ?1
           AND m.channel_id = ?3 AND m.provider_id = r.value ->> 0)";
    /// ?1 business, ?2 before when: statuses of messages that were sent elsewhere.
    STATUS_FORGET, Business,
        "DELETE FROM unmatched_statuses WHERE business_id = ?1 AND created_at < ?2";
}
