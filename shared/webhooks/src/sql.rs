//! The statements of `webhooks`.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 endpoint, ?3 now. What waits for an endpoint that is not active has failed,
    /// until somebody recovers it.
    DELIVERY_ABANDON, Business,
        "UPDATE deliveries INDEXED BY deliveries_due_of_endpoint
         SET status = 'failed', reason = 'endpoint_disabled', due_at = NULL, lease = NULL, updated_at = ?3
         WHERE business_id = ?1 AND endpoint_id = ?2 AND due_at IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM webhook_endpoints e WHERE e.business_id = ?1 AND e.id = ?2
             AND e.deleted_at IS NULL AND e.status = 'active')";
}
