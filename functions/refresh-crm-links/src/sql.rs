//! The statements of this function.

use common::db::Binding::{Business, Each};
use common::{is_open, statements, stays};
use knowledge::link_columns;

statements! {
    /// ?1 now.
    LINKS_DUE, Each("the cron looks after every business"),
        concat!("SELECT business_id, id FROM knowledge_links
         WHERE fetch_at <= ?1 AND fetch_at IS NOT NULL AND lease_until <= ?1
           AND ", is_open!("knowledge_links.business_id"), "
         ORDER BY fetch_at LIMIT 200");
    /// ?1 business, ?2 link, ?3 now, ?4 until when. Ends with what a link has beside what everybody reads of it.
    LINK_CLAIM, Business,
        concat!("UPDATE knowledge_links SET lease_until = ?4
         WHERE business_id = ?1 AND id = ?2 AND lease_until <= ?3
           AND fetch_at <= ?3 AND fetch_at IS NOT NULL AND ", stays!(), "
         RETURNING ", link_columns!(), ", progress, validators, remade_after, deleted_at");
    /// ?1 business.
    REGION_GET, Business, "SELECT default_region FROM businesses WHERE id = ?1";
    /// ?1 business, ?2 link, ?3 the lease, ?4 the revision, ?5 when it was due, ?6 when it is due next, ?7 failures
    /// in a row, ?8 how few records are suspected, ?9 progress, ?10 validators, ?11 the last fetches, ?12 since when
    /// it fails, ?13 from when its schedule counts, or null where ?6 says. Only as long as nobody changed what is
    /// fetched; a fetch that was asked for meanwhile stays due, and what it was asked to believe (-1) is believed then.
    LINK_SETTLE, Business,
        "UPDATE knowledge_links SET lease_until = 0,
           fetch_at = CASE WHEN fetch_at > ?5 THEN fetch_at WHEN ?13 IS NULL THEN ?6
             ELSE ?13 + 60000000 * coalesce(settings ->> 'schedule_minutes', 30) END,
           attempts = ?7, suspect = iif(fetch_at > ?5 AND suspect < 0, suspect, ?8), progress = ?9, validators = ?10, fetches = ?11,
           failing_since = ?12
         WHERE business_id = ?1 AND id = ?2 AND lease_until = ?3 AND revision = ?4
           AND deleted_at IS NULL
         RETURNING id";
    /// ?1 business, ?2 link, ?3 the lease.
    LINK_RELEASE, Business,
        "UPDATE knowledge_links SET lease_until = 0
         WHERE business_id = ?1 AND id = ?2 AND lease_until = ?3";
    /// ?1 business, ?2 now. What was put in may have to be embedded by a server that the business set.
    EMBEDDING_WAKE, Business,
        "UPDATE embeddings SET wakes = wakes + 1,
           due_at = iif(attempts = 0, ?2, coalesce(due_at, ?2))
         WHERE business_id = ?1";
    /// ?1 business, ?2 link.
    LINK_FORGET, Business,
        "DELETE FROM knowledge_links
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NOT NULL";
    /// ?1 until when. What is uploaded is in use within the minute.
    FILES_UNUSED, Each("the cron looks after every business"),
        concat!("SELECT business_id, link_id, id FROM knowledge_files
         WHERE unused_since <= ?1 AND unused_since IS NOT NULL AND ", is_open!("knowledge_files.business_id"), "
         ORDER BY unused_since LIMIT 100");
    /// ?1 business, ?2 link, ?3 id.
    FILE_FORGET, Business,
        "DELETE FROM knowledge_files
         WHERE business_id = ?1 AND link_id = ?2 AND id = ?3 AND unused_since IS NOT NULL";
    /// ?1 business, ?2 link.
    PUSHES_FORGET, Business,
        "DELETE FROM knowledge_pushes WHERE business_id = ?1 AND link_id = ?2";
    /// ?1 business, ?2 link. Those that were sent first; senders tell the second, and what they send within one comes
    /// in order.
    PUSHES_NEXT, Business,
        "SELECT id, body, sent_at FROM knowledge_pushes
         WHERE business_id = ?1 AND link_id = ?2 AND body <> ''
         ORDER BY sent_at, created_at, id LIMIT 8";
    /// ?1 business, ?2 link, ?3 ids as a JSON list. They stay by their ids, so that a repeat is known.
    PUSHES_DONE, Business,
        "UPDATE knowledge_pushes SET body = ''
         WHERE business_id = ?1 AND link_id = ?2 AND id IN (SELECT value FROM json_each(?3))";
    /// ?1 business, ?2 link, ?3 before when.
    PUSHES_PRUNE, Business,
        "DELETE FROM knowledge_pushes
         WHERE business_id = ?1 AND link_id = ?2 AND body = '' AND created_at < ?3";
    /// ?1 business, ?2 link, ?3 event, ?4 its id, ?5 now, ?6 what it tells. Behind [`LINK_SETTLE`], where that wrote.
    LINK_EVENT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at, detail)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?4, ?3, ?2, ?5, ?6 WHERE changes() > 0";
    /// ?1 business. Whether anybody was erased: the name of one.
    ERASED_ANY, Business,
        "SELECT (SELECT max(name) FROM erased_owners WHERE business_id = ?1) AS name";
    /// ?1 business, ?2 owners as a JSON list of owner and name. Those that are erased, as a JSON list.
    ERASED_FIND, Business,
        "SELECT json_group_array(j.value->>0) AS owners FROM json_each(?2) j
         CROSS JOIN erased_owners e ON e.business_id = ?1 AND e.name = j.value->>1";
    /// ?1 business, ?2 names as a JSON list, ?3 now.
    ERASED_INSERT, Business,
        "INSERT INTO erased_owners (business_id, name, erased_at)
         SELECT ?1, value, ?3 FROM json_each(?2) WHERE true ON CONFLICT DO NOTHING";
    /// ?1 business, ?2 owners as a JSON list of owner and its identities as kind, value and system. The owners that a
    /// customer is known by, as a JSON list.
    IDENTITIES_KNOWN, Business,
        "SELECT json_group_array(j.value->>0) AS owners FROM json_each(?2) j
         CROSS JOIN identities i ON i.business_id = ?1 AND i.kind = j.value->>1
           AND i.value = j.value->>2 AND i.system = j.value->>3";
    /// ?1 now.
    ERASURES_DUE, Each("the cron looks after every business"),
        concat!("SELECT business_id, customer_id FROM knowledge_erasures
         WHERE due_at <= ?1 AND due_at IS NOT NULL AND ", is_open!("knowledge_erasures.business_id"), "
         ORDER BY due_at LIMIT 50");
    /// ?1 business, ?2 customer, ?3 now, ?4 until when.
    ERASURE_CLAIM, Business,
        concat!("UPDATE knowledge_erasures SET due_at = ?4
         WHERE business_id = ?1 AND customer_id = ?2 AND due_at <= ?3 AND ", stays!(), "
         RETURNING asked_at, progress");
    /// ?1 business, ?2 customer. By what they were known.
    ERASURE_NAMES, Business,
        "SELECT names FROM erasures WHERE business_id = ?1 AND customer_id = ?2";
    /// ?1 business, ?2 customer, ?3 the lease, ?4 when to go on, ?5 how far it came.
    ERASURE_LATER, Business,
        "UPDATE knowledge_erasures SET due_at = ?4, progress = ?5
         WHERE business_id = ?1 AND customer_id = ?2 AND due_at = ?3";
    /// ?1 business, ?2 customer, ?3 the lease.
    ERASURE_END, Business,
        "UPDATE knowledge_erasures SET due_at = NULL, progress = ''
         WHERE business_id = ?1 AND customer_id = ?2 AND due_at = ?3";
    /// ?1 business, ?2 when it was asked. Links with pushes from before that wait.
    PUSHES_WAITING, Business,
        "SELECT l.id FROM knowledge_links l WHERE l.business_id = ?1 AND EXISTS (
           SELECT 1 FROM knowledge_pushes p WHERE p.business_id = ?1 AND p.link_id = l.id
             AND p.body <> '' AND p.created_at <= ?2)";
    /// ?1 business.
    LINKS_FORGET_VALIDATORS, Business,
        "UPDATE knowledge_links SET validators = NULL
         WHERE business_id = ?1 AND validators IS NOT NULL";
}
