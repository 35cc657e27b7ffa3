//! The statements of this function.

use common::db::Binding::Business;
use common::{statements, stays};
use messaging::{climbs, rank};

/// Whether the provider of a message whose sending is unsure can be asked for what it sent: Twilio and
/// Chatwoot have a list. Which of them it is, its account says.
macro_rules! is_listed {
    () => {
        "EXISTS (SELECT 1 FROM messages m CROSS JOIN channels h
           ON h.business_id = ?1 AND h.id = m.channel_id AND h.kind IN ('sms', 'chatwoot')
           WHERE m.business_id = ?1 AND m.id = sends.message_id
             AND m.provider_id IS NULL AND m.status IN ('queued', 'uncertain'))"
    };
}

/// What of a mail `m` the next one of its thread needs.
macro_rules! mail_of_thread {
    () => {
        "m.channel_id, m.direction, m.provider_id, m.detail ->> 'subject', m.detail -> 'references',
           (SELECT e.message_id FROM email_ids e INDEXED BY email_ids_by_provider
            WHERE e.business_id = ?1 AND e.channel_id = m.channel_id
              AND e.provider_id = m.provider_id LIMIT 1)"
    };
}

/// The customers that a request names: ?1 business, ?2 our id, ?3 kind and ?4 value of another
/// name, ?5 a conversation; null for what it does not say.
macro_rules! named {
    () => {
        "WITH named (id) AS MATERIALIZED (
           SELECT id FROM customers WHERE business_id = ?1 AND id = ?2
           UNION SELECT customer_id FROM identities
             WHERE business_id = ?1 AND kind = ?3 AND value = ?4
           UNION SELECT customer_id FROM conversations WHERE business_id = ?1 AND id = ?5) "
    };
}

