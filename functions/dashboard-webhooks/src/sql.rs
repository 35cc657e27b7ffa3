//! The statements of this function.

use common::db::Binding::Business;
use common::statements;

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
}
