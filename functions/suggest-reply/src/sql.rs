//! The statements of this function.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business, ?2 id, ?3 settings, ?4 the sealed key, ?5 now, ?6 since when replies are sent by themselves, by
    /// kind. What is set takes the place of all that was.
    REPLY_SETTINGS_PUT, Business,
        "INSERT INTO reply_settings (business_id, id, settings, credentials, auto_reply, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?6, ?5, ?5)
         ON CONFLICT (business_id) DO UPDATE SET id = excluded.id, settings = excluded.settings,
           credentials = excluded.credentials, auto_reply = excluded.auto_reply, failure = NULL,
           failed_at = NULL, updated_at = excluded.updated_at";
    /// ?1 business.
    REPLY_SETTINGS_DELETE, Business,
        "DELETE FROM reply_settings WHERE business_id = ?1";
}
