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
    /// ?1 business, ?2 customer.
    CONVERSATION_SUBJECTS, Business,
        "SELECT id FROM conversations INDEXED BY conversations_by_customer
         WHERE business_id = ?1 AND customer_id = ?2";
    /// ?1 business, ?2 subjects of events: what endpoints answered may repeat what they were told.
    ATTEMPT_ERASE, Business,
        "UPDATE delivery_attempts SET response_excerpt = NULL
         WHERE business_id = ?1 AND delivery_id IN (
           SELECT d.id FROM json_each(?2) s
           CROSS JOIN outbox o INDEXED BY outbox_by_subject
             ON o.business_id = ?1 AND o.subject_id = s.value
           CROSS JOIN webhook_endpoints e ON e.business_id = ?1
           CROSS JOIN deliveries d
             ON d.business_id = ?1 AND d.endpoint_id = e.id AND d.sequence = o.sequence)";
    /// ?1 business, ?2 subjects of events: bodies that were built for endpoints, and what the events say
    /// that may quote somebody. That the customer was erased is still told.
    EVENT_ERASE, Business,
        "UPDATE outbox SET body = iif(body IS NULL, NULL, ''),
           detail = json_remove(iif(detail ->> '$.escalation.id' IS NULL, detail,
             json_set(detail, '$.escalation.reason', NULL)), '$.error')
         WHERE business_id = ?1 AND event <> 'customer.erased' AND sequence IN (
           SELECT o.sequence FROM json_each(?2) s
           CROSS JOIN outbox o INDEXED BY outbox_by_subject
             ON o.business_id = ?1 AND o.subject_id = s.value
           WHERE o.body IS NOT NULL OR o.detail IS NOT NULL)";
}
