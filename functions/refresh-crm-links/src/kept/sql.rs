//! The statements of what is kept of pushes.

use common::db::Binding::{Business, Everywhere};
use common::{is_open, statements};

statements! {
    /// ?1 business, ?2 link, ?3 records as a JSON list of key, path, body, owners, identity, whether whole, and when
    /// they were sent.
    RECORDS_PUT, Business,
        "INSERT INTO knowledge_records (business_id, link_id, record_key, path, body, owners,
           identity, is_whole, sent_at)
         SELECT ?1, ?2, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6
         FROM json_each(?3) WHERE true
         ON CONFLICT (business_id, link_id, record_key) DO UPDATE SET
           path = excluded.path, body = excluded.body, owners = excluded.owners,
           identity = excluded.identity, is_whole = excluded.is_whole,
           sent_at = excluded.sent_at, removed_at = NULL
         WHERE knowledge_records.sent_at <= excluded.sent_at";
    /// ?1 business, ?2 link, ?3 keys as a JSON list.
    RECORD_OWNERS_DELETE, Business,
        "DELETE FROM knowledge_record_owners
         WHERE business_id = ?1 AND link_id = ?2
           AND record_key IN (SELECT value FROM json_each(?3))";
    /// ?1 business, ?2 link, ?3 records as a JSON list of key and owners.
    RECORD_OWNERS_PUT, Business,
        "INSERT OR IGNORE INTO knowledge_record_owners (business_id, link_id, record_key, owner)
         SELECT ?1, ?2, j.value->>0, o.value FROM json_each(?3) j, json_each(j.value, '$[1]') o";
    /// ?1 business, ?2 link, ?3 keys as a JSON list, ?4 when they were pushed away.
    RECORDS_REMOVED, Business,
        "INSERT INTO knowledge_records (business_id, link_id, record_key, path, body, owners,
           identity, is_whole, sent_at, removed_at)
         SELECT ?1, ?2, value, '', '', '[]', '', 1, ?4, ?4 FROM json_each(?3) WHERE true
         ON CONFLICT (business_id, link_id, record_key) DO UPDATE SET
           path = '', body = '', owners = '[]', sent_at = excluded.sent_at,
           removed_at = excluded.removed_at
         WHERE knowledge_records.sent_at <= excluded.sent_at";
    /// ?1 business, ?2 link, ?3 before when.
    RECORDS_PRUNE, Business,
        "DELETE FROM knowledge_records
         WHERE business_id = ?1 AND link_id = ?2 AND removed_at < ?3 AND removed_at IS NOT NULL";
    /// ?1 business, ?2 link, ?3 keys as a JSON list, ?4 when they were sent. Keys of which something newer is known,
    /// as a JSON list.
    RECORDS_NEWER, Business,
        "SELECT json_group_array(r.record_key) AS keys FROM json_each(?3) j
         CROSS JOIN knowledge_records r
           ON r.business_id = ?1 AND r.link_id = ?2 AND r.record_key = j.value
         WHERE r.sent_at > ?4";
    /// ?1 business, ?2 link. A row if any is kept.
    RECORDS_ANY, Business,
        "SELECT record_key FROM knowledge_records
         WHERE business_id = ?1 AND link_id = ?2 AND body <> '' LIMIT 1";
    /// ?1 business, ?2 link, ?3 the key behind which to begin. Up to 500 records, and up to 2 MB, and one in any case.
    RECORDS_PAGE, Business,
        "SELECT record_key, path, body, owners, identity, is_whole, sent_at FROM (
           SELECT record_key, path, body, owners, identity, is_whole, sent_at,
             sum(octet_length(body)) OVER (ORDER BY record_key ROWS UNBOUNDED PRECEDING) AS bytes
           FROM knowledge_records
           WHERE business_id = ?1 AND link_id = ?2 AND record_key > ?3 AND body <> ''
           ORDER BY record_key LIMIT 500)
         WHERE bytes - octet_length(body) < 2000000";
    /// ?1 business, ?2 link, ?3 the lease, ?4 the revision, ?5 the key behind which there is more, or null.
    LINK_REMADE, Business,
        "UPDATE knowledge_links SET remade_after = ?5
         WHERE business_id = ?1 AND id = ?2 AND lease_until = ?3 AND revision = ?4";
    /// ?1 now. All links of which something is kept are made again.
    LINKS_REMAKE, Everywhere("the second database is new for every business"),
        concat!("UPDATE knowledge_links SET remade_after = '', fetch_at = max(coalesce(fetch_at, 0), ?1)
         WHERE type = 'webhook' AND deleted_at IS NULL AND EXISTS (
           SELECT 1 FROM knowledge_records r WHERE r.business_id = knowledge_links.business_id
             AND r.link_id = knowledge_links.id AND r.body <> '')
           AND ", is_open!("knowledge_links.business_id"));
    /// ?1 business, ?2 owners as a JSON list. Before [`RECORD_OWNERS_ERASE`].
    RECORDS_ERASE, Business,
        "DELETE FROM knowledge_records
         WHERE business_id = ?1 AND (link_id, record_key) IN (
           SELECT o.link_id, o.record_key FROM json_each(?2) j
           CROSS JOIN knowledge_record_owners o ON o.business_id = ?1 AND o.owner = j.value)";
    /// ?1 business, ?2 owners as a JSON list. All owners of the records that one of them is an owner of.
    RECORD_OWNERS_ERASE, Business,
        "DELETE FROM knowledge_record_owners
         WHERE business_id = ?1 AND (link_id, record_key) IN (
           SELECT o.link_id, o.record_key FROM json_each(?2) j
           CROSS JOIN knowledge_record_owners o ON o.business_id = ?1 AND o.owner = j.value)";
    /// ?1 business, ?2 link, ?3 how many. Before [`RECORDS_FORGET`].
    RECORD_OWNERS_FORGET, Business,
        "DELETE FROM knowledge_record_owners
         WHERE business_id = ?1 AND link_id = ?2 AND record_key IN (
           SELECT record_key FROM knowledge_records
           WHERE business_id = ?1 AND link_id = ?2 ORDER BY record_key LIMIT ?3)";
    /// ?1 business, ?2 link, ?3 how many.
    RECORDS_FORGET, Business,
        "DELETE FROM knowledge_records
         WHERE business_id = ?1 AND link_id = ?2 AND record_key IN (
           SELECT record_key FROM knowledge_records
           WHERE business_id = ?1 AND link_id = ?2 ORDER BY record_key LIMIT ?3)";
    /// ?1 business, ?2 link. A row if anything is left, also of what was pushed away.
    RECORDS_LEFT, Business,
        "SELECT record_key FROM knowledge_records WHERE business_id = ?1 AND link_id = ?2 LIMIT 1";
}
