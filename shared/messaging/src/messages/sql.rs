//! The statements of `messages`: taking in.
//!
//! One ingest is one batch. Its first statement puts what is new into `inbound_items`, so that the
//! JSON travels once; the others work on that; the last empties it.

use common::db::Binding::Business;
use common::statements;

/// Whether an item has something new about its customer.
macro_rules! learns {
    () => {
        "x.is_new_customer = 0 AND c.erased_at IS NULL
         AND ((coalesce(c.name, '') = '' AND x.name IS NOT NULL)
           OR (c.whatsapp_number IS NULL AND x.whatsapp_number IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM identities i WHERE i.business_id = ?1
               AND i.kind = 'whatsapp' AND i.value = x.whatsapp_number AND i.system = ''
               AND i.customer_id <> c.id)))"
    };
}

/// The customer `c` of a message, where an external id finds them that is not listed in their row: ?1
/// business, ?2 channel id, ?3 the provider's id of the message, ?4 the external id, ?6 its system.
macro_rules! unlisted {
    () => {
        "FROM messages m
         CROSS JOIN identities i ON i.business_id = ?1 AND i.kind = 'external_id' AND i.value = ?4
           AND i.system = ?6 AND i.customer_id = m.customer_id
         CROSS JOIN customers c ON c.business_id = ?1 AND c.id = m.customer_id AND c.erased_at IS NULL
         WHERE m.business_id = ?1 AND m.channel_id = ?2 AND m.provider_id = ?3
           AND NOT (c.external_id IS ?4 AND c.external_system = ?6)
           AND NOT EXISTS (SELECT 1 FROM json_each(coalesce(c.other_external_ids, '[]')) o
             WHERE o.value ->> 'external_id' = ?4 AND o.value ->> 'external_system' = ?6)"
    };
}

