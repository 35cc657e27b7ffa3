//! The statements of `sync-crm`.

use common::db::Binding::{Business, Everywhere};
use common::statements;

statements! {
    /// ?1 business, ?2 after when, ?3 how many: [time, conversation, what a customer wrote], the last
    /// null for all else. What a program answered to a mail asks for nothing.
    SCAN_PAGE, Business,
        "SELECT m.created_at, m.conversation_id, CASE WHEN m.direction = 'inbound'
             AND m.type IN ('text', 'button', 'interactive', 'email')
             AND coalesce(m.detail ->> 'auto_submitted', 0) = 0
           THEN substr(m.content, 1, 2000) END
         FROM messages m WHERE m.business_id = ?1 AND m.created_at > ?2
         ORDER BY m.created_at LIMIT ?3";
    /// ?1 business, ?2 up to where it was looked; never back.
    SCAN_ADVANCE, Business,
        "UPDATE handoff_settings SET scanned_to = ?2
         WHERE business_id = ?1 AND scanned_to < ?2";
    /// ?1 since when messages are looked at, ?2 how many: businesses that have some to look at.
    DUE_SCANS, Everywhere("the cron looks after every business"),
        "SELECT h.business_id FROM handoff_settings h INDEXED BY handoff_settings_enabled
         WHERE h.enabled = 1 AND EXISTS (SELECT 1 FROM messages m
           WHERE m.business_id = h.business_id AND m.created_at > max(h.scanned_to, ?1))
         LIMIT ?2";
}
