//! The statements of this function.

use common::db::Binding::{Business, Everywhere};
use common::statements;
use knowledge::link_columns;

statements! {
    /// ?1 now.
    LINKS_DUE, Everywhere("the cron looks after every business"),
        "SELECT business_id, id FROM knowledge_links
         WHERE fetch_at <= ?1 AND fetch_at IS NOT NULL AND lease_until <= ?1
         ORDER BY fetch_at LIMIT 200";
    /// ?1 business, ?2 link, ?3 now, ?4 until when. Ends with what a link has beside what everybody reads of it.
    LINK_CLAIM, Business,
        concat!("UPDATE knowledge_links SET lease_until = ?4
         WHERE business_id = ?1 AND id = ?2 AND lease_until <= ?3
           AND fetch_at <= ?3 AND fetch_at IS NOT NULL
         RETURNING ", link_columns!(), ", progress, validators, deleted_at");
    /// ?1 business.
    REGION_GET, Business, "SELECT default_region FROM businesses WHERE id = ?1";
    /// ?1 business, ?2 link, ?3 the lease, ?4 the revision, ?5 when it was due, ?6 when it is due next, ?7 failures
    /// in a row, ?8 how few records are suspected, ?9 progress, ?10 validators, ?11 the last fetches, ?12 since when
    /// it fails. Only as long as nobody changed what is fetched; a fetch that was asked for meanwhile stays due.
    LINK_SETTLE, Business,
        "UPDATE knowledge_links SET lease_until = 0,
           fetch_at = CASE WHEN fetch_at > ?5 THEN fetch_at ELSE ?6 END,
           attempts = ?7, suspect = ?8, progress = ?9, validators = ?10, fetches = ?11,
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
        "UPDATE embeddings SET wakes = wakes + 1, due_at = coalesce(due_at, ?2)
         WHERE business_id = ?1";
    /// ?1 business, ?2 link.
    LINK_FORGET, Business,
        "DELETE FROM knowledge_links
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NOT NULL";
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
}
