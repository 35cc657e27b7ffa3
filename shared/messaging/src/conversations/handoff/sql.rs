//! The statements of the hand-off settings.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business.
    HANDOFF_GET, Business,
        "SELECT h.enabled, h.triggers, h.message, h.scanned_to, h.revision, h.updated_at
         FROM handoff_settings h WHERE h.business_id = ?1";
    /// ?1 business, ?2 whether triggers are on, ?3 triggers, ?4 message, ?5 the revision that was read,
    /// ?6 now. What was written before they were switched on is past. No row where another wrote first.
    HANDOFF_PUT, Business,
        "INSERT INTO handoff_settings AS h (business_id, enabled, triggers, message, scanned_to,
           created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?6, ?6, ?6)
         ON CONFLICT (business_id) DO UPDATE SET enabled = excluded.enabled,
           triggers = excluded.triggers, message = excluded.message,
           scanned_to = iif(h.enabled = 0 AND excluded.enabled = 1, max(h.scanned_to, ?6), h.scanned_to),
           revision = h.revision + 1, updated_at = ?6
         WHERE h.revision = ?5
         RETURNING enabled, triggers, message, scanned_to, revision, updated_at";
}
