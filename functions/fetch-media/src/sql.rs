//! The statements of this function.

use common::db::Binding::Business;
use common::{statements, stays};

statements! {
    /// ?1 business, ?2 message, ?3 until when what is due counts as due now, ?4 when the claim runs
    /// out. Takes what is to be fetched for a message: whoever comes next finds it not due.
    MEDIA_CLAIM, Business,
        concat!("UPDATE attachments INDEXED BY attachments_by_message
         SET due_at = ?4, tries = tries + 1
         WHERE business_id = ?1 AND message_id = ?2 AND state = 'pending' AND due_at <= ?3 AND ", stays!(), "
         RETURNING id, filename, source, tries");
    /// ?1 business, ?2 message. The accounts by which a message's media are fetched.
    MEDIA_ACCOUNTS, Business,
        "SELECT DISTINCT c.id, c.address, c.credentials, c.kind, c.settings FROM attachments a INDEXED BY attachments_by_message
         CROSS JOIN channels c ON c.business_id = ?1 AND c.id = a.source ->> 'channel_id'
         WHERE a.business_id = ?1 AND a.message_id = ?2 AND a.state = 'pending'
           AND c.credentials IS NOT NULL";
    /// ?1 business, ?2 message, ?3 [[id, tries as claimed, state, type, size, SHA-256, error, due at], …]. What
    /// is null stays, but for the error and the time. Where another has taken over since,
    /// bytes count all the same, trouble does not.
    MEDIA_SETTLE, Business,
        "UPDATE attachments INDEXED BY attachments_by_message SET state = r.value ->> 2, type = coalesce(r.value ->> 3, attachments.type),
           size = coalesce(r.value ->> 4, attachments.size), sha256 = coalesce(r.value ->> 5, attachments.sha256),
           error = r.value ->> 6, due_at = r.value ->> 7
         FROM json_each(?3) r
         WHERE attachments.business_id = ?1 AND attachments.message_id = ?2
           AND attachments.id = r.value ->> 0
           AND (attachments.tries = r.value ->> 1 OR r.value ->> 2 = 'ready')
           AND attachments.state = 'pending'";
    /// ?1 business, ?2 message, ?3 the event's id, ?4 its name, ?5 now, ?6 whether bytes arrived.
    /// Right behind MEDIA_SETTLE: says that the message changed, if it did, where the event that it
    /// was received has gone out without.
    MEDIA_EVENT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?3, ?4, ?2, ?5
         WHERE changes() > 0
           AND (?6 OR NOT EXISTS (SELECT 1 FROM attachments INDEXED BY attachments_by_message
             WHERE business_id = ?1 AND message_id = ?2 AND state = 'pending'))
           AND NOT EXISTS (SELECT 1 FROM held_events WHERE business_id = ?1 AND message_id = ?2)";
    /// ?1 business, ?2 message, ?3 now, ?4 whether bytes arrived. Lets the event go that waited. Its
    /// time changes in any case: whoever has just read the message without the bytes deletes what
    /// was due at the time that it read, and so starts again.
    MEDIA_RELEASE, Business,
        "UPDATE held_events INDEXED BY held_events_by_message SET due_at = min(?3, due_at - 1)
         WHERE business_id = ?1 AND message_id = ?2
           AND (?4 OR NOT EXISTS (SELECT 1 FROM attachments INDEXED BY attachments_by_message
             WHERE business_id = ?1 AND message_id = ?2 AND state = 'pending'))";
    /// ?1 business, ?2 [id, …]. Those that were erased meanwhile.
    MEDIA_GONE, Business,
        "SELECT r.value FROM json_each(?2) r WHERE NOT EXISTS (
           SELECT 1 FROM attachments WHERE business_id = ?1 AND id = r.value)";
    /// ?1 business, ?2 channel id, ?3 the sender's id: by what a name is asked for, and for whom.
    PROFILE_SUBJECT, Business,
        "SELECT h.kind, h.settings, h.credentials, c.id FROM channels h
         CROSS JOIN identities i ON i.business_id = ?1 AND i.kind = h.kind AND i.value = ?3
           AND i.system = ''
         CROSS JOIN customers c ON c.business_id = ?1 AND c.id = i.customer_id
         WHERE h.business_id = ?1 AND h.id = ?2 AND h.status = 'active' AND h.deleted_at IS NULL
           AND coalesce(c.name, '') = '' AND c.erased_at IS NULL";
    /// ?1 business, ?2 customer, ?3 event id, ?4 event, ?5 now.
    PROFILE_EVENT, Business,
        "INSERT INTO outbox (business_id, sequence, id, event, subject_id, created_at)
         SELECT ?1, 1 + (SELECT coalesce(max(sequence), 0) FROM outbox WHERE business_id = ?1),
           ?3, ?4, c.id, ?5
         FROM customers c WHERE c.business_id = ?1 AND c.id = ?2
           AND coalesce(c.name, '') = '' AND c.erased_at IS NULL";
    /// ?1 business, ?2 customer, ?3 name, ?4 now. The next revision stops a writer that read before.
    PROFILE_NAME, Business,
        "UPDATE customers SET name = ?3, revision = revision + 1, fingerprint = NULL,
           updated_at = ?4
         WHERE business_id = ?1 AND id = ?2 AND coalesce(name, '') = '' AND erased_at IS NULL";
    /// ?1 business, ?2 kind of account, ?3 the sender's id there, ?4 what they go by there.
    PROFILE_HANDLE, Business,
        "INSERT INTO identity_handles (business_id, kind, value, handle)
         SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM identities i
           WHERE i.business_id = ?1 AND i.kind = ?2 AND i.value = ?3 AND i.system = '')
         ON CONFLICT (business_id, kind, value) DO UPDATE SET handle = excluded.handle";
}
