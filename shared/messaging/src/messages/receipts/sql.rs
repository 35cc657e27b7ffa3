//! The statements of `messages::receipts`.

use common::db::Binding::Business;
use common::statements;

/// Up to when messages are covered, by customer: ?1 business, ?2 [[kind, value, up to, at], …], ?3
/// channel id, ?4 status. A kind of name has the customer's name and a time. `mid` has a message that
/// is covered itself. `kept` has a message of which something may have been told before it was known:
/// its conversation's watermark, or a status of its own, which covers what was sent before.
macro_rules! marks {
    () => {
        "WITH mark (customer_id, up_to, at) AS MATERIALIZED (
           SELECT customer_id, max(up_to), max(at) FROM (
             SELECT i.customer_id, r.value ->> 2 AS up_to, r.value ->> 3 AS at
             FROM jsonb_each(?2) r CROSS JOIN identities i ON i.business_id = ?1
               AND i.kind = r.value ->> 0 AND i.value = r.value ->> 1 AND i.system = ''
             UNION ALL
             SELECT m.customer_id, m.sent_at, r.value ->> 3
             FROM jsonb_each(?2) r CROSS JOIN messages m ON m.business_id = ?1
               AND m.channel_id = ?3 AND m.provider_id = r.value ->> 1
             WHERE r.value ->> 0 = 'mid' AND m.direction = 'outbound'
             UNION ALL
             SELECT m.customer_id, m.sent_at, u.at
             FROM jsonb_each(?2) r CROSS JOIN messages m ON m.business_id = ?1
               AND m.channel_id = ?3 AND m.provider_id = r.value ->> 1
             CROSS JOIN unmatched_statuses u ON u.business_id = ?1 AND u.channel_id = ?3
               AND u.provider_id = m.provider_id AND u.status = ?4
             WHERE r.value ->> 0 = 'kept' AND m.direction = 'outbound'
             UNION ALL
             SELECT m.customer_id, CASE ?4 WHEN 'read' THEN c.read_up_to
                 ELSE c.delivered_up_to END, NULL
             FROM jsonb_each(?2) r CROSS JOIN messages m ON m.business_id = ?1
               AND m.channel_id = ?3 AND m.provider_id = r.value ->> 1
             CROSS JOIN conversations c ON c.business_id = ?1 AND c.id = m.conversation_id
             WHERE r.value ->> 0 = 'kept')
           WHERE up_to IS NOT NULL GROUP BY customer_id) "
    };
}

/// The messages `m` that the marks `k` move. The partial index is found by repeating its condition.
macro_rules! covered {
    () => {
        concat!(
            "FROM mark k CROSS JOIN conversations c INDEXED BY conversations_by_customer
               ON c.business_id = ?1 AND c.customer_id = k.customer_id AND c.channel_id = ?3
             CROSS JOIN messages m INDEXED BY messages_unread ON m.business_id = ?1
               AND m.conversation_id = c.id AND m.sent_at <= k.up_to
               AND m.direction = 'outbound' AND m.channel IN ('facebook', 'instagram')
               AND m.status IN ('sent', 'delivered')
             WHERE ",
            climbs!("?4", "m.status")
        )
    };
}

/// The messages `m` that the revisions `r` change, and their customers `c`: ?1 business, ?2
/// [[provider id, which edit, text, whether deleted], …], ?3 channel id. What is erased stays so.
macro_rules! revised {
    () => {
        "FROM jsonb_each(?2) r CROSS JOIN messages m ON m.business_id = ?1
           AND m.channel_id = ?3 AND m.provider_id = r.value ->> 0
         CROSS JOIN customers c ON c.business_id = ?1 AND c.id = m.customer_id
           AND c.erased_at IS NULL
         WHERE m.detail ->> 'deleted' IS NULL
           AND (r.value ->> 3 OR r.value ->> 1 > coalesce(m.detail ->> 'edited', 0))"
    };
}

/// What is left of the detail of a message that was taken back: of a comment, the post that it was on, which is
/// the business's own.
macro_rules! deleted {
    ($message:expr) => {
        concat!(
            "iif(",
            $message,
            ".channel = 'facebook_comments', json_object('deleted', json('true'),
               'subject', ",
            $message,
            ".detail ->> 'subject', 'post', ",
            $message,
            ".detail -> 'post'), json_object('deleted', json('true')))"
        )
    };
}

/// The messages `m` that are hidden or shown again, `r`, and their customers `c`: ?1 business, ?2 [[provider
/// id, whether hidden, since when], …], ?3 channel id.
macro_rules! shown {
    () => {
        "FROM jsonb_each(?2) r CROSS JOIN messages m ON m.business_id = ?1
           AND m.channel_id = ?3 AND m.provider_id = r.value ->> 0
         CROSS JOIN customers c ON c.business_id = ?1 AND c.id = m.customer_id
           AND c.erased_at IS NULL
         WHERE m.detail ->> 'deleted' IS NULL
           AND r.value ->> 1 <> coalesce(m.detail ->> 'hidden', 0)
           AND r.value ->> 2 >= coalesce(m.detail ->> 'hidden_at', 0)"
    };
}

