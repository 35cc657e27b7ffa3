//! The statements of this function.

use common::db::Binding::Business;
use common::statements;

/// The columns of a delivery, in the order in which `Delivery` reads them.
macro_rules! delivery_columns {
    () => {
        "d.id, d.endpoint_id, d.event, d.event_id, d.sequence, d.status, d.reason,
         iif(d.status = 'pending', d.due_at, NULL), d.created_at,
         (SELECT json_group_array(json_array(a.number, a.at, a.status_code, a.duration_ms,
                    a.response_excerpt, a.error) ORDER BY a.number)
          FROM delivery_attempts a
          WHERE a.business_id = ?1 AND a.delivery_id = d.id AND a.number > d.attempts - 10)"
    };
}

statements! {
    /// ?1 business, ?2 endpoint.
    ENDPOINT_STATUS, Business,
        "SELECT status FROM webhook_endpoints WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL";
    /// ?1 business, ?2 endpoint, ?3 sequence below which the page begins, ?4 how many. Newest first.
    DELIVERY_PAGE, Business,
        concat!("SELECT ", delivery_columns!(), " FROM deliveries d
         WHERE d.business_id = ?1 AND d.endpoint_id = ?2 AND d.sequence < ?3
         ORDER BY d.sequence DESC LIMIT ?4");
    /// As DELIVERY_PAGE, ?5 the status.
    DELIVERY_PAGE_OF_STATUS, Business,
        concat!("SELECT ", delivery_columns!(), " FROM deliveries d
         WHERE d.business_id = ?1 AND d.endpoint_id = ?2 AND d.status = ?5 AND d.sequence < ?3
         ORDER BY d.sequence DESC LIMIT ?4");
    /// ?1 business, ?2 delivery. The last column is its endpoint's status; no row where the
    /// endpoint was deleted.
    DELIVERY_GET, Business,
        concat!("SELECT ", delivery_columns!(), ", e.status AS endpoint_status FROM deliveries d
         CROSS JOIN webhook_endpoints e
           ON e.business_id = ?1 AND e.id = d.endpoint_id AND e.deleted_at IS NULL
         WHERE d.business_id = ?1 AND d.id = ?2");
    /// ?1 business, ?2 delivery, ?3 now. One that is still being tried needs no second life; one whose
    /// event has no body any more gets none.
    DELIVERY_REPLAY, Business,
        "UPDATE deliveries SET status = 'pending', reason = NULL, tries = 0, due_at = ?3,
           lease = NULL, is_swept = 0, updated_at = ?3
         WHERE business_id = ?1 AND id = ?2 AND status <> 'pending'
           AND (status <> 'delivered' OR EXISTS (SELECT 1 FROM outbox o WHERE o.business_id = ?1
             AND o.sequence = deliveries.sequence AND o.body IS NOT NULL))
           AND EXISTS (
           SELECT 1 FROM webhook_endpoints e WHERE e.business_id = ?1
             AND e.id = deliveries.endpoint_id AND e.deleted_at IS NULL AND e.status = 'active')";
    /// ?1 business, ?2 endpoint, ?3 since, ?4 now, ?5 how many at most.
    DELIVERY_RECOVER, Business,
        "UPDATE deliveries SET status = 'pending', reason = NULL, tries = 0, due_at = ?4,
           lease = NULL, updated_at = ?4
         WHERE business_id = ?1 AND id IN (
           SELECT id FROM deliveries
           WHERE business_id = ?1 AND endpoint_id = ?2 AND status = 'failed' AND created_at >= ?3
           ORDER BY sequence LIMIT ?5)
         RETURNING id";
}
