//! The statements of `sync-crm`.

use common::db::Binding::{Business, Each};
use common::{is_open, statements};

statements! {
    /// ?1 business, ?2 after when, ?3 how many: [time, conversation, what a customer wrote], the last
    /// null for all else. What a program answered to a mail, what
    /// another participant wrote, and what was written long before it came here, asks for nothing.
    SCAN_PAGE, Business,
        "SELECT m.created_at, m.conversation_id, CASE WHEN m.direction = 'inbound'
             AND m.type IN ('text', 'button', 'interactive', 'email')
             AND coalesce(m.detail ->> 'auto_submitted', 0) = 0
             AND coalesce(m.detail ->> 'participant', '') <> 'other'
             AND coalesce(m.sent_at, m.created_at) > m.created_at - 86400000000
           THEN substr(m.content, 1, 2000) END
         FROM messages m WHERE m.business_id = ?1 AND m.created_at > ?2
         ORDER BY m.created_at LIMIT ?3";
    /// ?1 business, ?2 up to where it was looked; never back.
    SCAN_ADVANCE, Business,
        "UPDATE handoff_settings SET scanned_to = ?2
         WHERE business_id = ?1 AND scanned_to < ?2";
    /// ?1 since when messages are looked at, ?2 how many: businesses that have some to look at.
    DUE_SCANS, Each("the cron looks after every business"),
        concat!("SELECT h.business_id FROM handoff_settings h INDEXED BY handoff_settings_enabled
         WHERE h.enabled = 1 AND EXISTS (SELECT 1 FROM messages m
           WHERE m.business_id = h.business_id AND m.created_at > max(h.scanned_to, ?1))
           AND ", is_open!("h.business_id"), "
         LIMIT ?2");

    /// ?1 now, ?2 how many.
    DUE_STREAMS, Each("the cron looks after every business"),
        concat!("SELECT i.business_id FROM integrations i INDEXED BY integrations_by_reconcile
         WHERE i.status = 'active' AND i.reconcile_at > 0 AND coalesce(i.broken_until, 0) <= ?1
           AND EXISTS (SELECT 1 FROM crm_streams s WHERE s.business_id = i.business_id
             AND s.connector = i.connector AND s.priority IN (0, 1) AND s.due_at IS NOT NULL
             AND s.due_at <= ?1)
           AND ", is_open!("i.business_id"), "
         ORDER BY i.reconcile_at LIMIT ?2");
    /// ?1 now. For each connection that is to be asked what changed.
    DUE_RECONCILES, Each("the cron looks after every business"),
        concat!("INSERT INTO crm_jobs (business_id, connector, key, id, stream, kind, subject, ordered_at,
           created_at, updated_at)
         SELECT business_id, connector, 'reconcile:' || connector, 'reconcile-' || connector,
           'reconcile', 'reconcile', connector, ?1, ?1, ?1
         FROM integrations INDEXED BY integrations_by_reconcile
         WHERE status = 'active' AND reconcile_at IS NOT NULL AND reconcile_at <= ?1
           AND ", is_open!("integrations.business_id"), "
         ON CONFLICT (business_id, connector, key) DO UPDATE SET state = 'waiting',
           generation = generation + 1, failures = 0, error = NULL, updated_at = excluded.updated_at
           WHERE state <> 'waiting'");
    /// ?1 now, ?2 when to ask next.
    RECONCILE_LATER, Each("the cron looks after every business"),
        concat!("UPDATE integrations SET reconcile_at = ?2
         WHERE status = 'active' AND reconcile_at IS NOT NULL AND reconcile_at <= ?1
           AND ", is_open!("integrations.business_id"));
    /// ?1 how long what was done is remembered: until when, ?2 how many.
    JOB_PRUNE, Each("the cron looks after every business"),
        concat!("DELETE FROM crm_jobs WHERE (business_id, connector, key) IN (
           SELECT business_id, connector, key FROM crm_jobs INDEXED BY crm_jobs_by_age
           WHERE state IN ('done', 'skipped') AND updated_at < ?1 AND ", is_open!("crm_jobs.business_id"), "
           ORDER BY updated_at LIMIT ?2)");
    /// ?1 now, ?2 how many.
    CACHE_PRUNE, Each("the cron looks after every business"),
        concat!("DELETE FROM crm_cache WHERE (business_id, connector, key) IN (
           SELECT business_id, connector, key FROM crm_cache INDEXED BY crm_cache_by_expiry
           WHERE expires_at <= ?1 AND ", is_open!("crm_cache.business_id"), "
           ORDER BY expires_at LIMIT ?2)");
}
