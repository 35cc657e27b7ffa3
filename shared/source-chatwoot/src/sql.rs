//! The statements of `source-chatwoot`.

use common::db::Binding::Business;
use common::statements;

/// The conversation `v` of a note that is not here yet, of rows as NOTE_TAKE has them.
macro_rules! new_notes {
    () => {
        "FROM json_each(?2) r CROSS JOIN conversations v INDEXED BY conversations_by_thread
           ON v.business_id = ?1 AND v.channel_id = ?3 AND v.thread = r.value ->> 0 AND v.thread <> ''
         WHERE NOT EXISTS (SELECT 1 FROM crm_links l WHERE l.business_id = ?1 AND l.connector = 'chatwoot'
           AND l.kind = 'note' AND l.remote_id = ?3 || '/' || (r.value ->> 1))"
    };
}

statements! {
    /// ?1 business, ?2 [[the provider's id, …], …] of messages, ?3 channel id: those that are here, with how
    /// they stand.
    MESSAGES_KNOWN, Business,
        "SELECT r.value AS provider_id, m.content, m.status, m.detail ->> 'deleted' IS NOT NULL AS is_deleted
         FROM json_each(?2) r CROSS JOIN messages m ON m.business_id = ?1 AND m.channel_id = ?3
           AND m.provider_id = r.value";
    /// ?1 business, ?2 now: conversations that new messages are about to open here count as open on both sides.
    /// Whether a message opens one is for Chatwoot to say, which leaves it to a bot, or leaves a muted one resolved.
    THREAD_REOPEN, Business,
        "UPDATE crm_links SET fingerprint = json_set(fingerprint, '$[0]', 'open'), updated_at = ?2
         WHERE business_id = ?1 AND connector = 'chatwoot' AND kind = 'conversation'
           AND fingerprint IS NOT NULL AND local_id IN (
             SELECT v.id FROM inbound_items x
             CROSS JOIN conversations v INDEXED BY conversations_by_thread
               ON v.business_id = ?1 AND v.channel_id = x.channel_id AND v.thread = x.thread AND v.thread <> ''
             WHERE x.business_id = ?1 AND NOT x.is_echo AND v.status IN ('closed', 'snoozed')
               AND coalesce(x.sent_at, ?2) > coalesce(v.closed_at, 0))";
    /// Parameters as NOTE_TAKE, ?4 now, ?5 what the event ids begin with.
    NOTE_TAKE_EVENT, Business,
        concat!("INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, row_number() OVER (ORDER BY y.n)
             + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?5 || printf('%04x', y.n), 'inbox.changed', y.id, ?4
         FROM (SELECT min(r.key) AS n, v.id AS id ", new_notes!(), " GROUP BY v.id) y");
    /// ?1 business, ?2 [[thread, the provider's id, our id, author's id, author, content, when], …], ?3
    /// channel id: notes of conversations that are here.
    NOTE_TAKE, Business,
        concat!("INSERT INTO conversation_notes (business_id, id, conversation_id, author_id, author,
           content, created_at)
         SELECT ?1, r.value ->> 2, v.id, r.value ->> 3, r.value ->> 4, r.value ->> 5, r.value ->> 6 ",
           new_notes!());
    /// As NOTE_TAKE, ?4 now: what came from there is not written back.
    NOTE_LINK, Business,
        "INSERT OR IGNORE INTO crm_links (business_id, connector, kind, local_id, remote_id, created_at,
           updated_at)
         SELECT ?1, 'chatwoot', 'note', n.id, ?3 || '/' || (r.value ->> 1), ?4, ?4
         FROM json_each(?2) r CROSS JOIN conversation_notes n ON n.business_id = ?1
           AND n.id = r.value ->> 2";
    /// As NOTE_TAKE: notes of conversations that are not here.
    NOTES_LEFT, Business,
        "SELECT count(*) AS n FROM json_each(?2) r WHERE NOT EXISTS (
           SELECT 1 FROM conversations v INDEXED BY conversations_by_thread
           WHERE v.business_id = ?1 AND v.channel_id = ?3 AND v.thread = r.value ->> 0
             AND v.thread <> '')";
    /// ?1 business, ?2 account, ?3 [[contact or null, thread or null], …], ?4 the system of its ids: a row for each, in
    /// order, with whose it is, where that is known.
    CUSTOMERS_OF, Business,
        "SELECT coalesce(
           (SELECT s.customer_id FROM source_contacts s WHERE s.business_id = ?1 AND s.channel_id = ?2
              AND s.remote_id = r.value ->> 0),
           (SELECT i.customer_id FROM identities i WHERE i.business_id = ?1 AND i.kind = 'external_id'
              AND i.value = r.value ->> 0 AND i.system = ?4),
           (SELECT v.customer_id FROM conversations v INDEXED BY conversations_by_thread
            WHERE v.business_id = ?1 AND v.channel_id = ?2 AND v.thread = r.value ->> 1 AND v.thread <> '')
           ) AS customer_id
         FROM json_each(?3) r ORDER BY r.key";
}