statements! {
    /// ?1 business, ?2 [[kind, value, type, text, the provider's id, thread, system], …], ?3 channel id, ?4 since
    /// when: echoes of unknown ids are of what we sent to the same customer in the same thread with the
    /// same words and have no id of, the oldest first.
    ECHO_MATCH, Business,
        "WITH echo (provider_id, customer_id, type, content, thread, n) AS MATERIALIZED (
           SELECT r.value ->> 4, i.customer_id, r.value ->> 2, r.value ->> 3, r.value ->> 5,
             row_number() OVER (PARTITION BY i.customer_id, r.value ->> 2, r.value ->> 3, r.value ->> 5
               ORDER BY r.key)
           FROM jsonb_each(?2) r CROSS JOIN identities i ON i.business_id = ?1
             AND i.kind = r.value ->> 0 AND i.value = r.value ->> 1 AND i.system = r.value ->> 6
           WHERE NOT EXISTS (SELECT 1 FROM messages o WHERE o.business_id = ?1
             AND o.channel_id = ?3 AND o.provider_id = r.value ->> 4)
         ), own (id, customer_id, type, content, thread, n) AS MATERIALIZED (
           SELECT m.id, m.customer_id, m.type, trim(m.content, ' ' || char(9, 10, 13)),
             c.thread, row_number() OVER (PARTITION BY m.customer_id, m.type,
               trim(m.content, ' ' || char(9, 10, 13)), c.thread ORDER BY m.created_at)
           FROM (SELECT DISTINCT customer_id AS id FROM echo) e
           CROSS JOIN conversations c INDEXED BY conversations_by_customer
             ON c.business_id = ?1 AND c.customer_id = e.id AND c.channel_id = ?3
           CROSS JOIN messages m INDEXED BY messages_by_conversation ON m.business_id = ?1
             AND m.conversation_id = c.id AND m.created_at > ?4
           WHERE m.direction = 'outbound' AND m.provider_id IS NULL
             AND (m.status IN ('uncertain', 'sent') OR (m.status = 'queued' AND EXISTS (
               SELECT 1 FROM sends s WHERE s.business_id = ?1 AND s.message_id = m.id
                 AND s.state = 'sending')))
         ), pair (id, provider_id) AS MATERIALIZED (
           SELECT max(id), max(provider_id) FROM (
             SELECT NULL AS id, provider_id, customer_id, type, content, thread, n FROM echo
             UNION ALL SELECT id, NULL, customer_id, type, content, thread, n FROM own)
           GROUP BY customer_id, type, content, thread, n HAVING count(*) = 2)
         UPDATE messages INDEXED BY messages_by_id SET provider_id = (
           SELECT pair.provider_id FROM pair WHERE pair.id = messages.id LIMIT 1)
         WHERE business_id = ?1 AND id IN (SELECT id FROM pair)";
    /// ?1 business, ?2 [[the provider's id, when], …] of echoes, ?3 channel id, ?4 now, ?5 what the
    /// event ids begin with.
    ECHO_SENT_EVENT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, row_number() OVER (ORDER BY r.key)
             + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?5 || printf('%04x', r.key), 'message.sent', m.id, ?4
         FROM jsonb_each(?2) r CROSS JOIN messages m ON m.business_id = ?1
           AND m.channel_id = ?3 AND m.provider_id = r.value ->> 0
         WHERE m.direction = 'outbound' AND m.status IN ('queued', 'uncertain')";
    /// ?1 business, ?2 [[the provider's id, when], …] of echoes, ?3 channel id, ?4 now. By the
    /// provider's clock, as the watermarks are. An upsert, as STATUS_APPLY.
    ECHO_SENT, Business,
        "INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id,
           channel_id, channel, direction, type, status, sent_at, updated_at)
         SELECT m.business_id, m.created_at, m.id, m.conversation_id, m.customer_id, m.channel_id,
           m.channel, m.direction, m.type, 'sent', r.value ->> 1, ?4
         FROM jsonb_each(?2) r CROSS JOIN messages m ON m.business_id = ?1
           AND m.channel_id = ?3 AND m.provider_id = r.value ->> 0
         WHERE m.direction = 'outbound'
         ON CONFLICT (business_id, created_at) DO UPDATE SET
           status = CASE WHEN messages.status IN ('queued', 'uncertain') THEN excluded.status
             ELSE messages.status END,
           error = CASE WHEN messages.status = 'failed' THEN messages.error END,
           sent_at = coalesce(excluded.sent_at, messages.sent_at),
           updated_at = excluded.updated_at";
    /// ?1 business, ?2 [[kind, value, delivered up to, read up to], …], ?3 channel id, ?4 since when
    /// a closed conversation must have been so.
    WATERMARK_STORE, Business,
        "INSERT INTO conversations (business_id, id, customer_id, channel_id, channel, status,
           last_message_at, delivered_up_to, read_up_to, created_at, updated_at)
         SELECT c.business_id, c.id, c.customer_id, c.channel_id, c.channel, c.status,
           c.last_message_at, r.value ->> 2, r.value ->> 3, c.created_at, c.updated_at
         FROM jsonb_each(?2) r CROSS JOIN identities i ON i.business_id = ?1
           AND i.kind = r.value ->> 0 AND i.value = r.value ->> 1 AND i.system = ''
         CROSS JOIN conversations c INDEXED BY conversations_by_customer
           ON c.business_id = ?1 AND c.customer_id = i.customer_id AND c.channel_id = ?3
         WHERE c.closed_at IS NULL OR c.closed_at > ?4
         ON CONFLICT (business_id, id) DO UPDATE SET
           delivered_up_to = nullif(max(coalesce(conversations.delivered_up_to, 0),
             coalesce(excluded.delivered_up_to, 0)), 0),
           read_up_to = nullif(max(coalesce(conversations.read_up_to, 0),
             coalesce(excluded.read_up_to, 0)), 0)";
    /// Parameters as the macro says, ?5 now, ?6 what the event ids begin with.
    WATERMARK_EVENT, Business,
        concat!(marks!(), "INSERT INTO outbox (business_id, sequence, id, event, subject_id,
           created_at, detail)
         SELECT ?1, row_number() OVER (ORDER BY m.created_at)
             + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?6 || printf('%04x', row_number() OVER (ORDER BY m.created_at)),
           'message.status_changed', m.id, ?5,
           json_object('status', ?4, 'previous_status', m.status, 'error', NULL) ", covered!());
    /// Parameters as the macro says, ?5 now. An upsert, as STATUS_APPLY.
    WATERMARK_APPLY, Business,
        concat!(marks!(), "INSERT INTO messages (business_id, created_at, id, conversation_id,
           customer_id, channel_id, channel, direction, type, status, delivered_at, read_at,
           updated_at)
         SELECT m.business_id, m.created_at, m.id, m.conversation_id, m.customer_id, m.channel_id,
           m.channel, m.direction, m.type, ?4, coalesce(k.at, k.up_to),
           CASE ?4 WHEN 'read' THEN coalesce(k.at, k.up_to) END, ?5 ", covered!(), "
         ON CONFLICT (business_id, created_at) DO UPDATE SET status = excluded.status,
           delivered_at = coalesce(messages.delivered_at, excluded.delivered_at),
           read_at = coalesce(messages.read_at, excluded.read_at),
           updated_at = excluded.updated_at");
    /// ?1 business, ?2 provider ids, ?3 channel id: statuses that have found their messages.
    WATERMARK_DELETE, Business,
        "DELETE FROM unmatched_statuses WHERE business_id = ?1 AND channel_id = ?3
           AND provider_id IN (SELECT m.provider_id FROM json_each(?2) r CROSS JOIN messages m
             ON m.business_id = ?1 AND m.channel_id = ?3 AND m.provider_id = r.value)";

    /// ?1 business: items that were edited or deleted before they came.
    ITEM_REVISE, Business,
        concat!("UPDATE inbound_items SET (content, detail, media) = (
           SELECT iif(v.is_deleted, '', v.content),
             iif(v.is_deleted, ", deleted!("inbound_items"), ",
               json_set(coalesce(inbound_items.detail, '{}'), '$.edited', v.edits)),
             iif(v.is_deleted, NULL, inbound_items.media)
           FROM message_revisions v WHERE v.business_id = ?1
             AND v.channel_id = inbound_items.channel_id
             AND v.provider_id = inbound_items.provider_id)
         WHERE business_id = ?1 AND EXISTS (SELECT 1 FROM message_revisions v
           WHERE v.business_id = ?1 AND v.channel_id = inbound_items.channel_id
             AND v.provider_id = inbound_items.provider_id)");
    /// ?1 business, ?2 provider ids, ?3 channel id: what messages hold.
    REVISION_BYTES, Business,
        "SELECT a.id, a.size FROM json_each(?2) r CROSS JOIN messages m ON m.business_id = ?1
           AND m.channel_id = ?3 AND m.provider_id = r.value
         CROSS JOIN attachments a INDEXED BY attachments_by_message
           ON a.business_id = ?1 AND a.message_id = m.id";
    /// Parameters as the macro says: bodies that were built for endpoints of what is now deleted.
    REVISION_FORGET_BODIES, Business,
        concat!("UPDATE outbox SET body = '' WHERE business_id = ?1 AND sequence IN (
           SELECT o.sequence FROM (SELECT m.id, r.value ->> 3 AS is_deleted ", revised!(), ") d
           CROSS JOIN outbox o INDEXED BY outbox_by_subject
             ON o.business_id = ?1 AND o.subject_id = d.id AND o.body IS NOT NULL
           WHERE d.is_deleted)");
    /// Parameters as the macro says, ?4 now, ?5 what the event ids begin with.
    REVISION_EVENT, Business,
        concat!("INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, row_number() OVER (ORDER BY r.key)
             + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?5 || printf('%04x', r.key), 'message.updated', m.id, ?4 ", revised!());
    /// Parameters as the macro says.
    REVISION_FORGET_MEDIA, Business,
        concat!("DELETE FROM attachments WHERE business_id = ?1 AND id IN (
           SELECT a.id FROM (SELECT m.id, r.value ->> 3 AS is_deleted ", revised!(), ") d
           CROSS JOIN attachments a INDEXED BY attachments_by_message
             ON a.business_id = ?1 AND a.message_id = d.id
           WHERE d.is_deleted)");
    /// Parameters as the macro says, ?4 now. An upsert, as STATUS_APPLY.
    REVISION_APPLY, Business,
        concat!("INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id,
           channel_id, channel, direction, type, status, content, detail, updated_at)
         SELECT m.business_id, m.created_at, m.id, m.conversation_id, m.customer_id, m.channel_id,
           m.channel, m.direction, m.type, m.status, r.value ->> 2,
           iif(r.value ->> 3, ", deleted!("m"), ",
             json_set(coalesce(m.detail, '{}'), '$.edited', r.value ->> 1)), ?4 ", revised!(), "
         ON CONFLICT (business_id, created_at) DO UPDATE SET content = excluded.content,
           detail = excluded.detail, updated_at = excluded.updated_at");
    /// Parameters as the macro says, ?4 now: what names no message yet waits for one.
    REVISION_STORE, Business,
        "INSERT INTO message_revisions (business_id, channel_id, provider_id, edits, content,
           is_deleted, created_at)
         SELECT ?1, ?3, r.value ->> 0, r.value ->> 1, r.value ->> 2, r.value ->> 3, ?4
         FROM jsonb_each(?2) r WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.business_id = ?1
           AND m.channel_id = ?3 AND m.provider_id = r.value ->> 0)
         ON CONFLICT (business_id, channel_id, provider_id) DO UPDATE SET
           content = CASE WHEN excluded.is_deleted OR message_revisions.is_deleted THEN ''
             WHEN excluded.edits > message_revisions.edits THEN excluded.content
             ELSE message_revisions.content END,
           edits = max(excluded.edits, message_revisions.edits),
           is_deleted = max(excluded.is_deleted, message_revisions.is_deleted)";
    /// Parameters as the macro says, ?4 now, ?5 what the event ids begin with.
    VISIBILITY_EVENT, Business,
        concat!("INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, row_number() OVER (ORDER BY r.key)
             + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?5 || printf('%04x', r.key), 'message.updated', m.id, ?4 ", shown!());
    /// Parameters as the macro says, ?4 now. An upsert, as STATUS_APPLY.
    VISIBILITY_APPLY, Business,
        concat!("INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id,
           channel_id, channel, direction, type, status, detail, updated_at)
         SELECT m.business_id, m.created_at, m.id, m.conversation_id, m.customer_id, m.channel_id,
           m.channel, m.direction, m.type, m.status,
           json_set(coalesce(m.detail, '{}'), '$.hidden', json(iif(r.value ->> 1, 'true', 'false')),
             '$.hidden_at', r.value ->> 2), ?4 ", shown!(), "
         ON CONFLICT (business_id, created_at) DO UPDATE SET detail = excluded.detail,
           updated_at = excluded.updated_at");
    /// ?1 business, ?2 [[kind, value], …] of senders: whose customers have no name.
    NAMELESS, Business,
        "SELECT r.value ->> 1 FROM jsonb_each(?2) r CROSS JOIN identities i ON i.business_id = ?1
           AND i.kind = r.value ->> 0 AND i.value = r.value ->> 1 AND i.system = ''
         CROSS JOIN customers c ON c.business_id = ?1 AND c.id = i.customer_id
         WHERE coalesce(c.name, '') = '' AND c.erased_at IS NULL LIMIT 50";
    /// ?1 business, ?2 before when: revisions whose messages never came.
    REVISION_FORGET, Business,
        "DELETE FROM message_revisions WHERE business_id = ?1 AND created_at < ?2";
}
