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

/// The columns of an endpoint, in the order in which `Endpoint` reads them.
macro_rules! endpoint_columns {
    () => {
        "id, name, url, events, status, retries, disabled_reason, failing_since, old_secret_until,
         created_at, updated_at"
    };
}

statements! {
    /// ?1 business.
    ENDPOINT_LIST, Business,
        concat!("SELECT ", endpoint_columns!(), " FROM webhook_endpoints
         WHERE business_id = ?1 AND deleted_at IS NULL ORDER BY created_at, id");
    /// ?1 business, ?2 endpoint.
    ENDPOINT_GET, Business,
        concat!("SELECT ", endpoint_columns!(), " FROM webhook_endpoints
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL");
    /// ?1 business, ?2 id, ?3 name, ?4 URL, ?5 events, ?6 secret, ?7 now, ?8 how many there may be, ?9
    /// retries.
    ENDPOINT_INSERT, Business,
        concat!("INSERT INTO webhook_endpoints
           (business_id, id, name, url, events, secret, created_at, updated_at, retries)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?9 WHERE ?8 > (
           SELECT count(*) FROM webhook_endpoints WHERE business_id = ?1 AND deleted_at IS NULL)
         RETURNING ", endpoint_columns!());
    /// ?1 business, ?2 endpoint, ?3 name, ?4 URL, ?5 events, ?6 status, ?8 retries, null for what
    /// stays, ?7 now.
    ENDPOINT_UPDATE, Business,
        concat!("UPDATE webhook_endpoints SET name = coalesce(?3, name), url = coalesce(?4, url),
           events = coalesce(?5, events), status = coalesce(?6, status),
           retries = coalesce(?8, retries),
           disabled_reason = CASE ?6 WHEN 'active' THEN NULL
             WHEN 'disabled' THEN coalesce(disabled_reason, 'by_request')
             ELSE disabled_reason END,
           failing_since = iif(?6 = 'active' AND status <> 'active', NULL, failing_since),
           updated_at = ?7
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL
         RETURNING ", endpoint_columns!());
    /// ?1 business, ?2 endpoint, ?3 now. The row stays for its deliveries; its secrets go.
    ENDPOINT_DELETE, Business,
        "UPDATE webhook_endpoints SET deleted_at = ?3, updated_at = ?3, status = 'disabled',
           secret = '', old_secret = NULL, old_secret_until = NULL
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL RETURNING id";
    /// ?1 business, ?2 endpoint, ?3 the new secret, ?4 when the old one ends, ?5 now. Not while
    /// another rotation goes on.
    ENDPOINT_ROTATE, Business,
        concat!("UPDATE webhook_endpoints SET
           old_secret = iif(?4 > ?5, secret, NULL), old_secret_until = iif(?4 > ?5, ?4, NULL),
           secret = ?3, updated_at = ?5
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL
           AND coalesce(old_secret_until, 0) <= ?5
         RETURNING ", endpoint_columns!());
    /// ?1 business, ?2 endpoint, ?3 now.
    ENDPOINT_FINISH_ROTATION, Business,
        concat!("UPDATE webhook_endpoints SET old_secret = NULL, old_secret_until = NULL,
           updated_at = ?3
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL
         RETURNING ", endpoint_columns!());
    /// ?1 business, ?2 endpoint, ?3 event id, ?4 now.
    ENDPOINT_TEST, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at, detail)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?3, 'webhook.test', id, ?4,
           json_object('webhook', json_object('id', id, 'name', name))
         FROM webhook_endpoints
         WHERE business_id = ?1 AND id = ?2 AND deleted_at IS NULL AND status = 'active'
         RETURNING id";

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
