//! The statements of this crate.

use common::db::Binding::Business;
use common::statements;

statements! {
    /// ?1 business.
    REPLY_SETTINGS_GET, Business,
        "SELECT id, settings, credentials, auto_reply, failure, failed_at, updated_at
         FROM reply_settings WHERE business_id = ?1";
}
