//! The statements of this function.

use common::db::Binding::Business;
use common::{statements, stays, time_json};

statements! {

    /// ?1 business, ?2 endpoint.
    TARGET_GET, Business,
        "SELECT url, secret, old_secret, old_secret_until, failing_since, retries FROM webhook_endpoints
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL AND status = 'active'";
    /// ?1 business, ?2 endpoint, ?3 now, ?4 the lease, ?5 when it ends, ?6 how many may be under
    /// way at once. A lease that has ended is nobody's. Those of a business that is suspended, or about to be
    /// moved, wait.
    DELIVERY_CLAIM, Business,
        concat!("UPDATE deliveries SET lease = ?4, due_at = ?5, updated_at = ?3
         WHERE business_id = ?1 AND id IN (
           SELECT id FROM deliveries
           WHERE business_id = ?1 AND endpoint_id = ?2 AND due_at IS NOT NULL AND due_at <= ?3
           ORDER BY due_at, sequence LIMIT max(0, ?6 - (
             SELECT count(*) FROM deliveries
             WHERE business_id = ?1 AND endpoint_id = ?2 AND lease IS NOT NULL AND due_at > ?3)))
           AND EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.business_id = ?1 AND e.id = ?2
             AND e.deleted_at IS NULL AND e.status = 'active')
           AND EXISTS (SELECT 1 FROM businesses b WHERE b.id = ?1 AND b.suspended_at IS NULL)
           AND ", stays!());
    /// ?1 business, ?2 endpoint, ?3 lease.
    DELIVERY_CLAIMED, Business,
        "SELECT d.id, d.event, d.event_id, d.tries, o.body
         FROM deliveries d INDEXED BY deliveries_leased
         CROSS JOIN outbox o ON o.business_id = ?1 AND o.sequence = d.sequence
         WHERE d.business_id = ?1 AND d.endpoint_id = ?2 AND d.lease = ?3 ORDER BY d.sequence";
    /// ?1 business, ?2 as ATTEMPT_INSERT, ?3 now. Success stands whatever happened meanwhile;
    /// failure counts only for who still holds the lease.
    DELIVERY_SETTLE, Business,
        "INSERT INTO deliveries (business_id, id, endpoint_id, sequence, event, event_id, status,
           reason, due_at, lease, created_at, updated_at)
         SELECT d.business_id, d.id, d.endpoint_id, d.sequence, d.event, d.event_id, r.value ->> 6,
           r.value ->> 7, r.value ->> 8, r.value ->> 9, d.created_at, ?3
         FROM jsonb_each(?2) r
         CROSS JOIN deliveries d ON d.business_id = ?1 AND d.id = r.value ->> 0
         WHERE true
         ON CONFLICT (business_id, id) DO UPDATE SET attempts = deliveries.attempts + 1,
           updated_at = excluded.updated_at,
           tries = deliveries.tries + (deliveries.lease IS excluded.lease),
           status = iif(excluded.status = 'delivered' OR deliveries.lease IS excluded.lease,
             excluded.status, deliveries.status),
           reason = iif(excluded.status = 'delivered' OR deliveries.lease IS excluded.lease,
             excluded.reason, deliveries.reason),
           due_at = iif(excluded.status = 'delivered' OR deliveries.lease IS excluded.lease,
             excluded.due_at, deliveries.due_at),
           lease = iif(excluded.status = 'delivered' OR deliveries.lease IS excluded.lease, NULL,
             deliveries.lease)";
    /// ?1 business, ?2 endpoint.
    ENDPOINT_SUCCEEDED, Business,
        "UPDATE webhook_endpoints SET failing_since = NULL
         WHERE business_id = ?1 AND id = ?2 AND failing_since IS NOT NULL";
    /// ?1 business, ?2 endpoint, ?3 now.
    ENDPOINT_FAILED, Business,
        "UPDATE webhook_endpoints SET failing_since = ?3
         WHERE business_id = ?1 AND id = ?2 AND failing_since IS NULL";
    /// ?1 business, ?2 endpoint, ?3 reason, ?4 since when it must have failed, ?5 now.
    ENDPOINT_DISABLE, Business,
        "UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = ?3, updated_at = ?5
         WHERE business_id = ?1 AND id = ?2 AND status = 'active' AND failing_since <= ?4";
    /// ?1 business, ?2 endpoint, ?3 event id, ?4 now: where the statement before disabled it.
    ENDPOINT_DISABLED_EVENT, Business,
        concat!("INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at, detail)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?3, 'webhook.disabled', id, ?4, json_object('webhook', json_object('id', id,
             'name', name, 'status', status, 'disabled_reason', disabled_reason,
             'failing_since', ", time_json!("failing_since"), "))
         FROM webhook_endpoints WHERE business_id = ?1 AND id = ?2 AND changes() > 0");
    /// ?1 business, ?2 [[delivery, at, status code, duration, excerpt, error, status, reason, due,
    /// lease], …].
    ATTEMPT_INSERT, Business,
        "INSERT INTO delivery_attempts (business_id, delivery_id, number, at, status_code,
           duration_ms, response_excerpt, error)
         SELECT ?1, d.id, d.attempts + 1, r.value ->> 1, r.value ->> 2, r.value ->> 3,
           r.value ->> 4, r.value ->> 5
         FROM jsonb_each(?2) r
         CROSS JOIN deliveries d ON d.business_id = ?1 AND d.id = r.value ->> 0";
}
