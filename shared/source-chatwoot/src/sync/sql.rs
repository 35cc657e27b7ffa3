//! The statements of the connector.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 account or null for all, of which the first twenty.
    SOURCE_ACCOUNTS, Business,
        "SELECT h.id, h.settings, h.credentials, h.created_at FROM channels h
         WHERE h.business_id = ?1 AND h.id = coalesce(?2, h.id) AND h.kind = 'chatwoot'
           AND h.status = 'active' AND h.deleted_at IS NULL
         ORDER BY h.id LIMIT 20";
    /// ?1 business, ?2 conversation: where it is at a source.
    SOURCE_THREAD, Business,
        "SELECT v.channel_id, v.thread FROM conversations v
         CROSS JOIN channels h ON h.business_id = ?1 AND h.id = v.channel_id AND h.kind = 'chatwoot'
         WHERE v.business_id = ?1 AND v.id = ?2 AND v.thread <> ''";
    /// ?1 business, ?2 account, ?3 thread.
    SOURCE_CONVERSATION, Business,
        "SELECT v.id FROM conversations v INDEXED BY conversations_by_thread
         WHERE v.business_id = ?1 AND v.channel_id = ?2 AND v.thread = ?3 AND v.thread <> ''";
    /// ?1 business, ?2 conversation, ?3 note: the last message that was here before the note.
    SOURCE_MESSAGE_BEFORE, Business,
        "SELECT m.provider_id FROM conversation_notes n
         CROSS JOIN messages m INDEXED BY messages_by_conversation
           ON m.business_id = ?1 AND m.conversation_id = ?2 AND m.created_at < n.created_at
             AND m.provider_id <> '' AND m.provider_id NOT GLOB '*[^0-9]*'
         WHERE n.business_id = ?1 AND n.id = ?3 ORDER BY m.created_at DESC LIMIT 1";
    /// ?1 business, ?2 connector, ?3 conversations as links name them, ?4 how far they were read, ?5 now: that they were
    /// seen, where they never were.
    SOURCE_THREADS_SEEN, Business,
        "INSERT OR IGNORE INTO crm_links (business_id, connector, kind, local_id, remote_id, fingerprint,
           created_at, updated_at)
         SELECT ?1, ?2, 'thread', r.value, r.value, ?4, ?5, ?5 FROM json_each(?3) r";
    /// ?1 business, ?2 account, ?3 contact, ?4 the system of its ids: whose it is, and what is known of it.
    SOURCE_CONTACT_GET, Business,
        "SELECT (SELECT i.customer_id FROM identities i WHERE i.business_id = ?1
             AND i.kind = 'external_id' AND i.value = ?3 AND i.system = ?4) AS owner,
           (SELECT c.fingerprint FROM source_contacts c WHERE c.business_id = ?1
             AND c.channel_id = ?2 AND c.remote_id = ?3) AS fingerprint";
    /// ?1 business, ?2 account, ?3 contact, ?4 customer or null, ?5 fingerprint or null, ?6 the contact that took its
    /// place or null, ?7 now.
    SOURCE_CONTACT_PUT, Business,
        "INSERT INTO source_contacts (business_id, channel_id, remote_id, customer_id, fingerprint, merged_into,
           updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (business_id, channel_id, remote_id) DO UPDATE SET
           customer_id = coalesce(excluded.customer_id, customer_id),
           fingerprint = coalesce(excluded.fingerprint, fingerprint),
           merged_into = excluded.merged_into, updated_at = excluded.updated_at";
    /// ?1 business, ?2 customer, ?3 the id that was, ?4 the one that took its place, ?5 their system.
    SOURCE_ID_MOVE, Business,
        "UPDATE OR IGNORE identities SET value = ?4
         WHERE business_id = ?1 AND kind = 'external_id' AND value = ?3 AND system = ?5 AND customer_id = ?2";
    /// The same in the customer's row, ?6 now. The next revision stops a writer that read before.
    SOURCE_ID_LIST, Business,
        "UPDATE customers SET
           external_id = iif(external_id = ?3 AND external_system = ?5, ?4, external_id),
           other_external_ids = (SELECT json_group_array(json(iif(o.value ->> 'external_id' = ?3
               AND o.value ->> 'external_system' = ?5,
               json_object('external_id', ?4, 'external_system', ?5), o.value)))
             FROM json_each(coalesce(other_external_ids, '[]')) o),
           revision = revision + 1, fingerprint = NULL, updated_at = ?6
         WHERE business_id = ?1 AND id = ?2 AND erased_at IS NULL";
    /// ?1 business, ?2 customer: who they are at sources, but for contacts that others took the place of.
    SOURCE_CONTACTS_OF, Business,
        "SELECT c.channel_id, c.remote_id, c.fingerprint
         FROM source_contacts c INDEXED BY source_contacts_by_customer
         WHERE c.business_id = ?1 AND c.customer_id = ?2 AND c.merged_into IS NULL
         ORDER BY c.channel_id, c.remote_id LIMIT 5";
    /// ?1 business, ?2 connector of a CRM, ?3 customer, ?4 stage of their lead there, ?5 since when, ?6 now: unless a
    /// later one is known.
    SOURCE_STAGE_PUT, Business,
        "INSERT INTO crm_links (business_id, connector, kind, local_id, remote_id, rev, fingerprint,
           created_at, updated_at)
         SELECT ?1, ?2, 'stage', c.id, c.id, ?5, ?4, ?6, ?6 FROM customers c
         WHERE c.business_id = ?1 AND c.id = ?3 AND c.erased_at IS NULL
         ON CONFLICT (business_id, connector, kind, local_id) DO UPDATE SET
           rev = excluded.rev, fingerprint = excluded.fingerprint, updated_at = excluded.updated_at
           WHERE excluded.rev >= crm_links.rev";
    /// ?1 business, ?2 customer: at which stage their lead is at each CRM that is connected.
    SOURCE_STAGES, Business,
        "SELECT i.connector, l.fingerprint AS stage FROM integrations i
         CROSS JOIN crm_links l ON l.business_id = ?1 AND l.connector = i.connector AND l.kind = 'stage'
           AND l.local_id = ?2
         WHERE i.business_id = ?1 ORDER BY i.connector";
    /// ?1 business, ?2 customer, ?3 account: their threads there, the newest first.
    SOURCE_THREADS_OF, Business,
        "SELECT v.thread FROM conversations v INDEXED BY conversations_by_customer
         WHERE v.business_id = ?1 AND v.customer_id = ?2 AND v.channel_id = ?3 AND v.thread <> ''
         ORDER BY v.last_message_at DESC LIMIT 3";
    /// ?1 business, ?2 address or null, ?3 number or null: whose they are.
    SOURCE_NAMES_OF, Business,
        "SELECT i.kind, i.customer_id FROM identities i
         WHERE i.business_id = ?1 AND i.kind = 'email' AND i.value = ?2
         UNION ALL SELECT i.kind, i.customer_id FROM identities i
         WHERE i.business_id = ?1 AND i.kind = 'phone' AND i.value = ?3";
}