statements! {
    /// ?1 business, ?2 rows in the order of the columns from `names` on, ?3 channel id, ?4 channel,
    /// ?5 the number of the first. What was taken in before is left out.
    ITEM_INSERT, Business,
        "INSERT INTO inbound_items (business_id, n, channel_id, channel, names, name,
           whatsapp_number, phone, new_customer_id, new_conversation_id, message_id, provider_id,
           type, content, detail, sent_at, reply_to, media, opens_window, is_echo, email, contact,
           known_customer_id, thread)
         SELECT ?1, ?5 + r.key, ?3, ?4, r.value -> 0, r.value ->> 1, r.value ->> 2, r.value ->> 3,
           r.value ->> 4, r.value ->> 5, r.value ->> 6, r.value ->> 7, r.value ->> 8,
           r.value ->> 9, r.value ->> 10, r.value ->> 11, r.value ->> 12, nullif(r.value -> 13, 'null'),
           r.value ->> 14, r.value -> 15 ->> 0, r.value -> 15 ->> 1, r.value -> 15 ->> 2,
           r.value -> 15 ->> 3, r.value -> 15 ->> 5
         FROM jsonb_each(?2) r
         WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.business_id = ?1
           AND m.channel_id = ?3 AND m.provider_id IN (r.value ->> 7, r.value -> 15 ->> 4))";
    /// ?1 business: finds each sender by the thread that the message answers or is of, else by the best of
    /// its names that is known.
    ITEM_MATCH, Business,
        "UPDATE inbound_items SET customer_id = coalesce((
           SELECT c.id FROM customers c WHERE c.business_id = ?1
             AND c.id = inbound_items.known_customer_id AND c.erased_at IS NULL),
           CASE WHEN inbound_items.thread <> '' THEN (
             SELECT v.customer_id FROM conversations v INDEXED BY conversations_by_thread
             WHERE v.business_id = ?1 AND v.channel_id = inbound_items.channel_id
               AND v.thread = inbound_items.thread AND v.thread <> '') END, (
           SELECT i.customer_id FROM json_each(inbound_items.names) k CROSS JOIN identities i
             ON i.business_id = ?1 AND i.kind = k.value ->> 0 AND i.value = k.value ->> 1
            AND i.system = coalesce(k.value ->> 2, '')
           ORDER BY k.key LIMIT 1))
         WHERE business_id = ?1";
    /// ?1 business, ?2 now: a customer for each sender that nobody knows.
    CUSTOMER_LEARN, Business,
        "INSERT INTO customers (business_id, id, name, whatsapp_number, phone, email, revision,
           created_at, updated_at)
         SELECT ?1, new_customer_id, name, whatsapp_number, phone, email, 1, ?2, ?2
         FROM inbound_items WHERE business_id = ?1 AND customer_id IS NULL AND n IN (
           SELECT min(n) FROM inbound_items WHERE business_id = ?1 AND customer_id IS NULL
           GROUP BY new_customer_id)";
    /// ?1 business, ?2 now, ?3 what the event ids begin with.
    CUSTOMER_LEARN_EVENT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, row_number() OVER (ORDER BY x.n)
             + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?3 || printf('%04x', x.n), 'customer.created', x.id, ?2
         FROM (SELECT min(n) AS n, new_customer_id AS id FROM inbound_items
           WHERE business_id = ?1 AND customer_id IS NULL GROUP BY new_customer_id) x";
    /// ?1 business.
    ITEM_CONVERSATION, Business,
        "UPDATE inbound_items SET customer_id = new_customer_id, is_new_customer = 1
         WHERE business_id = ?1 AND customer_id IS NULL";
    /// ?1 business, ?2 now, ?3 what the event ids begin with: customers of whom something is learnt.
    CUSTOMER_FILL_EVENT, Business,
        concat!("INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, row_number() OVER (ORDER BY y.n)
             + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?3 || printf('%04x', y.n), 'customer.updated', y.id, ?2
         FROM (SELECT min(x.n) AS n, c.id AS id FROM inbound_items x
           CROSS JOIN customers c ON c.business_id = ?1 AND c.id = x.customer_id
           WHERE x.business_id = ?1 AND ", learns!(), " GROUP BY c.id) y");
    /// ?1 business, ?2 now: an empty name is filled, a number learnt. The next revision stops a
    /// writer that read before. An upsert, since UPDATE FROM would go through the business.
    CUSTOMER_FILL, Business,
        concat!("INSERT INTO customers (business_id, id, name, whatsapp_number, revision, created_at,
           updated_at)
         SELECT ?1, c.id, max(x.name), max(x.whatsapp_number), 0, ?2, ?2
         FROM inbound_items x
         CROSS JOIN customers c ON c.business_id = ?1 AND c.id = x.customer_id
         WHERE x.business_id = ?1 AND ", learns!(), " GROUP BY c.id
         ON CONFLICT (business_id, id) DO UPDATE SET
           name = coalesce(nullif(customers.name, ''), excluded.name),
           whatsapp_number = coalesce(customers.whatsapp_number, excluded.whatsapp_number),
           revision = customers.revision + 1, fingerprint = NULL, updated_at = excluded.updated_at");
    /// ?1 business: names that no column holds, and those that the customer's columns now hold.
    IDENTITY_LEARN, Business,
        "INSERT OR IGNORE INTO identities (business_id, kind, value, system, customer_id)
         SELECT ?1, k.value ->> 0, k.value ->> 1, coalesce(k.value ->> 2, ''), c.id
         FROM inbound_items x CROSS JOIN json_each(x.names) k
         CROSS JOIN customers c ON c.business_id = ?1 AND c.id = x.customer_id
         WHERE x.business_id = ?1 AND CASE k.value ->> 0
           WHEN 'whatsapp' THEN c.whatsapp_number = k.value ->> 1
           WHEN 'phone' THEN c.phone = k.value ->> 1
           WHEN 'email' THEN c.email = k.value ->> 1
           ELSE 1 END";
    /// ?1 business, ?2 now: the conversation of the provider's thread, whatever its state; where there are
    /// no threads, the one that is not closed, or was not long ago; else a new one.
    ITEM_CONVERSE, Business,
        "UPDATE inbound_items SET conversation_id = coalesce(
           CASE WHEN inbound_items.thread <> '' THEN (
             SELECT c.id FROM conversations c INDEXED BY conversations_by_thread
             WHERE c.business_id = ?1 AND c.channel_id = inbound_items.channel_id
               AND c.thread = inbound_items.thread AND c.thread <> '')
           ELSE (
             SELECT c.id FROM conversations c WHERE c.business_id = ?1
               AND c.customer_id = inbound_items.customer_id
               AND c.channel_id = inbound_items.channel_id AND c.status <> 'closed'
               AND c.thread = '') END,
           (SELECT c.id FROM conversations c INDEXED BY conversations_by_customer
            WHERE c.business_id = ?1 AND c.customer_id = inbound_items.customer_id
              AND c.channel_id = inbound_items.channel_id
              AND c.thread = '' AND inbound_items.thread = ''
              AND c.closed_at >= ?2 - 3600000000
                * (SELECT b.reopen_hours FROM businesses b WHERE b.id = ?1)
            ORDER BY c.closed_at DESC LIMIT 1),
           (SELECT x.new_conversation_id FROM inbound_items x INDEXED BY inbound_items_by_customer
            WHERE x.business_id = ?1 AND x.customer_id = inbound_items.customer_id
              AND x.thread = inbound_items.thread
            ORDER BY x.n LIMIT 1))
         WHERE business_id = ?1";
    /// ?1 business, ?2 now, ?3 what the event ids begin with. The provider tells the status of a thread itself,
    /// so what the business wrote there reopens nothing, nor what comes late and was written before it was closed.
    CONVERSATION_REOPEN_EVENT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at, detail)
         SELECT ?1, row_number() OVER (ORDER BY y.n)
             + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?3 || printf('%04x', y.n), 'conversation.status_changed', c.id, ?2,
           json_object('status', 'open', 'previous_status', c.status)
         FROM (SELECT min(n) AS n, conversation_id AS id,
             max(CASE WHEN NOT is_echo THEN coalesce(sent_at, ?2) END) AS heard_at
           FROM inbound_items WHERE business_id = ?1 GROUP BY conversation_id) y
         CROSS JOIN conversations c ON c.business_id = ?1 AND c.id = y.id
         WHERE c.status IN ('closed', 'snoozed')
           AND (c.thread = '' OR y.heard_at > coalesce(c.closed_at, 0))";
    /// ?1 business, ?2 now, ?3 what the event ids begin with.
    CONVERSATION_BEGIN_EVENT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, row_number() OVER (ORDER BY y.n)
             + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?3 || printf('%04x', y.n), 'conversation.created', y.id, ?2
         FROM (SELECT min(n) AS n, conversation_id AS id FROM inbound_items
           WHERE business_id = ?1 GROUP BY conversation_id) y
         WHERE NOT EXISTS (SELECT 1 FROM conversations c WHERE c.business_id = ?1 AND c.id = y.id)";
    /// ?1 business, ?2 now. created_at goes on from the business's newest message, so that it is
    /// strictly increasing in the order of commits.
    MESSAGE_INSERT, Business,
        "INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id, channel_id,
           channel, direction, type, content, detail, status, provider_id, reply_to, sent_at,
           updated_at)
         SELECT ?1, row_number() OVER (ORDER BY x.n) - 1
             + max(?2, 1 + coalesce((SELECT max(created_at) FROM messages WHERE business_id = ?1), 0)),
           x.message_id, x.conversation_id, x.customer_id, x.channel_id, x.channel,
           CASE WHEN x.is_echo THEN 'outbound' ELSE 'inbound' END, x.type, x.content, x.detail,
           CASE WHEN x.is_echo THEN 'sent' ELSE 'received' END, x.provider_id,
           (SELECT m.id FROM messages m WHERE m.business_id = ?1 AND m.channel_id = x.channel_id
              AND m.provider_id = x.reply_to),
           x.sent_at, ?2
         FROM inbound_items x WHERE x.business_id = ?1";
    /// ?1 business, ?2 now.
    MEDIA_INSERT, Business,
        "INSERT INTO attachments (business_id, id, message_id, position, state, filename, type,
           source, size, sha256, due_at, created_at)
         SELECT ?1, k.value ->> 0, x.message_id, k.key,
           CASE WHEN k.value ->> 3 IS NULL THEN 'ready' ELSE 'pending' END, k.value ->> 1,
           k.value ->> 2, nullif(k.value -> 3, 'null'), k.value ->> 4, k.value ->> 5,
           CASE WHEN k.value ->> 3 IS NOT NULL THEN ?2 END, ?2
         FROM inbound_items x CROSS JOIN json_each(x.media) k
         WHERE x.business_id = ?1 AND x.media IS NOT NULL";
    /// ?1 business, ?2 now: conversations begun, reopened, or gone on. The window is by the
    /// provider's clock, as far as that is not ahead.
    CONVERSATION_ADVANCE, Business,
        "INSERT INTO conversations (business_id, id, customer_id, channel_id, channel, message_count,
           unread_count, last_message_at, last_inbound_at, contact, thread, created_at, updated_at)
         SELECT ?1, x.conversation_id, x.customer_id, x.channel_id, x.channel, count(*),
           sum(NOT x.is_echo),
           (SELECT max(m.created_at) FROM messages m
            WHERE m.business_id = ?1 AND m.conversation_id = x.conversation_id),
           max(CASE WHEN x.opens_window THEN min(coalesce(x.sent_at, ?2), ?2) END), max(x.contact),
           x.thread, ?2, ?2
         FROM inbound_items x WHERE x.business_id = ?1 GROUP BY x.conversation_id
         ON CONFLICT (business_id, id) DO UPDATE SET
           status = CASE WHEN conversations.status IN ('closed', 'snoozed')
             AND (conversations.thread = '' OR coalesce(conversations.closed_at, 0)
               < (SELECT max(coalesce(i.sent_at, ?2)) FROM inbound_items i WHERE i.business_id = ?1
                  AND i.conversation_id = conversations.id AND NOT i.is_echo)) THEN 'open'
             ELSE conversations.status END,
           closed_at = CASE WHEN conversations.thread <> ''
             AND NOT EXISTS (SELECT 1 FROM inbound_items i WHERE i.business_id = ?1
               AND i.conversation_id = conversations.id AND NOT i.is_echo
               AND coalesce(i.sent_at, ?2) > conversations.closed_at)
             THEN conversations.closed_at END,
           message_count = conversations.message_count + excluded.message_count,
           unread_count = conversations.unread_count + excluded.unread_count,
           last_message_at = excluded.last_message_at,
           last_inbound_at = nullif(max(coalesce(conversations.last_inbound_at, 0),
             coalesce(excluded.last_inbound_at, 0)), 0),
           contact = coalesce(excluded.contact, conversations.contact),
           updated_at = excluded.updated_at";
    /// ?1 business, ?2 now, ?3 what the event ids begin with.
    RECEIVED_EVENT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, row_number() OVER (ORDER BY x.n)
             + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?3 || printf('%04x', x.n),
           CASE WHEN x.is_echo THEN 'message.sent' ELSE 'message.received' END, x.message_id, ?2
         FROM inbound_items x WHERE x.business_id = ?1";
    /// ?1 business, ?2 until when: the events just put in, where their messages carry media.
    RECEIVED_HOLD, Business,
        "INSERT INTO held_events (business_id, sequence, message_id, due_at)
         SELECT ?1, o.sequence, o.subject_id, ?2 FROM outbox o
         WHERE o.business_id = ?1
           AND o.sequence > (SELECT max(sequence) FROM outbox WHERE business_id = ?1)
             - (SELECT count(*) FROM inbound_items WHERE business_id = ?1)
           AND EXISTS (SELECT 1 FROM attachments a INDEXED BY attachments_by_message
             WHERE a.business_id = ?1 AND a.message_id = o.subject_id AND a.state = 'pending')";
    /// ?1 business: whose the one item was.
    ITEM_OUTCOME, Business,
        "SELECT customer_id, conversation_id FROM inbound_items WHERE business_id = ?1";
    /// ?1 business.
    ITEM_CLEAR, Business,
        "DELETE FROM inbound_items WHERE business_id = ?1";

    /// ?1 business, ?2 now, ?3 whether they are to be read: as CONVERSATION_ADVANCE, of messages that change nothing
    /// of how their conversations stand.
    CONVERSATION_RECORD, Business,
        "INSERT INTO conversations (business_id, id, customer_id, channel_id, channel, message_count,
           unread_count, last_message_at, last_inbound_at, contact, thread, created_at, updated_at)
         SELECT ?1, x.conversation_id, x.customer_id, x.channel_id, x.channel, count(*),
           iif(?3, sum(NOT x.is_echo), 0),
           (SELECT max(m.created_at) FROM messages m
            WHERE m.business_id = ?1 AND m.conversation_id = x.conversation_id),
           max(CASE WHEN x.opens_window THEN min(coalesce(x.sent_at, ?2), ?2) END), max(x.contact),
           x.thread, ?2, ?2
         FROM inbound_items x WHERE x.business_id = ?1 GROUP BY x.conversation_id
         ON CONFLICT (business_id, id) DO UPDATE SET
           message_count = conversations.message_count + excluded.message_count,
           unread_count = conversations.unread_count + excluded.unread_count,
           last_message_at = excluded.last_message_at,
           last_inbound_at = nullif(max(coalesce(conversations.last_inbound_at, 0),
             coalesce(excluded.last_inbound_at, 0)), 0),
           contact = coalesce(excluded.contact, conversations.contact),
           updated_at = excluded.updated_at";
    /// ?1 business: what another customer has already is no new sender's.
    ITEM_DISCLAIM, Business,
        "UPDATE inbound_items SET
           email = iif(EXISTS (SELECT 1 FROM identities i WHERE i.business_id = ?1
             AND i.kind = 'email' AND i.value = inbound_items.email AND i.system = ''), NULL, email),
           phone = iif(EXISTS (SELECT 1 FROM identities i WHERE i.business_id = ?1
             AND i.kind = 'phone' AND i.value = inbound_items.phone AND i.system = ''), NULL, phone)
         WHERE business_id = ?1";
    /// ?1 business, ?2 channel id, ?3 the provider's id of a message, ?4 now: by what its customer, if new,
    /// is found from now on.
    IDENTITY_CLAIM, Business,
        "INSERT OR IGNORE INTO identities (business_id, kind, value, system, customer_id)
         SELECT ?1, k.value, iif(k.value = 'email', c.email, c.phone), '', c.id
         FROM messages m CROSS JOIN customers c ON c.business_id = ?1 AND c.id = m.customer_id
         CROSS JOIN json_each('[\"email\",\"phone\"]') k
         WHERE m.business_id = ?1 AND m.channel_id = ?2 AND m.provider_id = ?3 AND c.created_at = ?4
           AND c.erased_at IS NULL AND iif(k.value = 'email', c.email, c.phone) IS NOT NULL";
    /// Parameters as the macro says, ?5 now, ?7 id of the event. Of a new customer nobody was told anything else.
    EXTERNAL_LEARN_EVENT, Business,
        concat!("INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?7, 'customer.updated', c.id, ?5 ", unlisted!(), " AND c.created_at < ?5");
    /// Parameters as the macro says, ?5 now: an external id that is the customer's is listed with the
    /// others. The next revision stops a writer that read before.
    EXTERNAL_LEARN, Business,
        concat!("UPDATE customers SET
           other_external_ids = json_insert(coalesce(other_external_ids, '[]'), '$[#]',
             json_object('external_id', ?4, 'external_system', ?6)),
           revision = revision + 1, fingerprint = NULL, updated_at = ?5
         WHERE business_id = ?1 AND id = (SELECT c.id ", unlisted!(), ")");
    /// ?1 business, ?2 channel id, ?3 the provider's id of a message, ?4 the source's id of its customer, ?5 now.
    SOURCE_CONTACT_LEARN, Business,
        "INSERT INTO source_contacts (business_id, channel_id, remote_id, customer_id, updated_at)
         SELECT ?1, ?2, ?4, m.customer_id, ?5
         FROM messages m CROSS JOIN customers c ON c.business_id = ?1 AND c.id = m.customer_id
         WHERE m.business_id = ?1 AND m.channel_id = ?2 AND m.provider_id = ?3 AND c.erased_at IS NULL
         ON CONFLICT (business_id, channel_id, remote_id) DO UPDATE SET
           customer_id = excluded.customer_id, updated_at = excluded.updated_at
           WHERE source_contacts.customer_id IS NULL";

    /// ?1 business, ?2 now, ?3 channel id, ?4 conversation, ?5 customer, ?6 kind and ?7 value of the
    /// sender's best name, ?8 id, ?9 type, ?10 content, ?11 detail, ?12 the provider's id, ?13 the
    /// provider's id of what it answers, ?14 when it was sent, ?15 what takes the id's place once the
    /// customer is erased. Gives a row where all that was guessed
    /// holds, the message is new, and nothing was told of it before. created_at as in MESSAGE_INSERT.
    FAST_PATH_MESSAGE, Business,
        "INSERT INTO messages (business_id, created_at, id, conversation_id, customer_id, channel_id,
           channel, direction, type, content, detail, status, provider_id, reply_to, sent_at,
           updated_at)
         SELECT ?1, max(?2, 1 + coalesce((SELECT max(created_at) FROM messages
             WHERE business_id = ?1), 0)),
           ?8, v.id, v.customer_id, v.channel_id, v.channel, 'inbound', ?9, ?10, ?11, 'received',
           ?12, (SELECT m.id FROM messages m WHERE m.business_id = ?1 AND m.channel_id = ?3
             AND m.provider_id = ?13), ?14, ?2
         FROM conversations v
         WHERE v.business_id = ?1 AND v.id = ?4 AND v.customer_id = ?5 AND v.channel_id = ?3
           AND v.status IN ('open', 'pending')
           AND EXISTS (SELECT 1 FROM identities i WHERE i.business_id = ?1 AND i.kind = ?6
             AND i.value = ?7 AND i.system = '' AND i.customer_id = ?5)
           AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.business_id = ?1
             AND m.channel_id = ?3 AND m.provider_id IN (?12, ?15))
           AND NOT EXISTS (SELECT 1 FROM message_revisions e WHERE e.business_id = ?1
             AND e.channel_id = ?3 AND e.provider_id = ?12)";
    /// ?1 business, ?2 now, ?3 conversation, ?4 the message, where it was taken in, ?5 when it was
    /// sent, ?6 whether the customer wrote it, ?7 where an answer goes, null where that is as before.
    FAST_PATH_CONVERSATION, Business,
        "UPDATE conversations SET message_count = message_count + 1,
           unread_count = unread_count + 1,
           last_message_at = (SELECT m.created_at FROM messages m
             WHERE m.business_id = ?1 AND m.id = ?4),
           last_inbound_at = CASE WHEN ?6
             THEN max(coalesce(last_inbound_at, 0), min(coalesce(?5, ?2), ?2))
             ELSE last_inbound_at END,
           contact = coalesce(?7, contact), updated_at = ?2
         WHERE business_id = ?1 AND id = ?3 AND EXISTS (
           SELECT 1 FROM messages m WHERE m.business_id = ?1 AND m.id = ?4)";
    /// ?1 business, ?2 now, ?3 the message, where it was taken in, ?4 event id. Gives whether anybody listens.
    FAST_PATH_EVENT, Business,
        concat!("INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, 1 + coalesce((SELECT max(sequence) FROM outbox WHERE business_id = ?1), 0),
           ?4, 'message.received', m.id, ?2
         FROM messages m WHERE m.business_id = ?1 AND m.id = ?3
         RETURNING ", common::has_listeners!(), " AS has_listeners");
}
