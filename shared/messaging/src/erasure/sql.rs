//! The statements of the erasure.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 customer, ?3 how many.
    ATTACHMENTS_OF_CUSTOMER, Business,
        "SELECT a.id, a.size FROM conversations v INDEXED BY conversations_by_customer
           CROSS JOIN messages m INDEXED BY messages_by_conversation
             ON m.business_id = ?1 AND m.conversation_id = v.id
           CROSS JOIN attachments a INDEXED BY attachments_by_message
             ON a.business_id = ?1 AND a.message_id = m.id
         WHERE v.business_id = ?1 AND v.customer_id = ?2 LIMIT ?3";
    /// ?1 business, ?2 ids.
    ATTACHMENT_ERASE, Business,
        "DELETE FROM attachments WHERE business_id = ?1 AND id IN (SELECT value FROM json_each(?2))";
    /// ?1 business, ?2 [[created at, message, channel, the provider's id, what takes its place], …]: what
    /// waits to be sent.
    SEND_ERASE, Business,
        "UPDATE sends SET request = '{}' WHERE business_id = ?1 AND message_id IN (
           SELECT r.value ->> 1 FROM json_each(?2) r)";
    /// As SEND_ERASE.
    EMAIL_ID_ERASE, Business,
        "DELETE FROM email_ids WHERE business_id = ?1 AND (channel_id, message_id) IN (
           SELECT e.channel_id, e.message_id FROM json_each(?2) r
           CROSS JOIN email_ids e INDEXED BY email_ids_by_provider ON e.business_id = ?1
             AND e.channel_id = r.value ->> 2 AND e.provider_id = r.value ->> 3)";
    /// As SEND_ERASE.
    STATUS_ERASE, Business,
        "DELETE FROM unmatched_statuses WHERE business_id = ?1 AND (channel_id, provider_id) IN (
           SELECT r.value ->> 2, r.value ->> 3 FROM json_each(?2) r)";
    /// As SEND_ERASE.
    REVISION_ERASE, Business,
        "DELETE FROM message_revisions WHERE business_id = ?1 AND (channel_id, provider_id) IN (
           SELECT r.value ->> 2, r.value ->> 3 FROM json_each(?2) r)";
    /// As SEND_ERASE, ?3 now.
    MESSAGE_ERASE, Business,
        "UPDATE messages SET content = '', detail = NULL, error = NULL, updated_at = ?3,
           provider_id = (SELECT r.value ->> 4 FROM json_each(?2) r
             WHERE r.value ->> 0 = messages.created_at)
         WHERE business_id = ?1 AND created_at IN (SELECT r.value ->> 0 FROM json_each(?2) r)
           AND (content <> '' OR detail IS NOT NULL OR error IS NOT NULL
             OR provider_id NOT GLOB 'erased:*')";
    /// ?1 business, ?2 customer: what was noted about them.
    NOTE_ERASE, Business,
        "DELETE FROM conversation_notes WHERE business_id = ?1 AND id IN (
           SELECT n.id FROM conversations v INDEXED BY conversations_by_customer
           CROSS JOIN conversation_notes n INDEXED BY conversation_notes_by_conversation
             ON n.business_id = ?1 AND n.conversation_id = v.id
           WHERE v.business_id = ?1 AND v.customer_id = ?2)";
    /// ?1 business, ?2 customer: why they were handed to people, which may quote them.
    ESCALATION_ERASE, Business,
        "UPDATE escalations SET reason = NULL WHERE business_id = ?1 AND id IN (
           SELECT e.id FROM conversations v INDEXED BY conversations_by_customer
           CROSS JOIN escalations e INDEXED BY escalations_by_conversation
             ON e.business_id = ?1 AND e.conversation_id = v.id
           WHERE v.business_id = ?1 AND v.customer_id = ?2)";
    /// ?1 business, ?2 customer: what they said of how content they were.
    RATING_ERASE, Business,
        "UPDATE conversation_ratings SET comment = NULL
         WHERE business_id = ?1 AND conversation_id IN (
           SELECT id FROM conversations INDEXED BY conversations_by_customer
           WHERE business_id = ?1 AND customer_id = ?2)";
    /// ?1 business, ?2 customer, ?3 now: where answers went, and how the conversations were labelled.
    CONVERSATION_ERASE, Business,
        "UPDATE conversations SET contact = NULL, tags = '[]', updated_at = ?3
         WHERE business_id = ?1 AND id IN (
           SELECT id FROM conversations INDEXED BY conversations_by_customer
           WHERE business_id = ?1 AND customer_id = ?2)
           AND (contact IS NOT NULL OR tags <> '[]')";
}
