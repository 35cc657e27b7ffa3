//! The statements of this function.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 account, ?3 contact: who that is here, by what the source told of its contacts, or by an id
    /// that the customer came with.
    CARD_CUSTOMER, Business,
        "SELECT c.id, c.name, c.crm_ids
         FROM channels h CROSS JOIN customers c ON c.business_id = ?1 AND c.id = coalesce(
           (SELECT coalesce((SELECT t.customer_id FROM source_contacts t WHERE t.business_id = ?1
                AND t.channel_id = ?2 AND t.remote_id = s.merged_into), s.customer_id)
            FROM source_contacts s
            WHERE s.business_id = ?1 AND s.channel_id = ?2 AND s.remote_id = ?3),
           (SELECT i.customer_id FROM identities i WHERE i.business_id = ?1 AND i.kind = 'external_id'
              AND i.value = ?3 AND i.system = h.settings ->> 'external_system'))
         WHERE h.business_id = ?1 AND h.id = ?2 AND c.erased_at IS NULL";
    /// ?1 business, ?2 customer: the connections, each with its link to the customer and the stage of their lead.
    CARD_CONNECTIONS, Business,
        "SELECT i.connector, i.settings, i.broken_until,
           (SELECT l.remote_id FROM crm_links l WHERE l.business_id = ?1 AND l.connector = i.connector
              AND l.kind = 'customer' AND l.local_id = ?2) AS remote_id,
           (SELECT l.fingerprint FROM crm_links l WHERE l.business_id = ?1 AND l.connector = i.connector
              AND l.kind = 'stage' AND l.local_id = ?2) AS stage
         FROM integrations i WHERE i.business_id = ?1 AND i.status = 'active'
         ORDER BY i.connector";
    /// ?1 business, ?2 customer: how the jobs of their stream stand, and why the last one failed that did.
    CARD_JOBS, Business,
        "SELECT j.connector, count(*) FILTER (WHERE j.state = 'waiting') AS waiting,
           count(*) FILTER (WHERE j.state = 'failed') AS failed,
           max(j.updated_at) FILTER (WHERE j.state = 'done') AS synced_at,
           (SELECT f.error FROM crm_jobs f INDEXED BY crm_jobs_by_stream
            WHERE f.business_id = ?1 AND f.stream = ?2 AND f.connector = j.connector AND f.state = 'failed'
            ORDER BY f.updated_at DESC LIMIT 1) AS error
         FROM crm_jobs j INDEXED BY crm_jobs_by_stream
         WHERE j.business_id = ?1 AND j.stream = ?2
         GROUP BY j.connector";
}