/// When such a status came, of those listed.
macro_rules! unmatched_at {
    ($statuses:expr) => {
        concat!(
            "(SELECT min(u.at) FROM unmatched_statuses u WHERE u.business_id = ?1
               AND u.channel_id = messages.channel_id AND u.provider_id = messages.provider_id
               AND u.status IN (",
            $statuses,
            "))"
        )
    };
}

/// The highest status that came before the message `m` knew its provider's id.
macro_rules! unmatched_top {
    () => {
        concat!(
            "(SELECT u.status FROM unmatched_statuses u WHERE u.business_id = ?1
               AND u.channel_id = m.channel_id AND u.provider_id = m.provider_id
             ORDER BY ",
            rank!("u.status"),
            " DESC LIMIT 1)"
        )
    };
}

/// See [`unsure_state`]: when, and what of it is kept.
macro_rules! unsure_rest {
    ($due:expr) => {
        concat!(
            "due_at = CASE WHEN ",
            is_listed!(),
            " THEN ",
            $due,
            " END, request = CASE WHEN ",
            is_listed!(),
            " THEN request ELSE '{}' END"
        )
    };
}

/// How the sending of an unsure message goes on.
macro_rules! unsure_state {
    () => {
        concat!(
            "CASE WHEN ",
            is_listed!(),
            " THEN 'checking' ELSE 'done' END"
        )
    };
}

statements! {
    /// ?1 business, ?2 idempotency key or null, ?3 since when keys count: the messages of the
    /// request that ran under it. A request's ids share all but their last four digits.
    SEND_REPEATED, Business,
        "SELECT g.message_id FROM sends s CROSS JOIN sends g
           ON g.business_id = ?1 AND g.message_id >= s.message_id
          AND g.message_id < substr(s.message_id, 1, 32) || 'g'
         WHERE s.business_id = ?1 AND s.idempotency_key = ?2 AND s.created_at > ?3
         ORDER BY g.message_id";
    /// Parameters as the macro says, ?6 by which kind of id the channel knows customers. Two rows are an ambiguity. The partial index is found by
    /// repeating its condition.
    SEND_CUSTOMER, Business,
        concat!(named!(), "SELECT c.id, c.whatsapp_number, c.phone, c.email,
           (SELECT i.value FROM identities i
            WHERE i.business_id = ?1 AND i.customer_id = c.id AND i.kind = ?6
              AND i.kind IN ('whatsapp_user', 'facebook', 'instagram') LIMIT 1)
         FROM named n CROSS JOIN customers c ON c.business_id = ?1 AND c.id = n.id
         WHERE c.erased_at IS NULL LIMIT 2");
    /// Parameters as the macro says: when the customer last wrote to each account, and from where; the
    /// conversation that goes on there, and where its answers go.
    SEND_WINDOWS, Business,
        concat!(named!(), "SELECT c.channel_id, max(c.last_inbound_at), c.contact,
           (SELECT o.id FROM conversations o WHERE o.business_id = ?1 AND o.customer_id = n.id
              AND o.channel_id = c.channel_id AND o.status <> 'closed' AND o.thread = '') AS open_id,
           (SELECT o.contact FROM conversations o WHERE o.business_id = ?1 AND o.customer_id = n.id
              AND o.channel_id = c.channel_id AND o.status <> 'closed' AND o.thread = '') AS open_contact
         FROM named n CROSS JOIN conversations c INDEXED BY conversations_by_customer
           ON c.business_id = ?1 AND c.customer_id = n.id
         GROUP BY c.channel_id");
    /// Parameters as the macro says, ?6 channel, ?7 account or null: the newest thread of each on active
    /// accounts, null for none.
    SEND_THREAD, Business,
        concat!(named!(), "SELECT n.id AS customer_id,
           (SELECT c.id FROM conversations c INDEXED BY conversations_by_customer
            CROSS JOIN channels h ON h.business_id = ?1 AND h.id = c.channel_id
            WHERE c.business_id = ?1 AND c.customer_id = n.id AND c.channel = ?6 AND c.thread <> ''
              AND h.status = 'active' AND h.deleted_at IS NULL AND (?7 IS NULL OR h.id = ?7)
            ORDER BY c.last_message_at DESC LIMIT 1) AS conversation_id
         FROM named n CROSS JOIN customers c ON c.business_id = ?1 AND c.id = n.id
         WHERE c.erased_at IS NULL LIMIT 2");
    /// ?1 business, ?2 id or null. Of comments on a post, with the provider's id of the customer's latest.
    SEND_CONVERSATION, Business,
        "SELECT v.customer_id, v.channel_id, v.channel, v.contact, v.thread,
           CASE v.channel WHEN 'facebook_comments' THEN (
             SELECT m.provider_id FROM messages m INDEXED BY messages_by_conversation
             WHERE m.business_id = ?1 AND m.conversation_id = v.id AND m.direction = 'inbound'
               AND m.detail ->> 'deleted' IS NULL
             ORDER BY m.created_at DESC LIMIT 1) END AS comment
         FROM conversations v WHERE v.business_id = ?1 AND v.id = ?2";
    /// Parameters as the macro says, ?6 kind, ?7 account or null, ?8 conversation or null: the
    /// conversation's account, else the one named, else of those that are active that of the customer's
    /// open conversation, else the oldest (contract.md, Sending).
    SEND_ACCOUNT, Business,
        concat!(named!(), ", conversing (channel_id) AS MATERIALIZED (
           SELECT c.channel_id FROM named n
           CROSS JOIN conversations c INDEXED BY conversations_by_customer
             ON c.business_id = ?1 AND c.customer_id = n.id
           CROSS JOIN channels h ON h.business_id = ?1 AND h.id = c.channel_id
           WHERE c.channel = ?6 AND c.status <> 'closed' AND c.thread = ''
             AND h.status = 'active' AND h.deleted_at IS NULL
           ORDER BY c.last_message_at DESC LIMIT 1)
         SELECT id, kind, address, credentials, status, settings, NOT ", stays!(), " AS is_moving FROM channels
         WHERE business_id = ?1 AND deleted_at IS NULL
           AND CASE WHEN ?8 IS NOT NULL
                 THEN id = (SELECT channel_id FROM conversations WHERE business_id = ?1 AND id = ?8)
               WHEN ?7 IS NOT NULL THEN id = ?7
               ELSE kind = ?6 AND status = 'active' END
         ORDER BY id = (SELECT channel_id FROM conversing) DESC, created_at, id LIMIT 1");
    /// ?1 business, ?2 id or null.
    SEND_REPLY, Business,
        "SELECT customer_id, channel_id, provider_id FROM messages
         WHERE business_id = ?1 AND id = ?2";
    /// Parameters as the macro says, ?6 a conversation or null: the last ten mails of the
    /// conversation, else of those that go on, newest first.
    SEND_MAIL_THREAD, Business,
        concat!(named!(), "SELECT ", mail_of_thread!(), "
         FROM named n CROSS JOIN conversations c INDEXED BY conversations_by_customer
           ON c.business_id = ?1 AND c.customer_id = n.id AND c.channel = 'email'
         CROSS JOIN messages m INDEXED BY messages_by_conversation
           ON m.business_id = ?1 AND m.conversation_id = c.id AND m.type = 'email'
          AND m.created_at >= coalesce((SELECT x.created_at
            FROM messages x INDEXED BY messages_by_conversation
            WHERE x.business_id = ?1 AND x.conversation_id = c.id
            ORDER BY x.created_at DESC LIMIT 1 OFFSET 9), 0)
         WHERE CASE WHEN ?6 IS NULL THEN c.status <> 'closed' AND c.thread = '' ELSE c.id = ?6 END
         ORDER BY m.created_at DESC");
    /// ?1 business, ?2 id or null: the mail that is answered.
    SEND_MAIL_REPLY, Business,
        concat!("SELECT ", mail_of_thread!(), "
         FROM messages m WHERE m.business_id = ?1 AND m.id = ?2");
    /// ?1 business, ?2 ids.
    SEND_ATTACHMENTS, Business,
        "SELECT a.id, a.state, a.filename, a.type, a.size, a.message_id,
           (SELECT m.customer_id FROM messages m WHERE m.business_id = ?1 AND m.id = a.message_id)
         FROM json_each(?2) r
         CROSS JOIN attachments a ON a.business_id = ?1 AND a.id = r.value";

    /// Parameters as the macro says: the accounts that the customer has said STOP to, and by which of
    /// the numbers that messages to them go to.
    SEND_OPT_OUTS, Business,
        concat!(named!(), "SELECT o.channel_id, o.number FROM (
           SELECT c.phone AS number FROM named n CROSS JOIN customers c
             ON c.business_id = ?1 AND c.id = n.id WHERE c.phone IS NOT NULL
           UNION SELECT v.contact FROM named n
             CROSS JOIN conversations v INDEXED BY conversations_by_customer
             ON v.business_id = ?1 AND v.customer_id = n.id WHERE v.contact IS NOT NULL) x
         CROSS JOIN opt_outs o ON o.business_id = ?1 AND o.number = x.number
         WHERE o.is_out");

    /// ?1 business, ?2 idempotency key, ?3 until when keys no longer count.
    SEND_KEY_RELEASE, Business,
        "UPDATE sends SET idempotency_key = NULL
         WHERE business_id = ?1 AND idempotency_key = ?2 AND created_at <= ?3";
    /// ?1 business, ?2 customer, ?3 account, ?4 conversation id, ?5 event id, ?6 event, ?7 now.
    SEND_BEGIN_EVENT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?5, ?6, ?4, ?7
         WHERE NOT EXISTS (SELECT 1 FROM conversations WHERE business_id = ?1
           AND customer_id = ?2 AND channel_id = ?3 AND status <> 'closed' AND thread = '')";
    /// ?1 business, ?2 customer, ?3 account, ?4 id, ?5 kind, ?6 now: unless one goes on already.
    SEND_BEGIN, Business,
        "INSERT INTO conversations (business_id, id, customer_id, channel_id, channel,
           last_message_at, created_at, updated_at)
         SELECT ?1, ?4, ?2, ?3, ?5, ?6, ?6, ?6
         WHERE NOT EXISTS (SELECT 1 FROM conversations WHERE business_id = ?1
           AND customer_id = ?2 AND channel_id = ?3 AND status <> 'closed' AND thread = '')";
    /// ?1 business, ?2 conversation: that the mail goes into the one that its reply address names.
    SEND_MAIL_GUARD, Business,
        "INSERT INTO stale_writes (ok) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM conversations
           WHERE business_id = ?1 AND id = ?2 AND status <> 'closed')";
    /// ?1 business, ?2 [[id, type, content, detail], …], ?3 now, ?4 conversation, null for the one
    /// that goes on, ?5 customer, ?6 account, ?7 kind, ?8 our id of the message answered.
    /// created_at goes on from the business's newest message, in the order of commits.
    SEND_MESSAGE, Business,
        "INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id,
           channel_id, channel, direction, type, content, detail, status, reply_to, updated_at)
         SELECT ?1, r.key
             + max(?3, 1 + coalesce((SELECT max(created_at) FROM messages WHERE business_id = ?1), 0)),
           r.value ->> 0, coalesce(?4, (SELECT id FROM conversations WHERE business_id = ?1
             AND customer_id = ?5 AND channel_id = ?6 AND status <> 'closed' AND thread = '')),
           ?5, ?6, ?7, 'outbound', r.value ->> 1, r.value ->> 2, r.value ->> 3, 'queued',
           CASE r.key WHEN 0 THEN ?8 END, ?3
         FROM jsonb_each(?2) r";
    /// ?1 business, ?2 [[message, state, request, due at, idempotency key], …], ?3 now.
    SEND_INSERT, Business,
        "INSERT INTO sends (business_id, message_id, state, request, due_at, idempotency_key,
           created_at)
         SELECT ?1, r.value ->> 0, r.value ->> 1, r.value ->> 2, r.value ->> 3, r.value ->> 4, ?3
         FROM jsonb_each(?2) r";
    /// ?1 business, ?2 [[attachment, message, position], …].
    SEND_BIND, Business,
        "UPDATE attachments SET (message_id, position) = (
           SELECT r.value ->> 1, r.value ->> 2 FROM json_each(?2) r
           WHERE r.value ->> 0 = attachments.id)
         WHERE business_id = ?1 AND message_id IS NULL AND state = 'ready'
           AND id IN (SELECT r.value ->> 0 FROM json_each(?2) r)";
    /// ?1 business, ?2 how many rows the statement before must have written.
    SEND_BIND_GUARD, Business,
        "INSERT INTO stale_writes (ok) SELECT 0 WHERE changes() <> ?2 AND ?1 IS NOT NULL";
    /// ?1 business, ?2 [[new attachment, message, the one it is a copy of, position], …], ?3 now.
    SEND_COPY, Business,
        "INSERT INTO attachments (business_id, id, message_id, position, state, filename, type,
           size, sha256, created_at)
         SELECT ?1, r.value ->> 0, r.value ->> 1, r.value ->> 3, 'ready', a.filename, a.type,
           a.size, a.sha256, ?3
         FROM jsonb_each(?2) r CROSS JOIN attachments a
           ON a.business_id = ?1 AND a.id = r.value ->> 2";
    /// ?1 business, ?2 one of the messages just stored, ?3 how many, ?4 now.
    SEND_ADVANCE, Business,
        "UPDATE conversations SET message_count = message_count + ?3, updated_at = ?4,
           last_message_at = (SELECT max(m.created_at) FROM messages m
             WHERE m.business_id = ?1 AND m.conversation_id = conversations.id)
         WHERE business_id = ?1
           AND id = (SELECT conversation_id FROM messages WHERE business_id = ?1 AND id = ?2)";
    /// ?1 business: a row while the operator has suspended it.
    SEND_SUSPENDED, Business,
        "SELECT 1 FROM businesses WHERE id = ?1 AND suspended_at IS NOT NULL";
    /// ?1 business, ?2 first, ?3 last of the messages just stored.
    SEND_STORED, Business,
        "SELECT id, conversation_id, created_at FROM messages
         WHERE business_id = ?1 AND id BETWEEN ?2 AND ?3";

    /// ?1 business, ?2 message, ?3 event id, ?4 event, ?5 now. What a status has told already is
    /// no news.
    SEND_SENT_EVENT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?3, ?4, m.id, ?5
         FROM messages m
         WHERE m.business_id = ?1 AND m.id = ?2 AND m.status IN ('queued', 'uncertain')";
    /// ?1 business, ?2 message, ?3 the provider's id, ?4 now, ?5 before the request left. An id that another message has is not
    /// taken from it.
    SEND_SENT, Business,
        "UPDATE messages SET
           provider_id = coalesce(provider_id, CASE WHEN NOT EXISTS (SELECT 1 FROM messages o
             WHERE o.business_id = ?1 AND o.channel_id = messages.channel_id
               AND o.provider_id = ?3) THEN ?3 END),
           status = CASE WHEN status IN ('queued', 'uncertain') THEN 'sent' ELSE status END,
           error = CASE WHEN status = 'failed' THEN error END,
           sent_at = coalesce(sent_at, ?5), updated_at = ?4
         WHERE business_id = ?1 AND id = ?2";
    /// ?1 business, ?2 message, ?3 event id, ?4 event, ?5 now.
    SEND_UNMATCHED_EVENT, Business,
        concat!("INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at, detail)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?3, ?4, m.id, ?5, json_object('status', ", unmatched_top!(), ",
             'previous_status', m.status,
             'error', json((SELECT u.error FROM unmatched_statuses u WHERE u.business_id = ?1
               AND u.channel_id = m.channel_id AND u.provider_id = m.provider_id
               AND u.error IS NOT NULL LIMIT 1)))
         FROM messages m WHERE m.business_id = ?1 AND m.id = ?2
           AND m.status <> 'failed'
           AND coalesce(", rank!(unmatched_top!()), ", 9) BETWEEN 1 + ", rank!("m.status"), " AND 8");
    /// ?1 business, ?2 message, ?3 now.
    SEND_UNMATCHED_APPLY, Business,
        concat!("UPDATE messages SET
           status = coalesce((SELECT u.status FROM unmatched_statuses u WHERE u.business_id = ?1
               AND u.channel_id = messages.channel_id AND u.provider_id = messages.provider_id
               AND ", climbs!("u.status", "messages.status"), "
             ORDER BY ", rank!("u.status"), " DESC LIMIT 1), status),
           error = coalesce((SELECT u.error FROM unmatched_statuses u WHERE u.business_id = ?1
               AND u.channel_id = messages.channel_id AND u.provider_id = messages.provider_id
               AND u.status = 'failed' LIMIT 1), error),
           sent_at = coalesce(", unmatched_at!("'sent'"), ", sent_at),
           delivered_at = coalesce(delivered_at, ", unmatched_at!("'delivered', 'read'"), "),
           read_at = coalesce(read_at, ", unmatched_at!("'read'"), "),
           failed_at = coalesce(failed_at, ", unmatched_at!("'failed'"), "),
           updated_at = ?3
         WHERE business_id = ?1 AND id = ?2");
    /// ?1 business, ?2 message.
    SEND_UNMATCHED_DELETE, Business,
        "DELETE FROM unmatched_statuses WHERE business_id = ?1 AND (channel_id, provider_id) = (
           SELECT m.channel_id, m.provider_id FROM messages m
           WHERE m.business_id = ?1 AND m.id = ?2)";
    /// ?1 business, ?2 message, ?3 status, ?4 error, ?5 now, ?6 event id, ?7 event.
    SEND_UNSENT_EVENT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at, detail)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?6, ?7, m.id, ?5,
           json_object('status', ?3, 'previous_status', m.status, 'error', json(?4))
         FROM messages m WHERE m.business_id = ?1 AND m.id = ?2
           AND (m.status = 'queued' OR (m.status = 'uncertain' AND ?3 = 'failed'))";
    /// ?1 business, ?2 message, ?3 status, ?4 error, ?5 now. A status that came in the meantime
    /// knows better.
    SEND_UNSENT, Business,
        "UPDATE messages SET status = ?3, error = ?4, updated_at = ?5,
           failed_at = CASE WHEN ?3 = 'failed' THEN ?5 ELSE failed_at END
         WHERE business_id = ?1 AND id = ?2
           AND (status = 'queued' OR (status = 'uncertain' AND ?3 = 'failed'))";
    /// ?1 business, ?2 message, ?3 now: the provider says that the recipient has opted out. Before
    /// SEND_DONE, which forgets who that is.
    SEND_OPTED_OUT, Business,
        "INSERT INTO opt_outs (business_id, number, channel_id, is_out, changed_at)
         SELECT ?1, s.request ->> 1, m.channel_id, 1, ?3
         FROM sends s CROSS JOIN messages m ON m.business_id = ?1 AND m.id = s.message_id
         WHERE s.business_id = ?1 AND s.message_id = ?2 AND s.request ->> 1 IS NOT NULL
         ON CONFLICT (business_id, number, channel_id) DO UPDATE SET
           is_out = 1, changed_at = excluded.changed_at
         WHERE opt_outs.is_out = 0";
    /// ?1 business, ?2 message, ?3 how many segments the provider counted.
    SEND_SEGMENTS, Business,
        "UPDATE messages SET detail = json_set(coalesce(detail, '{}'), '$.segments', CAST(?3 AS INTEGER))
         WHERE business_id = ?1 AND id = ?2";
    /// ?1 business, ?2 message. What was to be sent is no longer needed, and is a person's.
    SEND_DONE, Business,
        "UPDATE sends SET state = 'done', due_at = NULL, request = '{}'
         WHERE business_id = ?1 AND message_id = ?2";
    /// ?1 business, ?2 message, ?3 when to look for it first, where the provider has a list to look
    /// in. Says how it goes on.
    SEND_UNSURE, Business,
        concat!("UPDATE sends SET state = ", unsure_state!(), ", tries = 0, ",
           unsure_rest!("?3"), "
         WHERE business_id = ?1 AND message_id = ?2 AND state <> 'done'
         RETURNING state");
    /// ?1 business, ?2 message, ?3 now, ?4 when another may take over. Gives how many times it was
    /// looked for, this one included.
    SEND_CHECK_CLAIM, Business,
        concat!("UPDATE sends SET tries = tries + 1, due_at = ?4
         WHERE business_id = ?1 AND message_id = ?2 AND state = 'checking' AND due_at <= ?3 AND ", stays!(), "
         RETURNING tries");
    /// ?1 business, ?2 the provider's ids, ?3 account: the first that no message has.
    SEND_UNCLAIMED, Business,
        "SELECT r.value FROM json_each(?2) r WHERE NOT EXISTS (
           SELECT 1 FROM messages m WHERE m.business_id = ?1 AND m.channel_id = ?3
             AND m.provider_id = r.value)
         ORDER BY r.key LIMIT 1";
    /// ?1 business, ?2 account, ?3 the provider's id, ?4 status, ?5 since when, ?6 error, ?7 now: how a
    /// message stands that was found, until it knows its provider's id.
    SEND_FOUND, Business,
        "INSERT OR IGNORE INTO unmatched_statuses (business_id, channel_id, provider_id, status, at,
           error, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    /// ?1 business, ?2 message, ?3 when to look for it next.
    SEND_CHECK_LATER, Business,
        "UPDATE sends SET due_at = ?3
         WHERE business_id = ?1 AND message_id = ?2 AND state = 'checking'";
    /// ?1 business, ?2 message, ?3 when next, ?4 tries so far. Gives a row unless it was given up
    /// meanwhile; run twice it changes nothing more.
    SEND_REQUEUE, Business,
        "UPDATE sends SET state = 'queued', tries = ?4, due_at = ?3
         WHERE business_id = ?1 AND message_id = ?2 AND state <> 'done'
         RETURNING message_id";
    /// ?1 business, ?2 account, ?3 now, ?4 reason.
    SEND_ACCOUNT_UNHEALTHY, Business,
        "UPDATE channels SET status_reason = ?4, updated_at = max(?3, updated_at + 1)
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL";
    /// ?1 business, ?2 account, ?3 now: what it was refused for is over.
    SEND_ACCOUNT_HEALTHY, Business,
        "UPDATE channels SET status_reason = NULL, updated_at = max(?3, updated_at + 1)
         WHERE business_id = ?1 AND id = ?2 AND status_reason IS NOT NULL AND status = 'active'";

    /// ?1 business, ?2 message, ?3 now, ?4 error, ?5 event id, ?6 event.
    SEND_EXPIRE_EVENT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at, detail)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?5, ?6, m.id, ?3,
           json_object('status', 'uncertain', 'previous_status', m.status, 'error', json(?4))
         FROM sends s CROSS JOIN messages m ON m.business_id = ?1 AND m.id = s.message_id
         WHERE s.business_id = ?1 AND s.message_id = ?2 AND s.state = 'sending' AND s.due_at <= ?3
           AND m.status = 'queued'";
    /// ?1 business, ?2 message, ?3 now, ?4 error.
    SEND_EXPIRE, Business,
        "UPDATE messages SET status = 'uncertain', error = ?4, updated_at = ?3
         WHERE business_id = ?1 AND id = ?2 AND status = 'queued'
           AND EXISTS (SELECT 1 FROM sends s WHERE s.business_id = ?1 AND s.message_id = ?2
             AND s.state = 'sending' AND s.due_at <= ?3)";
    /// ?1 business, ?2 message, ?3 now, ?4 when to look for it, as in SEND_UNSURE.
    SEND_EXPIRE_DONE, Business,
        concat!("UPDATE sends SET state = ", unsure_state!(), ", tries = 0, ",
           unsure_rest!("?4"), "
         WHERE business_id = ?1 AND message_id = ?2 AND state = 'sending' AND due_at <= ?3
         RETURNING state");
    /// ?1 business, ?2 message, ?3 until when it must be due, ?4 when to give up hope of an answer,
    /// ?5 now.
    /// Gives a row where it is ours to send: due, no one at it, and nothing before it undecided; none while the
    /// business is suspended, or about to be moved.
    SEND_CLAIM, Business,
        concat!("UPDATE sends SET state = 'sending', due_at = ?4, tried_at = ?5
         WHERE business_id = ?1 AND message_id = ?2 AND state = 'queued' AND due_at <= ?3
           AND NOT EXISTS (SELECT 1 FROM sends p WHERE p.business_id = ?1
             AND p.message_id >= substr(?2, 1, 32) AND p.message_id < ?2 AND p.state <> 'done')
           AND EXISTS (SELECT 1 FROM businesses b WHERE b.id = ?1 AND b.suspended_at IS NULL)
           AND ", stays!(), "
         RETURNING message_id");
    /// ?1 business, ?2 message: what sending it depends on.
    SEND_LOAD, Business,
        "SELECT s.request, s.tries, s.created_at, m.channel_id, h.kind, h.address, h.credentials,
           CASE WHEN h.deleted_at IS NULL THEN h.status END,
           (SELECT max(c.last_inbound_at)
            FROM conversations c INDEXED BY conversations_by_customer WHERE c.business_id = ?1
              AND c.customer_id = m.customer_id AND c.channel_id = m.channel_id),
           EXISTS (SELECT 1 FROM sends p CROSS JOIN messages e
              ON e.business_id = ?1 AND e.id = p.message_id AND e.status = 'failed'
             WHERE p.business_id = ?1 AND p.message_id >= substr(?2, 1, 32) AND p.message_id < ?2),
           (SELECT erased_at IS NOT NULL FROM customers WHERE business_id = ?1 AND id = m.customer_id),
           (SELECT min(n.message_id) FROM sends n WHERE n.business_id = ?1 AND n.message_id > ?2
              AND n.message_id < substr(?2, 1, 32) || 'g' AND n.state = 'queued'),
           h.settings,
           EXISTS (SELECT 1 FROM opt_outs o WHERE o.business_id = ?1
             AND o.number = s.request ->> 1 AND o.channel_id = m.channel_id AND o.is_out),
           s.state, coalesce(s.tried_at, s.created_at)
         FROM sends s CROSS JOIN messages m ON m.business_id = ?1 AND m.id = s.message_id
         CROSS JOIN channels h ON h.business_id = ?1 AND h.id = m.channel_id
         WHERE s.business_id = ?1 AND s.message_id = ?2";
    /// ?1 business, ?2 ids, ascending: the messages as an answer shows them.
    SEND_STATE, Business,
        "SELECT m.id, m.conversation_id, m.customer_id, m.channel, m.type, m.content, m.status,
           m.created_at, m.provider_id, m.error,
           (SELECT json_group_array(json(x.one)) FROM (
              SELECT json_object('id', a.id, 'filename', a.filename, 'type', a.type,
                'size', a.size) AS one
              FROM attachments a INDEXED BY attachments_by_message
              WHERE a.business_id = ?1 AND a.message_id = m.id
              UNION ALL
              SELECT json_object('id', NULL, 'filename', l.value ->> 'filename', 'type', NULL,
                'size', NULL, 'url', l.value ->> 'link', 'download_url', l.value ->> 'link')
              FROM json_each(CASE WHEN m.detail ->> 'link' IS NULL
                THEN coalesce(m.detail -> 'links', '[]') ELSE json_array(json(m.detail)) END) l) x),
           m.detail ->> 'segments'
         FROM json_each(?2) r CROSS JOIN messages m ON m.business_id = ?1 AND m.id = r.value
         ORDER BY m.created_at";
}
